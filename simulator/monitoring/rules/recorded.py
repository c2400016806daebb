"""What rules have written, as series.

Samples arrive in chunks, oldest first; what lies too far back to be seen by any rule is let go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from simulator.monitoring.promql import Labels, Matcher, Series, Storage, match_all
from simulator.monitoring.promql.series import Times, Values
from simulator.monitoring.rules.courses import Chunk

_MANY_CHUNKS = 16


class Recorded:
    """The series that one rule wrote."""

    def __init__(self) -> None:
        self._chunks: dict[Labels, list[Chunk]] = {}

    def add(self, chunks: Iterable[Chunk]) -> None:
        for chunk in chunks:
            known = self._chunks.setdefault(chunk.labels, [])
            known.append(chunk)
            if len(known) > _MANY_CHUNKS:
                self._chunks[chunk.labels] = [_joined(chunk.labels, known)]

    def forget_before(self, at_ms: int) -> None:
        """Let go of samples before `at_ms`."""
        for labels, chunks in list(self._chunks.items()):
            kept = [_since(chunk, at_ms) for chunk in chunks if chunk.times[-1] >= at_ms]
            if kept:
                self._chunks[labels] = kept
            else:
                del self._chunks[labels]

    def chunks(self) -> Iterable[Chunk]:
        return [chunk for chunks in self._chunks.values() for chunk in chunks]

    def last(self, labels: Labels, start_ms: int, end_ms: int) -> tuple[int, float] | None:
        """The last sample of one series within [start_ms, end_ms], staleness markers included."""
        for chunk in reversed(self._chunks.get(labels, [])):
            end = int(np.searchsorted(chunk.times, end_ms, side="right"))
            if end:
                found = int(chunk.times[end - 1]), float(chunk.values[end - 1])
                return found if found[0] >= start_ms else None
        return None


def _since(chunk: Chunk, at_ms: int) -> Chunk:
    """A chunk that is mostly over is copied, so that the rest of it is freed."""
    first = int(np.searchsorted(chunk.times, at_ms))
    if first < len(chunk.times) // 2:
        return chunk
    return Chunk(chunk.labels, chunk.times[first:].copy(), chunk.values[first:].copy())


def _joined(labels: Labels, chunks: Sequence[Chunk]) -> Chunk:
    times = np.concatenate([chunk.times for chunk in chunks])
    return Chunk(labels, times, np.concatenate([chunk.values for chunk in chunks]))


def select_chunks(chunks: Iterable[Chunk], matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> list[Series]:
    """The series that match, put together from chunks in the order of time, cut to [start_ms, end_ms]."""
    found: dict[Labels, list[Chunk]] = {}
    matching: dict[Labels, bool] = {}
    for chunk in chunks:
        wanted = matching.get(chunk.labels)
        if wanted is None:
            wanted = matching[chunk.labels] = match_all(matchers, chunk.labels)
        if wanted and chunk.times[0] <= end_ms and chunk.times[-1] >= start_ms:
            found.setdefault(chunk.labels, []).append(chunk)
    cuts: dict[tuple[int, ...], tuple[Times, int, int]] = {}
    selected = []
    for labels, parts in found.items():
        # Series written together share their arrays of times, and so they do after the cut.
        key = tuple(id(part.times) for part in parts)
        cut = cuts.get(key)
        if cut is None:
            times = parts[0].times if len(parts) == 1 else np.concatenate([part.times for part in parts])
            first, end = np.searchsorted(times, [start_ms, end_ms + 1])
            cut = cuts[key] = times[first:end], int(first), int(end)
        times, first, end = cut
        values: Values = parts[0].values if len(parts) == 1 else np.concatenate([p.values for p in parts])
        if first < end:
            selected.append(Series(labels, times, values[first:end]))
    return selected


def merge(base: Sequence[Series], recorded: list[Series]) -> Sequence[Series]:
    """Both together; samples of the same series from both sides become one series."""
    if not recorded:
        return base
    if not base:
        return recorded
    by_labels = {series.labels: series for series in base}
    for series in recorded:
        known = by_labels.get(series.labels)
        if known is None:
            by_labels[series.labels] = series
            continue
        times = np.concatenate([known.times, series.times])
        values = np.concatenate([known.values, series.values])
        times, first = np.unique(times, return_index=True)
        by_labels[series.labels] = Series(series.labels, times, values[first])
    return list(by_labels.values())


class Bounded:
    """A storage in which nothing after `end_ms` has happened yet."""

    def __init__(self, storage: Storage, end_ms: int) -> None:
        self._storage = storage
        self._end_ms = end_ms

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[Series]:
        return self._storage.select(matchers, start_ms, min(end_ms, self._end_ms))
