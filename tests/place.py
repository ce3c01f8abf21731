"""Archives of a test on the cluster that ARKHIV_TEST_OPENSEARCH names; nothing is left of them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from opensearchpy import OpenSearch

__all__ = ["VARIABLE", "Place", "new_place"]

VARIABLE = "ARKHIV_TEST_OPENSEARCH"


@dataclass(frozen=True)
class Place:
    """The nodes, and what the names of the test's archives begin with."""

    nodes: tuple[str, ...]
    beginning: str

    @property
    def client(self) -> OpenSearch:
        """For what the engine has no words for."""
        return OpenSearch(list(self.nodes), timeout=60)

    def url(self, name: str = "archive") -> str:
        hosts = ",".join(node.partition("://")[2] for node in self.nodes)
        return f"opensearch+http://{hosts}/{self.beginning}-{name}"


@contextmanager
def new_place() -> Iterator[Place]:
    """A place of its own; the test is skipped where no cluster is named."""
    nodes = os.environ.get(VARIABLE)
    if not nodes:
        pytest.skip(f"{VARIABLE} names no cluster")
    place = Place(tuple(nodes.split(",")), f"test-{secrets.token_hex(4)}")
    try:
        yield place
    finally:
        client = place.client
        if indices := list(client.indices.get_mapping(index=f"{place.beginning}-*", expand_wildcards="all")):
            client.indices.delete(index=",".join(indices))
