"""The embedded engine keeps the contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from search.analysis import Analyzer
from search.config import Settings
from search.engines.whoosh import WhooshEngine
from tests.contract import DEFAULTS, EngineContract, MakeEngine


class TestWhoosh(EngineContract):
    @pytest.fixture
    def engine(self, tmp_path: Path, analyzer: Analyzer) -> MakeEngine:
        def engine(place: str = "archive", settings: Settings = DEFAULTS) -> WhooshEngine:
            return WhooshEngine(str(tmp_path / place), settings, analyzer)

        return engine
