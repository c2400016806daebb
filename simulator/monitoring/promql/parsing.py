"""From the text of a query to its syntax tree.

The grammar is that of the library `promql-parser`; this module turns its tree into ours and refuses, by name, what
the library accepts but stable float PromQL does not have: experimental functions, aggregations and modifiers, and
the functions of native histograms.
"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache
from typing import Any

import promql_parser

from simulator.monitoring.promql.errors import QueryError
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
from simulator.monitoring.promql.labels import METRIC_NAME
from simulator.monitoring.promql.matchers import Matcher, MatchType

EXPERIMENTAL_FUNCTIONS = frozenset(
    {
        "double_exponential_smoothing",
        "end",
        "first_over_time",
        "histogram_quantiles",
        "info",
        "mad_over_time",
        "max_of",
        "min_of",
        "range",
        "sort_by_label",
        "sort_by_label_desc",
        "start",
        "start_timestamp",
        "step",
        "ts_of_first_over_time",
        "ts_of_last_over_time",
        "ts_of_max_over_time",
        "ts_of_min_over_time",
    }
)
EXPERIMENTAL_AGGREGATIONS = frozenset({"limitk", "limit_ratio"})
NATIVE_HISTOGRAM_FUNCTIONS = frozenset(
    {"histogram_avg", "histogram_count", "histogram_stddev", "histogram_stdvar", "histogram_sum"}
)

# The library's enumerations compare but do not hash, so they are looked up by their names.
_MATCH_TYPES = {
    "MatchOp.Equal": MatchType.EQUAL,
    "MatchOp.NotEqual": MatchType.NOT_EQUAL,
    "MatchOp.Re": MatchType.REGEXP,
    "MatchOp.NotRe": MatchType.NOT_REGEXP,
}
_CARDINALITIES = {
    "VectorMatchCardinality.OneToOne": Cardinality.ONE_TO_ONE,
    "VectorMatchCardinality.ManyToOne": Cardinality.MANY_TO_ONE,
    "VectorMatchCardinality.OneToMany": Cardinality.ONE_TO_MANY,
    "VectorMatchCardinality.ManyToMany": Cardinality.MANY_TO_MANY,
}
# The library reads a negative `@` time as 0, so such times are moved far ahead before and back after.
_NEGATIVE_AT = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|\#[^\n]*)|@\s*-\s*(\d[\d_.eE]*)""")
_FAR_AHEAD_SECONDS = 1e11
_DURATION_EXPRESSION = re.compile(
    r"\[[^\]]*[-+*/%^(][^\]]*\]|offset\s*[-+]*\s*(\(|step\b|range\b|min_of\b|max_of\b)", re.IGNORECASE
)

_matrix, _scalar, _vector = (
    promql_parser.ValueType.Matrix,
    promql_parser.ValueType.Scalar,
    promql_parser.ValueType.Vector,
)
# Known to Prometheus 2 and unknown to the library; the evaluator refuses it under Prometheus 3.
promql_parser.register_extra_functions([promql_parser.Function("holt_winters", [_matrix, _scalar, _scalar], _vector)])


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """The syntax tree of a query.

    Raises QueryError when the text is not PromQL, or uses a feature that is not evaluated here, which it names.
    """
    try:
        tree = promql_parser.parse(_NEGATIVE_AT.sub(_move_ahead, text))
        return _convert(tree)
    except QueryError:
        raise
    except (ValueError, OverflowError) as error:
        raise QueryError(_explain(text, str(error))) from None


def _move_ahead(found: re.Match[str]) -> str:
    return found[1] if found[1] is not None else f"@ {_FAR_AHEAD_SECONDS - float(found[2]):.3f}"


def _explain(text: str, reason: str) -> str:
    """Name the syntax that is not supported behind a syntax error, where it is one."""
    bare = _NEGATIVE_AT.sub(lambda found: '""' if found[1] is not None else found[0], text)
    if _DURATION_EXPRESSION.search(bare):
        return f"duration expressions (Prometheus 3.14, an experiment before) are not supported: {reason}"
    for pattern, feature in (
        (r"\b(anchored|smoothed)\b", "the modifiers anchored and smoothed"),
        (r"</|>/", "the trim operators of native histograms"),
        (r"\binfo\s*\(", "info() and its label matchers"),
        (r"\bfill(_left|_right)?\s*\(", "the fill modifiers"),
    ):
        if re.search(pattern, bare, re.IGNORECASE):
            return f"{feature} are experimental PromQL and not supported: {reason}"
    return f"not a PromQL expression: {reason}"


