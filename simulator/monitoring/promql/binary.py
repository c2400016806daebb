"""Binary operators: arithmetic, comparisons and sets, and how two vectors find each other.

Two vectors are joined by *signature*: the labels named by `on`, or all but those named by `ignoring` (and never the
metric's name).  One-to-one joins allow one series a signature on each side at a step; `group_left` and `group_right`
allow many on one side, whose labels the result then has.  A comparison without `bool` filters the left side.

The errors are those of Prometheus and belong to a step: two series of the "one" side with the same signature, or two
results with the same labels.

Source: Prometheus, `promql/engine.go` (`VectorBinop`, `resultMetric`), 2.42 and 3.14.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from simulator.monitoring.promql.errors import EvaluationError
from simulator.monitoring.promql.expressions import Cardinality, Matching
from simulator.monitoring.promql.labels import METRIC_NAME, Labels
from simulator.monitoring.promql.semantics import Semantics
from simulator.monitoring.promql.series import Mask, Values
from simulator.monitoring.promql.vectors import Scalar, Vector, merge_rows, stack

ARITHMETIC: dict[str, Callable[..., Values]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.fmod,
    "^": np.power,
    "atan2": np.arctan2,
}
COMPARISONS: dict[str, Callable[..., Mask]] = {
    "==": np.equal,
    "!=": np.not_equal,
    ">": np.greater,
    "<": np.less,
    ">=": np.greater_equal,
    "<=": np.less_equal,
}
SETS = frozenset({"and", "or", "unless"})


def scalars(operator: str, left: Scalar, right: Scalar) -> Scalar:
    if operator in COMPARISONS:
        return Scalar(COMPARISONS[operator](left.values, right.values).astype(np.float64))
    return Scalar(ARITHMETIC[operator](left.values, right.values))


def vector_with_scalar(
    operator: str, vector: Vector, scalar: Scalar, semantics: Semantics, *, swapped: bool, returns_bool: bool
) -> Vector:
    """`vector op scalar`, or `scalar op vector` when `swapped`; a filter always keeps the vector's value."""
    sides = (scalar.values, vector.values) if swapped else (vector.values, scalar.values)
    if operator in ARITHMETIC:
        result = replace(vector, values=ARITHMETIC[operator](*sides))
        if not _renames(operator, semantics):
            return result
    else:
        holds = COMPARISONS[operator](*sides)
        if not returns_bool:
            return vector.where(holds)
        result = replace(vector, values=holds.astype(np.float64))
    return unnamed(result, semantics)


def _renames(operator: str, semantics: Semantics) -> bool:
    """Whether the result is another metric; Prometheus 2 forgets this for `atan2`."""
    return operator in ARITHMETIC and not (semantics.is_2 and operator == "atan2")


def unnamed(vector: Vector, semantics: Semantics) -> Vector:
    """Without metric names: at once, or only marked where names are dropped late."""
    if semantics.drops_names_late:
        return replace(vector, unnamed=np.ones(len(vector.labels), dtype=np.bool_))
    return merge_rows(replace(vector, labels=[labels.without_name() for labels in vector.labels]))


def set_operation(operator: str, left: Vector, right: Vector, matching: Matching) -> Vector:
    """`and`, `or` and `unless` by signature, at each step."""
    left_keys, right_keys = _signatures(left, matching), _signatures(right, matching)
    if operator == "or":
        seen = _present_by(left, left_keys, right_keys)
        return stack([left, right.where(~seen)], left.steps)
    seen = _present_by(right, right_keys, left_keys)
    return left.where(seen if operator == "and" else ~seen)


def _present_by(vector: Vector, keys: list[Labels], wanted: list[Labels]) -> Mask:
    """For each wanted signature, at which steps `vector` has any series of it."""
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    seen = np.zeros((len(numbers) + 1, vector.steps), dtype=np.bool_)
    for row, key in enumerate(keys):
        seen[numbers[key]] |= vector.present[row]
    found: Mask = seen[[numbers.get(key, len(numbers)) for key in wanted]]
    return found


