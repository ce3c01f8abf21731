"""How articles become the columns of a segment, and segments one segment."""
