"""Evaluating an expression over a whole window of steps at once.

The evaluator walks the tree once and computes every node for all steps together, as arrays [series, steps].  Each
node is pure: it depends on the series, the steps and the options, never on a clock.

Two questions can be asked of a window.  A *range query* (`evaluate`) has the window's ends as `start()` and `end()`,
and an error at any step is an error of the whole.  *Instant queries* (`evaluate_instants`), as rules are evaluated,
stand for themselves: each step is its own start and end, and an error concerns only its step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from simulator.monitoring.promql import (
    aggregations,
    binary,
    elementwise,
    histograms,
    label_functions,
    range_functions,
)
from simulator.monitoring.promql.errors import EvaluationError
from simulator.monitoring.promql.expressions import (
    Aggregation,
    Binary,
    Call,
    Expression,
    Negation,
    Number,
    QueryBound,
    RangeSelector,
    Selector,
    Subquery,
    Text,
    ValueType,
)
from simulator.monitoring.promql.labels import EMPTY, Labels
from simulator.monitoring.promql.query import Options, Query
from simulator.monitoring.promql.selection import absent_labels, instant, instant_with_times, matchers_of, reference
from simulator.monitoring.promql.semantics import Semantics
from simulator.monitoring.promql.series import Mask, Series, Storage, Times, Values
from simulator.monitoring.promql.vectors import Scalar, Vector, merge_rows, stack
from simulator.monitoring.promql.windows import Windows, blocks_of, windows_of

# More would not fit into memory; a year at one minute is half a million.
_MOST_SUBQUERY_STEPS = 2_000_000


@dataclass(frozen=True, slots=True)
class Instants:
    """Results of instant queries: rows as in `vector`, and the steps at which the query failed, with the reason."""

    vector: Vector
    errors: dict[int, str]


def evaluate(
    expression: Expression,
    storage: Storage,
    times: Times,
    semantics: Semantics = Semantics.PROMETHEUS_3,
    *,
    options: Options | None = None,
) -> Vector | Scalar:
    """Evaluate a scalar or instant-vector expression at `times` (int64[steps], ascending, ms) as one range query.

    Raises EvaluationError where Prometheus would, and for expressions of other types.
    """
    options = options or Options(semantics)
    times = np.asarray(times, dtype=np.int64)
    if not len(times):
        return Vector.empty(0)
    query = Query(storage, times, int(times[0]), int(times[-1]), options)
    with np.errstate(all="ignore"):
        result = _value(expression, query)
    if isinstance(result, Vector):
        if options.semantics.drops_names_late:
            result = _drop_marked_names(result)
        return result.compact()
    return result


def evaluate_instants(
    expression: Expression, storage: Storage, times: Times, *, options: Options | None = None
) -> Instants:
    """Evaluate as separate instant queries at `times`; a scalar becomes a vector of one series without labels."""
    options = options or Options()
    if not _mentions_bounds(expression):
        try:
            return Instants(_as_vector(evaluate(expression, storage, times, options=options)), {})
        except EvaluationError as error:
            if len(times) == 1:
                return Instants(Vector.empty(1), {0: str(error)})
    if len(times) > 1 and not _mentions_bounds(expression):
        middle = len(times) // 2
        parts = [
            (0, evaluate_instants(expression, storage, times[:middle], options=options)),
            (middle, evaluate_instants(expression, storage, times[middle:], options=options)),
        ]
    else:
        parts = []
        for step in range(len(times)):
            try:
                value = _as_vector(evaluate(expression, storage, times[step : step + 1], options=options))
                parts.append((step, Instants(value, {})))
            except EvaluationError as error:
                parts.append((step, Instants(Vector.empty(1), {0: str(error)})))
    return _side_by_side(parts, len(times))


def select_range(expression: Expression, storage: Storage, at_ms: int, options: Options) -> list[Series]:
    """The samples that a range selector or subquery sees at one moment, series by series."""
    query = Query(storage, np.array([at_ms], dtype=np.int64), at_ms, at_ms, options)
    found: dict[int, Series] = {}
    with np.errstate(all="ignore"):
        for windows in _windows(expression, query):
            block = windows.block
            for index, row in enumerate(block.rows):
                edges = index if block.is_ragged else 0
                seen = slice(int(windows.first[edges, 0]), int(windows.end[edges, 0]))
                if seen.start < seen.stop:
                    found[row] = Series(block.labels[index], block.times[edges, seen], block.values[index, seen])
    return [found[row] for row in sorted(found)]


def _mentions_bounds(expression: Expression) -> bool:
    return any(
        isinstance(node, Selector | Subquery) and isinstance(node.moment.at, QueryBound) for node in expression.walk()
    )


def _as_vector(value: Vector | Scalar) -> Vector:
    if isinstance(value, Vector):
        return value
    return Vector([EMPTY], value.values[None], np.ones((1, len(value.values)), dtype=np.bool_))


def _side_by_side(parts: list[tuple[int, Instants]], steps: int) -> Instants:
    """Join windows of steps: rows with the same labels become one."""
    rows: dict[Labels, int] = {}
    for _, part in parts:
        for labels in part.vector.labels:
            rows.setdefault(labels, len(rows))
    values, present = np.zeros((len(rows), steps)), np.zeros((len(rows), steps), dtype=np.bool_)
    errors: dict[int, str] = {}
    for start, part in parts:
        index = [rows[labels] for labels in part.vector.labels]
        values[index, start : start + part.vector.steps] = part.vector.values
        present[index, start : start + part.vector.steps] = part.vector.present
        errors.update({start + step: reason for step, reason in part.errors.items()})
    return Instants(Vector(list(rows), values, present), errors)


def _drop_marked_names(vector: Vector) -> Vector:
    labels = [
        labels.without_name() if drop else labels for labels, drop in zip(vector.labels, vector.unnamed, strict=True)
    ]
    return merge_rows(Vector(labels, vector.values, vector.present))


def _value(expression: Expression, query: Query) -> Vector | Scalar:
    match expression:
        case Number(value):
            return Scalar(np.full(len(query.times), value))
        case Selector():
            return instant(expression, query)
        case Negation(inner):
            return _negated(_value(inner, query), query.semantics)
        case Aggregation():
            return _aggregation(expression, query)
        case Binary():
            return _binary(expression, query)
        case Call():
            return _call(expression, query)
    raise EvaluationError(f"a {expression.value_type} has no value over time; expected a scalar or instant vector")


def _vector(expression: Expression, query: Query) -> Vector:
    value = _value(expression, query)
    if isinstance(value, Scalar):
        raise EvaluationError("expected an instant vector, got a scalar")
    return value


def _scalar(expression: Expression, query: Query) -> Values:
    value = _value(expression, query)
    if isinstance(value, Vector):
        raise EvaluationError("expected a scalar, got an instant vector")
    return value.values


def _text(expression: Expression) -> str:
    if not isinstance(expression, Text):
        raise EvaluationError("expected a string")
    return expression.value


def _negated(value: Vector | Scalar, semantics: Semantics) -> Vector | Scalar:
    if isinstance(value, Scalar):
        return Scalar(-value.values)
    return binary.unnamed(replace(value, values=-value.values), semantics)


def _windows(expression: Expression, query: Query) -> list[Windows]:
    """The windows of a range selector or subquery at every step, block by block."""
    if isinstance(expression, RangeSelector):
        closes, reach = reference(expression.moment, query), expression.range_ms
        selection = query.storage.select(
            matchers_of(expression.selector, query.semantics), int(closes.min()) - reach, int(closes.max())
        )
    elif isinstance(expression, Subquery):
        closes, reach = reference(expression.moment, query), expression.range_ms
        selection = _subquery(expression, closes, query)
    else:
        raise EvaluationError(f"expected a range vector, got a {expression.value_type}")
    left_open = query.semantics.left_open
    return [windows_of(block, closes, reach, left_open=left_open) for block in blocks_of(selection, drop_stale=True)]


def _subquery(subquery: Subquery, closes: Times, query: Query) -> list[Series]:
    """The inner expression at multiples of the step (in wall-clock time), as series."""
    step = subquery.step_ms or query.options.subquery_step_ms
    epoch = query.options.epoch_ms
    earliest = int(closes.min()) - subquery.range_ms + epoch
    first = -(-earliest // step) * step
    if query.semantics.left_open and first == earliest:
        first += step
    count = (int(closes.max()) - first + epoch) // step + 1
    if count > _MOST_SUBQUERY_STEPS:
        raise EvaluationError(f"a subquery of {count:,} steps is too long; {_MOST_SUBQUERY_STEPS:,} at most")
    times = np.arange(first - epoch, int(closes.max()) + 1, step, dtype=np.int64)
    if not len(times):
        return []
    value = _as_vector(_value(subquery.inner, replace(query, times=times)))
    series = []
    for row, labels in enumerate(value.labels):
        seen = value.present[row]
        # Rows that are never absent share the array of times, so that they are evaluated together.
        here = times if seen.all() else times[seen]
        labels = labels.without_name() if value.unnamed[row] else labels
        series.append(Series(labels, here, value.values[row][seen]))
    return series


def _aggregation(node: Aggregation, query: Query) -> Vector:
    grouping, without = node.grouping, node.without
    if node.operator == "count_values":
        name = _text(node.parameter) if node.parameter else ""
        if not name or (query.semantics.is_2 and not label_functions.is_classic_name(name)):
            raise EvaluationError(f'invalid label name "{name}"')
        return aggregations.count_values(name, _vector(node.inner, query), grouping, without=without)
    vector = _vector(node.inner, query)
    if node.parameter is None:
        return aggregations.aggregate(node.operator, vector, grouping, without=without, semantics=query.semantics)
    parameter = _scalar(node.parameter, query)
    if node.operator == "quantile":
        return aggregations.aggregate_quantile(parameter, vector, grouping, without=without)
    largest = node.operator == "topk"
    return aggregations.top(parameter, vector, grouping, without=without, largest=largest)


def _binary(node: Binary, query: Query) -> Vector | Scalar:
    left, right = _value(node.left, query), _value(node.right, query)
    operator, returns_bool = node.operator, node.returns_bool
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        return binary.scalars(operator, left, right)
    if isinstance(left, Vector) and isinstance(right, Vector):
        if operator in binary.SETS:
            combined = binary.set_operation(operator, left, right, node.matching)
            return combined if query.semantics.drops_names_late else merge_rows(combined)
        return binary.vectors(operator, left, right, node.matching, query.semantics, returns_bool=returns_bool)
    swapped = isinstance(left, Scalar)
    vector, scalar = (right, left) if swapped else (left, right)
    assert isinstance(vector, Vector)
    assert isinstance(scalar, Scalar)
    return binary.vector_with_scalar(
        operator, vector, scalar, query.semantics, swapped=swapped, returns_bool=returns_bool
    )


def _call(node: Call, query: Query) -> Vector | Scalar:
    name, arguments = node.function, node.arguments
    if arguments and arguments[-1].value_type is ValueType.MATRIX:
        return _over_range(node, arguments[-1], [_scalar(a, query) for a in arguments[:-1]], query)
    if arguments and arguments[0].value_type is ValueType.MATRIX:
        return _over_range(node, arguments[0], [_scalar(a, query) for a in arguments[1:]], query)
    if name in elementwise.UNARY:
        vector = _vector(arguments[0], query)
        return binary.unnamed(replace(vector, values=elementwise.UNARY[name](vector.values)), query.semantics)
    if name in elementwise.CALENDAR:
        return _calendar(node, query)
    special = _SPECIAL.get(name)
    if special is None:
        raise EvaluationError(f"{name}() is not supported")
    return special(node, query)


def _calendar(node: Call, query: Query) -> Vector:
    function = elementwise.CALENDAR[node.function]
    if not node.arguments:
        return _as_vector(Scalar(function(_now(query))))
    vector = _vector(node.arguments[0], query)
    return binary.unnamed(replace(vector, values=function(vector.values)), query.semantics)


def _now(query: Query) -> Values:
    return (query.times + query.options.epoch_ms) / 1000


def _over_range(node: Call, source: Expression, parameters: list[Values], query: Query) -> Vector:
    parts, rows = [], []
    reach = source.range_ms if isinstance(source, RangeSelector | Subquery) else 0
    for windows in _windows(source, query):
        values, present = range_functions.apply(node.function, windows, reach, parameters, query.times, query.semantics)
        seen = np.broadcast_to(windows.counts > 0, values.shape)
        parts.append(Vector(windows.block.labels, values, seen if present is None else present))
        rows.extend(windows.block.rows)
    result = stack(parts, len(query.times))
    if len(parts) > 1:
        result = result.rows(np.argsort(rows, kind="stable"))
    if node.function == "absent_over_time":
        return _absence(node.arguments[0], result)
    return result if node.function == "last_over_time" else binary.unnamed(result, query.semantics)


def _absence(source: Expression, vector: Vector) -> Vector:
    """1 where no series has a value, with the labels that the selector's equality matchers name."""
    selector = source.selector if isinstance(source, RangeSelector) else source
    labels = absent_labels(selector) if isinstance(selector, Selector) else EMPTY
    seen: Mask = np.asarray(vector.present.any(axis=0))
    return Vector([labels], np.ones((1, vector.steps)), ~seen[None])


