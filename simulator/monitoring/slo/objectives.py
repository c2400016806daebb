"""Objectives ready to use: what is promised, over which window, measured how.

Terms (Site Reliability Workbook, chapter 5).  The *error budget* is the share of events that may be bad, 1 - target.
A *burn rate* of 1 uses up exactly the budget within the SLO's window; at burn rate b it lasts window / b.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.monitoring.slo.indicators import Indicator
from timeline.findings import Place


@dataclass(frozen=True, slots=True)
class BurnCondition:
    """A condition that the SLO's own alert policy states."""

    name: str
    factor: float
    window_ms: int
    after_ms: int
    severity: str


@dataclass(frozen=True, slots=True)
class Objective:
    """One objective of an SLO; an SLO with several gives several."""

    name: str
    """The SLO's name, with a number behind it where the SLO has several objectives."""
    title: str
    service: str
    target_ratio: float
    window_ms: int
    indicator: Indicator
    place: Place
    """Where its target is written."""
    service_place: Place
    labels: Mapping[str, str] = field(default_factory=dict)
    conditions: tuple[BurnCondition, ...] = ()

    @property
    def budget_ratio(self) -> float:
        """The error budget, rounded where binary fractions would show: 0.001 for a target of 0.999."""
        return round(1 - self.target_ratio, 12)
