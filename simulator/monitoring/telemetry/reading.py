"""One replica read at the moments of its scrapes.

Noise is a pure function of (weather, series, scrape index): the same scrape always reads the same, whatever else
happened in the run.  Gauges are read with a relative error.  Counters are read a little late, by up to a third of the
interval: so they never fall, never know the future, and their rates scatter as real ones do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulator.randomness import noise
from simulator.signals import Signal, SignalBoard, Times, Values
from timeline.instants import SECOND

_LATE_SHARE = 1 / 3
_GAUGE_ERROR = 0.04

NoiseKey = Callable[[str], int]
"""From the name of a series to its key for this weather."""


@dataclass(frozen=True)
class Reading:
    """Replica `replica` of `component` at `times` (int64[n], ms), which are the scrapes number `index`."""

    board: SignalBoard
    component: str
    replica: int
    times: Times
    index: Times
    interval_ms: int
    epoch_ms: int
    """Wall-clock time of exercise time 0, as Unix milliseconds."""
    key: NoiseKey

    def exact(self, signal: Signal, default: float = 0.0) -> Values:
        """The signal as it is."""
        log = self.board.get(self.component, self.replica, signal)
        return np.full(self.times.shape, default) if log is None else log.at(self.times)

    def gauge(self, signal: Signal, default: float = 0.0) -> Values:
        """The signal with a few per cent of error."""
        error = _GAUGE_ERROR * (2 * noise(self.key(signal), self.index) - 1)
        return self.exact(signal, default) * (1 + error)

    def counter(self, rates: Callable[[Callable[[Signal], Values]], Values], name: str) -> Values:
        """Counts since the process started of something that happens at a rate.

        `rates` computes the rate a second from a look-up of signals, piecewise constant between their changes.
        """
        started = self._process_start
        return self._accumulated(rates, self._late(name)) - self._accumulated(rates, started)

    def _late(self, name: str) -> Times:
        late_ms = (noise(self.key(name), self.index) * _LATE_SHARE * self.interval_ms).astype(np.int64)
        late: Times = np.maximum(self.times - late_ms, self._process_start)
        return late

    def _accumulated(self, rates: Callable[[Callable[[Signal], Values]], Values], times: Times) -> Values:
        points = self._breakpoints
        if not points.size:
            return np.zeros(times.shape)

        def at_points(signal: Signal) -> Values:
            log = self.board.get(self.component, self.replica, signal)
            return np.zeros(points.shape) if log is None else log.at(points)

        rate = rates(at_points)
        area = np.concatenate(([0.0], np.cumsum(rate[:-1] * np.diff(points) / SECOND)))
        last = np.maximum(np.searchsorted(points, times, side="right") - 1, 0)
        total: Values = area[last] + rate[last] * np.maximum(times - points[last], 0) / SECOND
        return total

    @cached_property
    def _breakpoints(self) -> Times:
        return self.board.breakpoints(
            self.component, self.replica, (Signal.OK_RPS, Signal.FAILED_RPS, Signal.LATENCY_S, Signal.CPU_BUSY_RATIO)
        )

    @cached_property
    def _process_start(self) -> Times:
        """For each scrape, when the process that it reads was started: counters begin at zero there."""
        log = self.board.get(self.component, self.replica, Signal.UP)
        if log is None:
            return np.full(self.times.shape, self.board.begins_ms)
        since = np.asarray(log.since_ms, dtype=np.int64)
        up = np.asarray(log.values) > 0
        rises = since[up & ~np.concatenate(([False], up[:-1]))]
        if not rises.size:
            return np.full(self.times.shape, self.board.begins_ms)
        starts: Times = rises[np.maximum(np.searchsorted(rises, self.times, side="right") - 1, 0)]
        return starts
