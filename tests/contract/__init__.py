"""The contract of an engine, executable: what `search.engine` promises, a test for each promise, a module a subject.

An engine's test file subclasses `EngineContract` and provides the fixture `engine`, a factory of engines: those made
with one `place` are at one place, others share nothing. No test is skipped for any engine.
"""

from __future__ import annotations

from tests.contract.articles import ArticlesContract
from tests.contract.boolean import BooleanContract
from tests.contract.copies import CopiesContract
from tests.contract.days import DaysContract
from tests.contract.facets import FacetsContract
from tests.contract.made import DEFAULTS, MakeEngine, article, long_text, publish
from tests.contract.order import OrderContract
from tests.contract.people import PeopleContract
from tests.contract.phrases import PhrasesContract
from tests.contract.visibility import VisibilityContract
from tests.contract.vocabulary import VocabularyContract
from tests.contract.words import WordsContract
from tests.contract.writer import WriterContract

__all__ = ["DEFAULTS", "EngineContract", "MakeEngine", "article", "long_text", "publish"]


class EngineContract(
    WordsContract,
    BooleanContract,
    PhrasesContract,
    VocabularyContract,
    DaysContract,
    VisibilityContract,
    OrderContract,
    CopiesContract,
    PeopleContract,
    FacetsContract,
    ArticlesContract,
    WriterContract,
):
    """All of it; each test belongs to one subject."""