def _absent(node: Call, query: Query) -> Vector:
    return _absence(node.arguments[0], _vector(node.arguments[0], query))


def _timestamp(node: Call, query: Query) -> Vector:
    """Of the sample for a plain selector, otherwise the time of evaluation."""
    source = node.arguments[0]
    if isinstance(source, Selector):
        vector, stamps = instant_with_times(source, query)
    else:
        vector = _vector(source, query)
        stamps = np.broadcast_to(_now(query), vector.values.shape)
    return binary.unnamed(replace(vector, values=stamps), query.semantics)


def _to_scalar(node: Call, query: Query) -> Scalar:
    """The value of the only series, NaN where there is not exactly one."""
    vector = _vector(node.arguments[0], query)
    count = vector.present.sum(axis=0)
    value = np.where(vector.present, vector.values, 0.0).sum(axis=0)
    return Scalar(np.where(count == 1, value, np.nan))


def _clamp(node: Call, query: Query) -> Vector:
    vector = _vector(node.arguments[0], query)
    limits = [_scalar(argument, query) for argument in node.arguments[1:]]
    low = -np.inf if node.function == "clamp_max" else limits[0]
    high = np.inf if node.function == "clamp_min" else limits[-1]
    clamped = replace(vector, values=elementwise.clamp(vector.values, low, high))
    if node.function == "clamp":
        clamped = clamped.where(np.broadcast_to(~(limits[1] < limits[0]), vector.present.shape))
    return binary.unnamed(clamped, query.semantics)


