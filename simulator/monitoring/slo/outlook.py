"""When each alert of an objective fires for a constant share of bad events, and what is spent by then: the workbook's
formula and a run of the rules in virtual time, side by side.

The formula knows no scrapes and no evaluations; a run does, so it is later by up to one of each.  Where the two differ
by more, the rules are not what they look like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.monitoring.rules import RuleGroup
from simulator.monitoring.slo.burn_rates import BurnRate, budget_spent, time_to_fire_ms
from simulator.monitoring.slo.experiment import Fired, step_response
from simulator.monitoring.slo.judging import Watched, Watching
from simulator.monitoring.slo.objectives import Objective
from timeline.instants import HOUR

_TOLERATED = 1.1
"""A run goes on for so many times what the formula says, and an hour."""
_BURNS = (20.0, 8.0, 4.0, 1.5)
"""Burn rates that lie between the factors of the workbook, one for each of its pairs."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the formula says of an alert: its branch that fires first; None where none does."""

    watching: Watching
    rate: BurnRate | None
    after_ms: float | None
    spent_ratio: float | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """One alert at one share of bad events; `fired` is None where the run gave nothing, or there was none."""

    objective: Objective
    bad_ratio: float
    expected: Expected
    fired: Fired | None


def outlooks(watched: Watched, groups: Sequence[RuleGroup], bad_ratios: Sequence[float], *, run: bool) -> list[Outlook]:
    """Each watching alert at each share of bad events.

    Raises InputError when `run` asks for series that cannot be made for the objective's indicator.
    """
    objective, alerts = watched.objective, [watching.alert for watching in watched.watching]
    found = []
    for bad_ratio in bad_ratios:
        expected = [_expected(objective, watching, bad_ratio) for watching in watched.watching]
        fired: list[Fired] = []
        if run and expected:
            latest_ms = max((one.after_ms for one in expected if one.after_ms is not None), default=0.0)
            fired = step_response(objective, groups, alerts, bad_ratio, int(latest_ms * _TOLERATED) + HOUR)
        for one in expected:
            own = next((f for f in fired if f.alert is one.watching.alert), None)
            found.append(Outlook(objective, bad_ratio, one, own))
    return found


def telling_ratios(objective: Objective) -> list[float]:
    """Shares of bad events that show every pair of the workbook at work, from all of them to hardly any."""
    burning = [round(burn * objective.budget_ratio, 12) for burn in _BURNS]
    return [1.0, *(ratio for ratio in burning if ratio < 1)]


def _expected(objective: Objective, watching: Watching, bad_ratio: float) -> Expected:
    error_ratio = objective.indicator.spending(bad_ratio)
    fires = [
        (after, rate)
        for rate in watching.rates
        if (after := time_to_fire_ms(rate, objective.budget_ratio, error_ratio)) is not None
    ]
    if not fires:
        return Expected(watching, None, None, None)
    after, rate = min(fires, key=lambda one: one[0])
    spent = budget_spent(after, objective.budget_ratio, error_ratio, objective.window_ms)
    return Expected(watching, rate, after, spent)
