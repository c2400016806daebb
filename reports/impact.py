"""Impact over time, as the analysis states it, read at the length of disruption that a run achieved."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from timeline.details import FunctionAnalysis, ImpactMark


@dataclass(frozen=True, slots=True)
class AchievedImpact:
    """One category: a level (None while below the first), or an amount."""

    category: str
    level: str | None
    amount: float | None


def achieved_impact(analysis: FunctionAnalysis, disrupted_ms: int) -> list[AchievedImpact]:
    """The impact of a disruption of this length in each category, in the order of the analysis.  A level holds from its
    point on; an amount grows linearly from nothing at the beginning, and beyond the last point as before it."""
    found = []
    for category in dict.fromkeys(mark.category for mark in analysis.impact):
        marks = [mark for mark in analysis.impact if mark.category == category]
        if marks[0].amount is None:
            reached = [mark.level for mark in marks if mark.after_ms <= disrupted_ms]
            found.append(AchievedImpact(category, reached[-1] if reached else None, None))
        else:
            found.append(AchievedImpact(category, None, _amount(marks, disrupted_ms)))
    return found


def _amount(marks: list[ImpactMark], at_ms: int) -> float:
    points = [(0, 0.0)] if marks[0].after_ms > 0 else []
    points += [(mark.after_ms, mark.amount or 0.0) for mark in marks]
    if len(points) == 1:
        return points[0][1]
    pieces = list(pairwise(points))
    (x0, y0), (x1, y1) = next((p for p in pieces if at_ms <= p[1][0]), pieces[-1])
    return max(y0 + (y1 - y0) * (at_ms - x0) / (x1 - x0), 0.0)