def _convert(tree: Any) -> Expression:
    convert = _CONVERSIONS.get(type(tree).__name__)
    if convert is None:
        raise QueryError(f"{type(tree).__name__} is not supported")
    return convert(tree)


def _paren(tree: Any) -> Expression:
    return _convert(tree.expr)


def _number(tree: Any) -> Expression:
    return Number(tree.val)


def _text(tree: Any) -> Expression:
    return Text(tree.val)


def _unary(tree: Any) -> Expression:
    return Negation(_convert(tree.expr))


def _selector(tree: Any) -> Selector:
    if tree.matchers.or_matchers:
        raise QueryError("`or` between label matchers is not PromQL")
    matchers = [
        Matcher(matcher.name, _MATCH_TYPES[repr(matcher.op)], matcher.value) for matcher in tree.matchers.matchers
    ]
    if tree.name is not None and not any(
        m.name == METRIC_NAME and m.type is MatchType.EQUAL and m.value == tree.name for m in matchers
    ):
        matchers.insert(0, Matcher(METRIC_NAME, MatchType.EQUAL, tree.name))
    return Selector(tuple(matchers), _moment(tree))


def _range_selector(tree: Any) -> Expression:
    selector = _selector(tree.vector_selector)
    return RangeSelector(selector, _milliseconds(tree.range))


def _subquery(tree: Any) -> Expression:
    step = None if tree.step is None else _milliseconds(tree.step)
    return Subquery(_convert(tree.expr), _milliseconds(tree.range), step, _moment(tree))


def _moment(tree: Any) -> Moment:
    offset = 0 if tree.offset is None else _milliseconds(tree.offset)
    if tree.at is None:
        return Moment(offset)
    if tree.at.type == promql_parser.AtModifierType.Start:
        return Moment(offset, QueryBound.START)
    if tree.at.type == promql_parser.AtModifierType.End:
        return Moment(offset, QueryBound.END)
    seconds = tree.at.at.timestamp()
    return Moment(offset, seconds - _FAR_AHEAD_SECONDS if seconds > _FAR_AHEAD_SECONDS / 2 else seconds)


def _milliseconds(delta: timedelta) -> int:
    return round(delta / timedelta(milliseconds=1))


def _call(tree: Any) -> Expression:
    name = tree.func.name
    if name in EXPERIMENTAL_FUNCTIONS:
        raise QueryError(f"{name}() is an experimental function and not supported")
    if name in NATIVE_HISTOGRAM_FUNCTIONS:
        raise QueryError(f"{name}() is for native histograms, which are not supported")
    return Call(name, tuple(_convert(argument) for argument in tree.args))


def _aggregation(tree: Any) -> Expression:
    operator = str(tree.op)
    if operator in EXPERIMENTAL_AGGREGATIONS:
        raise QueryError(f"{operator} is an experimental aggregation and not supported")
    grouping: tuple[str, ...] = ()
    without = False
    if tree.modifier is not None:
        grouping = tuple(tree.modifier.labels)
        without = tree.modifier.type != promql_parser.AggModifierType.By
    parameter = None if tree.param is None else _convert(tree.param)
    return Aggregation(operator, _convert(tree.expr), parameter, grouping, without)


def _binary(tree: Any) -> Expression:
    operator = str(tree.op)
    matching = Matching(Cardinality.MANY_TO_MANY if operator in ("and", "or", "unless") else Cardinality.ONE_TO_ONE)
    returns_bool = False
    if (modifier := tree.modifier) is not None:
        fills = modifier.fill_values
        if fills is not None and (fills.lhs is not None or fills.rhs is not None):
            raise QueryError("the fill modifiers are experimental PromQL and not supported")
        on = modifier.matching is not None and modifier.matching.type == promql_parser.LabelModifierType.Include
        labels = () if modifier.matching is None else tuple(modifier.matching.labels)
        matching = Matching(_CARDINALITIES[repr(modifier.card)], on, labels, tuple(modifier.group_labels or ()))
        returns_bool = modifier.return_bool
    return Binary(operator, _convert(tree.lhs), _convert(tree.rhs), matching, returns_bool)


_CONVERSIONS = {
    "ParenExpr": _paren,
    "NumberLiteral": _number,
    "StringLiteral": _text,
    "UnaryExpr": _unary,
    "VectorSelector": _selector,
    "MatrixSelector": _range_selector,
    "SubqueryExpr": _subquery,
    "Call": _call,
    "AggregateExpr": _aggregation,
    "BinaryExpr": _binary,
}
