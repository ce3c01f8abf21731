"""`python -m indexer` is the command `indexer`."""

from indexer.cli import main

if __name__ == "__main__":  # processes that read pages import it again
    main(prog_name="indexer")
