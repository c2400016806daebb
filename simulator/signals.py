"""Signals: what instruments could measure, as piecewise linear functions of time.

A *signal* belongs to a replica of a component.  It is a list of *segments* `(since, value, slope)`: from `since` on it
is `value + slope * seconds`, until the next segment begins.  Segments are only ever appended (a signal changes by
events and remembers its past), so anything computed from the past stays true.

The estate writes the board; telemetry profiles turn it into series.  Nobody in the response sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from timeline.instants import SECOND
from topologies.signals import Signal

Times = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]


class Key(NamedTuple):
    """One signal of one replica (replicas count from 0)."""

    component: str
    replica: int
    signal: Signal


class SegmentLog:
    """The segments of one signal in order of time, with the integral up to each."""

    __slots__ = ("_arrays", "causes", "integrals", "since_ms", "slopes", "values")

    def __init__(self, since_ms: int, value: float, slope_per_s: float, cause: int | None) -> None:
        self.since_ms = [since_ms]
        self.values = [value]
        self.slopes = [slope_per_s]
        self.integrals = [0.0]
        self.causes: list[int | None] = [cause]
        self._arrays: tuple[Times, Values, Values, Values] | None = None

    def append(self, since_ms: int, value: float, slope_per_s: float, cause: int | None) -> None:
        """Later than every segment before; at the same moment it takes the last one's place."""
        if since_ms < self.since_ms[-1]:
            raise ValueError(f"a segment at {since_ms} ms cannot begin before the last one at {self.since_ms[-1]} ms")
        self._arrays = None
        if since_ms == self.since_ms[-1]:
            self.values[-1], self.slopes[-1], self.causes[-1] = value, slope_per_s, cause
            return
        length_s = (since_ms - self.since_ms[-1]) / SECOND
        area = self.values[-1] * length_s + self.slopes[-1] * length_s**2 / 2
        self.integrals.append(self.integrals[-1] + area)
        self.since_ms.append(since_ms)
        self.values.append(value)
        self.slopes.append(slope_per_s)
        self.causes.append(cause)

    def at(self, times: Times) -> Values:
        """Values at each time; before the first segment, the first value."""
        since, values, slopes, _ = self._as_arrays()
        index = np.maximum(np.searchsorted(since, times, side="right") - 1, 0)
        elapsed_s = np.maximum(times - since[index], 0) / SECOND
        result: Values = values[index] + slopes[index] * elapsed_s
        return result

    def integral(self, times: Times) -> Values:
        """Area from the first segment up to each time, in value-seconds."""
        since, values, slopes, integrals = self._as_arrays()
        index = np.maximum(np.searchsorted(since, times, side="right") - 1, 0)
        elapsed_s = np.maximum(times - since[index], 0) / SECOND
        result: Values = integrals[index] + values[index] * elapsed_s + slopes[index] * elapsed_s**2 / 2
        return result

    def _as_arrays(self) -> tuple[Times, Values, Values, Values]:
        if self._arrays is None:
            self._arrays = (
                np.asarray(self.since_ms, dtype=np.int64),
                np.asarray(self.values, dtype=np.float64),
                np.asarray(self.slopes, dtype=np.float64),
                np.asarray(self.integrals, dtype=np.float64),
            )
        return self._arrays


class SignalBoard:
    """Every signal of the estate.  `version` counts the changes."""

    def __init__(self, begins_ms: int) -> None:
        self.begins_ms = begins_ms
        self._logs: dict[Key, SegmentLog] = {}
        self._changed: set[str] = set()
        self._changes: list[tuple[str, int]] = []
        """Component of each change, and the moment from which on it may read otherwise."""

    @property
    def version(self) -> int:
        return len(self._changes)

    def put(self, key: Key, at_ms: int, value: float, slope_per_s: float = 0.0, cause: int | None = None) -> bool:
        """Starts a new segment unless the signal goes on as it was.  True when it did change.

        The first value of a signal holds from the beginning of the board (the warm window).
        """
        log = self._logs.get(key)
        if log is None:
            self._logs[key] = SegmentLog(self.begins_ms, value, slope_per_s, cause)
            at_ms = self.begins_ms
        else:
            last = log.values[-1] + log.slopes[-1] * (at_ms - log.since_ms[-1]) / SECOND
            if last == value and log.slopes[-1] == slope_per_s:
                return False
            log.append(at_ms, value, slope_per_s, cause)
        self._changes.append((key.component, at_ms))
        self._changed.add(key.component)
        return True

    def changed_since(self, version: int) -> dict[str, int]:
        """Components that changed after a version, each with the moment from which on it may read otherwise."""
        since: dict[str, int] = {}
        for component, at_ms in self._changes[version:]:
            since[component] = min(at_ms, since.get(component, at_ms))
        return since

    def take_changed(self) -> set[str]:
        """Components whose signals changed since this was last asked."""
        changed, self._changed = self._changed, set()
        return changed

    def components_unlike(self, other: SignalBoard) -> set[str]:
        """Components of which some signal runs otherwise on the other board."""
        keys = self._logs.keys() | other._logs.keys()
        return {key.component for key in keys if not _alike(self._logs.get(key), other._logs.get(key))}

    def get(self, component: str, replica: int, signal: Signal) -> SegmentLog | None:
        return self._logs.get(Key(component, replica, signal))

    def value(self, component: str, replica: int, signal: Signal, at_ms: int) -> float | None:
        log = self._logs.get(Key(component, replica, signal))
        return None if log is None else float(log.at(np.asarray([at_ms], dtype=np.int64))[0])

    def breakpoints(self, component: str, replica: int, signals: Sequence[Signal]) -> Times:
        """Moments at which any of these signals starts a new segment, ascending and without repeats."""
        moments = [log.since_ms for s in signals if (log := self._logs.get(Key(component, replica, s))) is not None]
        return (
            np.unique(np.concatenate([np.asarray(m, dtype=np.int64) for m in moments]))
            if moments
            else np.empty(0, np.int64)
        )


def _alike(one: SegmentLog | None, other: SegmentLog | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.since_ms == other.since_ms and one.values == other.values and one.slopes == other.slopes
