"""Inhibition: an alert is not notified while another one, of a higher-level cause, fires.

A rule mutes *target* alerts while an alert matching its *source* side fires and the labels in `equal` have the same
values on both (missing and empty are the same).  An alert that matches both sides is not muted by others that do.

Source: Alertmanager, `inhibit/inhibit.go`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from simulator.monitoring.alertmanager.alert import Alert
from simulator.monitoring.alertmanager.matchers import DecisionCache, LabelSet, Matchers, matches_all
from timeline.findings import Place
from timeline.instants import MINUTE

_GC_INTERVAL_MS = 15 * MINUTE


@dataclass(frozen=True, eq=False)
class InhibitRule:
    """One rule; `equal` is sorted."""

    source_matchers: Matchers
    target_matchers: Matchers
    equal: tuple[str, ...]
    place: Place

    def equal_values(self, labels: LabelSet) -> tuple[str, ...]:
        return tuple([labels.get(name, "") for name in self.equal])


class Target(NamedTuple):
    """Where an alert could be muted: a rule, and the values that a source must share with it."""

    rule: int
    values: tuple[str, ...]


class Inhibitor:
    """The sources that fire now, by rule and by the values of its `equal` labels."""

    def __init__(self, rules: Sequence[InhibitRule], start_ms: int) -> None:
        self._rules = rules
        self._sources: list[dict[tuple[str, ...], dict[str, Alert]]] = [{} for _ in rules]
        self._next_gc_ms = start_ms + _GC_INTERVAL_MS
        self._as_source = _which(rules, [rule.source_matchers for rule in rules])
        self._as_target = _which(rules, [rule.target_matchers for rule in rules])

    def put(self, alert: Alert, now_ms: int) -> Iterator[Target]:
        """Takes notice of an alert; gives each place where the answer of `muted_by` may be another one now."""
        self._collect_garbage(now_ms)
        for position in self._as_source(alert.labels):
            values = self._rules[position].equal_values(alert.labels)
            sources = self._sources[position].setdefault(values, {})
            known = sources.get(alert.fingerprint)
            sources[alert.fingerprint] = alert
            if known is None or known.resolved_at(now_ms) or alert.ends_at_ms < known.ends_at_ms:
                yield Target(position, values)

    def targets(self, labels: LabelSet) -> list[Target]:
        """Every place where an alert with these labels could be muted."""
        return [Target(position, self._rules[position].equal_values(labels)) for position in self._as_target(labels)]

    def muted_by(self, labels: LabelSet, now_ms: int) -> Alert | None:
        """A firing alert that mutes one with these labels, or None."""
        for position in self._as_target(labels):
            rule = self._rules[position]
            sources = self._sources[position].get(rule.equal_values(labels))
            if not sources:
                continue
            two_sided = position in self._as_source(labels)
            for source in sources.values():
                if source.resolved_at(now_ms):
                    continue
                if two_sided and position in self._as_target(source.labels):
                    continue
                return source
        return None

    def _collect_garbage(self, now_ms: int) -> None:
        if now_ms < self._next_gc_ms:
            return
        self._next_gc_ms = now_ms + _GC_INTERVAL_MS
        for rule_sources in self._sources:
            for values, sources in list(rule_sources.items()):
                for key in [key for key, alert in sources.items() if alert.resolved_at(now_ms)]:
                    del sources[key]
                if not sources:
                    del rule_sources[values]


def _which(rules: Sequence[InhibitRule], sides: Sequence[Matchers]) -> DecisionCache[tuple[int, ...]]:
    """Positions of the rules one side of which an alert matches."""
    return DecisionCache(
        [matcher for side in sides for matcher in side],
        lambda labels: tuple(position for position in range(len(rules)) if matches_all(sides[position], labels)),
    )
