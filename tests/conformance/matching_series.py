"""From an expression to series that its selectors match, so that every part of it has something to work on.

Each selector gets series with a value for every label that it, or any matching or grouping of the expression, names:
the value that a matcher asks for, the simplest text that a regular expression takes, otherwise a fixed one.  Counters
(by their names) grow and are reset once, gauges swing; buckets come with every bound of a small histogram.
"""

from __future__ import annotations

import re
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as regexp_parser  # type: ignore[attr-defined]
from typing import Any

import numpy as np

from simulator.monitoring.promql import METRIC_NAME, Expression, Labels, Matcher, MatchType, MemoryStorage, Series
from simulator.monitoring.promql.expressions import Aggregation, Binary, Selector
from simulator.monitoring.regexp import compile_anchored

STEP_MS = 30_000
SAMPLES = 480
BOUNDS = ("0.1", "0.5", "1.0", "2.5", "+Inf")
_COUNTER = re.compile(r"(_total|_count|_sum|_bucket|:increase\w*)$")


def series_for(expression: Expression, variants: int) -> MemoryStorage:
    """`variants` series for every selector (more for histograms), told apart by the labels that are free."""
    selectors = [node for node in expression.walk() if isinstance(node, Selector)]
    named = _labels_named(expression)
    made: dict[Labels, int] = {}
    for selector in selectors:
        for variant in range(variants):
            for labels in _label_sets(selector, named, variant):
                made.setdefault(labels, len(made))
    times = np.arange(SAMPLES, dtype=np.int64) * STEP_MS
    return MemoryStorage(Series(labels, times, _values(labels, number)) for labels, number in made.items())


def _labels_named(expression: Expression) -> set[str]:
    names = {"instance", "job"}
    for node in expression.walk():
        if isinstance(node, Aggregation) and not node.without:
            names.update(node.grouping)
        elif isinstance(node, Binary):
            names.update(node.matching.labels if node.matching.on else (), node.matching.include)
        elif isinstance(node, Selector):
            names.update(matcher.name for matcher in node.matchers)
    return names - {METRIC_NAME, "le"}


def _label_sets(selector: Selector, named: set[str], variant: int) -> list[Labels]:
    values = {name: f"{name}{variant}" for name in sorted(named)}
    values[METRIC_NAME] = "some_metric"
    for name in {matcher.name for matcher in selector.matchers}:
        value = _value([m for m in selector.matchers if m.name == name], values.get(name, "x"))
        if value is None:
            return []
        values[name] = value
    metric = values[METRIC_NAME]
    if metric.endswith("_bucket") and "le" not in {matcher.name for matcher in selector.matchers}:
        return [Labels({**values, "le": bound}) for bound in BOUNDS]
    return [Labels(values)]


def _value(matchers: list[Matcher], free: str) -> str | None:
    """A value that all matchers of one label take; None where none is found: nothing matches `x!~".*"`."""
    wanted = [m.value for m in matchers if m.type is MatchType.EQUAL]
    wanted += [_simplest(m.value) for m in matchers if m.type is MatchType.REGEXP]
    for candidate in [*wanted, free, f"other-{free}", "1", ""]:
        if all(matcher.matches(candidate) for matcher in matchers):
            return candidate
    return None


def _simplest(pattern: str) -> str:
    return "".join(_walk(regexp_parser.parse(compile_anchored(pattern).pattern)))


def _walk(parsed: Any) -> list[str]:
    """One text that the pattern takes: first alternatives, and one repetition where none would do."""
    out: list[str] = []
    for code, argument in parsed:
        if code is codes.LITERAL:
            out.append(chr(argument))
        elif code in (codes.ANY, codes.NOT_LITERAL):
            out.append("x")
        elif code is codes.IN:
            out.append(_of_class(argument))
        elif code is codes.BRANCH:
            out.extend(_walk(argument[1][0]))
        elif code is codes.SUBPATTERN:
            out.extend(_walk(argument[3]))
        elif code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            least, most, inner = argument
            out.extend(_walk(inner) * max(least, min(1, most)))
    return out


def _of_class(items: Any) -> str:
    code, argument = items[0]
    if code is codes.NEGATE:
        return next(c for c in "x0-_ " if re.fullmatch(_class_pattern(items), c))
    return chr(argument if code is codes.LITERAL else argument[0])


def _class_pattern(items: Any) -> str:
    parts = [
        re.escape(chr(a)) if code is codes.LITERAL else f"{re.escape(chr(a[0]))}-{re.escape(chr(a[1]))}"
        for code, a in items[1:]
    ]
    return f"[^{''.join(parts)}]"


def _values(labels: Labels, number: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    index = np.arange(SAMPLES)
    if _COUNTER.search(labels.metric_name):
        rank = BOUNDS.index(labels["le"]) + 1 if labels.get("le") in BOUNDS else 1
        grown = index * rank * (number % 3 + 1.0)
        return np.where(index < SAMPLES // 2, grown, grown - grown[SAMPLES // 2])
    return 50 + 40 * np.sin((index + 7 * number) / 20)
