"""The engine on an OpenSearch cluster, for archives that outgrow one machine."""

from search.engines.opensearch.engine import OpenSearchEngine

__all__ = ["OpenSearchEngine"]
