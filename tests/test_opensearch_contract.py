"""The engine on a cluster keeps the contract, on the cluster that ARKHIV_TEST_OPENSEARCH names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from search.analysis import Analyzer
from search.config import Settings
from search.engines.opensearch import OpenSearchEngine
from tests.contract import DEFAULTS, EngineContract, MakeEngine
from tests.place import Place, new_place


class TestOpenSearch(EngineContract):
    @pytest.fixture
    def place(self) -> Iterator[Place]:
        with new_place() as place:
            yield place

    @pytest.fixture
    def engine(self, place: Place, analyzer: Analyzer) -> MakeEngine:
        def engine(name: str = "archive", settings: Settings = DEFAULTS) -> OpenSearchEngine:
            return OpenSearchEngine(place.url(name), settings, analyzer)

        return engine
