"""The storage that a modelled Prometheus would have, computed for the windows that are asked for.

Each replica of a component with profiles is a *target*, scraped every interval at an offset of its own (a hash of its
name, as Prometheus does).  A target that is down has `up` 0 and its other series end with a staleness marker.  While
Prometheus itself is down nothing is scraped.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from copy import copy
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from simulator.monitoring.promql.labels import METRIC_NAME, Labels
from simulator.monitoring.promql.matchers import Matcher, MatchType, match_all
from simulator.monitoring.promql.series import STALE, Series
from simulator.monitoring.telemetry.profiles import PROFILES, Recipe
from simulator.monitoring.telemetry.reading import NoiseKey, Reading
from simulator.signals import Signal, SignalBoard, Times
from topologies.estate import Component, Estate


@dataclass(frozen=True, slots=True)
class Target:
    """One replica as Prometheus scrapes it."""

    component: str
    replica: int
    offset_ms: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A series that exists, with what makes it."""

    labels: Labels
    target: Target
    recipe: Recipe | None
    """None: the series `up`, which Prometheus makes itself."""


@dataclass(frozen=True, slots=True)
class _Window:
    """The scrapes of a target in a window."""

    times: Times
    reading: Reading
    up: npt.NDArray[np.bool_]
    was_up: npt.NDArray[np.bool_]
    """At the scrape before."""


_Kept = dict[tuple[int, int, int], Series]
"""Series by candidate (its identity), start and end."""


@dataclass(frozen=True, slots=True)
class _Shared:
    """Where a storage reads what has not changed."""

    source: SignalStorage
    changed: frozenset[str]
    kept: _Kept

    def read(self, candidate: _Candidate, start_ms: int, end_ms: int) -> Series:
        key = (id(candidate), start_ms, end_ms)
        known = self.kept.get(key)
        if known is None:
            known = self.kept[key] = self.source._read(candidate, start_ms, end_ms)
        return known


