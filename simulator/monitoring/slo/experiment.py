"""Rules run in virtual time against a step of errors: when does an alert fire, and what is spent by then?

The formulas of `burn_rates` know neither scrapes nor evaluations; this runs the rule engine itself.  Before the step
all is well for as long as any rule looks back; from 0 on a constant share of events is bad.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from simulator.monitoring.promql import MemoryStorage
from simulator.monitoring.rules import AlertState, RecordingRule, RuleEngine, RuleGroup, Transition
from simulator.monitoring.rules.dependencies import reach
from simulator.monitoring.slo.burn_rates import budget_spent
from simulator.monitoring.slo.examples import example_series
from simulator.monitoring.slo.objectives import Objective
from simulator.monitoring.slo.recognition import BurnAlert, Recordings
from timeline.instants import MINUTE

SCRAPE_INTERVAL_MS = 15_000


@dataclass(frozen=True, slots=True)
class Fired:
    """The first time that an alert fired after the step."""

    alert: BurnAlert
    at_ms: int
    spent_ratio: float


def step_response(
    objective: Objective, groups: Sequence[RuleGroup], alerts: Sequence[BurnAlert], bad_ratio: float, until_ms: int
) -> list[Fired]:
    """When each of `alerts` (out of `groups`) first fires within `until_ms`, the earliest first; others are left out.

    Raises InputError when no series can be made for the objective's indicator.
    """
    needed = _needed(groups, alerts)
    history_ms = _history_ms(needed)
    times = np.arange(-history_ms, until_ms + 1, SCRAPE_INTERVAL_MS, dtype=np.int64)
    bad = np.where(times > 0, bad_ratio, 0.0)
    storage = MemoryStorage(example.series(times, bad) for example in example_series(objective))
    engine = RuleEngine(needed, storage, start_ms=-history_ms)
    engine.advance(0)
    error_ratio = objective.indicator.spending(bad_ratio)
    waiting, fired = list(alerts), list[Fired]()
    while waiting and (at_ms := engine.lookahead(until_ms)) is not None:
        for change in engine.advance(at_ms):
            alert = next((alert for alert in waiting if _is_of(change, alert)), None)
            if alert is not None and change.state is AlertState.FIRING:
                waiting.remove(alert)
                spent = budget_spent(change.at_ms, objective.budget_ratio, error_ratio, objective.window_ms)
                fired.append(Fired(alert, change.at_ms, spent))
    return fired


def _is_of(change: Transition, alert: BurnAlert) -> bool:
    """Whether an alert is of this rule: rules of one name in one group are told apart by their labels."""
    fixed = {name: value for name, value in alert.rule.labels.items() if "{{" not in value}
    named = change.rule.group == alert.group.name and change.rule.name == alert.rule.alert
    return named and all(change.labels.get(name, "") == value for name, value in fixed.items())


def _needed(groups: Sequence[RuleGroup], alerts: Sequence[BurnAlert]) -> list[RuleGroup]:
    """The groups without alerting rules that are not asked about.

    They keep only the name of their file: it decides when they are evaluated, and the folder must not matter.
    """
    asked = {id(alert.rule) for alert in alerts}

    def kept(group: RuleGroup) -> RuleGroup:
        rules = tuple(rule for rule in group.rules if isinstance(rule, RecordingRule) or id(rule) in asked)
        return replace(group, file=Path(group.file).name, rules=rules)

    return [reduced for group in groups if (reduced := kept(group)).rules]


def _history_ms(groups: Sequence[RuleGroup]) -> int:
    """As far as any rule looks back, also through recorded series."""
    recordings = Recordings(groups)
    reaches = [
        reach(recordings.inlined(rule.expression)).back_ms + group.query_offset_ms
        for group in groups
        for rule in group.rules
    ]
    return max(reaches, default=0) + MINUTE
