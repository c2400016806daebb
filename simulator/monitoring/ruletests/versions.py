"""Which rules behave differently in Prometheus 2 and 3 on the series of their unit tests.

Every test group is run under both.  An alerting rule differs when an alert changes its state at another moment, a
recording rule when it writes another series, at another moment, or another value (by more than rounding), and any rule
when it fails under one of them only.  A rule that merely reads what a differing rule wrote differs too and is told.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from simulator.monitoring.gotemplate.printing import format_float
from simulator.monitoring.promql import METRIC_NAME, Labels, Matcher, MatchType, Semantics, is_stale
from simulator.monitoring.rules import AlertingRule, AlertState, Rule, RuleEngine, Transition
from simulator.monitoring.ruletests.test_files import TestFile
from simulator.monitoring.ruletests.unit_tests import Settings, UnitTest, unit_tests
from timeline.findings import Finding, Place, Severity
from timeline.instants import HOUR, format_duration

DIFFERS = """A rule behaves differently in Prometheus 2 and 3 on the series of its unit test.

The message says when first, and what each version has there.  Ranges that begin exactly at a sample are the usual
reason: that sample is inside in 2 and outside in 3, so a count is one less and a rate over one interval has no result.
"""
_ROUNDING = 1e-9
_OLD, _NEW = Semantics.PROMETHEUS_2, Semantics.PROMETHEUS_3


@dataclass(slots=True)
class _Course:
    """What rules did under one version: states of alerts by rule and labels, samples by series, first failures."""

    states: dict[tuple[str, str], dict[Labels, dict[int, AlertState]]] = field(default_factory=dict)
    samples: dict[Labels, dict[int, float]] = field(default_factory=dict)
    failures: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)


def compare_versions(test_file: TestFile) -> list[Finding]:
    """A finding for each rule and test group that differ, at the place of the rule.

    Raises InputError when the rules or series cannot be read.
    """
    found = []
    for old, new in zip(unit_tests(test_file, Settings(_OLD)), unit_tests(test_file, Settings(_NEW)), strict=True):
        courses = _course(old), _course(new)
        for group in old.engine.groups:
            for rule in group.rules:
                if said := _difference(rule, (group.name, rule.name), *courses):
                    message = f"{rule.name} differs between Prometheus 2 and 3 in {old.name!r}: {said}"
                    place = rule.place or Place(group.file)
                    found.append(Finding("version.differs", Severity.WARNING, place, message))
    return found


def _course(test: UnitTest) -> _Course:
    course = _Course()
    engine, end_ms = test.engine, test.last_ms()
    names = {rule.name for group in engine.groups for rule in group.rules if not isinstance(rule, AlertingRule)}
    # The engine forgets what no rule can see any more, so samples are taken hour by hour.
    for start_ms in range(-1, end_ms, HOUR):
        until_ms = min(start_ms + HOUR, end_ms)
        for transition in engine.advance(until_ms):
            _note(course, transition)
        for name in names:
            _take_samples(course, engine, name, start_ms + 1, until_ms)
    for failure in engine.failures:
        course.failures.setdefault((failure.rule.group, failure.rule.name), (failure.at_ms, failure.reason))
    return course


def _note(course: _Course, transition: Transition) -> None:
    rule = transition.rule.group, transition.rule.name
    course.states.setdefault(rule, {}).setdefault(transition.labels, {})[transition.at_ms] = transition.state


def _take_samples(course: _Course, engine: RuleEngine, name: str, start_ms: int, end_ms: int) -> None:
    for series in engine.select([Matcher(METRIC_NAME, MatchType.EQUAL, name)], start_ms, end_ms):
        stale = is_stale(series.values)
        kept = zip(series.times[~stale], series.values[~stale], strict=True)
        course.samples.setdefault(series.labels, {}).update({int(at): float(value) for at, value in kept})


def _difference(rule: Rule, key: tuple[str, str], old: _Course, new: _Course) -> str:
    """The first difference in words; empty when there is none."""
    if (old.failures.get(key) is None) != (new.failures.get(key) is None):
        version, failing = ("2", old) if key in old.failures else ("3", new)
        at_ms, reason = failing.failures[key]
        return f"at {format_duration(at_ms)} it fails in {version}: {reason}"
    if isinstance(rule, AlertingRule):
        differences = _states(old.states.get(key, {}), new.states.get(key, {}))
    else:
        differences = _samples(rule, old.samples, new.samples)
    return min(differences, default=(0, ""))[1]


def _states(
    old: Mapping[Labels, Mapping[int, AlertState]], new: Mapping[Labels, Mapping[int, AlertState]]
) -> Iterator[tuple[int, str]]:
    for labels in dict.fromkeys((*old, *new)):
        before, after = old.get(labels, {}), new.get(labels, {})
        moments = [at for at in {*before, *after} if before.get(at) != after.get(at)]
        if moments:
            at_ms = min(moments)
            yield (
                at_ms,
                (
                    f"at {format_duration(at_ms)} {labels} is {_state_at(before, at_ms)} in 2 "
                    f"and {_state_at(after, at_ms)} in 3"
                ),
            )


def _state_at(changes: Mapping[int, AlertState], at_ms: int) -> AlertState:
    return changes[max(earlier)] if (earlier := [at for at in changes if at <= at_ms]) else AlertState.INACTIVE


def _samples(
    rule: Rule, old: Mapping[Labels, Mapping[int, float]], new: Mapping[Labels, Mapping[int, float]]
) -> Iterator[tuple[int, str]]:
    for labels in dict.fromkeys((*old, *new)):
        if labels.metric_name != rule.name or any(labels.get(k) != v for k, v in rule.labels.items()):
            continue
        before, after = old.get(labels, {}), new.get(labels, {})
        moments = [at for at in {*before, *after} if not _same(before.get(at), after.get(at))]
        if moments:
            at_ms = min(moments)
            yield (
                at_ms,
                (
                    f"at {format_duration(at_ms)} {labels} is {_shown(before.get(at_ms))} in 2 "
                    f"and {_shown(after.get(at_ms))} in 3"
                ),
            )


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=_ROUNDING) or (math.isnan(one) and math.isnan(other))


def _shown(value: float | None) -> str:
    return "absent" if value is None else format_float(value)
