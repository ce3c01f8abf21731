"""The batch side: brings the index in line with the newspaper's exports. `indexer.cli:main` is the command."""
