"""Aggregations over series: `sum`, `topk`, `count_values` and the others.

Rows that agree on the grouping labels form a *group*; every group gives one row (or, for `topk` and `bottomk`, keeps
some of its rows).  Members are added in row order, for all groups and steps at once: first the first members of all
groups, then the second ones, and so on.

Source: Prometheus, `promql/engine.go` (`aggregation`), 2.42 and 3.14.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import numpy as np
from numpy.typing import NDArray

from simulator.monitoring.promql import summation
from simulator.monitoring.promql.errors import EvaluationError
from simulator.monitoring.promql.labels import METRIC_NAME, Labels
from simulator.monitoring.promql.quantiles import quantile
from simulator.monitoring.promql.semantics import Semantics
from simulator.monitoring.promql.series import Mask, Values
from simulator.monitoring.promql.vectors import Vector, stack

_INT64_LIMIT = 2.0**63
_CELLS_AT_ONCE = 4_000_000


class Groups:
    """Rows of a vector by group: `labels` of each group, `members` (row numbers) of each group."""

    def __init__(self, vector: Vector, grouping: Collection[str], *, without: bool) -> None:
        self.vector = vector
        dropped = frozenset((*grouping, METRIC_NAME)) if without else frozenset()
        kept = frozenset(grouping)
        numbers: dict[Labels, int] = {}
        self.members: list[list[int]] = []
        for row, labels in enumerate(vector.labels):
            key = labels.without(dropped) if without else labels.keep(kept)
            number = numbers.setdefault(key, len(numbers))
            if number == len(self.members):
                self.members.append([])
            self.members[number].append(row)
        self.labels = list(numbers)

    def present(self) -> Mask:
        """Where a group has any member, [groups, steps]."""
        result = np.zeros((len(self.members), self.vector.steps), dtype=np.bool_)
        for number, rows in enumerate(self.members):
            result[number] = self.vector.present[rows].any(axis=0)
        return result

    def result(self, values: Values) -> Vector:
        unnamed = [bool(self.vector.unnamed[rows].any()) for rows in self.members]
        return Vector(self.labels, values, self.present(), np.array(unnamed, dtype=np.bool_))

    def zeros(self) -> Values:
        return np.zeros((len(self.members), self.vector.steps))

    def rounds(self) -> Iterator[tuple[NDArray[np.intp], Values, Mask]]:
        """The first members of all groups, then the second ones...: (groups, values, present) of each round."""
        longest = max(map(len, self.members), default=0)
        for turn in range(longest):
            groups = [number for number, rows in enumerate(self.members) if len(rows) > turn]
            rows = [self.members[number][turn] for number in groups]
            yield np.array(groups, dtype=np.intp), self.vector.values[rows], self.vector.present[rows]


Reduction = Callable[[Groups, Semantics], Values]


def aggregate(
    operator: str, vector: Vector, grouping: Collection[str], *, without: bool, semantics: Semantics
) -> Vector:
    """The aggregations without a parameter."""
    groups = Groups(vector, grouping, without=without)
    return groups.result(_REDUCTIONS[operator](groups, semantics))


def _sum(groups: Groups, semantics: Semantics) -> Values:
    total, lost = groups.zeros(), groups.zeros()
    for members, values, seen in groups.rounds():
        if semantics.is_2:
            total[members] = np.where(seen, total[members] + values, total[members])
            continue
        new_total, new_lost = summation.add(values, total[members], lost[members])
        total[members] = np.where(seen, new_total, total[members])
        lost[members] = np.where(seen, new_lost, lost[members])
    return total if semantics.is_2 else total + lost


def _average(groups: Groups, semantics: Semantics) -> Values:
    return _incremental_average(groups) if semantics.is_2 else _compensated_average(groups)


def _incremental_average(groups: Groups) -> Values:
    mean, count = groups.zeros(), groups.zeros()
    for members, values, seen in groups.rounds():
        n = count[members] + 1
        old = mean[members]
        # An infinite mean stays unless the opposite infinity or NaN comes: Inf + x - Inf would be NaN.
        stays = np.isinf(old) & (np.isfinite(values) | (values == old))
        step = np.where(n == 1, values, old + (values / n - old / n))
        mean[members] = np.where(seen & ~(stays & (n > 1)), step, old)
        count[members] = np.where(seen, n, count[members])
    return mean


def _compensated_average(groups: Groups) -> Values:
    """Of the compensated sum; by increments from where the sum would overflow."""
    total, lost, mean, count = (groups.zeros() for _ in range(4))
    incremental = np.zeros(total.shape, dtype=np.bool_)
    for members, values, seen in groups.rounds():
        n = count[members] + 1
        new_total, new_lost = summation.add(values, total[members], lost[members])
        # The first member is taken as it is, even when infinite.
        new_lost = np.where(n == 1, 0.0, new_lost)
        turns = seen & (n > 1) & ~incremental[members] & np.isinf(new_total)
        if turns.any() or incremental[members].any():
            mean[members] = np.where(turns, total[members] / (n - 1), mean[members])
            lost[members] = np.where(turns, lost[members] / (n - 1), lost[members])
            incremental[members] |= turns
            share = (n - 1) / n
            new_mean, mean_lost = summation.add(values / n, share * mean[members], share * lost[members])
            now = seen & incremental[members]
            mean[members] = np.where(now, new_mean, mean[members])
            lost[members] = np.where(now, mean_lost, lost[members])
        plain = seen & ~incremental[members]
        total[members] = np.where(plain, new_total, total[members])
        lost[members] = np.where(plain, new_lost, lost[members])
        count[members] = np.where(seen, n, count[members])
    return np.where(incremental, mean + lost, total / count + lost / count)


def _extreme(choose: Callable[..., Values]) -> Reduction:
    """`np.fmax` and `np.fmin` pass over NaN, and so over absent members."""

    def reduce(groups: Groups, _: Semantics) -> Values:
        absent_as_nan = np.where(groups.vector.present, groups.vector.values, np.nan)
        rows = [choose.reduce(absent_as_nan[rows], axis=0) for rows in groups.members]  # type: ignore[attr-defined]
        return np.stack(rows) if rows else groups.zeros()

    return reduce


def _count(groups: Groups, _: Semantics) -> Values:
    rows = [groups.vector.present[rows].sum(axis=0) for rows in groups.members]
    return np.stack(rows).astype(np.float64) if rows else groups.zeros()


def _ones(groups: Groups, _: Semantics) -> Values:
    return groups.zeros() + 1.0


def _variance(groups: Groups, semantics: Semantics) -> Values:
    """Population variance by Welford's method; 3 starts at NaN, not at 0, when the first value is not finite."""
    mean, spread, count = (groups.zeros() for _ in range(3))
    for members, values, seen in groups.rounds():
        n = count[members] + 1
        delta = values - mean[members]
        new_mean = np.where(n == 1, values, mean[members] + delta / n)
        start = 0.0 if semantics.is_2 else np.where(np.isfinite(values), 0.0, np.nan)
        new_spread = np.where(n == 1, start, spread[members] + delta * (values - new_mean))
        mean[members] = np.where(seen, new_mean, mean[members])
        spread[members] = np.where(seen, new_spread, spread[members])
        count[members] = np.where(seen, n, count[members])
    return spread / count


