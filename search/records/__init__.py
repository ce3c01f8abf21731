"""What is written down of the runs of the indexer and of the queries of readers."""
