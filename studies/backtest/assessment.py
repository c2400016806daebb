"""What a recording can say about each rule, and what it cannot.

A rule is *set aside* when a selector that it depends on, directly or through recording rules, has no series in the
recording: nobody can tell whether that metric did not exist or was not recorded, and `absent`, `unless` and `or` would
answer out of ignorance.  The other rules are *assessable* in a span: from when the recording fills the windows that
they look back over and their `for`, to when the first of their sources ends.

    recorded:   |-----------------------------------------------|
    rate(x[6h]) for 10m:   |<- 6 h 10 min ->|== assessable =====|

Recorded series of a name that the rules write are not used: they were written by other rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from simulator.monitoring.promql import METRIC_NAME, MatchType
from simulator.monitoring.promql.expressions import Call, Expression, RangeSelector, Selector
from simulator.monitoring.rules import AlertingRule, RuleGroup, RuleReference
from simulator.monitoring.rules.dependencies import UNBOUNDED_MS, reach, reads, selectors, written_names
from simulator.monitoring.rules.models import Rule
from studies.backtest.store import SampleStore
from timeline.instants import format_duration

_NEEDS_TWO_SAMPLES = frozenset(
    {"rate", "irate", "increase", "delta", "idelta", "deriv", "predict_linear", "holt_winters"}
)


@dataclass(frozen=True, slots=True)
class Assessment:
    """One rule against the recording.  `missing` are selectors without series: with any, the rule is set aside.

    `from_ms` and `to_ms` are the span in which its answers can be trusted; what held before `settled_ms` may have begun
    before the recording.  `remarks` say what weakens the answers.
    """

    rule: RuleReference
    alerting: bool
    missing: tuple[str, ...]
    from_ms: int
    to_ms: int
    settled_ms: int
    remarks: tuple[str, ...] = ()

    @property
    def set_aside(self) -> bool:
        return bool(self.missing)


@dataclass(frozen=True, slots=True)
class Assessed:
    """Rules against a recording: `groups` are those to evaluate, without what is set aside.

    `rewritten` are names that rules write and that the recording has too.
    """

    groups: tuple[RuleGroup, ...]
    rules: tuple[Assessment, ...]
    written: frozenset[str]
    rewritten: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Sources:
    """What lies below a rule: selectors without series, when all sources have begun, and the first of them to end."""

    missing: tuple[str, ...]
    begin_ms: int
    end_ms: int
    back_ms: int
    remarks: tuple[str, ...]


def assess(
    groups: Sequence[RuleGroup], store: SampleStore, lookback_ms: int, *, recording_is_complete: bool = False
) -> Assessed:
    """Judges every rule.  With `recording_is_complete` what is not there did not exist, and no rule is set aside."""
    written = frozenset(name for group in groups for rule in group.rules for name in written_names(rule))
    judge = _Judge(groups, store, written, lookback_ms)
    found: list[Assessment] = []
    kept: list[RuleGroup] = []
    for group in groups:
        rules: list[Rule] = []
        for rule in group.rules:
            assessment = judge.assess(group, rule)
            if recording_is_complete and assessment.missing:
                remark = f"taken as never there: {', '.join(assessment.missing)}"
                assessment = replace(assessment, missing=(), remarks=(*assessment.remarks, remark))
            found.append(assessment)
            if not assessment.set_aside:
                rules.append(rule)
        kept.append(replace(group, rules=tuple(rules)))
    recorded = {series.labels.metric_name for series in store.series}
    return Assessed(tuple(kept), tuple(found), written, tuple(sorted(written & recorded)))


class _Judge:
    def __init__(
        self, groups: Sequence[RuleGroup], store: SampleStore, written: frozenset[str], lookback_ms: int
    ) -> None:
        self._store = store
        self._hidden = written
        self._lookback_ms = lookback_ms
        self._writers: dict[str, list[tuple[RuleGroup, Rule]]] = {}
        for group in groups:
            for rule in group.rules:
                for name in written_names(rule):
                    self._writers.setdefault(name, []).append((group, rule))
        self._known: dict[int, _Sources] = {}

    def assess(self, group: RuleGroup, rule: Rule) -> Assessment:
        sources = self._sources(group, rule)
        waits_ms = rule.for_ms if isinstance(rule, AlertingRule) else 0
        return Assessment(
            RuleReference(group.name, rule.name),
            isinstance(rule, AlertingRule),
            tuple(dict.fromkeys(sources.missing)),
            sources.begin_ms + sources.back_ms + waits_ms,
            sources.end_ms,
            sources.begin_ms + sources.back_ms + group.interval_ms,
            tuple(dict.fromkeys(sources.remarks)),
        )

    def _sources(self, group: RuleGroup, rule: Rule) -> _Sources:
        """Of a rule and all below it.  In a circle, what was passed on the way down adds nothing."""
        known = self._known.get(id(rule))
        if known is not None:
            return known
        self._known[id(rule)] = _Sources((), self._store.first_ms, self._store.last_ms, 0, ())
        found = self._known[id(rule)] = self._gathered(group, rule)
        return found

    def _gathered(self, group: RuleGroup, rule: Rule) -> _Sources:
        store = self._store
        back_ms = reach(rule.expression, 0).back_ms + group.query_offset_ms
        remarks = list(self._narrow_windows(rule.expression))
        if back_ms >= UNBOUNDED_MS:
            back_ms = 0
            remarks.append("looks at a fixed time, which the recording may not hold")
        missing: list[str] = []
        begin_ms, end_ms, below_ms = store.first_ms, store.last_ms, 0
        for selector in selectors(rule.expression):
            below = [self._sources(*writer) for writer in self._writers_of(selector)]
            recorded = [
                series for series in store.matching(selector.matchers) if series.labels.metric_name not in self._hidden
            ]
            if not below and not recorded:
                missing.append(_written(selector))
            if recorded:
                begin_ms = max(begin_ms, min(series.first_ms for series in recorded))
                end_ms = min(end_ms, max(series.last_ms for series in recorded) + self._lookback_ms)
            for source in below:
                missing += source.missing
                remarks += source.remarks
                begin_ms, end_ms = max(begin_ms, source.begin_ms), min(end_ms, source.end_ms)
                below_ms = max(below_ms, source.back_ms)
        return _Sources(tuple(missing), begin_ms, end_ms, back_ms + below_ms, tuple(remarks))

    def _writers_of(self, selector: Selector) -> list[tuple[RuleGroup, Rule]]:
        names = [m for m in selector.matchers if m.name == METRIC_NAME]
        written = [name for name in self._writers if all(matcher.matches(name) for matcher in names)]
        return [writer for name in written for writer in self._writers[name] if reads(selector, writer[1])]

    def _narrow_windows(self, expression: Expression) -> list[str]:
        """Windows that often hold fewer than the two samples that their function needs."""
        remarks = []
        for node in expression.walk():
            if not (isinstance(node, Call) and node.function in _NEEDS_TWO_SAMPLES):
                continue
            for argument in node.children():
                if not isinstance(argument, RangeSelector):
                    continue
                steps = [series.step_ms for series in self._store.matching(argument.selector.matchers)]
                if steps and argument.range_ms < 2 * max(steps):
                    remarks.append(
                        f"{node.function} over {format_duration(argument.range_ms)} needs two samples; "
                        f"recorded is one every {format_duration(max(steps))}"
                    )
        return remarks


def _written(selector: Selector) -> str:
    """As PromQL writes it."""
    first, *others = selector.matchers
    if first.name != METRIC_NAME or first.type is not MatchType.EQUAL:
        return "{" + ", ".join(map(str, selector.matchers)) + "}"
    return first.value + ("{" + ", ".join(map(str, others)) + "}" if others else "")
