"""Classic histograms: quantiles and fractions from cumulative buckets.

A classic histogram is a set of series that differ only in the label `le`, the upper bound of a bucket; each counts
the observations up to its bound.  A quantile is found in the bucket that its rank falls into, by linear
interpolation between the bounds.  The lowest bucket starts at 0 when its bound is positive; a rank in the highest
(`+Inf`) gives the highest finite bound.

Source: Prometheus, `promql/quantile.go` (`BucketQuantile`, `BucketFraction`), 2.42 and 3.14.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from simulator.monitoring.promql.labels import BUCKET_LABEL, Labels
from simulator.monitoring.promql.semantics import Semantics
from simulator.monitoring.promql.series import Mask, Values
from simulator.monitoring.promql.vectors import Vector

_FLOAT = re.compile(r"[+-]?(?:(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf|infinity|nan)", re.IGNORECASE)
_TOLERANCE = 1e-12
_SMALLEST_NORMAL = 2.2250738585072014e-308

# Counts [histograms, buckets, steps] of sorted distinct bounds [buckets] to values [histograms, steps].
Reading = Callable[[Values, Values, slice | Mask], Values]


def histogram_quantile(q: Values, buckets: Vector, semantics: Semantics) -> Vector:
    """The `q`-quantile (by step) of every histogram in `buckets`, without `le` and, at once or later, its name."""

    def reading(counts: Values, bounds: Values, steps: slice | Mask) -> Values:
        return _quantile(q[steps], counts, bounds, semantics)

    return _read(buckets, reading, semantics)


def histogram_fraction(lower: Values, upper: Values, buckets: Vector, semantics: Semantics) -> Vector:
    """The share of observations between two values (by step) of every histogram in `buckets`."""

    def reading(counts: Values, bounds: Values, steps: slice | Mask) -> Values:
        return _fraction(lower[steps], upper[steps], counts, bounds)

    return _read(buckets, reading, semantics)


def upper_bound(text: str) -> float | None:
    """The bound that a label `le` writes, None when it is not a number."""
    return float(text) if _FLOAT.fullmatch(text) else None


def _read(buckets: Vector, reading: Reading, semantics: Semantics) -> Vector:
    histograms: dict[Labels, list[tuple[float, int]]] = {}
    for row, labels in enumerate(buckets.labels):
        bound = upper_bound(labels.get(BUCKET_LABEL, ""))
        if bound is not None:
            key = labels.without((BUCKET_LABEL,))
            histograms.setdefault(key, []).append((bound, row))
    names = list(histograms)
    steps = buckets.steps
    values, present = np.full((len(names), steps), np.nan), np.zeros((len(names), steps), dtype=np.bool_)

    # Histograms with the same bounds, all of them present together, are read in one go.
    alike: dict[tuple[float, ...], list[tuple[int, list[int]]]] = {}
    for index, name in enumerate(names):
        pairs = sorted(histograms[name], key=lambda pair: pair[0])
        rows = [row for _, row in pairs]
        bounds = tuple(bound for bound, _ in pairs)
        if (buckets.present[rows] == buckets.present[rows[0]]).all():
            alike.setdefault(bounds, []).append((index, rows))
            present[index] = buckets.present[rows[0]]
        else:
            present[index] = buckets.present[rows].any(axis=0)
            values[index] = _read_by_pattern(buckets, rows, np.array(bounds), reading)
    for bounds, members in alike.items():
        indices = [index for index, _ in members]
        rows_of = np.array([rows for _, rows in members], dtype=np.intp)
        counts, distinct = _coalesce(buckets.values[rows_of], np.array(bounds))
        values[indices] = reading(counts, distinct, slice(None))
    late = semantics.drops_names_late
    result_labels = names if late else [name.without_name() for name in names]
    return Vector(result_labels, values, present, np.full(len(names), late))


def _read_by_pattern(buckets: Vector, rows: list[int], bounds: Values, reading: Reading) -> Values:
    """Where buckets come and go, steps with the same buckets are read together."""
    here = buckets.present[rows]
    patterns, pattern_of = np.unique(here, axis=1, return_inverse=True)
    result = np.full(buckets.steps, np.nan)
    for number in range(patterns.shape[1]):
        pattern = patterns[:, number]
        if pattern.any():
            steps = pattern_of.reshape(-1) == number
            counts, distinct = _coalesce(buckets.values[np.array(rows)[pattern]][:, steps][None], bounds[pattern])
            result[steps] = reading(counts, distinct, steps)[0]
    return result


def _coalesce(counts: Values, bounds: Values) -> tuple[Values, Values]:
    """Add up buckets whose bounds are equal, like `le="1"` and `le="1.0"`."""
    distinct = np.unique(bounds)
    if len(distinct) == len(bounds):
        return counts, bounds
    merged = [counts[:, bounds == bound].sum(axis=1) for bound in distinct]
    return np.stack(merged, axis=1), distinct


def _monotonic(counts: Values, semantics: Semantics) -> Values:
    """Counts that never fall from bucket to bucket; 3 also levels differences that rounding could have made."""
    result = counts.copy()
    previous = counts[:, 0]
    for bucket in range(1, counts.shape[1]):
        current = counts[:, bucket]
        level = current < previous
        if not semantics.is_2:
            level |= _almost_equal(previous, current)
        previous = np.where(level, previous, current)
        result[:, bucket] = previous
    return result


def _almost_equal(a: Values, b: Values) -> Mask:
    size, difference = np.abs(a) + np.abs(b), np.abs(a - b)
    tiny = (a == 0) | (b == 0) | (size < _SMALLEST_NORMAL)
    near = np.where(
        tiny,
        difference < _TOLERANCE * _SMALLEST_NORMAL,
        difference / np.minimum(size, np.finfo(np.float64).max) < _TOLERANCE,
    )
    equal: Mask = near | (a == b) | (np.isnan(a) & np.isnan(b))
    return equal


def _quantile(q: Values, counts: Values, bounds: Values, semantics: Semantics) -> Values:
    histograms, buckets, steps = counts.shape
    q = np.broadcast_to(q, (histograms, steps))
    if not np.isposinf(bounds[-1]) or buckets < 2:
        value = np.full((histograms, steps), np.nan)
    else:
        counts = _monotonic(counts, semantics)
        observations = counts[:, -1]
        rank = q * observations
        reaches = counts[:, :-1] >= rank[:, None]
        bucket = np.where(reaches.any(axis=1), reaches.argmax(axis=1), buckets - 1)
        start = np.where(bucket > 0, bounds[bucket - 1], 0.0)
        below = np.take_along_axis(counts, np.maximum(bucket - 1, 0)[:, None], axis=1)[:, 0]
        below = np.where(bucket > 0, below, 0.0)
        inside = np.take_along_axis(counts, bucket[:, None], axis=1)[:, 0] - below
        value = start + (bounds[bucket] - start) * ((rank - below) / inside)
        if bounds[0] <= 0:
            value = np.where(bucket == 0, bounds[0], value)
        value = np.where(bucket == buckets - 1, bounds[-2], value)
        value = np.where(observations == 0, np.nan, value)
    return np.where(np.isnan(q), np.nan, np.where(q < 0, -np.inf, np.where(q > 1, np.inf, value)))


def _fraction(lower: Values, upper: Values, counts: Values, bounds: Values) -> Values:
    histograms, _, steps = counts.shape
    total = counts[:, -1]
    if not np.isposinf(bounds[-1]):
        return np.full((histograms, steps), np.nan)
    ranks = [_rank(np.broadcast_to(limit, total.shape), counts, bounds) for limit in (lower, upper)]
    share = (ranks[1] - ranks[0]) / total
    share = np.where(lower >= upper, 0.0, share)
    return np.where((total == 0) | np.isnan(lower) | np.isnan(upper), np.nan, share)


def _rank(limit: Values, counts: Values, bounds: Values) -> Values:
    """How many observations lie below `limit`, interpolated inside its bucket."""
    rank, found = np.zeros_like(limit), np.zeros(limit.shape, dtype=np.bool_)
    below = np.zeros_like(limit)
    low = 0.0 if bounds[0] > 0 else -np.inf
    for bucket, high in enumerate(bounds):
        at_edge = ~found & (low >= limit)
        inside = ~found & ~at_edge & (high > limit)
        count = counts[:, bucket]
        share = below + (count - below) * (limit - low) / (high - low) if np.isfinite(low) else count
        rank = np.where(at_edge, below, np.where(inside, share, rank))
        found |= at_edge | inside
        below, low = count, high
    total = counts[:, -1]
    return np.where(~found | (rank > total), total, rank)
