"""A draft from what rules read.

The functions around a selector say what kind of metric it expects (`rate` a counter, `deriv` a gauge), its matchers
name label values.  What they leave open stays open.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from simulator.monitoring.promql import METRIC_NAME, Expression, Matcher, MatchType
from simulator.monitoring.promql.expressions import Call, Selector
from simulator.monitoring.rules import RecordingRule, RuleGroup
from simulator.monitoring.rules.dependencies import ALERTS, ALERTS_FOR_STATE
from simulator.monitoring.telemetry.drafts.draft import Draft, DraftMetric, DraftSeries, shown_by_profiles
from topologies.telemetry import UNKNOWN

_OF_COUNTERS = frozenset({"rate", "irate", "increase", "resets"})
_OF_GAUGES = frozenset({"deriv", "delta", "idelta", "predict_linear", "double_exponential_smoothing", "holt_winters"})
_FROM_TARGET = frozenset({METRIC_NAME, "job", "instance", "component", "site", "le"})
"""Labels that the scrape adds, or that are not a matter of the file."""
_NOT_SCRAPED = frozenset({"up", ALERTS, ALERTS_FOR_STATE})
_ALTERNATIVES = re.compile(r"[\w ./:-]+(?:\|[\w ./:-]+)*")


@dataclass(slots=True)
class _Seen:
    """What selectors say of one metric."""

    functions: set[str] = field(default_factory=set)
    label_sets: dict[tuple[tuple[str, str], ...], str] = field(default_factory=dict)
    """Known label values, with a remark."""
    bounds: set[float] = field(default_factory=set)


def draft_from_rules(groups: Sequence[RuleGroup]) -> Draft:
    """Metrics that the rules read and do not record themselves, in the order of the rules."""
    recorded = {rule.record for group in groups for rule in group.rules if isinstance(rule, RecordingRule)}
    seen: dict[str, _Seen] = {}
    jobs: dict[str, None] = {}
    unnamed: dict[str, None] = {}
    for rule in (rule for group in groups for rule in group.rules):
        for selector, functions in _selectors(rule.expression, ()):
            jobs |= dict.fromkeys(m.value for m in selector.matchers if m.name == "job" and m.type is MatchType.EQUAL)
            name = next((m for m in selector.matchers if m.name == METRIC_NAME), None)
            if name is None or name.type is not MatchType.EQUAL:
                unnamed[rule.name] = None
            elif name.value not in recorded and name.value not in _NOT_SCRAPED:
                _note(seen.setdefault(name.value, _Seen()), selector, functions)
    known = shown_by_profiles()
    shown = {name: known[name] for name in seen if name in known}
    metrics = tuple(_metrics({name: found for name, found in seen.items() if name not in shown}))
    return Draft(metrics, tuple(_remarks(list(jobs), list(unnamed))), shown)


def _remarks(jobs: list[str], unnamed: list[str]) -> Iterator[str]:
    if jobs:
        yield f"The rules select the jobs {', '.join(jobs)}: see `monitoring.jobs` of the estate."
    if unnamed:
        yield f"Not read, since they select without a fixed name: {', '.join(unnamed)}"


def _selectors(node: Expression, functions: tuple[str, ...]) -> Iterator[tuple[Selector, tuple[str, ...]]]:
    if isinstance(node, Selector):
        yield node, functions
        return
    around = (*functions, node.function) if isinstance(node, Call) else functions
    for child in node.children():
        yield from _selectors(child, around)


def _note(seen: _Seen, selector: Selector, functions: tuple[str, ...]) -> None:
    seen.functions.update(functions)
    for matcher in selector.matchers:
        if matcher.name == "le" and matcher.type is MatchType.EQUAL:
            seen.bounds |= _bound(matcher.value)
    for labels, remark in _label_sets(selector.matchers):
        seen.label_sets.setdefault(labels, remark)


def _bound(text: str) -> set[float]:
    try:
        bound = float(text)
    except ValueError:
        return set()
    return {bound} if math.isfinite(bound) else set()


def _label_sets(matchers: Sequence[Matcher]) -> list[tuple[tuple[tuple[str, str], ...], str]]:
    """Every combination of label values that the matchers name, with what they leave open."""
    sets: list[tuple[tuple[tuple[str, str], ...], str]] = [((), "")]
    for matcher in sorted((m for m in matchers if m.name not in _FROM_TARGET), key=lambda m: m.name):
        values, remark = _values(matcher)
        sets = [
            ((*labels, (matcher.name, value)), "; ".join(filter(None, (said, remark))))
            for labels, said in sets
            for value in values
        ]
    return sets


def _values(matcher: Matcher) -> tuple[list[str], str]:
    if matcher.type is MatchType.EQUAL and matcher.value:
        return [matcher.value], ""
    if matcher.type is MatchType.REGEXP and _ALTERNATIVES.fullmatch(matcher.value) and "." not in matcher.value:
        return matcher.value.split("|"), ""
    return [UNKNOWN], f"the rule asks {matcher.name}{matcher.type}{matcher.value!r}"


def _metrics(seen: dict[str, _Seen]) -> Iterator[DraftMetric]:
    histograms = {name.removesuffix("_bucket") for name in seen if name.endswith("_bucket")}
    for name, found in seen.items():
        base = next((b for part in ("_bucket", "_count", "_sum") if (b := name.removesuffix(part)) in histograms), None)
        if base is None:
            kind, remark = _guessed(name, found.functions)
            yield DraftMetric(name, kind, _series(found), remark)
        elif name.endswith("_bucket"):
            yield DraftMetric(base, "histogram", _series(found), "", buckets=tuple(sorted(found.bounds)))


def _guessed(name: str, functions: set[str]) -> tuple[str | None, str]:
    """The type, and where it comes from."""
    counters, gauges = sorted(functions & _OF_COUNTERS), sorted(functions & _OF_GAUGES)
    if counters and gauges:
        return None, f"read with both {counters[0]}() and {gauges[0]}()"
    if counters:
        return "counter", f"guessed: read with {counters[0]}()"
    if gauges:
        return "gauge", f"guessed: read with {gauges[0]}()"
    if name.endswith("_total"):
        return "counter", "guessed from its name"
    return "gauge", "guessed: read without rate()"


def _series(found: _Seen) -> tuple[DraftSeries, ...]:
    """One series a combination of label values; one that says less than another is left out.

    All series of a metric have the same label names: what a combination does not name is unknown.
    """
    sets = found.label_sets
    names = sorted({name for labels in sets for name, _ in labels})
    kept = [a for a in sets if not any(set(a) < set(b) for b in sets)]
    return tuple(
        DraftSeries({name: dict(labels).get(name, UNKNOWN) for name in names}, sets[labels]) for labels in kept
    )
