"""What every test may ask for: the settings, the analyzer (loaded once), and how many examples Hypothesis tries."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from search.analysis import Analyzer
from search.config import Settings

# What asserts beside the test files says what it compared, as they do.
pytest.register_assert_rewrite("tests.contract", "tests.door", "tests.properties")

_SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large]

hypothesis_settings.register_profile("default", max_examples=60, deadline=None, suppress_health_check=_SLOW_IS_FINE)
hypothesis_settings.register_profile("deep", max_examples=2000, deadline=None, suppress_health_check=_SLOW_IS_FINE)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session")
def settings() -> Settings:
    """The settings as they are without an environment."""
    return Settings()


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    """One analyzer for the whole run: the dictionary takes a third of a second to load."""
    analyzer = Analyzer()
    analyzer.terms("слово")
    return analyzer
