"""What can go wrong, split by who must act.

ArkhivError
├── UserError            the asker: a wrong value                       (HTTP 422, exit 2)
├── ArticleNotFound      nobody: there is no such article                (HTTP 404)
├── IndexUnavailable     the operator: not found, damaged, incompatible,
│   │                    engine down                                     (HTTP 503, exit 1)
│   └── IndexBusy        the operator: another writer is at work         (exit 1)
└── SourceError          the CMS: a source cannot be read                (exit 1 or 3)
"""

from pathlib import Path

import msgspec

# What Python, NumPy and msgspec raise over the numbers and texts of a damaged index.
CORRUPTION_ERRORS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    TypeError,
    ValueError,
    msgspec.MsgspecError,
)


class ArkhivError(Exception):
    """The root of all errors that this project raises on purpose."""


class UserError(ArkhivError):
    """A wrong value; `parameter` is the name under which the asker gave it."""

    def __init__(self, parameter: str, reason: str) -> None:
        super().__init__(f"{parameter}: {reason}")
        self.parameter = parameter
        self.reason = reason


class ArticleNotFound(ArkhivError):
    """There is no article with this id, or it is not published yet."""

    def __init__(self, article_id: str) -> None:
        super().__init__(f"no article with the id {article_id!r}")
        self.article_id = article_id


class IndexUnavailable(ArkhivError):
    """The index cannot answer or be written; the message says what an operator can do."""


class IndexBusy(IndexUnavailable):
    """Another writer is at work on the index."""


class SourceError(ArkhivError):
    """A source, or one line of it, cannot be read; `line` counts from 1, 0 means the whole file."""

    def __init__(self, path: str, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}" if line else f"{path}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason


def read_text(setting: str, path: Path) -> str:
    """What stands in a file that a setting names; UserError says why it cannot be read."""
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise UserError(setting, f"cannot be read: {describe(error)}") from error
    except UnicodeDecodeError as error:
        raise UserError(setting, f"cannot be read: {path}: {error}; save it in UTF-8") from error


def describe(error: BaseException) -> str:
    """What to say of an error: of one of the operating system's the file and what is the matter, without a number."""
    if not isinstance(error, OSError) or not error.strerror:
        return str(error)
    place = error.filename.decode(errors="backslashreplace") if isinstance(error.filename, bytes) else error.filename
    return f"{place}: {error.strerror}" if place else error.strerror
