"""Calls for each request served, from counts of calls between services.

A trace graph counts calls on each edge.  A service serves what arrives on the edges into it; so on the way out it makes
`count(edge) / sum of counts into it` calls for each request.  What reaches it from outside the traces is not counted:
where that is much, the ratio is too high, and where nothing arrives (an entry point) it is unknown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

_DIGITS = 3


def calls_per_request(counts: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    """By (caller, callee); calls of a service to itself count on neither side.  Entry points are left out."""
    served: dict[str, float] = defaultdict(float)
    for (caller, callee), count in counts.items():
        if caller != callee:
            served[callee] += count
    return {
        (caller, callee): float(f"{count / served[caller]:.{_DIGITS}g}")
        for (caller, callee), count in counts.items()
        if caller != callee and served[caller] > 0
    }


def says_calls(count: float, failed: float = 0, unit: str = "calls") -> str:
    """Counts as evidence says them: `1204 calls, 3 failed`."""
    return f"{count:g} {unit}" + (f", {failed:g} failed" if failed else "")
