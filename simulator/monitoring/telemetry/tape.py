"""What a modelled Prometheus has scraped, kept so that no sample is computed twice.

A *tape* belongs to one target: the moments of its scrapes over one stretch of time, and the values of each series that
was asked for, computed as far as anybody has looked.  The past of a signal never changes, so a tape is only ever cut
where a change of signals begins, continued at its end, and shortened at its front once nobody looks back so far.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from simulator.monitoring.promql.labels import Labels
from simulator.monitoring.promql.series import STALE, Series
from simulator.monitoring.telemetry.reading import Flags, Reading
from simulator.monitoring.telemetry.recipe import Exposed, Recipe
from simulator.signals import Times, Values
from topologies.signals import Signal

Read = Callable[[Times, Times], Reading]
"""A reading of the target from the numbers of scrapes and their moments."""

_SPARE = 4
"""A tape is shortened once it is so many times as long as the longest look back."""


@dataclass(frozen=True, slots=True)
class Target:
    """One replica as Prometheus scrapes it under a job."""

    component: str
    replica: int
    job: str
    offset_ms: int


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A series that exists, with what makes it."""

    labels: Labels
    target: Target
    exposed: Exposed
    recipe: Recipe | None
    """None: the series `up`, which Prometheus makes itself."""


@dataclass(slots=True)
class _Track:
    """One series on the tape, as far as it was computed.  `shown` is None while every sample is there."""

    values: Values
    shown: Flags | None = None


@dataclass(slots=True)
class _Chunk:
    """Scrapes that are read together by several series."""

    reading: Reading
    alive: dict[Exposed, tuple[Flags, Flags]] = field(default_factory=dict)
    """Whether whoever shows a series was there at each scrape, and at the scrape before."""

    def lives(self, exposed: Exposed) -> tuple[Flags, Flags]:
        known = self.alive.get(exposed)
        if known is None:
            times = self.reading.times
            known = self._at(exposed, times), self._at(exposed, times - self.reading.interval_ms)
            self.alive[exposed] = known
        return known

    def _at(self, exposed: Exposed, times: Times) -> Flags:
        """What is shown from outside is always there."""
        reading = self.reading
        match exposed:
            case Exposed.PROCESS:
                return reading.running(times) & reading.holds(Signal.ANSWERING, times)
            case Exposed.ASKING:
                hanging = reading.running(times) & ~reading.holds(Signal.ANSWERING, times)
                return reading.holds(Signal.HOST_UP, times) & ~hanging
            case Exposed.BESIDE:
                return reading.holds(Signal.HOST_UP, times)
            case Exposed.OUTSIDE:
                return np.ones(times.shape, dtype=np.bool_)


