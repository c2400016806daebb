"""Which burn-rate alerts watch which objective, and what they make of its budget.

An alert *watches* an objective when it compares the objective's own error ratio; it *concerns* it when it is meant
for it (its label `slo` says so, or it reads the same series and belongs to no other objective) and yet compares
another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.monitoring.rules import RuleGroup
from simulator.monitoring.slo.burn_rates import BurnRate, Urgency
from simulator.monitoring.slo.likeness import difference, may_concern
from simulator.monitoring.slo.objectives import Objective
from simulator.monitoring.slo.recognition import Branch, BurnAlert, burn_alerts
from timeline.findings import Place

PAGING_SEVERITIES = frozenset({"page", "critical", "emergency"})


@dataclass(frozen=True, slots=True)
class Watching:
    """An alert beside an objective; `rates` are its branches as factors of the objective's budget."""

    alert: BurnAlert
    rates: tuple[BurnRate, ...]
    difference: str | None
    """What tells its error ratio from the objective's; None where they are the same."""

    @property
    def place(self) -> Place:
        place = self.alert.rule.place
        assert place is not None, "rules from files know where they stand"
        return place


@dataclass(frozen=True, slots=True)
class Watched:
    """An objective with every alert that watches or concerns it."""

    objective: Objective
    alerts: tuple[Watching, ...]

    @property
    def watching(self) -> tuple[Watching, ...]:
        return tuple(watching for watching in self.alerts if watching.difference is None)


def watched(objectives: Sequence[Objective], groups: Sequence[RuleGroup]) -> list[Watched]:
    """Each objective with its alerts out of a rule set."""
    alerts = burn_alerts(groups)
    owners = {id(alert): {o.name for o in objectives if _difference(alert, o) is None} for alert in alerts}
    names = {objective.name for objective in objectives}
    found = []
    for objective in objectives:
        beside = []
        for alert in alerts:
            label = alert.rule.labels.get("slo", "")
            if label in names:
                concerned = label == objective.name
            else:
                own = owners[id(alert)]
                concerned = objective.name in own or (not own and _may_concern(alert, objective))
            if concerned:
                beside.append(Watching(alert, _rates(alert, objective), _difference(alert, objective)))
        found.append(Watched(objective, tuple(beside)))
    return found


def _difference(alert: BurnAlert, objective: Objective) -> str | None:
    """The first difference of any of its comparisons."""
    differences = (
        difference(comparison.ratio, objective.indicator.error_ratio(comparison.window_ms))
        for branch in alert.branches
        for comparison in branch.comparisons
    )
    return next((found for found in differences if found is not None), None)


def _may_concern(alert: BurnAlert, objective: Objective) -> bool:
    return any(
        may_concern(comparison.ratio, objective.indicator.error_ratio(comparison.window_ms))
        for branch in alert.branches
        for comparison in branch.comparisons
    )


def _rates(alert: BurnAlert, objective: Objective) -> tuple[BurnRate, ...]:
    paging = alert.rule.labels.get("severity", "").lower() in PAGING_SEVERITIES
    urgency = Urgency.PAGE if paging else Urgency.TICKET
    return tuple(_rate(branch, objective, urgency, alert.rule.for_ms) for branch in alert.branches)


def _rate(branch: Branch, objective: Objective, urgency: Urgency, for_ms: int) -> BurnRate:
    factor = round(branch.long.threshold / objective.budget_ratio, 9)
    return BurnRate(factor, branch.long.window_ms, branch.short.window_ms if branch.short else None, urgency, for_ms)
