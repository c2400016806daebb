"""Burn-rate alerts in a rule set that somebody else wrote: their windows, thresholds and error ratios.

The condition of an alert is taken apart: `or` gives *branches*, `and` gives the *comparisons* of a branch, each an
error ratio over one window against a constant:

    (errors:1h > 14.4 * 0.001 and errors:5m > 14.4 * 0.001) or (...)
     ------------------------     -----------------------
     ratio over 1h, 0.0144        ratio over 5m, 0.0144, of the same branch

Recorded series are replaced by the rules that record them, so that metric and window are seen wherever they are
written.  `x / 0.001 > 14.4` and `good / total < 0.9856` are the same comparison written differently.

An alert counts as a burn-rate alert when a branch has two windows, when a threshold is written as a product, or when
its name speaks of a burn, a budget or an SLO; `errors > 0.05` alone is a plain threshold and is not judged by an SLO.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from simulator.monitoring.promql import METRIC_NAME, Expression, Matcher, MatchType
from simulator.monitoring.promql.expressions import (
    Binary,
    Call,
    Negation,
    Number,
    RangeSelector,
    Selector,
    Subquery,
)
from simulator.monitoring.promql.rewriting import rewrite
from simulator.monitoring.rules import AlertingRule, RecordingRule, RuleGroup
from simulator.monitoring.slo.indicators import operation

_SPEAKS_OF_BUDGETS = re.compile(r"burn|budget|slo(?![a-z])", re.IGNORECASE)
_MOST_ALTERNATIVES = 64
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Comparison:
    """An error ratio over a window, compared with a threshold.

    `product` are the two constants where the threshold is written as a product, as in `14.4 * 0.001`.
    """

    ratio: Expression
    """With recorded series replaced by what they record."""
    window_ms: int
    threshold: float
    product: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Branch:
    """What has to hold together for an alert to fire; the comparison with the longest window first."""

    comparisons: tuple[Comparison, ...]

    @property
    def long(self) -> Comparison:
        return self.comparisons[0]

    @property
    def short(self) -> Comparison | None:
        return self.comparisons[-1] if len(self.comparisons) > 1 else None


@dataclass(frozen=True, slots=True)
class BurnAlert:
    """An alerting rule that was recognised."""

    group: RuleGroup
    rule: AlertingRule
    branches: tuple[Branch, ...]


def burn_alerts(groups: Sequence[RuleGroup]) -> list[BurnAlert]:
    """The burn-rate alerts of a rule set, in order."""
    recordings = Recordings(groups)
    return [
        BurnAlert(group, rule, branches)
        for group in groups
        for rule in group.rules
        if isinstance(rule, AlertingRule) and (branches := _branches(rule, recordings))
    ]


class Recordings:
    """The recording rules of a rule set, to look through the series that they write."""

    def __init__(self, groups: Iterable[RuleGroup]) -> None:
        self._rules: dict[str, list[RecordingRule]] = defaultdict(list)
        for group in groups:
            for rule in group.rules:
                if isinstance(rule, RecordingRule):
                    self._rules[rule.record].append(rule)

    def inlined(self, expression: Expression, seen: frozenset[str] = frozenset()) -> Expression:
        """The expression with each recorded series replaced by its query, as far as it is clear which rule it is."""

        def replaced(node: Expression) -> Expression | None:
            if isinstance(node, Selector):
                return self._query_of(node, seen)
            if isinstance(node, RangeSelector):
                query = self._query_of(node.selector, seen)
                return None if query is None else Subquery(query, node.range_ms, None, node.moment)
            return None

        return rewrite(expression, replaced)

    def _query_of(self, selector: Selector, seen: frozenset[str]) -> Expression | None:
        name = metric_of(selector)
        rules = [rule for rule in self._rules.get(name, []) if _could_write(rule, selector)]
        if len(rules) != 1 or name in seen:
            return None
        rule = rules[0]
        narrowing = [m for m in selector.matchers if m.name != METRIC_NAME and m.name not in rule.labels]
        return self.inlined(_narrowed(rule.expression, narrowing), seen | {name})


def metric_of(selector: Selector) -> str:
    """The name of the metric; empty where a selector names none."""
    named = (m.value for m in selector.matchers if m.name == METRIC_NAME and m.type is MatchType.EQUAL)
    return next(named, "")


def constant(expression: Expression) -> float | None:
    """The value of an expression made of numbers; None for any other."""
    if isinstance(expression, Number):
        return expression.value
    if isinstance(expression, Negation):
        inner = constant(expression.inner)
        return None if inner is None else -inner
    if isinstance(expression, Binary):
        left, right = constant(expression.left), constant(expression.right)
        if left is None or right is None:
            return None
        match expression.operator:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left / right if right else None
    return None


def _could_write(rule: RecordingRule, selector: Selector) -> bool:
    return all(m.matches(rule.labels[m.name]) for m in selector.matchers if m.name in rule.labels)


def _narrowed(expression: Expression, matchers: Sequence[Matcher]) -> Expression:
    """With these conditions on every series that is read."""

    def narrowed(node: Expression) -> Expression | None:
        if isinstance(node, Selector):
            return replace(node, matchers=(*node.matchers, *matchers))
        if isinstance(node, RangeSelector):
            selector = replace(node.selector, matchers=(*node.selector.matchers, *matchers))
            return replace(node, selector=selector)
        return None

    return rewrite(expression, narrowed) if matchers else expression


def _branches(rule: AlertingRule, recordings: Recordings) -> tuple[Branch, ...]:
    branches = []
    for parts in _alternatives(rule.expression):
        comparisons = [_comparison(part, recordings) for part in parts]
        known = sorted((c for c in comparisons if c is not None), key=lambda c: -c.window_ms)
        if known:
            branches.append(Branch(tuple(known)))
    several_windows = any(len({c.window_ms for c in branch.comparisons}) > 1 for branch in branches)
    products = any(c.product is not None for branch in branches for c in branch.comparisons)
    if several_windows or products or _SPEAKS_OF_BUDGETS.search(rule.alert):
        return tuple(branches)
    return ()


def _alternatives(condition: Expression) -> list[list[Expression]]:
    """What has to hold together, for each way in which the condition can hold: `(a or b) and c` is a, c or b, c.

    Of `a unless b`, which mutes, `a` is the condition.
    """
    if not isinstance(condition, Binary):
        return [[condition]]
    match condition.operator:
        case "or":
            return [*_alternatives(condition.left), *_alternatives(condition.right)]
        case "and":
            pairs = product(_alternatives(condition.left), _alternatives(condition.right))
            return [[*left, *right] for left, right in islice(pairs, _MOST_ALTERNATIVES)]
        case "unless":
            return _alternatives(condition.left)
    return [[condition]]


def _comparison(expression: Expression, recordings: Recordings) -> Comparison | None:
    """A comparison of an error ratio with a constant; None for any other condition."""
    if not isinstance(expression, Binary) or expression.operator not in _FLIPPED or expression.returns_bool:
        return None
    ratio, bound, operator = expression.left, expression.right, expression.operator
    if constant(bound) is None:
        ratio, bound, operator = bound, ratio, _FLIPPED[operator]
    threshold = constant(bound)
    if threshold is None or constant(ratio) is not None:
        return None
    factors = _product(bound)
    if isinstance(ratio, Binary) and ratio.operator in ("/", "*") and (scale := constant(ratio.right)):
        threshold = threshold * scale if ratio.operator == "/" else threshold / scale
        factors = (constant(bound) or 0.0, scale) if ratio.operator == "/" else factors
        ratio = ratio.left
    ratio = recordings.inlined(ratio)
    if operator in ("<", "<="):
        ratio, threshold, factors = operation("-", Number(1), ratio), 1 - threshold, None
    window_ms = _window_of(ratio)
    is_ratio = any(isinstance(node, Binary) and node.operator == "/" for node in ratio.walk())
    if window_ms is None or not (is_ratio or _is_mean(ratio)):
        return None
    return Comparison(ratio, window_ms, threshold, factors)


def _product(bound: Expression) -> tuple[float, float] | None:
    if not isinstance(bound, Binary) or bound.operator != "*":
        return None
    left, right = constant(bound.left), constant(bound.right)
    assert left is not None
    assert right is not None
    return left, right


def _is_mean(ratio: Expression) -> bool:
    return any(isinstance(node, Call) and node.function == "avg_over_time" for node in ratio.walk())


def _window_of(ratio: Expression) -> int | None:
    """The one range that the ratio looks back; None where there is none, or several."""
    ranges = set(_outer_ranges(ratio))
    return ranges.pop() if len(ranges) == 1 else None


def _outer_ranges(node: Expression) -> Iterator[int]:
    """Ranges that lie within no other."""
    if isinstance(node, RangeSelector | Subquery):
        yield node.range_ms
        return
    for child in node.children():
        yield from _outer_ranges(child)
