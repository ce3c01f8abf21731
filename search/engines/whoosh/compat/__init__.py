"""How Whoosh itself reads the index."""
