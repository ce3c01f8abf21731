"""How one generation answers: its columns mapped, a query evaluated over whole of them, the hits and the counts."""
