"""Mutants: rules with one small mistake each, as it could be made in writing them.

    threshold     the constant side of a comparison twice and half as large (0: one more, one less)
    range         a range twice and half as long
    for           `for` twice and half as long, and none; where there is none, two intervals
    flipped       a comparison turned round: > for <, == for !=
    boundary      a comparison with or without its bound: > for >=
    matcher       a label matcher left out
    set operator  one side of and, or, unless left out

A mutant is a real rule with a query that can be read and pasted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from simulator.monitoring.promql import METRIC_NAME, Expression
from simulator.monitoring.promql.expressions import (
    Aggregation,
    Binary,
    Call,
    Matching,
    Negation,
    Number,
    RangeSelector,
    Selector,
    Subquery,
)
from simulator.monitoring.promql.printing import write
from simulator.monitoring.rules import AlertingRule, Rule
from timeline.instants import SECOND, format_duration


class Operator(StrEnum):
    """Kinds of mistake."""

    THRESHOLD = "threshold"
    RANGE = "range"
    FOR = "for"
    FLIPPED = "flipped"
    BOUNDARY = "boundary"
    MATCHER = "matcher"
    SET_OPERATOR = "set operator"


_PLAIN = Matching()
_FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "!=", "!=": "=="}
_BOUNDARY = {">": ">=", ">=": ">", "<": "<=", "<=": "<"}


@dataclass(frozen=True, slots=True)
class Mutation:
    """What was changed: from what to what."""

    operator: Operator
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.operator}: {self.before} \N{RIGHTWARDS ARROW} {self.after}"


def mutants(rule: Rule, interval_ms: int) -> Iterator[tuple[Mutation, Rule]]:
    """Every mutant of a rule, none twice and none equal to the rule."""
    seen = {rule.expression}
    for mutation, expression in _variants(rule.expression):
        if expression not in seen:
            seen.add(expression)
            yield mutation, replace(rule, query=write(expression))
    if isinstance(rule, AlertingRule):
        longer = (rule.for_ms // 2, 2 * rule.for_ms, 0) if rule.for_ms else (2 * interval_ms,)
        for for_ms in dict.fromkeys(longer):
            mutation = Mutation(Operator.FOR, format_duration(rule.for_ms), format_duration(for_ms))
            yield mutation, replace(rule, for_ms=for_ms)


def _variants(node: Expression) -> Iterator[tuple[Mutation, Expression]]:
    yield from _here(node)
    for number, child in enumerate(node.children()):
        for mutation, changed in _variants(child):
            yield mutation, _with_child(node, number, changed)


def _here(node: Expression) -> Iterator[tuple[Mutation, Expression]]:
    match node:
        case Binary(operator=operator) if operator in _FLIPPED:
            yield from _comparison(node)
        case Binary(operator="and" | "or" | "unless"):
            sides = [("left", node.left), ("right", node.right)] if node.operator != "unless" else [("left", node.left)]
            for name, side in sides:
                yield Mutation(Operator.SET_OPERATOR, node.operator, f"{name} side only: {write(side)}"), side
        case RangeSelector() | Subquery():
            for range_ms in (node.range_ms // 2 // SECOND * SECOND or node.range_ms // 2, 2 * node.range_ms):
                before, after = format_duration(node.range_ms), format_duration(range_ms)
                yield Mutation(Operator.RANGE, f"[{before}]", f"[{after}]"), replace(node, range_ms=range_ms)
        case Selector():
            for matcher in node.matchers:
                if matcher.name != METRIC_NAME:
                    rest = tuple(other for other in node.matchers if other is not matcher)
                    if rest:
                        yield Mutation(Operator.MATCHER, str(matcher), "none"), replace(node, matchers=rest)


def _comparison(node: Binary) -> Iterator[tuple[Mutation, Expression]]:
    flipped = _FLIPPED[node.operator]
    yield Mutation(Operator.FLIPPED, node.operator, flipped), replace(node, operator=flipped)
    if node.operator in _BOUNDARY:
        boundary = _BOUNDARY[node.operator]
        yield Mutation(Operator.BOUNDARY, node.operator, boundary), replace(node, operator=boundary)
    for number, bound in enumerate(node.children()):
        if not any(isinstance(below, Selector | Call) for below in bound.walk()):
            for changed in _moved(bound):
                mutation = Mutation(Operator.THRESHOLD, write(bound), write(changed))
                yield mutation, _with_child(node, number, changed)


def _moved(bound: Expression) -> list[Expression]:
    if isinstance(bound, Number):
        factors = (1.0, -1.0) if bound.value == 0 else (2 * bound.value, bound.value / 2)
        return [Number(value) if value >= 0 else Negation(Number(-value)) for value in factors]
    return [Binary("*", bound, Number(factor), _PLAIN, False) for factor in (2.0, 0.5)]


def _with_child(node: Expression, number: int, child: Expression) -> Expression:
    match node:
        case RangeSelector():
            assert isinstance(child, Selector)
            return replace(node, selector=child)
        case Call():
            return replace(node, arguments=(*node.arguments[:number], child, *node.arguments[number + 1 :]))
        case Binary():
            return replace(node, left=child) if number == 0 else replace(node, right=child)
        case Aggregation() if node.parameter is not None and number == 0:
            return replace(node, parameter=child)
        case Aggregation() | Subquery() | Negation():
            return replace(node, inner=child)
    raise AssertionError(f"{type(node).__name__} has no children")
