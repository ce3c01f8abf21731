"""Saved pages: which of them are articles, and what stands where in them."""

from indexer.sources.pages.folder import Folder

__all__ = ["Folder"]
