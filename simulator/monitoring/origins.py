"""Which series an alerting rule reads in the end, through all recording rules between.

So that an alert can be traced to the components whose series made it fire.
"""

from __future__ import annotations

from collections.abc import Sequence

from simulator.monitoring.promql import METRIC_NAME, Matcher
from simulator.monitoring.rules.dependencies import selectors
from simulator.monitoring.rules.models import AlertingRule, RecordingRule, RuleGroup


def origins(groups: Sequence[RuleGroup]) -> dict[tuple[str, str], tuple[tuple[Matcher, ...], ...]]:
    """Matchers of every selector that leads to scraped series, by (group, alert)."""
    recorded: dict[str, list[RecordingRule]] = {}
    for group in groups:
        for rule in group.rules:
            if isinstance(rule, RecordingRule):
                recorded.setdefault(rule.record, []).append(rule)
    found: dict[tuple[str, str], tuple[tuple[Matcher, ...], ...]] = {}
    for group in groups:
        for rule in group.rules:
            if isinstance(rule, AlertingRule):
                key = (group.name, rule.alert)
                found[key] = (*found.get(key, ()), *_leaves(rule, recorded, frozenset()))
    return found


def _leaves(
    rule: AlertingRule | RecordingRule, recorded: dict[str, list[RecordingRule]], above: frozenset[str]
) -> list[tuple[Matcher, ...]]:
    leaves: list[tuple[Matcher, ...]] = []
    for selector in selectors(rule.expression):
        names = [m for m in selector.matchers if m.name == METRIC_NAME]
        written = [name for name in recorded if name not in above and names and all(m.matches(name) for m in names)]
        for name in written:
            for writer in recorded[name]:
                leaves += _leaves(writer, recorded, above | {name})
        leaves.append(selector.matchers)
    return leaves
