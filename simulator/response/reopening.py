"""Trouble that comes back: the same incident again, or another one.

A sign of trouble (an alert, users' reports, what somebody finds out about data) *belongs* to an incident that was
resolved when it points at what that incident was about: where it showed, what was found to be its cause, which business
functions it took down, which data were wrong.  Within `reopen_within` of the resolution it reopens that incident
instead of opening another (ITIL 4 incident management): whoever led it knows it already, and its playbook goes on
where it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from simulator.response.case import Case, CaseState

_OVER = (CaseState.RESOLVED, CaseState.CLOSED)


def may_reopen(case: Case, within_ms: int | None, now_ms: int) -> bool:
    """Whether a case is over, stands by itself, and was resolved no longer ago than that (never where left out)."""
    if within_ms is None or case.state not in _OVER or case.parent is not None or case.resolved_ms is None:
        return False
    return now_ms - case.resolved_ms <= within_ms


def came_back(cases: Iterable[Case], nodes: Collection[str], within_ms: int | None, now_ms: int) -> Case | None:
    """The case whose trouble shows again at these nodes, of several the one that was resolved last."""
    found = [c for c in cases if may_reopen(c, within_ms, now_ms) and not c.about.isdisjoint(nodes)]
    return max(found, key=lambda case: case.resolved_ms or 0, default=None)
