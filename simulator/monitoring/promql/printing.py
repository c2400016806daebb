"""From a syntax tree back to the text of a query: parsing the text gives the tree again."""

from __future__ import annotations

import json

from simulator.monitoring.gotemplate.printing import format_float
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
from simulator.monitoring.promql.label_functions import is_classic_name
from simulator.monitoring.promql.labels import METRIC_NAME
from simulator.monitoring.promql.matchers import Matcher, MatchType
from timeline.instants import format_duration

_GROUP = {Cardinality.MANY_TO_ONE: "group_left", Cardinality.ONE_TO_MANY: "group_right"}


def to_text(expression: Expression) -> str:
    """A query that parses to this tree.  Operations inside others stand in parentheses."""
    match expression:
        case Number(value):
            return format_float(value)
        case Text(value):
            return _quoted(value)
        case Negation(inner):
            return f"-{_inside(inner)}"
        case Selector():
            return _selector(expression, "")
        case RangeSelector():
            return _selector(expression.selector, f"[{format_duration(expression.range_ms)}]")
        case Subquery():
            text = to_text(expression.inner)
            if not isinstance(expression.inner, Call | Aggregation):
                text = f"({text})"
            step = "" if expression.step_ms is None else format_duration(expression.step_ms)
            return f"{text}[{format_duration(expression.range_ms)}:{step}]{_moment(expression.moment)}"
        case Call():
            return f"{expression.function}({', '.join(map(to_text, expression.arguments))})"
        case Aggregation():
            return _aggregation(expression)
        case Binary():
            operator = expression.operator + (" bool" if expression.returns_bool else "")
            left, right = _inside(expression.left), _inside(expression.right)
            return f"{left} {operator}{_matching(expression.matching)} {right}"
    raise AssertionError(f"{type(expression).__name__} is no part of a query")


def _inside(operand: Expression) -> str:
    text = to_text(operand)
    return f"({text})" if isinstance(operand, Binary | Negation) else text


def _selector(selector: Selector, range_text: str) -> str:
    named = [m for m in selector.matchers if m.name == METRIC_NAME and m.type is MatchType.EQUAL]
    plain = named[0] if len(named) == 1 and _is_classic_metric(named[0].value) else None
    rest = [_matcher(m) for m in selector.matchers if m is not plain]
    braces = "{" + ", ".join(rest) + "}" if rest or plain is None else ""
    return (plain.value if plain else "") + braces + range_text + _moment(selector.moment)


def _is_classic_metric(name: str) -> bool:
    """Whether a metric's name can stand without quotes."""
    return is_classic_name(name.replace(":", "_"))


def _matcher(matcher: Matcher) -> str:
    name = matcher.name if is_classic_name(matcher.name) else _quoted(matcher.name)
    return f"{name}{matcher.type}{_quoted(matcher.value)}"


def _moment(moment: Moment) -> str:
    text = ""
    if isinstance(moment.at, QueryBound):
        text += f" @ {moment.at.value}()"
    elif moment.at is not None:
        text += f" @ {moment.at:.3f}"
    if moment.offset_ms:
        sign = "-" if moment.offset_ms < 0 else ""
        text += f" offset {sign}{format_duration(abs(moment.offset_ms))}"
    return text


def _aggregation(node: Aggregation) -> str:
    arguments = ", ".join(to_text(part) for part in (node.parameter, node.inner) if part is not None)
    if not node.grouping and not node.without:
        return f"{node.operator}({arguments})"
    word = "without" if node.without else "by"
    return f"{node.operator} {word} ({', '.join(map(_label, node.grouping))}) ({arguments})"


def _matching(matching: Matching) -> str:
    text = ""
    if matching.on or matching.labels:
        text += f" {'on' if matching.on else 'ignoring'} ({', '.join(map(_label, matching.labels))})"
    if (group := _GROUP.get(matching.cardinality)) is not None:
        text += f" {group} ({', '.join(map(_label, matching.include))})"
    return text


def _label(name: str) -> str:
    return name if is_classic_name(name) else _quoted(name)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
