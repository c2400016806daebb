"""Whether two expressions are the same error ratio, although they are written differently.

Two ratios are the same when their trees are equal, or when both divide events of the same series:

- `1 - good / total` is `bad / total` where good and bad are told apart by one condition and its opposite;
- `rate` and `increase` of the same range give the same quotient;
- an alert that is grouped by a label is about an SLO's value of that label as much as about others:
  `sum by (component) (rate(x[1h]))` holds `sum(rate(x{component="a"}[1h]))` as one of its series.  The same holds for
  a regular expression where the SLO, too, is kept for each value of the label.

`difference` says where they part, in words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simulator.monitoring.promql import METRIC_NAME, Expression, Matcher, MatchType
from simulator.monitoring.promql.expressions import Aggregation, Binary, Call, Moment, Number, RangeSelector, Selector
from simulator.monitoring.promql.labels import quote
from simulator.monitoring.slo.examples import readings

_OPPOSITE = {
    MatchType.EQUAL: MatchType.NOT_EQUAL,
    MatchType.NOT_EQUAL: MatchType.EQUAL,
    MatchType.REGEXP: MatchType.NOT_REGEXP,
    MatchType.NOT_REGEXP: MatchType.REGEXP,
}
Conditions = frozenset[tuple[str, MatchType, str]]


@dataclass(frozen=True, slots=True)
class Part:
    """One side of a ratio: which series it sums, and by which labels."""

    conditions: Conditions
    grouping: frozenset[str]

    @property
    def metric(self) -> str:
        return next((value for name, _, value in self.conditions if name == METRIC_NAME), "")

    def on(self, label: str) -> Conditions:
        return frozenset(condition for condition in self.conditions if condition[0] == label)


@dataclass(frozen=True, slots=True)
class Quotient:
    """Bad events (or, with `good`, good ones) out of all."""

    numerator: Part
    total: Part
    good: bool


def quotient(expression: Expression) -> Quotient | None:
    """The ratio of counts that an expression computes; None for any other expression."""
    if isinstance(expression, Binary) and expression.operator == "-" and expression.left == Number(1):
        inner = quotient(expression.right)
        return None if inner is None else _settled(Quotient(inner.numerator, inner.total, not inner.good))
    if not isinstance(expression, Binary) or expression.operator != "/":
        return None
    numerator, good = expression.left, False
    if isinstance(numerator, Binary) and numerator.operator == "-" and numerator.left == expression.right:
        numerator, good = numerator.right, True
    if isinstance(numerator, Binary) and numerator.operator == "or":
        numerator = numerator.left  # `or 0 * total`, `or vector(0)`: what stands in where nothing was counted
    part, total = _part(numerator), _part(expression.right)
    return None if part is None or total is None else _settled(Quotient(part, total, good))


def difference(theirs: Expression, ours: Expression) -> str | None:
    """What tells an alert's error ratio from an SLO's, in words; None where they are the same."""
    if theirs == ours:
        return None
    left, right = quotient(theirs), quotient(ours)
    if left is None or right is None:
        return "it is computed in another way than the indicator"
    if left.good != right.good:
        return "it counts bad events where the indicator counts good ones"
    return _part_difference(left.numerator, right.numerator, "counts") or _part_difference(
        left.total, right.total, "divides by"
    )


def may_concern(theirs: Expression, ours: Expression) -> bool:
    """Whether two expressions read a metric in common, with conditions that one series could fulfil."""
    return any(_compatible(a, b) for a in _selectors(theirs) for b in _selectors(ours))


def _selectors(expression: Expression) -> Iterable[Selector]:
    return (node for node in expression.walk() if isinstance(node, Selector))


def _compatible(left: Selector, right: Selector) -> bool:
    for one, other in ((left, right), (right, left)):
        for matcher in one.matchers:
            if matcher.type is MatchType.EQUAL:
                conditions = [m for m in other.matchers if m.name == matcher.name]
                if not all(condition.matches(matcher.value) for condition in conditions):
                    return False
    names = [{m.value for m in s.matchers if m.name == METRIC_NAME} for s in (left, right)]
    return names[0] == names[1]


def _part(expression: Expression) -> Part | None:
    """`sum by (...) (rate(x{...}[w]))`, in any of its forms."""
    grouping: frozenset[str] = frozenset()
    if isinstance(expression, Aggregation):
        if expression.operator != "sum" or expression.without:
            return None
        grouping, expression = frozenset(expression.grouping), expression.inner
    match expression:
        case Call("rate" | "increase" | "sum_over_time", (RangeSelector(Selector(matchers, moment)),)) if (
            moment == Moment()
        ):
            return Part(_conditions(matchers), grouping)
    return None


def _conditions(matchers: Iterable[Matcher]) -> Conditions:
    return frozenset((matcher.name, matcher.type, matcher.value) for matcher in matchers)


def _settled(ratio: Quotient) -> Quotient:
    """Counts the bad events where a ratio of good ones leaves no doubt which those are."""
    own = ratio.numerator.conditions - ratio.total.conditions
    if not ratio.good or len(own) != 1 or not ratio.total.conditions < ratio.numerator.conditions:
        return ratio
    ((name, kind, value),) = own
    if name == METRIC_NAME:
        return ratio
    bad = (ratio.numerator.conditions - own) | {(name, _OPPOSITE[kind], value)}
    return Quotient(Part(bad, ratio.numerator.grouping), ratio.total, good=False)


def _part_difference(theirs: Part, ours: Part, verb: str) -> str | None:
    if theirs.metric != ours.metric:
        return f"it {verb} {theirs.metric or 'series without a name'} where the indicator {verb} {ours.metric}"
    for label in sorted({name for name, _, _ in theirs.conditions | ours.conditions}):
        if not _same_label(theirs, ours, label):
            return f"it {verb} {_shown(theirs, label)} where the indicator {verb} {_shown(ours, label)}"
    return None


def _same_label(theirs: Part, ours: Part, label: str) -> bool:
    wanted, given = ours.on(label), theirs.on(label)
    if wanted == given:
        return True
    if label not in theirs.grouping or len(wanted) != 1:
        return False
    ((_, kind, value),) = wanted
    if kind is MatchType.EQUAL:
        values = [value]
    elif kind is MatchType.REGEXP and label in ours.grouping:
        values = list(readings(value))
    else:
        return False
    return all(Matcher(label, t, v).matches(one) for _, t, v in given for one in values)


def _shown(part: Part, label: str) -> str:
    conditions = [f"{name}{kind}{quote(value)}" for name, kind, value in sorted(part.on(label))]
    return f"{part.metric}{{{', '.join(conditions)}}}" if conditions else f"{part.metric} whatever its {label}"
