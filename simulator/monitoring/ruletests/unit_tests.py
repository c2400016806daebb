"""Unit tests of rules, as `promtool test rules` runs them and with its verdicts.

A *test group* has input series and *cases*: of alerts (which of a name are firing at a time, with which labels and
annotations) and of queries (which samples an expression gives).  From time 0 to the latest case, at every
evaluation interval, all groups of rules are evaluated one after the other, whatever their own interval.  A case of
alerts looks at the last evaluation at or before its time.  Rules see no sample of their future; queries see all
samples up to the last evaluation.

A rule that fails at any evaluation ends its test group: what was to be checked from then on has failed.

Source: Prometheus, `cmd/promtool/unittest.go`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from simulator.monitoring.promql import (
    EvaluationError,
    Labels,
    MemoryStorage,
    Options,
    QueryError,
    Scalar,
    Semantics,
    Series,
    evaluate,
    parse,
)
from simulator.monitoring.promql.expressions import ValueType
from simulator.monitoring.promql.series import Times
from simulator.monitoring.rules import (
    AlertingRule,
    AlertState,
    RuleEngine,
    RuleGroup,
    Transition,
    load_rules,
)
from simulator.monitoring.rules.dependencies import names_seen, reads, written_names
from simulator.monitoring.rules.models import Rule
from simulator.monitoring.rules.recorded import Bounded
from simulator.monitoring.ruletests.differences import Alert, Sample, compare_alerts, compare_samples
from simulator.monitoring.ruletests.plots import plot_inputs
from simulator.monitoring.ruletests.series_notation import parse_labels, parse_series
from simulator.monitoring.ruletests.test_files import AlertCase, InputSeries, QueryCase, TestFile, TestGroup
from timeline.findings import Finding, InputError, Place, Severity
from timeline.instants import MINUTE, format_duration
from topologies.loading.nodes import Step


@dataclass(frozen=True, slots=True)
class CaseResult:
    """Of one case: where it stands, what it asks, and why it failed (empty when it passed).

    `plot` shows the series around a failure, where that was asked for.
    """

    group: str
    case: str
    place: Place
    reason: str = ""
    plot: str = ""

    @property
    def passed(self) -> bool:
        return not self.reason


@dataclass(frozen=True, slots=True)
class FileResult:
    """Of one file: the cases in order, warnings, and the rules that no case touches."""

    path: Path
    cases: list[CaseResult] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    untested: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Settings:
    """How tests are run: which Prometheus is meant, whether evaluation goes on to the end of the input, and whether
    failures come with a plot."""

    semantics: Semantics = Semantics.PROMETHEUS_3
    to_end: bool = False
    plots: bool = False


def run_test_file(test_file: TestFile, settings: Settings | None = None) -> FileResult:
    """Run all tests of a file.  Raises InputError when its rules or series cannot be read."""
    settings = settings or Settings()
    warnings: list[str] = []
    groups = _rules(test_file, warnings)
    result = FileResult(test_file.path, warnings=warnings)
    for number, group in enumerate(test_file.model.tests or []):
        result.cases.extend(UnitTest(test_file, number, group, groups, settings).run())
    result.untested.extend(_untested(test_file, groups))
    return result


def unit_tests(test_file: TestFile, settings: Settings) -> Iterator[UnitTest]:
    """The test groups of a file, ready to run.  Raises InputError when rules or series cannot be read."""
    groups = _rules(test_file, [])
    for number, group in enumerate(test_file.model.tests or []):
        yield UnitTest(test_file, number, group, groups, settings)


def _rules(test_file: TestFile, warnings: list[str]) -> list[RuleGroup]:
    """The groups of rules in the order of evaluation, all at the interval of the file."""
    interval_ms = _evaluation_interval(test_file)
    groups = _ordered(load_rules(_rule_files(test_file, warnings), interval_ms), test_file.model.group_eval_order or [])
    return [replace(group, interval_ms=interval_ms) for group in groups]


def _evaluation_interval(test_file: TestFile) -> int:
    return test_file.model.evaluation_interval or MINUTE


def _rule_files(test_file: TestFile, warnings: list[str]) -> list[Path]:
    """The rule files, relative to the test file; a pattern without a match is worth a warning."""
    base = test_file.path.parent
    found: list[Path] = []
    for pattern in test_file.model.rule_files or []:
        path = Path(pattern)
        anchor = Path(path.anchor) if path.is_absolute() else base
        relative = str(path.relative_to(path.anchor)) if path.is_absolute() else pattern
        matches = sorted(anchor.glob(relative)) if pattern else []
        if not matches:
            warnings.append(f"no file matches {pattern!r}")
        found.extend(matches)
    return found


def _ordered(groups: Sequence[RuleGroup], order: Sequence[str]) -> list[RuleGroup]:
    """Groups by their number in `group_eval_order`; those not mentioned count as the first."""
    number_of = {name: number for number, name in enumerate(order)}
    return sorted(groups, key=lambda group: number_of.get(group.name, 0))


class UnitTest:
    """One test group against the rules, with the engine that evaluates them."""

    def __init__(
        self,
        test_file: TestFile,
        number: int,
        group: TestGroup,
        rules: Sequence[RuleGroup],
        settings: Settings,
    ) -> None:
        self.name = group.name or f"test {number}"
        self._document = test_file.document
        self._fuzzy = test_file.model.fuzzy_compare
        self._path: list[Step] = ["tests", number]
        self._group = group
        interval_ms = self._interval_ms = _evaluation_interval(test_file)
        self._settings = settings
        self._series = self._input_series()
        self._options = Options(settings.semantics, subquery_step_ms=interval_ms, epoch_ms=group.start_timestamp)
        self.engine = RuleEngine(
            rules,
            MemoryStorage(self._series),
            start_ms=0,
            semantics=settings.semantics,
            external_labels=group.external_labels,
            external_url=group.external_url,
            offset=lambda _: 0,
            options=self._options,
        )

    def run(self) -> Iterator[CaseResult]:
        alerts, queries = self._group.alert_rule_test or [], self._group.promql_expr_test or []
        last_ms = self.last_ms()
        checked: dict[int, CaseResult] = {}
        for number in sorted(range(len(alerts)), key=lambda n: alerts[n].eval_time):
            at_ms = self._evaluation_at(alerts[number].eval_time)
            self.engine.advance(at_ms)
            checked[number] = self._check_alerts(number, alerts[number], at_ms)
        self.engine.advance(last_ms)
        yield from (checked[number] for number in range(len(alerts)))
        for number, query in enumerate(queries):
            yield self._check_query(number, query, last_ms)
        if self._settings.to_end:
            yield from self._to_end(last_ms)
        elif not alerts and not queries and self.engine.failures:
            yield self._result([], "evaluation", self._failure_until(last_ms))

    def last_ms(self) -> int:
        """The last evaluation: that at or before the latest case."""
        alerts, queries = self._group.alert_rule_test or [], self._group.promql_expr_test or []
        moments = [case.eval_time for case in alerts] + [case.eval_time for case in queries]
        return self._evaluation_at(max(moments, default=0))

    def _to_end(self, last_ms: int) -> Iterator[CaseResult]:
        """Go on to the last input sample, and tell when a rule fails that no case would have noticed."""
        end_ms = max((int(series.times[-1]) for series in self._series if len(series.times)), default=0)
        self.engine.advance(self._evaluation_at(max(end_ms, last_ms)))
        later = [failure for failure in self.engine.failures if failure.at_ms > last_ms]
        if later:
            reason = f"rule {later[0].rule.name} fails at {format_duration(later[0].at_ms)}: {later[0].reason}"
            yield self._result([], "evaluation to the end of the input", reason)

    def _evaluation_at(self, at_ms: int) -> int:
        return at_ms - at_ms % self._interval_ms

    def _result(self, path: list[Step], case: str, reason: str, plot: str = "") -> CaseResult:
        return CaseResult(self.name, case, self._document.place([*self._path, *path]), reason, plot)

    def _failure_until(self, at_ms: int) -> str:
        """The first failure of a rule up to a moment; empty when there was none."""
        for failure in self.engine.failures:
            if failure.at_ms <= at_ms:
                return f"rule {failure.rule.name} fails at {format_duration(failure.at_ms)}: {failure.reason}"
        return ""

    def _check_alerts(self, number: int, case: AlertCase, at_ms: int) -> CaseResult:
        title = f"alert {case.alertname} at {format_duration(case.eval_time)}"
        reason = self._failure_until(at_ms)
        if not reason:
            wanted = [
                Alert(
                    Labels({**(alert.exp_labels or {}), "alertname": case.alertname}),
                    Labels(alert.exp_annotations or {}),
                )
                for alert in case.exp_alerts or []
            ]
            reason = compare_alerts(wanted, [_alert(one) for one in self._firing(case.alertname)])
        plot = ""
        if reason and self._settings.plots:
            plot = self._plot(self._rules_named(case.alertname), at_ms)
        return self._result(["alert_rule_test", number], title, reason, plot)

    def _firing(self, name: str) -> list[Transition]:
        return [alert for alert in self.engine.active(name) if alert.state is AlertState.FIRING]

    def _rules_named(self, name: str) -> list[str]:
        return [
            rule.query
            for group in self.engine.groups
            for rule in group.rules
            if isinstance(rule, AlertingRule) and rule.alert == name
        ]

    def _plot(self, queries: Sequence[str], at_ms: int) -> str:
        seen = Bounded(self.engine, at_ms)
        return "\n".join(plot_inputs(parse(query), seen, at_ms, self._interval_ms) for query in queries)

    def _check_query(self, number: int, case: QueryCase, last_ms: int) -> CaseResult:
        title = f"query {case.expr!r} at {format_duration(case.eval_time)}"
        reason = self._failure_until(last_ms) or self._compare_query(case, last_ms)
        plot = ""
        if reason and self._settings.plots:
            try:
                plot = self._plot([case.expr], last_ms)
            except QueryError:
                plot = ""
        return self._result(["promql_expr_test", number], title, reason, plot)

    def _compare_query(self, case: QueryCase, last_ms: int) -> str:
        try:
            wanted = [_sample(one.labels, one.value, one.histogram) for one in case.exp_samples or []]
            got = self._query(case.expr, case.eval_time, last_ms)
        except (QueryError, EvaluationError) as error:
            return str(error)
        except ValueError as error:
            return str(error)
        return compare_samples(wanted, got, fuzzy=self._fuzzy)

    def _query(self, text: str, at_ms: int, last_ms: int) -> list[Sample]:
        expression = parse(text)
        if expression.value_type in (ValueType.MATRIX, ValueType.STRING):
            raise QueryError("the result is neither a vector nor a scalar")
        times = np.array([at_ms], dtype=np.int64)
        result = evaluate(expression, Bounded(self.engine, last_ms), times, options=self._options)
        if isinstance(result, Scalar):
            return [Sample(Labels(), float(result.values[0]))]
        return [Sample(labels, float(result.values[row, 0])) for row, labels in enumerate(result.labels)]

    def _input_series(self) -> list[Series]:
        interval_ms = self._group.interval or self._interval_ms
        by_labels: dict[Labels, Series] = {}
        shared: dict[bytes, Times] = {}
        findings: list[Finding] = []
        for number, given in enumerate(self._group.input_series or []):
            try:
                for series in _expanded(given, interval_ms, shared):
                    by_labels[series.labels] = series
            except ValueError as error:
                place = self._document.place([*self._path, "input_series", number])
                findings.append(Finding("ruletests.series", Severity.ERROR, place, str(error)))
        if findings:
            raise InputError(findings)
        return list(by_labels.values())


def _expanded(given: InputSeries, interval_ms: int, shared: dict[bytes, Times]) -> Iterator[Series]:
    """The series that an input stands for; equal times are one array, so that series are evaluated together."""
    labels, values, present = parse_series(f"{given.series} {given.values}")
    times = np.flatnonzero(present).astype(np.int64) * interval_ms
    times = shared.setdefault(times.tobytes(), times)
    values = values[present]
    if not given.repeat:
        yield Series(labels, times, values)
        return
    for number in range(1, given.repeat + 1):
        numbered = Labels({name: value.replace("$n", str(number)) for name, value in labels.items()})
        yield Series(numbered, times, values)


def _alert(transition: Transition) -> Alert:
    return Alert(transition.labels, Labels(transition.annotations))


def _sample(labels: str, value: float, histogram: str) -> Sample:
    if histogram:
        raise QueryError("native histograms are not supported")
    parsed, rest = parse_labels(labels) if labels.strip() else (Labels(), "")
    if rest.strip():
        raise ValueError(f"labels {labels!r}: unexpected {rest.strip()!r}")
    return Sample(parsed, value)


def _untested(test_file: TestFile, groups: Sequence[RuleGroup]) -> list[str]:
    """Rules that no case names, queries, or reaches through other rules."""
    rules: list[Rule] = [rule for group in groups for rule in group.rules]
    alerts = {case.alertname for group in test_file.model.tests or [] for case in group.alert_rule_test or []}
    queries = [case.expr for group in test_file.model.tests or [] for case in group.promql_expr_test or []]
    touched = {index for index, rule in enumerate(rules) if isinstance(rule, AlertingRule) and rule.alert in alerts}
    readers = []
    for query in queries:
        try:
            readers.append(parse(query))
        except QueryError:
            continue
    readers.extend(rules[index].expression for index in touched)
    by_name: dict[str, list[int]] = {}
    for index, rule in enumerate(rules):
        for name in written_names(rule):
            by_name.setdefault(name, []).append(index)
    while readers:
        reader = readers.pop()
        for index in {index for name in names_seen(reader, by_name) for index in by_name[name]} - touched:
            if reads(reader, rules[index]):
                touched.add(index)
                readers.append(rules[index].expression)
    return [rule.name for index, rule in enumerate(rules) if index not in touched]


def totals(results: Sequence[FileResult]) -> Mapping[str, int]:
    """How many cases passed and failed."""
    cases = [case for result in results for case in result.cases]
    passed = sum(case.passed for case in cases)
    return {"passed": passed, "failed": len(cases) - passed}
