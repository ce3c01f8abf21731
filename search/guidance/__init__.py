"""What a reader may have meant, may want to type, and may want to read next."""