def vectors(
    operator: str,
    left: Vector,
    right: Vector,
    matching: Matching,
    semantics: Semantics,
    *,
    returns_bool: bool,
) -> Vector:
    """Arithmetic and comparisons between two vectors.  Raises EvaluationError where series do not match uniquely."""
    swapped = matching.cardinality is Cardinality.ONE_TO_MANY
    many, one = (right, left) if swapped else (left, right)
    if not len(many.labels) or not len(one.labels):
        return Vector.empty(left.steps)
    many_keys, one_keys = _signatures(many, matching), _signatures(one, matching)
    alive: Mask = np.asarray(many.present.any(axis=0) & one.present.any(axis=0))
    one_rows = _unique_by_signature(one, one_keys, alive, "left" if swapped else "right")
    pairs = [
        (row, partner)
        for row, key in enumerate(many_keys)
        for partner in one_rows.get(key, ())
        if (many.present[row] & one.present[partner]).any()
    ]
    if not pairs:
        return Vector.empty(left.steps)
    many_index = np.array([row for row, _ in pairs], dtype=np.intp)
    one_index = np.array([partner for _, partner in pairs], dtype=np.intp)
    sides = many.values[many_index], one.values[one_index]
    sides = (sides[1], sides[0]) if swapped else sides
    matched = many.present[many_index] & one.present[one_index]
    if operator in ARITHMETIC:
        values, kept = ARITHMETIC[operator](*sides), matched
    else:
        holds = COMPARISONS[operator](*sides)
        values, kept = (holds.astype(np.float64), matched) if returns_bool else (sides[0], matched & holds)
    drops_name = _renames(operator, semantics) or (returns_bool and not semantics.drops_names_late)
    labels = [
        _result_labels(many.labels[row], one.labels[partner], matching, drops_name=drops_name) for row, partner in pairs
    ]
    _check_unique(
        [many_keys[row] for row, _ in pairs], labels, kept if semantics.is_2 else matched, matching.cardinality
    )
    late = np.full(len(pairs), returns_bool and semantics.drops_names_late)
    return merge_rows(Vector(labels, values, kept, late))


def _signatures(vector: Vector, matching: Matching) -> list[Labels]:
    if matching.on:
        names = frozenset(matching.labels)
        return [labels.keep(names) for labels in vector.labels]
    names = frozenset((*matching.labels, METRIC_NAME))
    return [labels.without(names) for labels in vector.labels]


def _unique_by_signature(one: Vector, keys: list[Labels], alive: Mask, side: str) -> dict[Labels, list[int]]:
    """Rows of the "one" side by signature; rows of one signature may take turns but not meet while matching runs."""
    rows: dict[Labels, list[int]] = {}
    for row, key in enumerate(keys):
        rows.setdefault(key, []).append(row)
    for key, members in rows.items():
        if len(members) > 1 and (one.present[members].sum(axis=0)[alive] > 1).any():
            first, second = sorted(one.labels[row].in_full() for row in members[:2])
            raise EvaluationError(
                f"found duplicate series for the match group {key.in_full()} on the {side} hand-side of the operation: "
                f"[{first}, {second}];many-to-many matching not allowed: "
                "matching labels must be unique on one side"
            )
    return rows


def _check_unique(keys: list[Labels], labels: list[Labels], kept: Mask, cardinality: Cardinality) -> None:
    """One result a signature (one-to-one), or one result with the same labels (many-to-one), at every step."""
    one_to_one = cardinality is Cardinality.ONE_TO_ONE
    groups: dict[object, list[int]] = {}
    for index, key in enumerate(keys):
        groups.setdefault(key if one_to_one else (key, labels[index]), []).append(index)
    for members in groups.values():
        if len(members) > 1 and (kept[members].sum(axis=0) > 1).any():
            raise EvaluationError(
                "multiple matches for labels: "
                + (
                    "many-to-one matching must be explicit (group_left/group_right)"
                    if one_to_one
                    else "grouping labels must ensure unique matches"
                )
            )


def _result_labels(many: Labels, one: Labels, matching: Matching, *, drops_name: bool) -> Labels:
    labels = many.without_name() if drops_name else many
    if matching.cardinality is Cardinality.ONE_TO_ONE:
        labels = labels.keep(matching.labels) if matching.on else labels.without(matching.labels)
    for name in matching.include:
        labels = labels.replaced(name, one.get(name, ""))
    return labels
