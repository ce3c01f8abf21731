"""What measures and what starts things, apart from the tests: each is a program, `python -m tests.tools.<name>`."""
