"""The storage that a modelled Prometheus would have, computed for the windows that are asked for.

Each replica of a component with profiles is a *target*, scraped every interval at an offset of its own (a hash of its
name, as Prometheus does), under the job that is named after the component.  An exporter that the estate gives a job of
its own is a target by itself.  While a target is down its `up` is 0 and what it shows ends with a staleness marker;
so does a series that its exporter no longer shows.  While Prometheus itself is down nothing is scraped.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from simulator.monitoring.promql.labels import METRIC_NAME, Labels
from simulator.monitoring.promql.matchers import Matcher, MatchType, match_all
from simulator.monitoring.promql.series import STALE, Series
from simulator.monitoring.telemetry.own import own_profile
from simulator.monitoring.telemetry.profiles import PROFILES, journey
from simulator.monitoring.telemetry.reading import NoiseKey, Reading
from simulator.monitoring.telemetry.recipe import Exposed, Profile, Recipe, Replica
from simulator.signals import SignalBoard, Times, Values
from topologies.estate import Component, Estate
from topologies.journeys import journey_targets
from topologies.signals import Signal
from topologies.telemetry import TelemetryProfile

_ALIVE = {Exposed.PROCESS: Signal.UP, Exposed.BESIDE: Signal.HOST_UP}
"""The state that a series lives by, with who shows it; what is shown from outside lives by none."""
_Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Target:
    """One replica as Prometheus scrapes it under a job."""

    component: str
    replica: int
    job: str
    offset_ms: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A series that exists, with what makes it."""

    labels: Labels
    target: Target
    exposed: Exposed
    recipe: Recipe | None
    """None: the series `up`, which Prometheus makes itself."""


