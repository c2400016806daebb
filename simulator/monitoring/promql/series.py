"""Series and where they come from.

A *series* is a label set with samples: times in milliseconds, strictly ascending, and values.  A *staleness marker*
is one particular NaN (0x7ff0000000000002): "the series ended here", not a value.  A *storage* answers selectors;
everything that has series (telemetry, test input, a recording) implements the protocol.

Source of the marker: Prometheus, `model/value/value.go`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.monitoring.promql.labels import METRIC_NAME, Labels
from simulator.monitoring.promql.matchers import Matcher, MatchType, match_all

Times = NDArray[np.int64]
Values = NDArray[np.float64]
Mask = NDArray[np.bool_]

STALE_BITS = np.int64(0x7FF0000000000002)
STALE = float(np.array([STALE_BITS], dtype=np.int64).view(np.float64)[0])


def is_stale(values: Values) -> Mask:
    """Which values are staleness markers, by their bits: an ordinary NaN is a value."""
    mask: Mask = np.ascontiguousarray(values).view(np.int64) == STALE_BITS
    return mask


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """`times` int64[n] in ms, strictly ascending; `values` float64[n].

    Series that were scraped together should share one `times` array: they are then evaluated together.
    """

    labels: Labels
    times: Times
    values: Values

    def __post_init__(self) -> None:
        if self.times.shape != self.values.shape or self.times.ndim != 1:
            raise ValueError(f"{self.labels}: times {self.times.shape} and values {self.values.shape} do not fit")


class Storage(Protocol):
    """Whatever holds series."""

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[Series]:
        """Series that all matchers match, with their samples in [start_ms, end_ms]."""
        ...


class MemoryStorage:
    """Series in memory, indexed by metric name."""

    def __init__(self, series: Iterable[Series] = ()) -> None:
        self._series: list[Series] = []
        self._by_name: dict[str, list[Series]] = {}
        for one in series:
            self.add(one)

    def add(self, series: Series) -> None:
        self._series.append(series)
        self._by_name.setdefault(series.labels.metric_name, []).append(series)

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[Series]:
        candidates, conditions = self._series, list(matchers)
        for matcher in matchers:
            if matcher.name == METRIC_NAME and matcher.type is MatchType.EQUAL and matcher.value:
                candidates = self._by_name.get(matcher.value, [])
                conditions.remove(matcher)
                break
        cuts: dict[int, tuple[int, int, Times]] = {}
        found = []
        for series in candidates:
            if not match_all(conditions, series.labels):
                continue
            cut = cuts.get(id(series.times))
            if cut is None:
                first = int(np.searchsorted(series.times, start_ms, side="left"))
                end = int(np.searchsorted(series.times, end_ms, side="right"))
                cut = cuts[id(series.times)] = (first, end, series.times[first:end])
            first, end, times = cut
            if first < end:
                found.append(Series(series.labels, times, series.values[first:end]))
        return found