@dataclass(slots=True)
class Tape:
    """The scrapes of one target in [`from_ms`, `to_ms`], and the series on them."""

    interval_ms: int
    offset_ms: int
    read: Read
    from_ms: int = 0
    to_ms: int = -1
    index: Times = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    times: Times = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    tracks: dict[Candidate, _Track] = field(default_factory=dict)
    longest_ms: int = 0
    _chunks: dict[tuple[int, int], _Chunk] = field(default_factory=dict)
    _cuts: dict[tuple[int, int], tuple[int, int, Times]] = field(default_factory=dict)

    def series(self, candidate: Candidate, start_ms: int, end_ms: int, outages: list[tuple[int, int | None]]) -> Series:
        """Samples of a series in [start, end]; those scraped together share their times."""
        first, end, times = self._cut(start_ms, end_ms, outages)
        track = self.tracks.get(candidate)
        if track is None:
            track = self.tracks[candidate] = _Track(np.empty(0))
        if track.values.size < end:
            self._continue(track, candidate, end)
        values = track.values[first:end]
        if track.shown is None:
            return Series(candidate.labels, times, values)
        shown = track.shown[first:end]
        if shown.all():
            return Series(candidate.labels, times, values)
        return Series(candidate.labels, times[shown], values[shown])

    def forget_from(self, at_ms: int) -> None:
        """Signals may read otherwise from `at_ms` on."""
        kept = int(np.searchsorted(self.times, at_ms, side="left"))
        for track in self.tracks.values():
            track.values = track.values[:kept]
            if track.shown is not None:
                track.shown = track.shown[:kept]
        self._chunks.clear()

    def stop_at(self, at_ms: int) -> None:
        """Whether there are scrapes from `at_ms` on is to be asked again."""
        if self.to_ms >= at_ms:
            self.forget_from(at_ms)
            kept = int(np.searchsorted(self.times, at_ms, side="left"))
            self.index, self.times = self.index[:kept], self.times[:kept]
            self.to_ms = at_ms - 1
            self._cuts.clear()

    def _cut(self, start_ms: int, end_ms: int, outages: list[tuple[int, int | None]]) -> tuple[int, int, Times]:
        known = self._cuts.get((start_ms, end_ms))
        if known is not None:
            return known
        self.longest_ms = max(self.longest_ms, end_ms - start_ms)
        if start_ms < self.from_ms or self.to_ms < self.from_ms or start_ms > self.to_ms + 1:
            self._begin_anew(start_ms)
        if end_ms > self.to_ms:
            self._scrape(end_ms, outages)
        if self.to_ms - self.from_ms > _SPARE * self.longest_ms:
            self._shorten(start_ms)
        first = int(np.searchsorted(self.times, start_ms, side="left"))
        end = int(np.searchsorted(self.times, end_ms, side="right"))
        cut = self._cuts[(start_ms, end_ms)] = (first, end, self.times[first:end])
        return cut

    def _begin_anew(self, start_ms: int) -> None:
        self.from_ms, self.to_ms = start_ms, start_ms - 1
        self.index = self.times = np.empty(0, dtype=np.int64)
        self.tracks.clear()
        self._chunks.clear()
        self._cuts.clear()

    def _scrape(self, end_ms: int, outages: list[tuple[int, int | None]]) -> None:
        """Scrapes until `end_ms`, but not while Prometheus is down."""
        first = -(-(self.to_ms + 1 - self.offset_ms) // self.interval_ms)
        last = (end_ms - self.offset_ms) // self.interval_ms
        index = np.arange(first, last + 1, dtype=np.int64)
        times = index * self.interval_ms + self.offset_ms
        for down, back in outages:
            scraped = (times < down) | ((times >= back) if back is not None else False)
            index, times = index[scraped], times[scraped]
        self.index, self.times = np.concatenate((self.index, index)), np.concatenate((self.times, times))
        self.to_ms = end_ms
        self._cuts.clear()

    def _shorten(self, start_ms: int) -> None:
        """Forgets what lies further back than anybody looked, counted from `start_ms`."""
        from_ms = max(self.from_ms, start_ms - self.longest_ms)
        cut = int(np.searchsorted(self.times, from_ms, side="left"))
        self.from_ms, self.index, self.times = from_ms, self.index[cut:], self.times[cut:]
        for track in self.tracks.values():
            track.values = track.values[cut:]
            if track.shown is not None:
                track.shown = track.shown[cut:]
        self._chunks.clear()
        self._cuts.clear()

    def _continue(self, track: _Track, candidate: Candidate, end: int) -> None:
        """Computes a series up to the scrape number `end` on the tape.

        One scrape that is known is read once more: whether a series ends with the next depends on it.
        """
        known = track.values.size
        before = min(known, 1)
        chunk = self._chunk(known - before, end)
        values, shown = _samples(candidate, chunk)
        values, shown = values[before:], shown[before:]
        if track.shown is not None or not shown.all():
            past = np.ones(known, dtype=np.bool_) if track.shown is None else track.shown
            track.shown = np.concatenate((past, shown))
        track.values = np.concatenate((track.values, values)) if known else values

    def _chunk(self, first: int, end: int) -> _Chunk:
        known = self._chunks.get((first, end))
        if known is None:
            known = self._chunks[(first, end)] = _Chunk(self.read(self.index[first:end], self.times[first:end]))
        return known


def _samples(candidate: Candidate, chunk: _Chunk) -> tuple[Values, Flags]:
    """A value for each scrape, and which of them are there: where a series ends it has one staleness marker."""
    up, was_up = chunk.lives(candidate.exposed)
    if candidate.recipe is None:
        return up.astype(np.float64), np.ones(up.shape, dtype=np.bool_)
    values = candidate.recipe.read(chunk.reading)
    missing = np.isnan(values)
    if missing.any():
        up, was_up = up & ~missing, was_up & ~np.concatenate(([True], missing[:-1]))
    if up.all():
        return values, up
    ends = ~up & was_up
    return np.where(ends, STALE, values), up | ends
