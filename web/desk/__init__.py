"""Who is an editor, and what is at hand for editors."""
