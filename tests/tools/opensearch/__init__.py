"""A real OpenSearch cluster for the tests: where does it come from, how is it started?"""

from tests.tools.opensearch.cluster import Cluster

__all__ = ["Cluster"]
