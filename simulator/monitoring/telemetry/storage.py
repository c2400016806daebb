"""The storage that a modelled Prometheus would have, computed for the windows that are asked for.

Each replica of a component with profiles is a *target*, scraped every interval at an offset of its own (a hash of its
name, as Prometheus does), under the job that is named after the component.  An exporter that the estate gives a job of
its own is a target by itself; where all have one, there is no target but them.  While a target is down its `up` is 0
and what it shows ends with a staleness marker; so does a series that its exporter no longer shows.  While Prometheus
itself is down nothing is scraped.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from simulator.monitoring.promql.labels import METRIC_NAME, Labels
from simulator.monitoring.promql.matchers import Matcher, MatchType, match_all
from simulator.monitoring.promql.series import Series
from simulator.monitoring.telemetry.own import own_profile
from simulator.monitoring.telemetry.profiles import PROFILES, journey
from simulator.monitoring.telemetry.reading import NoiseKey, Reading
from simulator.monitoring.telemetry.recipe import Exposed, Profile, Replica
from simulator.monitoring.telemetry.tape import Candidate, Tape, Target
from simulator.signals import SignalBoard, Times
from topologies.estate import Component, Estate
from topologies.journeys import journey_targets
from topologies.telemetry import TelemetryProfile


@dataclass(frozen=True, slots=True)
class _Shared:
    """Where a storage reads what has not changed."""

    source: SignalStorage
    changed: frozenset[str]


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
        self._by_name: dict[str, list[Candidate]] = {}
        self._names_of: dict[str, set[str]] = {}
        self._matched: dict[tuple[Matcher, ...], list[Candidate]] = {}
        self._outages: list[tuple[int, int | None]] = []
        self._tapes: dict[Target, Tape] = {}
        self._tapes_of: dict[str, list[Tape]] = {}
        self._version = board.version
        self._shared: _Shared | None = None
        profiles = {**PROFILES, **{id: own_profile(written) for id, written in (own or {}).items()}}
        for id, component in estate.components.items():
            if component.telemetry:
                chosen = {name: profiles[name] for name in component.telemetry}
                for replica in range(component.replicas.count):
                    self._add(Replica(id, replica, component), chosen)
        for id, target in journey_targets(estate).items():
            self._add(Replica(id, 0, target.component), {"blackbox": journey.PROFILE})

    def _add(self, replica: Replica, profiles: Mapping[str, Profile]) -> None:
        """The series of one replica: those of the component's own job, and those of exporters with a job each.

        Under the component's own job the process itself is scraped; where every exporter has a job of its own, nobody
        scrapes the process.
        """
        scraped: set[str] = set()
        for name, profile in profiles.items():
            job = self._jobs.get(name)
            target = self._target(replica, job or replica.id)
            if target.job not in scraped:
                scraped.add(target.job)
                exposed = Exposed.PROCESS if job is None else profile.exposed
                self._add_up(target, replica.component, exposed)
            common = _common_labels(target, replica.component)
            for recipe in profile.recipes(replica):
                labels = Labels({METRIC_NAME: recipe.name, **common, **recipe.labels})
                self._add_candidate(Candidate(labels, target, recipe.exposed, recipe))

    def _target(self, replica: Replica, job: str) -> Target:
        name = replica.name if job == replica.id else f"{replica.name}/{job}"
        return Target(replica.id, replica.number, job, _offset(name, self._interval_ms))

    def _add_up(self, target: Target, component: Component, exposed: Exposed) -> None:
        labels = Labels({METRIC_NAME: "up", **_common_labels(target, component)})
        self._add_candidate(Candidate(labels, target, exposed, None))

    def _add_candidate(self, candidate: Candidate) -> None:
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
        for tape in self._tapes.values():
            tape.stop_at(at_ms)

    def resume(self, at_ms: int) -> None:
        """Prometheus scrapes again."""
        self._outages[-1] = (self._outages[-1][0], at_ms)
        for tape in self._tapes.values():
            tape.stop_at(at_ms)

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[Series]:
        """As `promql.Storage`: the series that match, with their samples in [start, end]."""
        self._follow_board()
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
        other._board, other._version = board, board.version
        other._tapes, other._tapes_of, other._outages = {}, {}, []
        other._shared = _Shared(self, frozenset(changed))
        return other

    def unlike_source(self, start_ms: int, end_ms: int, names: Collection[str] | None = None) -> frozenset[Labels]:
        """Series, of these names if given, that differ within [start, end] from those of the storage that this one was
        made from."""
        shared = self._shared
        assert shared is not None, "made by `over`"
        self._follow_board()
        shared.source._follow_board()
        return frozenset(
            candidate.labels
            for name, candidates in self._by_name.items()
            if names is None or name in names
            for candidate in candidates
            if candidate.target.component in shared.changed
            and not _same(self._read(candidate, start_ms, end_ms), shared.source._read(candidate, start_ms, end_ms))
        )

    def _read(self, candidate: Candidate, start_ms: int, end_ms: int) -> Series:
        shared = self._shared
        if shared is None or self._outages or candidate.target.component in shared.changed:
            start_ms = max(start_ms, self._board.begins_ms)
            return self._tape(candidate.target).series(candidate, start_ms, end_ms, self._outages)
        return shared.source._read(candidate, start_ms, end_ms)

    def _follow_board(self) -> None:
        """Cuts the tapes of components whose signals changed since this was last asked."""
        if self._version == self._board.version:
            return
        for component, at_ms in self._board.changed_since(self._version).items():
            for tape in self._tapes_of.get(component, ()):
                tape.forget_from(at_ms)
        self._version = self._board.version

    def _candidates(self, matchers: Sequence[Matcher]) -> list[Candidate]:
        asked = tuple(matchers)
        known = self._matched.get(asked)
        if known is None:
            known = self._matched[asked] = self._match(asked)
        return known

    def _match(self, matchers: tuple[Matcher, ...]) -> list[Candidate]:
        named = next((m for m in matchers if m.name == METRIC_NAME and m.type is MatchType.EQUAL), None)
        if named is not None:
            pool = self._by_name.get(named.value, [])
        else:
            pool = [c for candidates in self._by_name.values() for c in candidates]
        others = [m for m in matchers if m is not named]
        return [c for c in pool if match_all(others, c.labels)]

    def _tape(self, target: Target) -> Tape:
        known = self._tapes.get(target)
        if known is None:
            known = self._tapes[target] = Tape(self._interval_ms, target.offset_ms, self._reader(target))
            self._tapes_of.setdefault(target.component, []).append(known)
        return known

    def _reader(self, target: Target) -> Callable[[Times, Times], Reading]:
        instance = f"{target.component}-{target.replica}"

        def read(index: Times, times: Times) -> Reading:
            return Reading(
                self._board,
                target.component,
                target.replica,
                times,
                index,
                self._interval_ms,
                self._epoch_ms,
                lambda name: self._key(f"{instance}/{name}"),
            )

        return read


def _same(one: Series, other: Series) -> bool:
    """Bit for bit: a staleness marker equals itself."""
    return np.array_equal(one.times, other.times) and one.values.tobytes() == other.values.tobytes()


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
