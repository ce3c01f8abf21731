"""Who is an editor, and the pages and files for editors."""
