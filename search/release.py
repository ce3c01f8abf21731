"""Which release this is."""

from importlib.metadata import PackageNotFoundError, version


def release() -> str:
    """The version that is installed; 0 where only the files are there."""
    try:
        return version("arkhiv")
    except PackageNotFoundError:
        return "0"
