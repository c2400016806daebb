"""Which samples each step sees: instant lookback and range windows, for many series at once.

A *block* is a set of series that share their sample times; a *window* is, at one step, the samples between two
edges.  Because times are shared, the edges of all windows of a block are found by one binary search, as index pairs
into its columns:

    times   0   15  30  45  60  75         step at 70 with a range of 45 s: (25, 70] = columns 2..4
                     ^first      ^end

Series whose times differ fall into blocks of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.monitoring.promql.labels import Labels
from simulator.monitoring.promql.series import Mask, Series, Times, Values, is_stale

Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Block:
    """Series with shared times: `labels` and `rows` (their place in the selection) by series, `times` int64[n],
    `values` float64[series, n]."""

    labels: list[Labels]
    rows: list[int]
    times: Times
    values: Values


@dataclass(frozen=True, slots=True)
class Windows:
    """The samples of a block that each step sees.

    `first` and `end` (exclusive) are column indices by step; `opens_ms` and `closes_ms` are the edges in time.
    """

    block: Block
    first: Index
    end: Index
    opens_ms: Times
    closes_ms: Times

    @property
    def times(self) -> Times:
        return self.block.times

    @property
    def values(self) -> Values:
        return self.block.values

    @property
    def counts(self) -> Index:
        """Samples in each window, by step."""
        counts: Index = np.maximum(self.end - self.first, 0)
        return counts

    def sample(self, position: Index) -> Values:
        """The values [series, steps] at column `position` of each step; meaningless where there is none."""
        return self.values[:, np.clip(position, 0, max(len(self.times) - 1, 0))]

    def time(self, position: Index) -> Times:
        """The sample times by step at column `position`."""
        return self.times[np.clip(position, 0, max(len(self.times) - 1, 0))]


def blocks_of(selection: Sequence[Series], *, drop_stale: bool) -> list[Block]:
    """Group series by their times; with `drop_stale`, staleness markers are taken out, as ranges do not see them."""
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
    blocks = []
    for members in groups.values():
        rows = sorted(members)
        values = np.stack([selection[row].values for row in rows])
        block = Block([selection[row].labels for row in rows], rows, selection[rows[0]].times, values)
        blocks.extend(_without_stale(block) if drop_stale else [block])
    return blocks


def _without_stale(block: Block) -> list[Block]:
    """Split a block so that no series keeps a staleness marker."""
    stale = is_stale(block.values)
    if not stale.any():
        return [block]
    by_mask: dict[bytes, list[int]] = {}
    for index in range(len(block.rows)):
        by_mask.setdefault(stale[index].tobytes(), []).append(index)
    parts = []
    for indices in by_mask.values():
        keep = ~stale[indices[0]]
        parts.append(
            Block(
                [block.labels[i] for i in indices],
                [block.rows[i] for i in indices],
                block.times[keep],
                block.values[np.ix_(np.asarray(indices, dtype=np.intp), np.flatnonzero(keep))],
            )
        )
    return [part for part in parts if len(part.times)]


def windows_of(block: Block, closes_ms: Times, range_ms: int, *, left_open: bool) -> Windows:
    """Windows that end at `closes_ms` (by step) and reach `range_ms` back; the right edge always belongs to them."""
    opens_ms = closes_ms - range_ms
    first = np.searchsorted(block.times, opens_ms, side="right" if left_open else "left")
    end = np.searchsorted(block.times, closes_ms, side="right")
    return Windows(block, first, end, opens_ms, closes_ms)


def latest(block: Block, reference_ms: Times, lookback_ms: int, *, left_open: bool) -> tuple[Index, Mask]:
    """For each step the column of the last sample at or before `reference_ms`, and whether it is recent enough."""
    column = np.searchsorted(block.times, reference_ms, side="right") - 1
    age = reference_ms - block.times[np.maximum(column, 0)]
    recent = age < lookback_ms if left_open else age <= lookback_ms
    return np.maximum(column, 0), (column >= 0) & recent
