"""Sweeps over factors: what moves an objective or a measure, how surely, and which point is best.

`designs` makes points from a file of factors, `study` explains the rows that were played at them: `effects`, `indices`
(Sobol'), `selection` (the best of several), with intervals from `replicates`.  Points are arms of `studies.sweep`,
which plays and keeps them.
"""

from studies.factors.designs import points_of
from studies.factors.document import document
from studies.factors.page import write_documents
from studies.factors.study import Explained, FactorStudy, explain, study_of

__all__ = ["Explained", "FactorStudy", "document", "explain", "points_of", "study_of", "write_documents"]