class SignalStorage:
    """Implements `promql.Storage` over a signal board."""

    def __init__(self, estate: Estate, board: SignalBoard, key: NoiseKey, epoch_ms: int = 0) -> None:
        self._board = board
        self._key = key
        self._epoch_ms = epoch_ms
        self._interval_ms = estate.monitoring.scrape_interval
        self._by_name: dict[str, list[_Candidate]] = {}
        self._names_of: dict[str, set[str]] = {}
        self._outages: list[tuple[int, int | None]] = []
        self._windows: dict[tuple[Target, int, int], _Window] = {}
        self._windows_version = board.version
        self._shared: _Shared | None = None
        self._kept: _Kept = {}
        for id, component in estate.components.items():
            if component.telemetry:
                self._add(id, component)

    def _add(self, id: str, component: Component) -> None:
        recipes = [recipe for profile in component.telemetry for recipe in PROFILES[profile](component)]
        for replica in range(component.replicas.count):
            target = Target(id, replica, _offset(id, replica, self._interval_ms))
            common = {
                "job": id,
                "instance": f"{id}-{replica}",
                "component": id,
                **({"site": component.site} if component.site else {}),
                **component.labels,
            }
            self._add_candidate(_Candidate(Labels({METRIC_NAME: "up", **common}), target, None))
            for recipe in recipes:
                labels = Labels({METRIC_NAME: recipe.name, **common, **recipe.labels})
                self._add_candidate(_Candidate(labels, target, recipe))

    def _add_candidate(self, candidate: _Candidate) -> None:
        name = candidate.labels.metric_name
        self._by_name.setdefault(name, []).append(candidate)
        self._names_of.setdefault(candidate.target.component, set()).add(name)

    def names_of(self, component: str) -> set[str]:
        """Names of the series that a component's signals can move."""
        return self._names_of.get(component, set())

    def components_behind(self, matchers: Sequence[Matcher]) -> list[tuple[Labels, str]]:
        """Series that the matchers select, with the component behind each."""
        return [(c.labels, c.target.component) for c in self._candidates(matchers)]

    def stop(self, at_ms: int) -> None:
        """Prometheus is down from now on."""
        self._outages.append((at_ms, None))
        self._windows.clear()

    def resume(self, at_ms: int) -> None:
        """Prometheus scrapes again."""
        self._outages[-1] = (self._outages[-1][0], at_ms)
        self._windows.clear()

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[Series]:
        """As `promql.Storage`: the series that match, with their samples in [start, end]."""
        if self._windows_version != self._board.version:
            self._windows.clear()
            self._windows_version = self._board.version
        found = []
        for candidate in self._candidates(matchers):
            series = self._read(candidate, start_ms, end_ms)
            if series.times.size:
                found.append(series)
        return found

    def over(self, board: SignalBoard, changed: Collection[str]) -> SignalStorage:
        """The same targets over another board, on which only the signals of `changed` components run otherwise.

        What the others show is read from this storage, once for all that are made from it.
        """
        other = copy(self)
        other._board, other._windows, other._windows_version = board, {}, board.version
        other._outages = []
        other._shared = _Shared(self, frozenset(changed), self._kept)
        return other

    def unlike_source(self, start_ms: int, end_ms: int) -> frozenset[Labels]:
        """Series that differ within [start, end] from those of the storage that this one was made from."""
        shared = self._shared
        assert shared is not None, "made by `over`"
        return frozenset(
            candidate.labels
            for candidates in self._by_name.values()
            for candidate in candidates
            if candidate.target.component in shared.changed
            and not _same(self._read(candidate, start_ms, end_ms), shared.read(candidate, start_ms, end_ms))
        )

    def _read(self, candidate: _Candidate, start_ms: int, end_ms: int) -> Series:
        shared = self._shared
        if shared is None or self._outages or candidate.target.component in shared.changed:
            return self._series(candidate, self._window(candidate.target, start_ms, end_ms))
        return shared.read(candidate, start_ms, end_ms)

    def _candidates(self, matchers: Sequence[Matcher]) -> list[_Candidate]:
        named = next((m for m in matchers if m.name == METRIC_NAME and m.type is MatchType.EQUAL), None)
        if named is not None:
            pool = self._by_name.get(named.value, [])
            matchers = [m for m in matchers if m is not named]
        else:
            pool = [c for candidates in self._by_name.values() for c in candidates]
        return [c for c in pool if match_all(matchers, c.labels)]

    def _window(self, target: Target, start_ms: int, end_ms: int) -> _Window:
        known = self._windows.get((target, start_ms, end_ms))
        if known is not None:
            return known
        interval = self._interval_ms
        start_ms_here = max(start_ms, self._board.begins_ms)
        first = -(-(start_ms_here - target.offset_ms) // interval)
        last = (end_ms - target.offset_ms) // interval
        index = np.arange(first, last + 1, dtype=np.int64)
        times = index * interval + target.offset_ms
        for down, back in self._outages:
            scraped = (times < down) | ((times >= back) if back is not None else False)
            index, times = index[scraped], times[scraped]
        instance = f"{target.component}-{target.replica}"
        reading = Reading(
            self._board,
            target.component,
            target.replica,
            times,
            index,
            interval,
            self._epoch_ms,
            lambda name: self._key(f"{instance}/{name}"),
        )
        window = _Window(times, reading, self._is_up(target, times), self._is_up(target, times - interval))
        self._windows[(target, start_ms, end_ms)] = window
        return window

    def _is_up(self, target: Target, times: Times) -> npt.NDArray[np.bool_]:
        log = self._board.get(target.component, target.replica, Signal.UP)
        return np.ones(times.shape, dtype=np.bool_) if log is None else log.at(times) > 0

    def _series(self, candidate: _Candidate, window: _Window) -> Series:
        if candidate.recipe is None:
            return Series(candidate.labels, window.times, window.up.astype(np.float64))
        values = candidate.recipe.read(window.reading)
        if candidate.recipe.always or window.up.all():
            return Series(candidate.labels, window.times, values)
        ends = ~window.up & window.was_up
        values = np.where(ends, STALE, values)
        kept = window.up | ends
        return Series(candidate.labels, window.times[kept], values[kept])


def _same(one: Series, other: Series) -> bool:
    """Bit for bit: a staleness marker equals itself."""
    return np.array_equal(one.times, other.times) and one.values.tobytes() == other.values.tobytes()


def _offset(component: str, replica: int, interval_ms: int) -> int:
    digest = blake2b(f"{component}-{replica}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") % interval_ms
