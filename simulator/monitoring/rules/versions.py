"""Rules whose verdict may differ between Prometheus 2 and 3, as far as their text tells.

Each check names one construct whose meaning changed; what it cannot know (the label values and sample times of the
server) it does not guess.  A rule without findings may still differ where series are odd (label values with newlines,
counters that start inside a range): `alerts test --compare-versions` evaluates both on given series.

Terms.  Samples are *aligned* with an evaluation when one lies exactly at the left edge of a range: in 2 it belongs to
the range, in 3 it does not.  Scraped samples hardly ever are.  Points of subqueries are (those are multiples of
the step), and what a rule of the same group recorded always is.

Sources: the migration guide of Prometheus 3 (`docs/migration.md`); normalised labels: `model/textparse` and
`model/labels/float.go` of Prometheus: they are normalised when scraped, by the server, so neither the engine nor unit
tests of rules do it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from simulator.monitoring.promql import METRIC_NAME, Expression, Matcher, MatchType
from simulator.monitoring.promql.expressions import Binary, Call, RangeSelector, Selector, Subquery
from simulator.monitoring.promql.labels import NORMALISED_LABELS, normalised_number
from simulator.monitoring.promql.query import SUBQUERY_STEP_MS
from simulator.monitoring.rules.dependencies import reads
from simulator.monitoring.rules.models import RecordingRule, Rule, RuleGroup
from timeline.findings import Finding, Place, Severity
from timeline.instants import format_duration
from timeline.registry import Registry
from topologies.checks.catalogue import Check, Remark, findings_of, register

_TWO_SAMPLES = frozenset({"rate", "increase", "delta", "irate", "idelta", "deriv", "predict_linear"})
_COUNTED = frozenset({"count_over_time", "sum_over_time"})
_CLASSIC_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_NEWLINE = re.compile(r"\n|\\n|\\x0[aA]")


@dataclass(frozen=True, slots=True)
class Watched:
    """Rules and how often their series are scraped (None: not known)."""

    groups: Sequence[RuleGroup]
    scrape_interval_ms: int | None = None

    def rules(self) -> Iterator[tuple[RuleGroup, Rule, Expression]]:
        for group in self.groups:
            for rule in group.rules:
                yield group, rule, rule.expression


VERSION_CHECKS: Registry[Check[Watched]] = Registry("difference between Prometheus 2 and 3")


def version_findings(groups: Sequence[RuleGroup], scrape_interval_ms: int | None = None) -> list[Finding]:
    """Every rule whose verdict may differ between Prometheus 2 and 3, with its place."""
    return findings_of(VERSION_CHECKS.values(), Watched(groups, scrape_interval_ms))


def version_check(
    id: str, severity: Severity
) -> Callable[[Callable[[Watched], Iterable[Remark]]], Callable[[Watched], Iterable[Remark]]]:
    """Registers a check of rules."""
    return register(VERSION_CHECKS, id, severity)


@version_check("version.gone-function", Severity.ERROR)
def gone_function(watched: Watched) -> Iterator[Remark]:
    """A rule calls a function that Prometheus 3 does not have.

    `holt_winters` became `double_exponential_smoothing`, which needs the feature flag promql-experimental-functions.
    Prometheus 3 refuses the whole file.
    """
    for _, rule, expression in watched.rules():
        if any(isinstance(node, Call) and node.function == "holt_winters" for node in expression.walk()):
            hint = "rename it to double_exponential_smoothing and switch on promql-experimental-functions"
            yield Remark(_place(rule), f"{rule.name}: Prometheus 3 has no holt_winters()", hint)


@version_check("version.number-label", Severity.WARNING)
def number_label(watched: Watched) -> Iterator[Remark]:
    """A matcher of `le` or `quantile` names a number as Prometheus 3 does not write it.

    Prometheus 3 writes these labels as floats when it scrapes them: `le="1"` becomes `le="1.0"`.  A matcher for "1"
    finds nothing any more, and an alert on it never fires.
    """
    for _, rule, expression in watched.rules():
        for matcher in _matchers(expression):
            for number in _missed_numbers(matcher):
                message = (
                    f"{rule.name}: {matcher} does not see {matcher.name}={normalised_number(number)!r}, as 3 writes it"
                )
                hint = f'match both while you migrate: {matcher.name}=~"{number}|{normalised_number(number)}"'
                yield Remark(_place(rule), message, hint)


@version_check("version.short-range", Severity.WARNING)
def short_range(watched: Watched) -> Iterator[Remark]:
    """A function that needs two samples has a range that holds one in Prometheus 3.

    A range as long as the distance of its samples holds two in Prometheus 2 when they are aligned with the evaluation,
    and one in 3: the function has no result and the alert never fires.  Scraped series, points of subqueries and what
    rules recorded are judged.
    """
    for group, rule, expression in watched.rules():
        for node, source in _ranges(expression, _TWO_SAMPLES):
            distance_ms = _distance(source, group, watched)
            if distance_ms and source.range_ms <= distance_ms:
                span, apart = format_duration(source.range_ms), format_duration(distance_ms)
                message = f"{rule.name}: {node.function}() over {span} of samples {apart} apart has no result in 3"
                yield Remark(_place(rule), message, f"make the range longer than {apart}, better four times as long")


@version_check("version.sample-count", Severity.INFO)
def sample_count(watched: Watched) -> Iterator[Remark]:
    """A count or a sum over a range has one sample less in Prometheus 3.

    The samples are aligned with the evaluation (points of a subquery, or recorded by a rule of the same group) and the
    range is a multiple of their distance.  A threshold chosen for n + 1 samples is not reached with n.
    """
    for group, rule, expression in watched.rules():
        for node, source in _ranges(expression, _COUNTED):
            distance_ms = _aligned_distance(source, group)
            if distance_ms and source.range_ms % distance_ms == 0:
                samples = source.range_ms // distance_ms
                message = f"{rule.name}: {node.function}() sees {samples} samples in 3 and may see {samples + 1} in 2"
                yield Remark(_place(rule), message, "check the threshold")


@version_check("version.newline", Severity.INFO)
def newline(watched: Watched) -> Iterator[Remark]:
    """A regular expression means newlines and has a `.`, which matches them in Prometheus 3 only."""
    for _, rule, expression in watched.rules():
        for matcher in _matchers(expression):
            if matcher.type not in (MatchType.REGEXP, MatchType.NOT_REGEXP) or not _NEWLINE.search(matcher.value):
                continue
            if re.search(r"(?<!\\)\.", re.sub(r"\[[^\]]*\]", "", matcher.value)):
                message = f"{rule.name}: the dot in {matcher.name}{matcher.type}{matcher.value!r} matches newlines in 3"
                yield Remark(_place(rule), message, r"write [^\n] to keep the meaning of 2")


@version_check("version.new-name", Severity.WARNING)
def new_name(watched: Watched) -> Iterator[Remark]:
    """A rule uses a name that only Prometheus 3 can read.

    Names of metrics and labels beyond letters, digits, `_` and `:` are a syntax error in Prometheus 2.
    """
    for _, rule, expression in watched.rules():
        names = [matcher.name for matcher in _matchers(expression)]
        names += [m.value for m in _matchers(expression) if m.name == METRIC_NAME and m.type is MatchType.EQUAL]
        for name in dict.fromkeys(names):
            if name and not _CLASSIC_NAME.fullmatch(name):
                yield Remark(_place(rule), f"{rule.name}: Prometheus 2 cannot read the name {name!r}")


@version_check("version.kept-name", Severity.INFO)
def kept_name(watched: Watched) -> Iterator[Remark]:
    """The result of `atan2` keeps its metric name in Prometheus 2 and loses it in 3."""
    for _, rule, expression in watched.rules():
        if any(isinstance(node, Binary) and node.operator == "atan2" for node in expression.walk()):
            yield Remark(_place(rule), f"{rule.name}: the result of atan2 keeps its metric name in 2")


def _place(rule: Rule) -> Place:
    return rule.place or Place("")


def _matchers(expression: Expression) -> list[Matcher]:
    return [matcher for node in expression.walk() if isinstance(node, Selector) for matcher in node.matchers]


def _missed_numbers(matcher: Matcher) -> list[str]:
    """Numbers that a matcher takes as they were written and not as Prometheus 3 writes them."""
    if matcher.name not in NORMALISED_LABELS or matcher.type not in (MatchType.EQUAL, MatchType.REGEXP):
        return []
    candidates = [matcher.value] if matcher.type is MatchType.EQUAL else re.split(r"[|()]", matcher.value)
    numbers = [text.replace("\\.", ".") for text in candidates]
    return [
        n for n in numbers if _NUMBER.fullmatch(n) and matcher.matches(n) and not matcher.matches(normalised_number(n))
    ]


def _ranges(expression: Expression, functions: frozenset[str]) -> Iterator[tuple[Call, RangeSelector | Subquery]]:
    for node in expression.walk():
        if isinstance(node, Call) and node.function in functions:
            yield from (
                (node, argument) for argument in node.arguments if isinstance(argument, RangeSelector | Subquery)
            )


def _aligned_distance(source: RangeSelector | Subquery, group: RuleGroup) -> int | None:
    """How far apart samples are that are aligned with the evaluations of the group; None where they are not."""
    if isinstance(source, Subquery):
        return source.step_ms or SUBQUERY_STEP_MS
    writers = [rule for rule in group.rules if isinstance(rule, RecordingRule) and reads(source, rule)]
    return group.interval_ms if writers else None


def _distance(source: RangeSelector | Subquery, group: RuleGroup, watched: Watched) -> int | None:
    """How far apart the samples are, as far as it is known."""
    if (aligned := _aligned_distance(source, group)) is not None:
        return aligned
    for other in watched.groups:
        if any(isinstance(rule, RecordingRule) and reads(source, rule) for rule in other.rules):
            return other.interval_ms
    return watched.scrape_interval_ms
