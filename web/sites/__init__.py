"""What search engines, other sites and reference managers get."""
