"""Which samples each step sees: instant lookback and range windows, for many series at once.

A *block* is a set of series that are looked at together; a *window* is, at one step, the samples of a series between
two edges.  The edges are found by one binary search, as pairs of indices into the columns of the block:

    times   0   15  30  45  60  75         step at 70 with a range of 45 s: (25, 70] = columns 2..4
                     ^first      ^end

Series that share their sample times have one row of times and one row of edges between them (a *shared* block).
Series whose times differ, as those of targets scraped at different moments, have a row each (a *ragged* block):
shorter ones are filled up behind their last sample, with what no window reaches.  So arrays of times and of edges
are [1, n] or [series, n], and what is computed from them broadcasts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from simulator.monitoring.promql.labels import Labels
from simulator.monitoring.promql.series import Mask, Series, Times, Values, is_stale

Index = NDArray[np.intp]
Side = Literal["left", "right"]
T = TypeVar("T", bound=np.generic)

# Groups of at most so many series are put together, into blocks of at most so many.
_FEW_SERIES = 16
_MANY_SERIES = 256
_NEVER_MS = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Block:
    """Series looked at together.

    `labels` and `rows` (their place in the selection, ascending) are by series; `times` int64[1 or series, n], with
    the end of time behind the last sample of a shorter series; `values` float64[series, n].
    """

    labels: list[Labels]
    rows: list[int]
    times: Times
    values: Values

    @property
    def is_ragged(self) -> bool:
        return len(self.times) > 1

    def at(self, array: NDArray[T], column: Index) -> NDArray[T]:
        """`array` [series, n] at `column` [1 or series, steps], as [series, steps]; columns are clipped to n."""
        if not self.is_ragged:
            shared: NDArray[T] = array.take(column[0], axis=1, mode="clip")
            return shared
        width = array.shape[1]
        each: NDArray[T] = array.reshape(-1).take(np.clip(column, 0, width - 1) + self._starts(width))
        return each

    def time_at(self, column: Index) -> Times:
        """Sample times at `column` [1 or series, steps], of that shape."""
        if not self.is_ragged:
            shared: Times = self.times[0].take(column, mode="clip")
            return shared
        return self.at(self.times, column)

    def columns_up_to(self, moments: Sequence[Times], *, sides: Sequence[Side]) -> list[Index]:
        """For each of `moments` (int64[steps]), how many samples lie before it, [1 or series, steps].

        A sample at the very moment counts with the side "right" and does not with "left".
        """
        if not self.is_ragged:
            return [np.searchsorted(self.times[0], m, side=s)[None] for m, s in zip(moments, sides, strict=True)]
        series, width = self.times.shape
        origin, span, begins, flat = self._flat
        found = []
        for moment, side in zip(moments, sides, strict=True):
            # Times of all series on one line, each series on a stretch of its own, so that one search does for all.
            wanted = np.minimum(np.maximum(moment - origin, -1), span - 3) + begins[:, None]
            column = np.searchsorted(flat, wanted.reshape(-1), side=side)
            found.append(column.reshape(series, -1) - self._starts(width))
        return found

    def _starts(self, width: int) -> Index:
        starts: Index = np.arange(0, len(self.times) * width, width, dtype=np.intp)[:, None]
        return starts

    @cached_property
    def _flat(self) -> tuple[int, int, Times, Times]:
        """The earliest time, the length of a stretch, where that of each series begins, and all times on one line."""
        origin = int(self.times[:, 0].min())
        known = self.times != _NEVER_MS
        span = int(self.times.max(where=known, initial=origin)) - origin + 4
        begins = np.arange(1, len(self.times) + 1, dtype=np.int64) * span
        return origin, span, begins, (np.where(known, self.times - origin, span - 2) + begins[:, None]).reshape(-1)


@dataclass(frozen=True)
class Windows:
    """The samples of a block that each step sees.

    `first` and `end` (exclusive) are columns [1 or series, steps]; `opens_ms` and `closes_ms` are the edges in time,
    by step.
    """

    block: Block
    first: Index
    end: Index
    opens_ms: Times
    closes_ms: Times

    @property
    def values(self) -> Values:
        return self.block.values

    @property
    def shape(self) -> tuple[int, int]:
        """Series and steps."""
        return self.values.shape[0], len(self.closes_ms)

    @cached_property
    def counts(self) -> Index:
        """Samples in each window, [1 or series, steps]."""
        counts: Index = np.maximum(self.end - self.first, 0)
        return counts

    @property
    def longest(self) -> int:
        return int(self.counts.max()) if self.counts.size else 0

    def sample(self, column: Index) -> Values:
        """The values [series, steps] at `column` [1 or series, steps]; meaningless where there is none."""
        return self.block.at(self.values, column)

    def time(self, column: Index) -> Times:
        """The sample times at `column`, of its shape."""
        return self.block.time_at(column)


def blocks_of(selection: Sequence[Series], *, drop_stale: bool) -> list[Block]:
    """Series by their times; with `drop_stale`, staleness markers are taken out, as ranges do not see them."""
    by_identity: dict[int, list[int]] = {}
    for row, series in enumerate(selection):
        if len(series.times):
            by_identity.setdefault(id(series.times), []).append(row)
    groups: dict[bytes, list[int]] = {}
    if len(by_identity) == 1:
        groups[b""] = next(iter(by_identity.values()))
    else:
        for rows in by_identity.values():
            groups.setdefault(selection[rows[0]].times.tobytes(), []).extend(rows)
    blocks: list[Block] = []
    # Small groups of about the same number of samples (at most twice as many) are put together.
    small: dict[int, list[int]] = {}
    for rows in groups.values():
        if len(rows) > _FEW_SERIES or len(groups) == 1:
            blocks.extend(_shared(selection, sorted(rows), drop_stale=drop_stale))
        else:
            small.setdefault(len(selection[rows[0]].times).bit_length(), []).extend(rows)
    for rows in map(sorted, small.values()):
        for start in range(0, len(rows), _MANY_SERIES):
            blocks.extend(_ragged(selection, rows[start : start + _MANY_SERIES], drop_stale=drop_stale))
    return blocks


def _shared(selection: Sequence[Series], rows: list[int], *, drop_stale: bool) -> list[Block]:
    """Series with the same times; without staleness markers they fall into several blocks."""
    labels = [selection[row].labels for row in rows]
    times = selection[rows[0]].times[None]
    values = np.stack([selection[row].values for row in rows])
    stale = is_stale(values)
    if not drop_stale or not stale.any():
        return [Block(labels, rows, times, values)]
    by_mask: dict[bytes, list[int]] = {}
    for index, mask in enumerate(stale):
        by_mask.setdefault(mask.tobytes(), []).append(index)
    parts = []
    for indices in by_mask.values():
        keep = ~stale[indices[0]]
        kept = values[np.ix_(np.asarray(indices, dtype=np.intp), np.flatnonzero(keep))]
        parts.append(Block([labels[i] for i in indices], [rows[i] for i in indices], times[:, keep], kept))
    return [part for part in parts if part.times.shape[1]]


def _ragged(selection: Sequence[Series], rows: list[int], *, drop_stale: bool) -> list[Block]:
    """Series with a row of times each, as one block; none when no sample is left."""
    width = max(len(selection[row].times) for row in rows)
    times = np.full((len(rows), width), _NEVER_MS, dtype=np.int64)
    values = np.zeros((len(rows), width))
    for number, row in enumerate(rows):
        series = selection[row]
        times[number, : len(series.times)] = series.times
        values[number, : len(series.times)] = series.values
    if drop_stale and (stale := is_stale(values)).any():
        for index in np.flatnonzero(stale.any(axis=1)).tolist():
            keep = ~stale[index]
            left = int(keep.sum())
            times[index, :left], times[index, left:] = times[index, keep], _NEVER_MS
            values[index, :left], values[index, left:] = values[index, keep], 0.0
    if (times[:, 0] == _NEVER_MS).all():
        return []
    return [Block([selection[row].labels for row in rows], rows, times, values)]


def windows_of(block: Block, closes_ms: Times, range_ms: int, *, left_open: bool) -> Windows:
    """Windows that end at `closes_ms` (by step) and reach `range_ms` back; the right edge always belongs to them."""
    opens_ms = closes_ms - range_ms
    first, end = block.columns_up_to((opens_ms, closes_ms), sides=("right" if left_open else "left", "right"))
    return Windows(block, first, end, opens_ms, closes_ms)


def latest(block: Block, reference_ms: Times, lookback_ms: int, *, left_open: bool) -> tuple[Index, Mask]:
    """For each step the column of the last sample at or before `reference_ms`, and whether it is recent enough.

    Both are [1 or series, steps].
    """
    (seen,) = block.columns_up_to((reference_ms,), sides=("right",))
    column: Index = np.maximum(seen - 1, 0)
    age = reference_ms - block.time_at(column)
    recent = age < lookback_ms if left_open else age <= lookback_ms
    return column, (seen > 0) & recent
