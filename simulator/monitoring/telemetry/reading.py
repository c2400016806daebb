"""One replica read at the moments of its scrapes.

Noise is a pure function of (weather, series, scrape index): the same scrape always reads the same, whatever else
happened in the run.  Gauges are read with a relative error.  Counters are read a little late, by up to a third of the
interval: so they never fall, never know the future, and their rates scatter as real ones do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from simulator.randomness import noise
from simulator.signals import Signal, SignalBoard, Times, Values
from timeline.instants import SECOND

_LATE_SHARE = 1 / 3
_GAUGE_ERROR = 0.04

Rates = Callable[[Callable[[Signal], Values]], Values]
"""From a look-up of signals to a rate a second, at the breakpoints of the replica's signals."""
Located = tuple[npt.NDArray[np.intp], Values]
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
    _values: dict[Signal, Values] = field(default_factory=dict, repr=False)
    _located: dict[str, Located] = field(default_factory=dict, repr=False)

    def exact(self, signal: Signal, default: float = 0.0) -> Values:
        """The signal as it is."""
        log = self.board.get(self.component, self.replica, signal)
        return np.full(self.times.shape, default) if log is None else log.at(self.times)

    def gauge(self, signal: Signal, default: float = 0.0) -> Values:
        """The signal with a few per cent of error."""
        error = _GAUGE_ERROR * (2 * noise(self.key(signal), self.index) - 1)
        return self.exact(signal, default) * (1 + error)

    def counter(self, rates: Rates, name: str) -> Values:
        """Counts since the process started of something that happens at a rate.

        `rates` computes the rate a second from a look-up of signals, piecewise constant between their changes.
        Counters of one `name` are read together, at the same late moment.
        """
        if not self._breakpoints.size:
            return np.zeros(self.times.shape)
        rate = rates(self._at_breakpoints)
        area = np.concatenate(([0.0], np.cumsum(rate[:-1] * np.diff(self._breakpoints) / SECOND)))
        counted = _area_up_to(rate, area, self._late(name))
        counted -= _area_up_to(rate, area, self._started)
        return counted

    def _at_breakpoints(self, signal: Signal) -> Values:
        known = self._values.get(signal)
        if known is None:
            log = self.board.get(self.component, self.replica, signal)
            points = self._breakpoints
            known = self._values[signal] = np.zeros(points.shape) if log is None else log.at(points)
        return known

    def _late(self, name: str) -> Located:
        known = self._located.get(name)
        if known is None:
            late_ms = (noise(self.key(name), self.index) * _LATE_SHARE * self.interval_ms).astype(np.int64)
            known = self._located[name] = self._locate(np.maximum(self.times - late_ms, self._process_start))
        return known

    @cached_property
    def _started(self) -> Located:
        return self._locate(self._process_start)

    def _locate(self, times: Times) -> Located:
        """For each time, the stretch between breakpoints that it lies in, and how many seconds into it."""
        points = self._breakpoints
        last = np.maximum(np.searchsorted(points, times, side="right") - 1, 0)
        return last, np.maximum(times - points[last], 0) / SECOND

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


def _area_up_to(rate: Values, area: Values, located: Located) -> Values:
    stretch, into_s = located
    total: Values = area[stretch] + rate[stretch] * into_s
    return total
