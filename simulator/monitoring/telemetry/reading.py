"""One replica read at the moments of its scrapes.

Noise is a pure function of (weather, series, scrape index): the same scrape always reads the same, whatever else
happened in the run.  Gauges are read with a relative error.  Counters are read a little late, by up to a third of the
interval: so they never fall, never know the future, and their rates scatter as real ones do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
import numpy.typing as npt

from simulator.randomness import noise
from simulator.signals import SignalBoard, Times, Values
from timeline.instants import SECOND
from topologies.signals import USUAL, Signal

_LATE_SHARE = 1 / 3
_GAUGE_ERROR = 0.04
_LEAST_THERE = 0.01
"""A process that is never there counts nothing, but not by a division by zero."""

Flags = npt.NDArray[np.bool_]

Look = Callable[[Signal], Values]
Rates = Callable[[Look], Values]
"""From a look-up of signals to a rate a second, at the breakpoints of the signals it reads."""
Located = tuple[npt.NDArray[np.intp], Values]
NoiseKey = Callable[[str], int]
"""From the name of a series to its key for this weather."""
Read = tuple[Signal, ...]
"""The signals that a rate is made of."""


class Life(Enum):
    """What a counter counts since the start of."""

    PROCESS = "process"
    HOST = "host"
    EVER = "ever"
    """It belongs to somebody who was never restarted."""


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
    _breakpoints: dict[Read, Times] = field(default_factory=dict, repr=False)
    _values: dict[tuple[Read, Signal], Values] = field(default_factory=dict, repr=False)
    _late: dict[tuple[Read, Life, str], Located] = field(default_factory=dict, repr=False)
    _begun: dict[tuple[Read, Life], Located] = field(default_factory=dict, repr=False)
    _starts: dict[Life, Times] = field(default_factory=dict, repr=False)

    @property
    def wall_s(self) -> Values:
        """The moments of the scrapes as Unix time in seconds."""
        wall: Values = (self.epoch_ms + self.times) / SECOND
        return wall

    def exact(self, signal: Signal, *, replica: int | None = None) -> Values:
        """The signal as it is, of this replica or of another one of the same component."""
        log = self.board.get(self.component, self.replica if replica is None else replica, signal)
        return np.full(self.times.shape, USUAL[signal]) if log is None else log.at(self.times)

    def holds(self, signal: Signal, times: Times) -> Flags:
        """Whether a state holds at each of these moments."""
        log = self.board.get(self.component, self.replica, signal)
        return np.full(times.shape, USUAL[signal] > 0) if log is None else log.at(times) > 0

    def running(self, times: Times) -> Flags:
        """Whether the process is there at each of these moments: one that keeps being restarted comes and goes."""
        up = self.holds(Signal.UP, times)
        away = self.board.get(self.component, self.replica, Signal.AWAY_RATIO)
        ends = self.board.get(self.component, self.replica, Signal.RESTARTS_PER_S)
        if away is None or ends is None:
            return up
        since = np.asarray(ends.since_ms, dtype=np.int64)
        begun = since[np.maximum(np.searchsorted(since, times, side="right") - 1, 0)]
        cycles = np.maximum(times - begun, 0) / SECOND * ends.at(times)
        there: Flags = up & (cycles % 1.0 >= away.at(times))
        return there

    def gauge(self, signal: Signal) -> Values:
        """The signal with a few per cent of error."""
        return self.exact(signal) * self.error(signal)

    def error(self, name: str) -> Values:
        """A factor for each scrape, a few per cent around one."""
        return 1 + _GAUGE_ERROR * (2 * noise(self.key(name), self.index) - 1)

    def counter(self, rates: Rates, name: str, signals: Read, life: Life = Life.PROCESS) -> Values:
        """What happened at a rate since the start of the process (or of what `life` says).

        `rates` computes the rate a second from a look-up of the `signals`, piecewise constant between their changes.
        Of a process that comes and goes it is the mean over all time, so while it is there it counts faster.
        Counters of one `name` are read together, at the same late moment.
        """
        points = self._points(signals)
        if not points.size:
            points = np.asarray([self.board.begins_ms], dtype=np.int64)
        rate = rates(lambda signal: self._at(points, signals, signal))
        away = self.board.get(self.component, self.replica, Signal.AWAY_RATIO)
        if life is Life.PROCESS and away is not None:
            rate = rate / np.maximum(1 - away.at(points), _LEAST_THERE)
        area = np.concatenate(([0.0], np.cumsum(rate[:-1] * np.diff(points) / SECOND)))
        counted = _area_up_to(rate, area, self._read_late(points, signals, life, name))
        counted -= _area_up_to(rate, area, self._from_start(points, signals, life))
        return counted

    def started_ms(self, life: Life) -> Times:
        """For each scrape, when what it reads was started: counters begin at zero there."""
        known = self._starts.get(life)
        if known is None:
            known = np.full(self.times.shape, self.board.begins_ms)
            if life is not Life.EVER:
                known = self._last_rise(Signal.UP if life is Life.PROCESS else Signal.HOST_UP, known)
            if life is Life.PROCESS:
                known = np.maximum(known, self._last_restart())
            self._starts[life] = known
        return known

    def rises(self, signal: Signal) -> Values:
        """How often a state has become true again up to each scrape."""
        moments = self._rise_moments(signal)
        counted: Values = np.searchsorted(moments, self.times, side="right").astype(np.float64)
        return counted

    def _last_rise(self, signal: Signal, otherwise: Times) -> Times:
        moments = self._rise_moments(signal)
        if not moments.size:
            return otherwise
        last = np.searchsorted(moments, self.times, side="right") - 1
        return np.where(last >= 0, moments[np.maximum(last, 0)], otherwise)

    def _rise_moments(self, signal: Signal) -> Times:
        """When the state became true after it was false."""
        log = self.board.get(self.component, self.replica, signal)
        if log is None:
            return np.empty(0, dtype=np.int64)
        since, up = np.asarray(log.since_ms, dtype=np.int64), np.asarray(log.values) > 0
        risen: Times = since[1:][up[1:] & ~up[:-1]]
        return risen

    def _last_restart(self) -> Times:
        """For each scrape, the last restart of a process that keeps being restarted; far back while it is not."""
        log = self.board.get(self.component, self.replica, Signal.RESTARTS_PER_S)
        last = np.full(self.times.shape, self.board.begins_ms)
        if log is None:
            return last
        away_log = self.board.get(self.component, self.replica, Signal.AWAY_RATIO)
        ends = [*log.since_ms[1:], None]
        for since_ms, rate, end_ms in zip(log.since_ms, log.values, ends, strict=True):
            if rate > 0:
                away = 0.0 if away_log is None else float(away_log.at(np.asarray([since_ms]))[0])
                until = self.times if end_ms is None else np.minimum(self.times, end_ms)
                restarts = np.floor(np.maximum(until - since_ms, 0) / SECOND * rate - away)
                moments = since_ms + ((restarts + away) / rate * SECOND).astype(np.int64)
                last = np.where((self.times >= since_ms) & (restarts >= 0), np.maximum(last, moments), last)
        return last

    def _points(self, signals: Read) -> Times:
        known = self._breakpoints.get(signals)
        if known is None:
            known = self._breakpoints[signals] = self.board.breakpoints(self.component, self.replica, signals)
        return known

    def _at(self, points: Times, signals: Read, signal: Signal) -> Values:
        known = self._values.get((signals, signal))
        if known is None:
            log = self.board.get(self.component, self.replica, signal)
            known = np.full(points.shape, USUAL[signal]) if log is None else log.at(points)
            self._values[(signals, signal)] = known
        return known

    def _read_late(self, points: Times, signals: Read, life: Life, name: str) -> Located:
        known = self._late.get((signals, life, name))
        if known is None:
            late_ms = (noise(self.key(name), self.index) * _LATE_SHARE * self.interval_ms).astype(np.int64)
            moments = np.maximum(self.times - late_ms, self.started_ms(life))
            known = self._late[(signals, life, name)] = _locate(points, moments)
        return known

    def _from_start(self, points: Times, signals: Read, life: Life) -> Located:
        known = self._begun.get((signals, life))
        if known is None:
            known = self._begun[(signals, life)] = _locate(points, self.started_ms(life))
        return known


def _locate(points: Times, times: Times) -> Located:
    """For each time, the stretch between breakpoints that it lies in, and how many seconds into it."""
    last = np.maximum(np.searchsorted(points, times, side="right") - 1, 0)
    return last, np.maximum(times - points[last], 0) / SECOND


def _area_up_to(rate: Values, area: Values, located: Located) -> Values:
    stretch, into_s = located
    total: Values = area[stretch] + rate[stretch] * into_s
    return total
