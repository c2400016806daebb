"""A syntax tree as the text of a query, with brackets only where the grammar needs them.

`parse(write(tree)) == tree`: a property test holds it.  Precedence, from weak to strong: `or`; `and`, `unless`;
comparisons; `+`, `-`; `*`, `/`, `%`, `atan2`; a sign; `^`, which alone groups to the right.

Source: Prometheus, `docs/querying/operators.md` (binary operator precedence).
"""

from __future__ import annotations

import math

from simulator.monitoring.promql.expressions import (
    Aggregation,
    Binary,
    Call,
    Cardinality,
    Expression,
    Matching,
    Moment,
    Negation,
    Number,
    QueryBound,
    RangeSelector,
    Selector,
    Subquery,
    Text,
)
from simulator.monitoring.promql.labels import METRIC_NAME, quote
from simulator.monitoring.promql.matchers import Matcher, MatchType
from timeline.instants import format_duration

_SIGN = 6
_POWER = 7
_ATOM = 8
_STRENGTH = {
    "or": 1,
    **dict.fromkeys(("and", "unless"), 2),
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%", "atan2"), 5),
    "^": _POWER,
}


def write(expression: Expression) -> str:
    """The text of a query."""
    match expression:
        case Number(value):
            return write_number(value)
        case Text(value):
            return quote(value)
        case Selector():
            return _series(expression) + _moment(expression.moment)
        case RangeSelector(selector, range_ms):
            return f"{_series(selector)}[{format_duration(range_ms)}]{_moment(selector.moment)}"
        case Subquery(inner, range_ms, step_ms, moment):
            step = "" if step_ms is None else format_duration(step_ms)
            return f"{_bracketed(inner, _ATOM)}[{format_duration(range_ms)}:{step}]{_moment(moment)}"
        case Negation(inner):
            return f"-{_bracketed(inner, _SIGN)}"
        case Call(function, arguments):
            return f"{function}({', '.join(write(argument) for argument in arguments)})"
        case Aggregation():
            return _aggregation(expression)
        case Binary():
            return _binary(expression)
    raise AssertionError(f"no such node: {type(expression).__name__}")


def write_number(value: float) -> str:
    """The shortest decimal that reads as the same number."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    return repr(value).removesuffix(".0")


def _strength(expression: Expression) -> int:
    if isinstance(expression, Binary):
        return _STRENGTH[expression.operator]
    negative = isinstance(expression, Number) and math.copysign(1, expression.value) < 0
    return _SIGN if negative or isinstance(expression, Negation) else _ATOM


def _bracketed(expression: Expression, least: int) -> str:
    """In brackets when it binds more weakly than `least`."""
    text = write(expression)
    return f"({text})" if _strength(expression) < least else text


def _binary(binary: Binary) -> str:
    strength = _STRENGTH[binary.operator]
    groups_right = binary.operator == "^"
    left = _bracketed(binary.left, strength + groups_right)
    right = _bracketed(binary.right, strength + (not groups_right))
    modifiers = (" bool" if binary.returns_bool else "") + _matching(binary.matching)
    return f"{left} {binary.operator}{modifiers} {right}"


def _matching(matching: Matching) -> str:
    text = ""
    if matching.on or matching.labels:
        text = f" {'on' if matching.on else 'ignoring'} ({', '.join(matching.labels)})"
    side = {Cardinality.MANY_TO_ONE: "group_left", Cardinality.ONE_TO_MANY: "group_right"}.get(matching.cardinality)
    return text if side is None else f"{text} {side} ({', '.join(matching.include)})"


def _aggregation(aggregation: Aggregation) -> str:
    clause = ""
    if aggregation.grouping or aggregation.without:
        clause = f" {'without' if aggregation.without else 'by'} ({', '.join(aggregation.grouping)}) "
    parameter = "" if aggregation.parameter is None else f"{write(aggregation.parameter)}, "
    return f"{aggregation.operator}{clause}({parameter}{write(aggregation.inner)})"


def _series(selector: Selector) -> str:
    named = next((m for m in selector.matchers if m.name == METRIC_NAME and m.type is MatchType.EQUAL), None)
    others = [_matcher(matcher) for matcher in selector.matchers if matcher is not named]
    name = named.value if named is not None else ""
    return f"{name}{{{', '.join(others)}}}" if others or not name else name


def _matcher(matcher: Matcher) -> str:
    return f"{matcher.name}{matcher.type}{quote(matcher.value)}"


def _moment(moment: Moment) -> str:
    text = ""
    if isinstance(moment.at, QueryBound):
        text = f" @ {moment.at.value}()"
    elif moment.at is not None:
        text = f" @ {moment.at:.3f}"
    return f"{text} offset {format_duration(moment.offset_ms)}" if moment.offset_ms else text