def _round(node: Call, query: Query) -> Vector:
    vector = _vector(node.arguments[0], query)
    nearest = _scalar(node.arguments[1], query) if len(node.arguments) > 1 else np.ones(len(query.times))
    return binary.unnamed(replace(vector, values=elementwise.round_to(vector.values, nearest)), query.semantics)


def _sort(node: Call, query: Query) -> Vector:
    """Order rows by value, NaN last; over more than one step there is no order."""
    vector = _vector(node.arguments[0], query)
    if vector.steps != 1:
        return vector
    key = vector.values[:, 0] if node.function == "sort" else -vector.values[:, 0]
    return vector.rows(np.argsort(key, kind="stable"))


def _label_replace(node: Call, query: Query) -> Vector:
    vector = _vector(node.arguments[0], query)
    target, replacement, source, pattern = (_text(argument) for argument in node.arguments[1:])
    return label_functions.label_replace(vector, target, replacement, source, pattern, query.semantics)


def _label_join(node: Call, query: Query) -> Vector:
    vector = _vector(node.arguments[0], query)
    target, separator, *sources = (_text(argument) for argument in node.arguments[1:])
    return label_functions.label_join(vector, target, separator, sources, query.semantics)


def _histogram_quantile(node: Call, query: Query) -> Vector:
    q, buckets = _scalar(node.arguments[0], query), _vector(node.arguments[1], query)
    return merge_rows(histograms.histogram_quantile(q, buckets, query.semantics))


def _histogram_fraction(node: Call, query: Query) -> Vector:
    lower, upper = _scalar(node.arguments[0], query), _scalar(node.arguments[1], query)
    buckets = _vector(node.arguments[2], query)
    if query.semantics.is_2:
        raise EvaluationError("histogram_fraction() of Prometheus 2 is for native histograms, not supported")
    return merge_rows(histograms.histogram_fraction(lower, upper, buckets, query.semantics))


_SPECIAL: dict[str, Callable[[Call, Query], Vector | Scalar]] = {
    "absent": _absent,
    "clamp": _clamp,
    "clamp_max": _clamp,
    "clamp_min": _clamp,
    "histogram_fraction": _histogram_fraction,
    "histogram_quantile": _histogram_quantile,
    "label_join": _label_join,
    "label_replace": _label_replace,
    "pi": lambda _, query: Scalar(np.full(len(query.times), np.pi)),
    "round": _round,
    "scalar": _to_scalar,
    "sort": _sort,
    "sort_desc": _sort,
    "time": lambda _, query: Scalar(_now(query)),
    "timestamp": _timestamp,
    "vector": lambda node, query: _as_vector(Scalar(_scalar(node.arguments[0], query))),
}
