"""Rates and increases: how fast counters and gauges change over a range.

`rate`, `increase` and `delta` compare the last sample of a window with the first and *extrapolate* to the edges of
the range: over the whole gap when it is shorter than 1.1 times the average distance of samples, otherwise over half
that distance.  A counter that falls was reset: what it had before is added.  A counter is never extrapolated below
zero.  `irate` and `idelta` use the last two samples only.

Example, one sample every 15 s and a range (0 s, 60 s] with samples at 10, 25, 40, 55: the sampled interval is 45 s,
10 s are missing before it and 5 s after; both are below 16.5 s, so the increase is scaled by 60 / 45.

Source: Prometheus, `promql/functions.go` (`extrapolatedRate`, `instantValue`), 2.42 and 3.14.
"""

from __future__ import annotations

import numpy as np

from simulator.monitoring.promql.semantics import Semantics
from simulator.monitoring.promql.series import Mask, Values
from simulator.monitoring.promql.windows import Windows


def extrapolated(
    windows: Windows, range_ms: int, semantics: Semantics, *, counter: bool, per_second: bool
) -> tuple[Values, Mask]:
    """The change over each window, scaled to the whole range; present where a window has two samples."""
    first, last = windows.first, windows.end - 1
    oldest = windows.sample(first)
    change = windows.sample(last) - oldest
    if counter:
        _add_resets(windows, change)

    sampled = (windows.time(last) - windows.time(first)) / 1000
    average = sampled / np.maximum(windows.counts - 1, 1)
    before = np.broadcast_to((windows.time(first) - windows.opens_ms) / 1000, change.shape)
    after = (windows.closes_ms - windows.time(last)) / 1000
    threshold = average * 1.1
    if counter and semantics.is_2:
        before = _not_below_zero(before, sampled, oldest, change)
    before = np.where(before >= threshold, average / 2, before)
    if counter and not semantics.is_2:
        before = _not_below_zero(before, sampled, oldest, change)
    after = np.where(after >= threshold, average / 2, after)
    factor = (sampled + before + after) / sampled
    if per_second:
        factor = factor / seconds(range_ms)
    return change * factor, np.broadcast_to(windows.counts >= 2, change.shape)


def seconds(duration_ms: int) -> float:
    """A duration as Go turns one into seconds: whole ones and the rest apart."""
    return duration_ms // 1000 + (duration_ms % 1000) * 1_000_000 / 1e9


def _not_below_zero(before: Values, sampled: Values, oldest: Values, change: Values) -> Values:
    """Cap the gap before the first sample at the moment when the counter would have been zero."""
    to_zero = sampled * (oldest / change)
    return np.where((change > 0) & (oldest >= 0) & (to_zero < before), to_zero, before)


def _add_resets(windows: Windows, change: Values) -> None:
    """Add to `change`, in place, what counters had lost by resets inside each window, oldest first."""
    values = windows.values
    falls = values[:, 1:] < values[:, :-1]
    # Resets are rare: only the rows that have any are walked.
    for row in np.flatnonzero(falls.any(axis=1)):
        lost_at = np.flatnonzero(falls[row])
        edges = row if windows.block.is_ragged else 0
        next_reset = np.searchsorted(lost_at, windows.first[edges], side="left")
        end = np.searchsorted(lost_at, windows.end[edges] - 1, side="left")
        while (inside := next_reset < end).any():
            change[row, inside] += values[row, lost_at[next_reset[inside]]]
            next_reset = next_reset + inside


def last_two(windows: Windows, *, counter: bool) -> tuple[Values, Mask]:
    """`irate` (counter: per second, resets respected) and `idelta` of each window."""
    last = windows.end - 1
    newest, previous = windows.sample(last), windows.sample(last - 1)
    change = newest - previous
    if counter:
        change = np.where(newest < previous, newest, change)
        change = change / ((windows.time(last) - windows.time(last - 1)) / 1000)
    return change, np.broadcast_to(windows.counts >= 2, change.shape)


def count_falls(windows: Windows) -> Values:
    """`resets`: how often a value is lower than the one before it."""
    return _count_pairs(windows, windows.values[:, 1:] < windows.values[:, :-1])


def count_changes(windows: Windows) -> Values:
    """`changes`: how often a value differs from the one before it; NaN does not differ from NaN."""
    newer, older = windows.values[:, 1:], windows.values[:, :-1]
    return _count_pairs(windows, (newer != older) & ~(np.isnan(newer) & np.isnan(older)))


def _count_pairs(windows: Windows, pairs: Mask) -> Values:
    """How many neighbouring pairs inside each window hold."""
    prefix = np.zeros((pairs.shape[0], pairs.shape[1] + 1), dtype=np.int64)
    np.cumsum(pairs, axis=1, out=prefix[:, 1:])
    first = np.minimum(windows.first, pairs.shape[1])
    last = np.clip(windows.end - 1, first, pairs.shape[1])
    block = windows.block
    counted: Values = (block.at(prefix, last) - block.at(prefix, first)).astype(np.float64)
    return counted
