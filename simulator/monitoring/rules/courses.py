"""What evaluations of one rule lead to: series written, and changes of alerts.

`Columns` are the results of a rule over a stretch of evaluations.  `conclude` turns them, from the state in which the
rule was before, into what the rule writes, how its alerts change and the state afterwards.  It is cheap and pure, so
columns can be cut anywhere and concluded again.

A series that a rule wrote at one evaluation and not at the next gets a staleness marker.  An evaluation that fails
writes nothing, marks nothing and changes no alert.

Source: Prometheus, `rules/group.go` (`Eval`), `rules/recording.go`, `rules/alerting.go`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from simulator.monitoring.promql import METRIC_NAME, STALE, Labels, Vector
from simulator.monitoring.promql.series import Mask, Times, Values
from simulator.monitoring.rules.alerting import Active, AlertState, Change, Condition, Course, follow
from simulator.monitoring.rules.dependencies import ALERTS, ALERTS_FOR_STATE
from simulator.monitoring.rules.models import AlertingRule, RecordingRule, Rule
from simulator.monitoring.rules.templates import Expander, varies

ALERT_NAME = "alertname"
ALERT_STATE = "alertstate"


@dataclass(frozen=True, slots=True)
class Columns:
    """Results at `times` int64[n]: a vector [series, n], and the evaluations that failed, with the reason."""

    times: Times
    vector: Vector
    errors: Mapping[int, str]

    def part(self, first: int, end: int) -> Columns:
        vector = self.vector
        columns = slice(first, end)
        cut = Vector(vector.labels, vector.values[:, columns], vector.present[:, columns])
        errors = {step - first: reason for step, reason in self.errors.items() if first <= step < end}
        return Columns(self.times[columns], cut, errors)


@dataclass(frozen=True, slots=True)
class RuleState:
    """How a rule stands between evaluations.

    `written` are the series of the last successful evaluation.  After a restart of Prometheus, `warming_up` counts
    the evaluations before the `for` of alerts is restored, during which no alert series are written.
    """

    alerts: Mapping[Labels, Active] = field(default_factory=dict)
    written: frozenset[Labels] = frozenset()
    warming_up: int = 0


@dataclass(frozen=True, slots=True)
class Chunk:
    """Samples that a rule writes to one series."""

    labels: Labels
    times: Times
    values: Values


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a stretch of evaluations leads to; `errors` are (ms, reason)."""

    state: RuleState
    chunks: list[Chunk]
    changes: list[Change]
    errors: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Context:
    """What concluding needs beside the columns: templates, the clock, and how restored alerts are found.

    `restore(alerts, at_ms)` gives the alerts with their `for` restored.  `written_ms_before` is how long before its
    evaluation a sample is dated.
    """

    expander: Expander
    epoch_ms: int
    limit: int
    written_ms_before: int
    restore: Callable[[Mapping[Labels, Active], int], dict[Labels, Active]]


def conclude(rule: Rule, columns: Columns, before: RuleState, context: Context) -> Conclusion:
    """What the rule writes and how its alerts change over these columns."""
    if not len(columns.times):
        return Conclusion(before, [], [], [])
    if before.warming_up:
        return _warm_up(rule, columns, before, context)
    if before == RuleState() and not columns.vector.labels and not columns.errors:
        return Conclusion(before, [], [], [])
    if isinstance(rule, RecordingRule):
        return _conclude_recording(rule, columns, before, context)
    return _conclude_alerting(rule, columns, before, context)


def _warm_up(rule: Rule, columns: Columns, before: RuleState, context: Context) -> Conclusion:
    """The first evaluation after a restart, on its own, then the rest."""
    running = replace(before, warming_up=0)
    first = conclude(rule, columns.part(0, 1), running, context)
    left = before.warming_up - 1
    alerts = first.state.alerts
    chunks = first.chunks
    state = replace(first.state, warming_up=left)
    if isinstance(rule, AlertingRule):
        chunks = []
        if not left:
            alerts = context.restore(alerts, int(columns.times[0]))
        state = RuleState(alerts, frozenset(), left)
    rest = conclude(rule, columns.part(1, len(columns.times)), state, context)
    return _joined(first.changes, chunks, first.errors, rest)


