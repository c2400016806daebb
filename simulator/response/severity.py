"""Severity from the organisation's matrix, over what is known to be disrupted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from topologies.estate import BusinessFunction
from topologies.organisation import SeverityRule


@dataclass(frozen=True, slots=True)
class KnownImpact:
    """A function that is believed to be down, and since when it has been known."""

    function: str
    since_ms: int


def severity_of(
    matrix: tuple[SeverityRule, ...],
    impacts: tuple[KnownImpact, ...],
    functions: Mapping[str, BusinessFunction],
    now_ms: int,
    *,
    corrupt_data: bool = False,
    lost_places: Collection[str] = (),
) -> SeverityRule:
    """The first row of the matrix that applies; the last one always does."""
    return next(
        rule
        for rule in matrix
        if (rule.corrupt_data and corrupt_data) or _applies(rule, impacts, functions, now_ms, lost_places)
    )


def _applies(
    rule: SeverityRule,
    impacts: tuple[KnownImpact, ...],
    functions: Mapping[str, BusinessFunction],
    now_ms: int,
    lost_places: Collection[str],
) -> bool:
    if rule.otherwise:
        return True
    if rule.corrupt_data or (rule.workplace_lost and not lost_places):
        return False
    if rule.critical_functions and not any(functions[i.function].criticality == "critical" for i in impacts):
        return False
    if rule.functions_disrupted is not None and len(impacts) < rule.functions_disrupted:
        return False
    if rule.rto_left_below is not None:
        left = [rto - (now_ms - i.since_ms) for i in impacts if (rto := functions[i.function].rto) is not None]
        return any(ms < rule.rto_left_below for ms in left)
    return bool(impacts) or rule.workplace_lost
