"""How the next generation is prepared on this machine, loaded and made known, by one writer at a time."""
