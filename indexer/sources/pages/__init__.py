"""Saved pages: which of them are articles, and where in them each field is."""

from indexer.sources.pages.folder import Folder

__all__ = ["Folder"]
