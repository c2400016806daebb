"""The life of an alert, over a window of evaluations at once.

An alert is identified by its labels.  At each evaluation its condition holds or not:

    inactive --holds--> pending --holds for `for`--> firing --does not hold for `keep_firing_for`--> inactive
                           \\--does not hold--> inactive

With `for: 0` an alert fires at once and is never seen pending.  An evaluation that fails changes nothing.  Because the
condition changes rarely, an alert is followed from change to change, not from evaluation to evaluation.

Source: Prometheus, `rules/alerting.go` (`Eval`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

import numpy as np

from simulator.monitoring.promql import Labels
from simulator.monitoring.promql.series import Mask, Times, Values


class AlertState(StrEnum):
    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"


@dataclass(frozen=True, slots=True)
class Active:
    """An alert that is pending or firing.

    `value` and `seen_at_ms` are of the last evaluation at which its condition held, `source` are the labels of that
    result; `missing_since_ms` is set while only `keep_firing_for` keeps it firing.
    """

    state: AlertState
    active_at_ms: int
    value: float
    seen_at_ms: int
    source: Labels
    missing_since_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One alert's condition over evaluations at `times`: `holds` bool[n], `values` float64[n], result labels."""

    labels: Labels
    source: Labels
    times: Times
    holds: Mask
    values: Values


@dataclass(frozen=True, slots=True)
class Change:
    """The alert enters `state` at an evaluation; for `inactive`, `alert` is what it was before."""

    at_ms: int
    labels: Labels
    state: AlertState
    alert: Active


@dataclass(frozen=True, slots=True)
class Span:
    """Evaluations `first` up to `end` (exclusive) at which the alert has one state."""

    state: AlertState
    active_at_ms: int
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Course:
    """What became of one alert over a window: its changes, its spans of activity, and how it stands at the end."""

    changes: list[Change]
    spans: list[Span]
    alert: Active | None


def follow(condition: Condition, alert: Active | None, for_ms: int, keep_firing_for_ms: int) -> Course:
    """Follow one alert, which stood as `alert` before the window."""
    changes: list[Change] = []
    spans: list[Span] = []
    times = condition.times
    for first, end, holds in _runs(condition.holds):
        if holds:
            last = end - 1
            fresh = alert is None
            if alert is None:
                alert = Active(AlertState.PENDING, int(times[first]), 0.0, 0, condition.source)
            fires = _first_at_least(times, first, end, alert.active_at_ms + for_ms)
            if alert.state is AlertState.FIRING:
                fires = first
            if fires > first:
                spans.append(Span(AlertState.PENDING, alert.active_at_ms, first, fires))
                if fresh:
                    changes.append(_enter(condition, first, replace(alert, state=AlertState.PENDING)))
            if fires < end:
                spans.append(Span(AlertState.FIRING, alert.active_at_ms, fires, end))
                if alert.state is not AlertState.FIRING:
                    changes.append(_enter(condition, fires, replace(alert, state=AlertState.FIRING)))
                    alert = replace(alert, state=AlertState.FIRING)
            value, seen_at = float(condition.values[last]), int(times[last])
            alert = replace(alert, value=value, seen_at_ms=seen_at, source=condition.source, missing_since_ms=None)
        elif alert is not None:
            ends = first
            if alert.state is AlertState.FIRING and keep_firing_for_ms:
                since = alert.missing_since_ms if alert.missing_since_ms is not None else int(times[first])
                alert = replace(alert, missing_since_ms=since)
                ends = _first_at_least(times, first, end, since + keep_firing_for_ms)
                if ends > first:
                    spans.append(Span(AlertState.FIRING, alert.active_at_ms, first, ends))
            if ends < end:
                changes.append(Change(int(times[ends]), condition.labels, AlertState.INACTIVE, alert))
                alert = None
    return Course(changes, spans, alert)


def _enter(condition: Condition, step: int, alert: Active) -> Change:
    at_ms = int(condition.times[step])
    now = replace(alert, value=float(condition.values[step]), seen_at_ms=at_ms, source=condition.source)
    return Change(at_ms, condition.labels, alert.state, now)


def _first_at_least(times: Times, first: int, end: int, moment_ms: int) -> int:
    """The first evaluation from `first` on that is not before `moment_ms`, at most `end`."""
    return first + int(np.searchsorted(times[first:end], moment_ms, side="left"))


def _runs(holds: Mask) -> Iterator[tuple[int, int, bool]]:
    """Stretches of equal values as (first, end, value)."""
    if not len(holds):
        return
    edges = [0, *(np.flatnonzero(np.diff(holds)) + 1).tolist(), len(holds)]
    for first, end in pairwise(edges):
        yield first, end, bool(holds[first])
