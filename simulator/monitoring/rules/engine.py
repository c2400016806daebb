"""The rule engine: groups of rules, evaluated in virtual time, lazily and in windows.

The engine is asked two things.  `lookahead(until)`: when does the next alert change its state?  `advance(to)`: make
everything up to then happen, and say what changed.  Between the two, series may change (`invalidate`); what was
computed ahead from samples that are no longer true is thrown away.

Terms.  *Committed* is what can no longer change, *ahead* is what was computed for the time after it and may still be
thrown away.  A *stretch* is a run of evaluations of one rule, with its results (columns) and what they lead to; the
stretches that lie ahead of a rule form a chain, each starting in the state in which the one before it ended.

    committed            ahead
    ------------|========|=====|        rule 1: two stretches
    ------------|===|                   rule 2: cut short by an invalidation

Evaluating ahead and throwing away gives the same transitions as evaluating step by step, because a stretch depends
only on samples and on the state before it; a property test holds that.

Order: rules of a group run one after the other at the same moment, groups that meet at a moment run in the order in
which they were given.  See `dependencies` for the rules that have to be evaluated together.

Sources: Prometheus, `rules/group.go`, `rules/alerting.go`; restarts: `RestoreForState`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace

import numpy as np

from simulator.monitoring.gotemplate import TemplateError
from simulator.monitoring.promql import (
    EvaluationError,
    Labels,
    Matcher,
    Options,
    QueryError,
    Scalar,
    Semantics,
    Series,
    Storage,
    Vector,
    evaluate,
    evaluate_instants,
    is_stale,
    parse,
)
from simulator.monitoring.promql.labels import METRIC_NAME
from simulator.monitoring.promql.series import Times
from simulator.monitoring.rules.alerting import Active, AlertState, Change
from simulator.monitoring.rules.courses import Chunk, Columns, Conclusion, Context, RuleState, conclude
from simulator.monitoring.rules.dependencies import (
    ALERTS_FOR_STATE,
    UNBOUNDED_MS,
    Slot,
    Unit,
    plan,
    reach,
    sees_names,
    written_names,
)
from simulator.monitoring.rules.models import AlertingRule, Rule, RuleGroup, hashed_offset
from simulator.monitoring.rules.recorded import Bounded, Recorded, merge, select_chunks
from simulator.monitoring.rules.templates import Expander
from timeline.instants import HOUR, MINUTE

OUTAGE_TOLERANCE_MS = HOUR
FOR_GRACE_PERIOD_MS = 10 * MINUTE
_WARM_UP_EVALUATIONS = 2
_FIRST_WINDOW_MS = HOUR
_LONGEST_WINDOW_MS = 24 * HOUR


@dataclass(frozen=True, slots=True)
class RuleReference:
    group: str
    name: str


@dataclass(frozen=True, slots=True)
class Transition:
    """An alert enters a state.

    `labels` contain `alertname`; `annotations` and `value` are those of the last evaluation at which the condition
    held; `active_at_ms` is when it became pending.
    """

    at_ms: int
    rule: RuleReference
    labels: Labels
    annotations: Mapping[str, str]
    state: AlertState
    active_at_ms: int
    value: float


@dataclass(frozen=True, slots=True)
class Failure:
    """An evaluation that failed, with Prometheus' reason."""

    at_ms: int
    rule: RuleReference
    reason: str


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Evaluations of one rule up to and including `until_ms`, from the state `before`."""

    until_ms: int
    columns: Columns
    before: RuleState
    conclusion: Conclusion


@dataclass(slots=True)
class _Run:
    """One rule: its place, what it committed and what lies ahead."""

    slot: Slot
    context: Context
    back_ms: int
    ahead_ms: int
    state: RuleState = field(default_factory=RuleState)
    recorded: Recorded = field(default_factory=Recorded)
    stretches: list[_Stretch] = field(default_factory=list)

    def latest_state(self) -> RuleState:
        return self.stretches[-1].conclusion.state if self.stretches else self.state

    def append(self, columns: Columns, until_ms: int) -> None:
        before = self.latest_state()
        self.stretches.append(self._stretch(columns, until_ms, before))

    def _stretch(self, columns: Columns, until_ms: int, before: RuleState) -> _Stretch:
        return _Stretch(until_ms, columns, before, conclude(self.slot.rule, columns, before, self.context))

    def commit(self, to_ms: int) -> tuple[list[Change], list[tuple[int, str]]]:
        """Make everything up to `to_ms` final, and give its changes and errors; what lies behind stays ahead."""
        changes: list[Change] = []
        errors: list[tuple[int, str]] = []
        while self.stretches:
            stretch = self.stretches[0]
            if stretch.until_ms > to_ms:
                stretch, rest = self._cut(stretch, to_ms)
                self.stretches[0] = rest
            else:
                self.stretches.pop(0)
            self.state = stretch.conclusion.state
            self.recorded.add(stretch.conclusion.chunks)
            changes.extend(stretch.conclusion.changes)
            errors.extend(stretch.conclusion.errors)
            if stretch.until_ms >= to_ms:
                break
        return changes, errors

    def drop_from(self, at_ms: int) -> None:
        """Throw away evaluations at or after `at_ms`."""
        while self.stretches and self.stretches[-1].until_ms >= at_ms:
            stretch = self.stretches.pop()
            times = stretch.columns.times
            if len(times) and times[0] < at_ms:
                self.stretches.append(self._cut(stretch, at_ms - 1)[0])
                return

    def _cut(self, stretch: _Stretch, at_ms: int) -> tuple[_Stretch, _Stretch]:
        columns = stretch.columns
        step = int(np.searchsorted(columns.times, at_ms, side="right"))
        left = self._stretch(columns.part(0, step), at_ms, stretch.before)
        rest = columns.part(step, len(columns.times))
        return left, self._stretch(rest, stretch.until_ms, left.conclusion.state)

    def chunks(self) -> list[Chunk]:
        ahead = [chunk for stretch in self.stretches for chunk in stretch.conclusion.chunks]
        return [*self.recorded.chunks(), *ahead]


class RuleEngine:
    """Groups of rules over a storage.

    `groups` are as given; `failures` are the committed evaluations that failed, each rule with its first of
    a series with the same reason.
    `start_ms` is the earliest moment of an evaluation.  `offset` says when within its interval a group is evaluated.
    `grows` says that the storage fills as time passes, so that no rule sees samples of its future; recorded data,
    as in unit tests of rules, is there from the start.
    """

    def __init__(
        self,
        groups: Sequence[RuleGroup],
        storage: Storage,
        *,
        start_ms: int,
        semantics: Semantics = Semantics.PROMETHEUS_3,
        external_labels: Mapping[str, str] | None = None,
        external_url: str = "",
        offset: Callable[[RuleGroup], int] = hashed_offset,
        options: Options | None = None,
        grows: bool = True,
    ) -> None:
        self.groups = tuple(groups)
        self.failures: list[Failure] = []
        self._failing: dict[RuleReference, str] = {}
        self._base = storage
        self._options = replace(options or Options(), semantics=semantics)
        self._grows = grows
        self._committed_ms = start_ms - 1
        self._suspended = False
        self._window_ms = _FIRST_WINDOW_MS
        self._expander = Expander(external_labels or {}, external_url, self._template_query, self._options.epoch_ms)
        self._runs = [
            self._run(Slot(group, group_number, offset(group), rule_number))
            for group_number, group in enumerate(groups)
            for rule_number in range(len(group.rules))
        ]
        stepwise = frozenset(n for n, run in enumerate(self._runs) if run.ahead_ms and grows)
        self._plan = plan([run.slot for run in self._runs], stepwise)
        self._writers = self._by_written_name()
        self._horizon_ms = max([OUTAGE_TOLERANCE_MS, *(run.back_ms for run in self._runs)])
        self._pruned_ms = self._committed_ms

    def _by_written_name(self) -> dict[str, list[_Run]]:
        writers: dict[str, list[_Run]] = {}
        for run in self._runs:
            for name in written_names(run.slot.rule):
                writers.setdefault(name, []).append(run)
        return writers

    def _run(self, slot: Slot) -> _Run:
        around = reach(slot.rule.expression, self._options.lookback_ms)
        recorded = Recorded()
        rule, group = slot.rule, slot.group

        def restore(alerts: Mapping[Labels, Active], at_ms: int) -> dict[Labels, Active]:
            assert isinstance(rule, AlertingRule)
            return _restored(rule, alerts, at_ms, recorded, self._options.epoch_ms)

        context = Context(self._expander, self._options.epoch_ms, group.limit, group.query_offset_ms, restore)
        return _Run(slot, context, around.back_ms + group.query_offset_ms, around.ahead_ms, recorded=recorded)

    def fork(self, storage: Storage) -> RuleEngine:
        """An engine over another storage that stands where this one does, with what lies ahead of it.

        Where the series of the other storage differ has to be told by `invalidate`.  Raises ValueError once anything
        was committed: an engine does not share its past.
        """
        if any(run.state.written or run.state.alerts or run.recorded.chunks() for run in self._runs):
            raise ValueError("only an engine that has committed nothing can be forked")
        other = copy(self)
        other.failures, other._failing, other._base = [], {}, storage
        other._expander = replace(self._expander, query=other._template_query)
        other._runs = [other._run(run.slot) for run in self._runs]
        for run, original in zip(other._runs, self._runs, strict=True):
            run.stretches = list(original.stretches)
        other._writers = other._by_written_name()
        return other

    def look_through(self, until_ms: int) -> None:
        """Compute everything until `until_ms` ahead: cheaper than step by step where no series will change."""
        self._extend(until_ms)

    @property
    def committed_ms(self) -> int:
        """Everything up to here has happened."""
        return self._committed_ms

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[Series]:
        """The series of the storage together with those that rules wrote: the engine is a storage itself."""
        names = [
            name
            for name in self._writers
            if all(matcher.matches(name) for matcher in matchers if matcher.name == METRIC_NAME)
        ]
        writers = {id(run): run for name in names for run in self._writers[name]}
        chunks = [chunk for run in writers.values() for chunk in run.chunks()]
        return merge(self._base.select(matchers, start_ms, end_ms), select_chunks(chunks, matchers, start_ms, end_ms))

    def lookahead(self, until_ms: int) -> int | None:
        """When the first alert transition after what is committed happens; None when there is none until then."""
        if self._suspended:
            return None
        while True:
            covered_ms = min((self._covered(run) for run in self._runs), default=until_ms)
            first_ms = self._first_change()
            if first_ms is not None and first_ms <= min(covered_ms, until_ms):
                return first_ms
            if covered_ms >= until_ms:
                return None
            target_ms = min(until_ms, covered_ms + self._window_ms)
            if first_ms is not None:
                target_ms = max(covered_ms + 1, min(target_ms, first_ms))
            self._extend(target_ms)
            self._window_ms = min(2 * self._window_ms, _LONGEST_WINDOW_MS)

    def advance(self, to_ms: int) -> list[Transition]:
        """Commit every evaluation at or before `to_ms`; the transitions, in the order in which they happen."""
        if to_ms <= self._committed_ms:
            return []
        if self._suspended:
            self._committed_ms = to_ms
            return []
        covered_ms = self._committed_ms
        while covered_ms < to_ms:
            covered_ms = min(to_ms, covered_ms + _LONGEST_WINDOW_MS)
            self._extend(covered_ms)
        found: list[tuple[int, int, _Run, Change]] = []
        failures: list[Failure] = []
        for number, run in enumerate(self._runs):
            changes, errors = run.commit(to_ms)
            found.extend((change.at_ms, number, run, change) for change in changes)
            reference = RuleReference(run.slot.group.name, run.slot.rule.name)
            failures.extend(Failure(at_ms, reference, reason) for at_ms, reason in errors)
        self._note(failures)
        self._committed_ms = to_ms
        found.sort(key=lambda one: one[:2])
        # Annotations may query what rules wrote at the moment of the change: forget only afterwards.
        transitions = [self._transition(run, change) for _, _, run, change in found]
        self._prune()
        return transitions

    def _note(self, failures: list[Failure]) -> None:
        for failure in sorted(failures, key=lambda failure: failure.at_ms):
            if self._failing.get(failure.rule) != failure.reason:
                self._failing[failure.rule] = failure.reason
                self.failures.append(failure)

    def invalidate(self, at_ms: int, series_names: Collection[str] | None = None) -> None:
        """Samples at or after `at_ms` may differ now: what lies ahead and could see them is thrown away.

        `series_names` are the metric names concerned (None: any).  What is committed stays.
        """
        names = None if series_names is None else frozenset(series_names)
        self.invalidate_rules(at_ms, lambda rule: names is None or sees_names(rule.expression, names))

    def invalidate_rules(self, at_ms: int, concerned: Callable[[Rule], bool]) -> None:
        """As `invalidate`, for rules of which the caller knows whether they see samples that differ."""
        self._window_ms = _FIRST_WINDOW_MS
        pending = [(number, at_ms) for number, run in enumerate(self._runs) if concerned(run.slot.rule)]
        dropped: dict[int, int] = {}
        while pending:
            number, since_ms = pending.pop()
            run = self._runs[number]
            # A rule that looks ahead sees no future where the storage grows.
            from_ms = since_ms - (0 if self._grows else run.ahead_ms) + run.slot.group.query_offset_ms
            if run.ahead_ms >= UNBOUNDED_MS:
                from_ms = self._committed_ms + 1
            from_ms = max(from_ms, self._committed_ms + 1)
            if dropped.get(number, UNBOUNDED_MS) <= from_ms:
                continue
            dropped[number] = from_ms
            run.drop_from(from_ms)
            written_from_ms = from_ms - run.slot.group.query_offset_ms
            pending.extend((reader, written_from_ms) for reader in self._plan.readers[number])

    def suspend(self, at_ms: int) -> list[Transition]:
        """Prometheus goes down: no evaluation after `at_ms`, and nothing marks the series it wrote as ended."""
        transitions = self.advance(at_ms)
        for run in self._runs:
            run.stretches.clear()
        self._suspended = True
        return transitions

    def resume(self, at_ms: int) -> None:
        """Prometheus is up again: alerts are forgotten.

        After the second evaluation the `for` of alerts is restored from `ALERTS_FOR_STATE`, for rules whose `for` is
        at least the grace period of 10 minutes and outages of at most an hour.
        """
        self._suspended = False
        self._committed_ms = max(self._committed_ms, at_ms)
        for run in self._runs:
            run.state = RuleState(warming_up=_WARM_UP_EVALUATIONS)

    def active(self) -> list[Transition]:
        """The alerts that are pending or firing now, each as the transition into its present state."""
        return [
            self._transition(run, Change(alert.seen_at_ms, labels, alert.state, alert))
            for run in self._runs
            for labels, alert in run.state.alerts.items()
        ]

    def _covered(self, run: _Run) -> int:
        return run.stretches[-1].until_ms if run.stretches else self._committed_ms

    def _first_change(self) -> int | None:
        return min(
            (
                change.at_ms
                for run in self._runs
                for stretch in run.stretches
                for change in stretch.conclusion.changes[:1]
            ),
            default=None,
        )

    def _extend(self, until_ms: int) -> None:
        for unit in self._plan.units:
            if unit.stepwise:
                self._extend_stepwise(unit, until_ms)
            else:
                run = self._runs[unit.slots[0]]
                covered_ms = self._covered(run)
                if covered_ms < until_ms:
                    times = _evaluation_times(run.slot, covered_ms, until_ms)
                    run.append(self._columns(run, times, self), until_ms)

    def _extend_stepwise(self, unit: Unit, until_ms: int) -> None:
        runs = [self._runs[number] for number in unit.slots]
        # Rules of a unit see each other: what one has to compute anew, all have to.
        covered_ms = min(self._covered(run) for run in runs)
        for run in runs:
            run.drop_from(covered_ms + 1)
        if covered_ms >= until_ms:
            return
        moments = sorted({int(moment) for run in runs for moment in _evaluation_times(run.slot, covered_ms, until_ms)})
        for moment in moments:
            seen: Storage = Bounded(self, moment) if self._grows else self
            for run in runs:
                times = _evaluation_times(run.slot, moment - 1, moment)
                if len(times):
                    run.append(self._columns(run, times, seen), moment)
        for run in runs:
            if self._covered(run) < until_ms:
                run.append(self._columns(run, np.empty(0, dtype=np.int64), self), until_ms)

    def _columns(self, run: _Run, times: Times, storage: Storage) -> Columns:
        if not len(times):
            return Columns(times, Vector.empty(0), {})
        looked_at = times - run.slot.group.query_offset_ms
        result = evaluate_instants(run.slot.rule.expression, storage, looked_at, options=self._options)
        return Columns(times, result.vector, result.errors)

    def _prune(self) -> None:
        if self._committed_ms - self._pruned_ms > self._horizon_ms:
            for run in self._runs:
                run.recorded.forget_before(self._committed_ms - self._horizon_ms)
            self._pruned_ms = self._committed_ms

    def _transition(self, run: _Run, change: Change) -> Transition:
        rule, alert = run.slot.rule, change.alert
        assert isinstance(rule, AlertingRule)
        annotations = {
            name: self._expander.expand(text, alert.source, alert.value, alert.seen_at_ms)
            for name, text in rule.annotations.items()
        }
        reference = RuleReference(run.slot.group.name, rule.alert)
        return Transition(
            change.at_ms, reference, change.labels, annotations, change.state, alert.active_at_ms, alert.value
        )

    def _template_query(self, text: str, at_ms: int) -> list[tuple[Labels, float]]:
        times = np.array([at_ms], dtype=np.int64)
        try:
            result = evaluate(parse(text), Bounded(self, at_ms), times, options=self._options)
        except (QueryError, EvaluationError) as error:
            raise TemplateError(str(error)) from None
        if isinstance(result, Scalar):
            return [(Labels(), float(result.values[0]))]
        return [(labels, float(result.values[row, 0])) for row, labels in enumerate(result.labels)]


def _evaluation_times(slot: Slot, after_ms: int, until_ms: int) -> Times:
    """When a group is evaluated within (after_ms, until_ms]."""
    interval_ms = slot.group.interval_ms
    first = after_ms + 1 + (slot.offset_ms - after_ms - 1) % interval_ms
    return np.arange(first, until_ms + 1, interval_ms, dtype=np.int64)


def _restored(
    rule: AlertingRule, alerts: Mapping[Labels, Active], at_ms: int, recorded: Recorded, epoch_ms: int
) -> dict[Labels, Active]:
    """Alerts with the time they were pending before an outage counted in.

    What was left of `for` when Prometheus went down is still left, but at least the grace period.
    """
    if rule.for_ms < FOR_GRACE_PERIOD_MS:
        return dict(alerts)
    restored = {}
    for labels, alert in alerts.items():
        restored[labels] = alert
        series = Labels({**rule.labels, **labels, METRIC_NAME: ALERTS_FOR_STATE})
        sample = recorded.last(series, at_ms - OUTAGE_TOLERANCE_MS, at_ms)
        if sample is None or is_stale(np.array([sample[1]]))[0]:
            continue
        down_at_ms = (sample[0] + epoch_ms) // 1000 * 1000 - epoch_ms
        active_at_ms = int(sample[1]) * 1000 - epoch_ms
        left_ms = rule.for_ms - (down_at_ms - active_at_ms)
        if 0 < left_ms < FOR_GRACE_PERIOD_MS:
            active_at_ms = at_ms + FOR_GRACE_PERIOD_MS - rule.for_ms
        elif left_ms > 0:
            active_at_ms += at_ms - down_at_ms
        restored[labels] = replace(alert, active_at_ms=active_at_ms)
    return restored