def _joined(changes: list[Change], chunks: list[Chunk], errors: list[tuple[int, str]], rest: Conclusion) -> Conclusion:
    return Conclusion(rest.state, chunks + rest.chunks, changes + rest.changes, errors + rest.errors)


@dataclass(slots=True)
class _Row:
    """A result under its final labels: where it is present, its values, and the labels it came with."""

    present: Mask
    values: Values
    source: Labels


def _gather(
    columns: Columns, rename: Callable[[Labels, int], Labels], *, per_step: bool, duplicate: str
) -> tuple[dict[Labels, _Row], Mask, list[tuple[int, str]]]:
    """Rows by their final labels, the evaluations that succeeded, and the errors.

    Two results with the same final labels make their evaluation fail.
    """
    steps = len(columns.times)
    errors = dict(columns.errors)
    rows: dict[Labels, _Row] = {}
    vector = columns.vector
    for index, source in enumerate(vector.labels):
        here, values = vector.present[index], vector.values[index]
        named: dict[Labels, Mask] = {}
        if per_step:
            for step in np.flatnonzero(here):
                mask = named.setdefault(rename(source, int(step)), np.zeros(steps, dtype=np.bool_))
                mask[step] = True
        else:
            named[rename(source, 0)] = here
        for labels, mask in named.items():
            known = rows.get(labels)
            if known is None:
                rows[labels] = _Row(mask, values, source)
                continue
            errors.update({int(step): duplicate for step in np.flatnonzero(known.present & mask)})
            rows[labels] = _Row(known.present | mask, np.where(mask, values, known.values), source)
    succeeded = np.ones(steps, dtype=np.bool_)
    succeeded[list(errors)] = False
    return rows, succeeded, [(int(columns.times[step]), errors[step]) for step in sorted(errors)]


def _conclude_recording(rule: RecordingRule, columns: Columns, before: RuleState, context: Context) -> Conclusion:
    def rename(labels: Labels, _: int) -> Labels:
        return Labels({**labels, METRIC_NAME: rule.record, **rule.labels})

    if context.limit:
        columns = _limited(columns, context.limit)
    rows, succeeded, errors = _gather(
        columns,
        rename,
        per_step=False,
        duplicate="vector contains metrics with the same labelset after applying rule labels",
    )
    times = columns.times[succeeded] - context.written_ms_before
    written = {labels: (row.present[succeeded], row.values[succeeded]) for labels, row in rows.items()}
    chunks, last = _chunks(times, written, before.written)
    return Conclusion(RuleState(written=last), chunks, [], errors)


def _limited(columns: Columns, limit: int) -> Columns:
    """Evaluations with more series than the group allows fail."""
    counts = columns.vector.present.sum(axis=0)
    errors = {
        int(step): f"exceeded limit of {limit} with {counts[step]} series" for step in np.flatnonzero(counts > limit)
    }
    return Columns(columns.times, columns.vector, {**errors, **columns.errors})


def _chunks(
    times: Times, written: Mapping[Labels, tuple[Mask, Values]], before: frozenset[Labels]
) -> tuple[list[Chunk], frozenset[Labels]]:
    """Samples and staleness markers of what was written, and what the last evaluation wrote."""
    if not len(times):
        return [], before
    gone = sorted(labels for labels in before if labels not in written)
    chunks = [Chunk(labels, times[:1], np.array([STALE])) for labels in gone]
    last = set()
    for labels, (present, values) in written.items():
        if present.all():
            chunks.append(Chunk(labels, times, values))
            last.add(labels)
            continue
        previous = np.concatenate([[labels in before], present[:-1]])
        ends = previous & ~present
        kept = present | ends
        if kept.any():
            chunks.append(Chunk(labels, times[kept], np.where(ends, STALE, values)[kept]))
        if present[-1]:
            last.add(labels)
    return chunks, frozenset(last)


