"""The embedded engine: a real Whoosh index whose postings are memory-mapped columns, evaluated whole."""

from search.engines.whoosh.engine import WhooshEngine

__all__ = ["WhooshEngine"]
