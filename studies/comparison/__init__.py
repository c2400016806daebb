"""Comparisons: two variants of one scenario under the same random numbers, and what the change does."""

from studies.comparison.document import document
from studies.comparison.folder import PAGE, write_documents
from studies.comparison.study import FIRST, SECOND, Comparison, comparison_of

__all__ = ["FIRST", "PAGE", "SECOND", "Comparison", "comparison_of", "document", "write_documents"]
