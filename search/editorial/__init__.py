"""What editors decide in text files beside the archive."""
