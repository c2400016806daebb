"""A rule engine as simple as can be: one evaluation after the other, one alert after the other.

It follows the description of Prometheus' `rules/alerting.go` step by step and shares nothing with the engine under
test but the PromQL evaluator.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.monitoring.promql import (
    METRIC_NAME,
    STALE,
    EvaluationError,
    Labels,
    MemoryStorage,
    Options,
    Scalar,
    Series,
    evaluate,
    parse,
)
from simulator.monitoring.rules import AlertingRule, RuleGroup
from simulator.monitoring.rules.templates import Expander


@dataclass
class _Alert:
    state: str
    active_at: int
    keep_since: int | None = None


class StepwiseEngine:
    """Evaluates on samples known at each moment; `changes` are (ms, alert name, labels, state)."""

    def __init__(self, groups: list[RuleGroup], offsets: list[int], start_ms: int) -> None:
        self.groups = groups
        self.offsets = offsets
        self.now = start_ms - 1
        self.written: dict[Labels, list[tuple[int, float]]] = {}
        self.alerts: dict[tuple[int, int], dict[Labels, _Alert]] = {}
        self.previous: dict[tuple[int, int], set[Labels]] = {}
        self.changes: list[tuple[int, str, Labels, str]] = []

    def run_to(self, until_ms: int, series: list[Series]) -> None:
        moments = [
            (at, number)
            for number, group in enumerate(self.groups)
            for at in range(self.offsets[number], until_ms + 1, group.interval_ms)
            if at > self.now
        ]
        for at, number in sorted(moments):
            for index, rule in enumerate(self.groups[number].rules):
                self._evaluate((number, index), rule, at, series)
        self.now = until_ms

    def _storage(self, at: int, series: list[Series]) -> MemoryStorage:
        known = [Series(s.labels, s.times[s.times <= at], s.values[s.times <= at]) for s in series]
        for labels, samples in self.written.items():
            times = np.array([time for time, _ in samples], dtype=np.int64)
            known.append(Series(labels, times, np.array([value for _, value in samples])))
        return MemoryStorage(known)

    def _evaluate(self, key, rule, at, series) -> None:
        try:
            result = evaluate(parse(rule.query), self._storage(at, series), np.array([at]), options=Options())
        except EvaluationError:
            return
        if isinstance(result, Scalar):
            found = {Labels(): float(result.values[0])}
        else:
            found = {labels: float(result.values[row, 0]) for row, labels in enumerate(result.labels)}
        if isinstance(rule, AlertingRule):
            samples = self._alert(key, rule, at, found)
        else:
            samples = {}
            for labels, value in found.items():
                name = Labels({**labels, METRIC_NAME: rule.record, **rule.labels})
                if name in samples:
                    return
                samples[name] = value
        if samples is None:
            return
        for labels, value in samples.items():
            self.written.setdefault(labels, []).append((at, value))
        for labels in self.previous.get(key, set()) - set(samples):
            self.written.setdefault(labels, []).append((at, STALE))
        self.previous[key] = set(samples)

    def _alert(self, key, rule, at, found) -> dict[Labels, float] | None:
        holding = {}
        for labels, value in found.items():
            named = {name: Expander().expand(text, labels, value, at) for name, text in rule.labels.items()}
            final = Labels({**labels.without_name(), **named, "alertname": rule.alert})
            if final in holding:
                return None
            holding[final] = value
        active = self.alerts.setdefault(key, {})
        visible = {labels: alert.state for labels, alert in active.items()}
        for labels in holding:
            active.setdefault(labels, _Alert("pending", at))
        for labels, alert in list(active.items()):
            if labels in holding:
                alert.keep_since = None
                if alert.state == "pending" and at - alert.active_at >= rule.for_ms:
                    alert.state = "firing"
                continue
            keeps = False
            if alert.state == "firing" and rule.keep_firing_for_ms:
                alert.keep_since = at if alert.keep_since is None else alert.keep_since
                keeps = at - alert.keep_since < rule.keep_firing_for_ms
            if not keeps:
                del active[labels]
        samples = {}
        for labels in [*visible, *(labels for labels in active if labels not in visible)]:
            state = active[labels].state if labels in active else "inactive"
            if state != visible.get(labels, "inactive"):
                self.changes.append((at, rule.alert, labels, state))
        for labels, alert in active.items():
            base = {**rule.labels, **labels}
            samples[Labels({**base, METRIC_NAME: "ALERTS", "alertstate": alert.state})] = 1.0
            samples[Labels({**base, METRIC_NAME: "ALERTS_FOR_STATE"})] = float(alert.active_at // 1000)
        return samples