def _conclude_alerting(rule: AlertingRule, columns: Columns, before: RuleState, context: Context) -> Conclusion:
    vector = columns.vector
    row_of = {labels: row for row, labels in enumerate(vector.labels)}

    def rename(labels: Labels, step: int) -> Labels:
        value, at_ms = float(vector.values[row_of[labels], step]), int(columns.times[step])
        bare = labels.without_name()
        expanded = {name: context.expander.expand(text, labels, value, at_ms) for name, text in rule.labels.items()}
        return Labels({**bare, **expanded, ALERT_NAME: rule.alert})

    rows, succeeded, errors = _gather(
        columns,
        rename,
        per_step=any(varies(text) for text in rule.labels.values()),
        duplicate="vector contains metrics with the same labelset after applying alert labels",
    )
    times = columns.times[succeeded]
    nowhere = np.zeros(len(times), dtype=np.bool_)
    courses: dict[Labels, Course] = {}
    for labels in dict.fromkeys((*before.alerts, *rows)):
        alert = before.alerts.get(labels)
        row = rows.get(labels)
        if row is None:
            assert alert is not None
            condition = Condition(labels, alert.source, times, nowhere, np.zeros(len(times)))
        else:
            condition = Condition(labels, row.source, times, row.present[succeeded], row.values[succeeded])
        courses[labels] = follow(condition, alert, rule.for_ms, rule.keep_firing_for_ms)
    if context.limit and (over := _first_over_limit(courses, len(times), context.limit)) is not None:
        return _over_limit(rule, columns, int(times[over]), before, context)
    chunks, written = _alert_chunks(rule, times, courses, before.written, context)
    changes = sorted((c for course in courses.values() for c in course.changes), key=lambda c: c.at_ms)
    alerts = {labels: course.alert for labels, course in courses.items() if course.alert is not None}
    return Conclusion(RuleState(alerts, written), chunks, changes, errors)


def _alert_chunks(
    rule: AlertingRule,
    times: Times,
    courses: Mapping[Labels, Course],
    before: frozenset[Labels],
    context: Context,
) -> tuple[list[Chunk], frozenset[Labels]]:
    """`ALERTS` (1, by state) and `ALERTS_FOR_STATE` (since when, in Unix seconds)."""
    written: dict[Labels, tuple[Mask, Values]] = {}

    def write(labels: Labels, first: int, end: int, value: float) -> None:
        present, values = written.setdefault(labels, (np.zeros(len(times), dtype=np.bool_), np.zeros(len(times))))
        present[first:end] = True
        values[first:end] = value

    for labels, course in courses.items():
        base = {**rule.labels, **labels}
        for span in course.spans:
            state = Labels({**base, METRIC_NAME: ALERTS, ALERT_STATE: str(span.state)})
            write(state, span.first, span.end, 1.0)
            since = float((span.active_at_ms + context.epoch_ms) // 1000)
            write(Labels({**base, METRIC_NAME: ALERTS_FOR_STATE}), span.first, span.end, since)
    return _chunks(times - context.written_ms_before, written, before)


def _first_over_limit(courses: Mapping[Labels, Course], steps: int, limit: int) -> int | None:
    counts = np.zeros(steps + 1, dtype=np.int64)
    for course in courses.values():
        for span in course.spans:
            counts[span.first] += 1
            counts[span.end] -= 1
    over = np.flatnonzero(np.cumsum(counts)[:steps] > limit)
    return int(over[0]) if len(over) else None


def _over_limit(rule: AlertingRule, columns: Columns, at_ms: int, before: RuleState, context: Context) -> Conclusion:
    """Too many alerts: the evaluation fails and the rule forgets all of them."""
    step = int(np.searchsorted(columns.times, at_ms))
    start = conclude(rule, columns.part(0, step), before, context)
    forgotten = [Change(at_ms, labels, AlertState.INACTIVE, alert) for labels, alert in start.state.alerts.items()]
    error = (at_ms, f"exceeded limit of {context.limit} alerts")
    state = RuleState({}, start.state.written)
    rest = conclude(rule, columns.part(step + 1, len(columns.times)), state, context)
    return _joined(start.changes + forgotten, start.chunks, [*start.errors, error], rest)
