"""What programs ask and get."""
