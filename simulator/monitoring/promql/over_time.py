"""Aggregations of one series over a range: `sum_over_time`, `max_over_time`, `stddev_over_time` and their kin.

Every function takes windows and gives values [series, steps]; they are present where a window has a sample.
Source: Prometheus, `promql/functions.go`, 2.42 and 3.14.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator.monitoring.promql import summation
from simulator.monitoring.promql.quantiles import quantile
from simulator.monitoring.promql.semantics import Semantics
from simulator.monitoring.promql.series import Values
from simulator.monitoring.promql.windows import Windows

_CELLS_AT_ONCE = 4_000_000


def count(windows: Windows) -> Values:
    return np.broadcast_to(windows.counts.astype(np.float64), windows.shape)


def last(windows: Windows) -> Values:
    return windows.sample(windows.end - 1)


def ones(windows: Windows) -> Values:
    return np.ones(windows.shape)


def average(windows: Windows, semantics: Semantics) -> Values:
    """The mean: of the compensated sum in 3 (by increments where the sum overflows), by increments in 2."""
    if semantics.is_2:
        return _incremental_average(windows)
    total, lost = summation.window_totals(windows)
    if (np.isinf(total) & (windows.counts > 0)).any():
        return _overflowing_average(windows)
    return total / windows.counts + lost / windows.counts


def _overflowing_average(windows: Windows) -> Values:
    """The mean by increments from the sample on at which the sum would overflow."""
    shape = windows.shape
    total, lost, mean = windows.sample(windows.first), np.zeros(shape), np.zeros(shape)
    incremental = np.zeros(shape, dtype=np.bool_)
    for offset, seen in summation.each_offset(windows)[1:]:
        value, n = windows.sample(windows.first + offset), float(offset + 1)
        new_total, new_lost = summation.add(value, total, lost)
        turns = seen & ~incremental & np.isinf(new_total)
        mean, lost = np.where(turns, total / (n - 1), mean), np.where(turns, lost / (n - 1), lost)
        incremental |= turns
        share = (n - 1) / n
        new_mean, mean_lost = summation.add(value / n, share * mean, share * lost)
        plain = seen & ~incremental
        total = np.where(plain, new_total, total)
        lost = np.where(plain, new_lost, np.where(seen & incremental, mean_lost, lost))
        mean = np.where(seen & incremental, new_mean, mean)
    counts = np.maximum(windows.counts, 1)
    return np.where(incremental, mean + lost, total / counts + lost / counts)


def _incremental_average(windows: Windows) -> Values:
    mean, lost = np.zeros(windows.shape), np.zeros(windows.shape)
    for offset, seen in summation.each_offset(windows):
        value, n = windows.sample(windows.first + offset), float(offset + 1)
        # Once infinite, the mean stays so unless the opposite infinity or NaN comes: Inf + x - Inf would be NaN.
        stays = np.isinf(mean) & (np.isfinite(value) | (value == mean))
        new_mean, new_lost = summation.add(value / n - mean / n, mean, lost)
        moves = seen & ~stays
        mean, lost = np.where(moves, new_mean, mean), np.where(moves, new_lost, lost)
    return summation.finish(mean, lost)


def variance(windows: Windows, semantics: Semantics) -> Values:
    """Population variance by Welford's method, compensated; where it overflows, 2 gives NaN and 3 infinity."""
    shape = windows.shape
    mean, mean_lost, spread, spread_lost = (np.zeros(shape) for _ in range(4))
    for offset, seen in summation.each_offset(windows):
        value = windows.sample(windows.first + offset)
        delta = value - (mean + mean_lost)
        new_mean, new_mean_lost = summation.add(delta / (offset + 1), mean, mean_lost)
        product = delta * (value - (new_mean + new_mean_lost))
        new_spread, new_spread_lost = summation.add(product, spread, spread_lost)
        mean, mean_lost = np.where(seen, new_mean, mean), np.where(seen, new_mean_lost, mean_lost)
        spread, spread_lost = np.where(seen, new_spread, spread), np.where(seen, new_spread_lost, spread_lost)
    if semantics.is_2:
        spread = np.where(np.isinf(spread), np.nan, spread)
    return (spread + spread_lost) / windows.counts


def extreme(windows: Windows, choose: Callable[..., Values]) -> Values:
    """Largest or smallest sample (`choose` is `np.fmax` or `np.fmin`, which pass over NaN), by doubling.

    A window of n samples is covered by two windows of the largest power of two below n, so log2(n) passes do.
    """
    level = windows.values
    counts = windows.counts
    result = np.full(windows.shape, np.nan)
    width = 1
    while (counts >= width).any():
        here = (counts >= width) & (counts < 2 * width)
        if here.any():
            rows, steps = np.nonzero(here)
            left, right = windows.first[rows, steps], windows.end[rows, steps] - width
            if windows.block.is_ragged:
                result[rows, steps] = choose(level[rows, left], level[rows, right])
            else:
                result[:, steps] = choose(level[:, left], level[:, right])
        if level.shape[1] > width:
            level = np.concatenate([choose(level[:, :-width], level[:, width:]), level[:, -width:]], axis=1)
        width *= 2
    return result


def quantile_over(windows: Windows, q: Values) -> Values:
    """The `q`-quantile (by step) of the samples of each window."""
    result = np.full(windows.shape, np.nan)
    longest = windows.longest
    if not longest:
        return result
    series, all_steps = windows.shape
    at_once = max(1, _CELLS_AT_ONCE // (series * longest))
    for start in range(0, all_steps, at_once):
        steps = slice(start, start + at_once)
        column = windows.first[:, steps, None] + np.arange(longest)
        inside = column < windows.end[:, steps, None]
        samples = windows.sample(column.reshape(len(column), -1)).reshape(series, -1, longest)
        result[:, steps] = quantile(q[steps], np.where(inside, samples, np.nan), windows.counts[:, steps])
    return result


def smoothed(windows: Windows, smoothing: Values, trend: Values) -> Values:
    """`holt_winters`: double exponential smoothing with factors by step, each in (0, 1)."""
    level, previous = windows.sample(windows.first), np.zeros(windows.shape)
    slope = windows.sample(windows.first + 1) - level
    for offset, seen in summation.each_offset(windows)[1:]:
        if offset > 1:
            slope = np.where(seen, trend * (level - previous) + (1 - trend) * slope, slope)
        value = smoothing * windows.sample(windows.first + offset) + (1 - smoothing) * (level + slope)
        previous, level = np.where(seen, level, previous), np.where(seen, value, level)
    return level