def _deviation(groups: Groups, semantics: Semantics) -> Values:
    return np.sqrt(_variance(groups, semantics))


_REDUCTIONS: dict[str, Reduction] = {
    "sum": _sum,
    "avg": _average,
    "max": _extreme(np.fmax),
    "min": _extreme(np.fmin),
    "count": _count,
    "group": _ones,
    "stdvar": _variance,
    "stddev": _deviation,
}


def aggregate_quantile(q: Values, vector: Vector, grouping: Collection[str], *, without: bool) -> Vector:
    """`quantile`: the `q`-quantile (by step) of each group."""
    groups = Groups(vector, grouping, without=without)
    result = groups.zeros()
    for number, rows in enumerate(groups.members):
        at_once = max(1, _CELLS_AT_ONCE // len(rows))
        for start in range(0, vector.steps, at_once):
            steps = slice(start, start + at_once)
            here = vector.present[rows][:, steps]
            samples = np.where(here, vector.values[rows][:, steps], np.nan).T
            result[number, steps] = quantile(q[steps], samples, here.sum(axis=0))
    return groups.result(result)


def top(k: Values, vector: Vector, grouping: Collection[str], *, without: bool, largest: bool) -> Vector:
    """`topk` and `bottomk`: up to `k` (by step) rows of each group; among equals, earlier rows first.

    At a single step, rows come out ranked.  Raises EvaluationError for a `k` that is no integer of 64 bits.
    """
    if np.isnan(k).any():
        raise EvaluationError("Parameter value is NaN")
    for value in k:
        if not -_INT64_LIMIT < value < _INT64_LIMIT:
            direction = "underflows" if value < 0 else "overflows"
            raise EvaluationError(f"Scalar value {format_float(float(value))} {direction} int64")
    wanted = np.trunc(k)
    groups = Groups(vector, grouping, without=without)
    keep = np.zeros_like(vector.present)
    order: list[int] = []
    for rows in groups.members:
        values, here = vector.values[rows], vector.present[rows]
        key = -values if largest else values
        # NaN ranks behind every number, absence behind NaN.
        ranking = np.lexsort((key, np.isnan(key), ~here), axis=0)
        rank = np.empty_like(ranking)
        np.put_along_axis(rank, ranking, np.arange(len(rows))[:, None], axis=0)
        keep[rows] = here & (rank < wanted)
        order.extend(rows[i] for i in ranking[:, 0]) if vector.steps == 1 else None
    result = vector.where(keep)
    return result.rows(order).compact() if vector.steps == 1 else result


def count_values(name: str, vector: Vector, grouping: Collection[str], *, without: bool) -> Vector:
    """One row for each group and distinct value, which stands in the label `name`."""
    kept = frozenset(grouping) if without else frozenset((*grouping, name))
    parts = []
    for row, labels in enumerate(vector.labels):
        here = vector.present[row]
        for value in np.unique(vector.values[row][here]):
            equal = np.isnan(vector.values[row]) if np.isnan(value) else vector.values[row] == value
            named = labels.replaced(name, format_float(float(value)))
            key = named.without((*kept, METRIC_NAME)) if without else named.keep(kept)
            parts.append(Vector([key], np.ones((1, vector.steps)), (here & equal)[None]))
    counted = stack(parts, vector.steps)
    groups = Groups(counted, frozenset().union(*counted.labels), without=False)
    return Vector(groups.labels, _count(groups, Semantics.PROMETHEUS_3), groups.present())


def format_float(value: float) -> str:
    """A number as Go's `strconv.FormatFloat(value, 'f', -1, 64)` writes it."""
    if np.isnan(value):
        return "NaN"
    if np.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return np.format_float_positional(value, trim="-")
