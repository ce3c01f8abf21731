"""Text to terms: the one analysis behind the index, the queries and the highlights."""

from search.analysis.analyzer import Analyzer, Token
from search.analysis.folding import fold_kazakh

__all__ = ["Analyzer", "Token", "fold_kazakh"]
