"""Inhibition: an alert is not notified while another one, of a higher-level cause, fires.

A rule mutes *target* alerts while an alert matching its *source* side fires and the labels in `equal` have the same
values on both (missing and empty are the same).  An alert that matches both sides is not muted by others that do.

Source: Alertmanager, `inhibit/inhibit.go`.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    """The sources that fire now, by the targets that they mute."""

    def __init__(self, rules: Sequence[InhibitRule], start_ms: int) -> None:
        self._sources: dict[Target, dict[str, Alert]] = {}
        self._next_gc_ms = start_ms + _GC_INTERVAL_MS
        self._as_source = _targets(rules, [rule.source_matchers for rule in rules])
        self._as_target = _targets(rules, [rule.target_matchers for rule in rules])

    def put(self, alert: Alert, now_ms: int) -> list[Target]:
        """Takes notice of an alert and sets its targets.

        Gives each place where the answer of `muted_by` may be another one now.
        """
        alert.targets = self._as_target(alert.labels)
        if now_ms >= self._next_gc_ms:
            self._collect_garbage(now_ms)
        changed: list[Target] = []
        for target in self._as_source(alert.labels):
            sources = self._sources.setdefault(target, {})
            known = sources.get(alert.fingerprint)
            sources[alert.fingerprint] = alert
            if known is None or known.ends_at_ms <= now_ms or alert.ends_at_ms < known.ends_at_ms:
                changed.append(target)
        return changed

    def muted_by(self, alert: Alert, now_ms: int) -> Alert | None:
        """A firing alert that mutes this one, or None."""
        for target in alert.targets:
            sources = self._sources.get(target)
            if not sources:
                continue
            two_sided = target in self._as_source(alert.labels)
            for source in sources.values():
                if source.ends_at_ms <= now_ms:
                    continue
                if two_sided and target in source.targets:
                    continue
                return source
        return None

    def _collect_garbage(self, now_ms: int) -> None:
        self._next_gc_ms = now_ms + _GC_INTERVAL_MS
        for target, sources in list(self._sources.items()):
            for key in [key for key, alert in sources.items() if alert.resolved_at(now_ms)]:
                del sources[key]
            if not sources:
                del self._sources[target]


def _targets(rules: Sequence[InhibitRule], sides: Sequence[Matchers]) -> DecisionCache[tuple[Target, ...]]:
    """The rules one side of which an alert matches, each with the alert's values.

    Which rules these are is remembered by itself: labels that have to be equal may have very many values.
    """
    asked = [matcher.name for side in sides for matcher in side]
    which = DecisionCache(
        asked, lambda labels: [position for position, side in enumerate(sides) if matches_all(side, labels)]
    )
    return DecisionCache(
        [*asked, *(name for rule in rules for name in rule.equal)],
        lambda labels: tuple([Target(position, rules[position].equal_values(labels)) for position in which(labels)]),
    )
