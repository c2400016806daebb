"""The order in which business functions are to come back, by the impact analysis (ISO/TS 22317).

The more critical first, then the shorter MTPD, then the shorter RTO.  What is not known comes last.
"""

from __future__ import annotations

import math

_CRITICALITY = {"critical": 0, "important": 1, "standard": 2}


def restoration_priority(
    criticality: str | None, mtpd_ms: int | None, rto_ms: int | None
) -> tuple[float, float, float]:
    """Sorts functions into that order; equal ones have none."""
    rank = math.inf if criticality is None else _CRITICALITY[criticality]
    return (rank, math.inf if mtpd_ms is None else mtpd_ms, math.inf if rto_ms is None else rto_ms)