@dataclass(frozen=True, slots=True)
class _Window:
    """The scrapes of a target in a window."""

    reading: Reading
    shown: dict[Exposed, tuple[_Flags, _Flags]] = field(default_factory=dict)
    """Whether whoever shows a series was there at each scrape, and at the scrape before."""

    def alive(self, exposed: Exposed) -> tuple[_Flags, _Flags]:
        known = self.shown.get(exposed)
        if known is None:
            times = self.reading.times
            known = self._at(exposed, times), self._at(exposed, times - self.reading.interval_ms)
            self.shown[exposed] = known
        return known

    def _at(self, exposed: Exposed, times: Times) -> _Flags:
        signal, reading = _ALIVE.get(exposed), self.reading
        log = None if signal is None else reading.board.get(reading.component, reading.replica, signal)
        return np.ones(times.shape, dtype=np.bool_) if log is None else log.at(times) > 0


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
    """Implements `promql.Storage` over a signal board.

    `own` are the profiles that come with the estate, by name.
    """

    def __init__(
        self,
        estate: Estate,
        board: SignalBoard,
        key: NoiseKey,
        epoch_ms: int = 0,
        own: Mapping[str, TelemetryProfile] | None = None,
    ) -> None:
        self._board = board
        self._key = key
        self._epoch_ms = epoch_ms
        self._interval_ms = estate.monitoring.scrape_interval
        self._jobs = estate.monitoring.jobs
        self._by_name: dict[str, list[_Candidate]] = {}
        self._names_of: dict[str, set[str]] = {}
        self._matched: dict[tuple[Matcher, ...], list[_Candidate]] = {}
        self._outages: list[tuple[int, int | None]] = []
        self._windows: dict[tuple[Target, int, int], _Window] = {}
        self._windows_version = board.version
        self._shared: _Shared | None = None
        self._kept: _Kept = {}
        profiles = {**PROFILES, **{id: own_profile(written) for id, written in (own or {}).items()}}
        for id, component in estate.components.items():
            if component.telemetry:
                chosen = {name: profiles[name] for name in component.telemetry}
                for replica in range(component.replicas.count):
                    self._add(Replica(id, replica, component), chosen)
        for id, target in journey_targets(estate).items():
            self._add(Replica(id, 0, target.component), {"blackbox": journey.PROFILE})

    def _add(self, replica: Replica, profiles: Mapping[str, Profile]) -> None:
        """The series of one replica: those of the component's own job, and those of exporters with a job each."""
        self._add_up(self._target(replica, replica.id), replica.component, Exposed.PROCESS)
        scraped = {replica.id}
        for name, profile in profiles.items():
            job = self._jobs.get(name)
            target = self._target(replica, job or replica.id)
            if target.job not in scraped:
                scraped.add(target.job)
                self._add_up(target, replica.component, profile.exposed)
            common = _common_labels(target, replica.component)
            for recipe in profile.recipes(replica):
                labels = Labels({METRIC_NAME: recipe.name, **common, **recipe.labels})
                self._add_candidate(_Candidate(labels, target, recipe.exposed, recipe))

    def _target(self, replica: Replica, job: str) -> Target:
        name = replica.name if job == replica.id else f"{replica.name}/{job}"
        return Target(replica.id, replica.number, job, _offset(name, self._interval_ms))

    def _add_up(self, target: Target, component: Component, exposed: Exposed) -> None:
        labels = Labels({METRIC_NAME: "up", **_common_labels(target, component)})
        self._add_candidate(_Candidate(labels, target, exposed, None))

    def _add_candidate(self, candidate: _Candidate) -> None:
        name = candidate.labels.metric_name
        self._by_name.setdefault(name, []).append(candidate)
        self._names_of.setdefault(candidate.target.component, set()).add(name)

    @property
    def names(self) -> Collection[str]:
        """Names of all series."""
        return self._by_name.keys()

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

    def unlike_source(self, start_ms: int, end_ms: int, names: Collection[str] | None = None) -> frozenset[Labels]:
        """Series, of these names if given, that differ within [start, end] from those of the storage that this one was
        made from."""
        shared = self._shared
        assert shared is not None, "made by `over`"
        return frozenset(
            candidate.labels
            for name, candidates in self._by_name.items()
            if names is None or name in names
            for candidate in candidates
            if candidate.target.component in shared.changed
            and not _same(self._read(candidate, start_ms, end_ms), shared.read(candidate, start_ms, end_ms))
        )

    def _read(self, candidate: _Candidate, start_ms: int, end_ms: int) -> Series:
        shared = self._shared
        if shared is None or self._outages or candidate.target.component in shared.changed:
            return _series(candidate, self._window(candidate.target, start_ms, end_ms))
        return shared.read(candidate, start_ms, end_ms)

    def _candidates(self, matchers: Sequence[Matcher]) -> list[_Candidate]:
        asked = tuple(matchers)
        known = self._matched.get(asked)
        if known is None:
            known = self._matched[asked] = self._match(asked)
        return known

    def _match(self, matchers: tuple[Matcher, ...]) -> list[_Candidate]:
        named = next((m for m in matchers if m.name == METRIC_NAME and m.type is MatchType.EQUAL), None)
        if named is not None:
            pool = self._by_name.get(named.value, [])
        else:
            pool = [c for candidates in self._by_name.values() for c in candidates]
        others = [m for m in matchers if m is not named]
        return [c for c in pool if match_all(others, c.labels)]

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
        window = self._windows[(target, start_ms, end_ms)] = _Window(reading)
        return window


def _series(candidate: _Candidate, window: _Window) -> Series:
    times = window.reading.times
    up, was_up = window.alive(candidate.exposed)
    if candidate.recipe is None:
        return Series(candidate.labels, times, up.astype(np.float64))
    values = candidate.recipe.read(window.reading)
    missing = np.isnan(values)
    if missing.any():
        up, was_up = up & ~missing, was_up & ~np.concatenate(([True], missing[:-1]))
    return Series(candidate.labels, *_shown(times, values, up, was_up))


def _same(one: Series, other: Series) -> bool:
    """Bit for bit: a staleness marker equals itself."""
    return np.array_equal(one.times, other.times) and one.values.tobytes() == other.values.tobytes()


def _shown(times: Times, values: Values, up: _Flags, was_up: _Flags) -> tuple[Times, Values]:
    """The samples of a series that is there only at times: where it ends it has one staleness marker."""
    if up.all():
        return times, values
    ends = ~up & was_up
    kept = up | ends
    return times[kept], np.where(ends, STALE, values)[kept]


def _common_labels(target: Target, component: Component) -> dict[str, str]:
    return {
        "job": target.job,
        "instance": f"{target.component}-{target.replica}",
        "component": target.component,
        **({"site": component.site} if component.site else {}),
        **component.labels,
    }


def _offset(name: str, interval_ms: int) -> int:
    digest = blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") % interval_ms
