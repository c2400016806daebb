"""Recipes: how one series of an exporter is made of the signals of a replica.

A *recipe* names a series, its labels, and the pure function that reads its values.  `Exposed` says who shows it, and
so when it is there: the process itself, an exporter beside it on the same host, or somebody outside.  A value that is
NaN means that the exporter does not show the series at that scrape.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from simulator.monitoring.telemetry.reading import Life, Look, Rates, Read, Reading
from simulator.signals import Values
from topologies.estate import Component
from topologies.signals import Signal
from topologies.telemetry import MetricType

_LATENCY_SIGMA = 0.6
"""Durations scatter log-normally around their median."""
_FASTEST_S = 1e-4
_ROUNDING = 1e-6
_NORMAL = NormalDist()


class Exposed(Enum):
    """Who shows a series."""

    PROCESS = "process"
    """The process itself, or an exporter that has to ask it: gone while it is down."""
    ASKING = "asking"
    """An exporter beside it that asks it at each scrape: it says that nobody is there while the process is down, and
    says nothing while the process hangs, since it waits for longer than a scrape does."""
    BESIDE = "beside"
    """An exporter beside it: gone only with the host."""
    OUTSIDE = "outside"
    """Somebody elsewhere, who goes on when everything here is down."""


class Replica(NamedTuple):
    """What a profile knows of the replica that it is for."""

    id: str
    number: int
    component: Component

    @property
    def name(self) -> str:
        return f"{self.id}-{self.number}"


@dataclass(frozen=True, slots=True)
class Recipe:
    """One series of a replica."""

    name: str
    type: MetricType
    read: Callable[[Reading], Values]
    labels: Mapping[str, str] = field(default_factory=dict)
    exposed: Exposed = Exposed.PROCESS


@dataclass(frozen=True, slots=True)
class Profile:
    """What one exporter shows of a replica.  `exposed` is the exporter itself: whether it answers a scrape."""

    exposed: Exposed
    recipes: Callable[[Replica], Sequence[Recipe]]


NO_LABELS: Mapping[str, str] = {}


def constant(
    name: str, value: float, labels: Mapping[str, str] = NO_LABELS, exposed: Exposed = Exposed.PROCESS
) -> Recipe:
    """A gauge that never moves: a limit, a size, an `_info`."""
    return Recipe(name, MetricType.GAUGE, lambda r: np.full(r.times.shape, value), labels, exposed)


def gauge(
    name: str,
    read: Callable[[Reading], Values],
    labels: Mapping[str, str] = NO_LABELS,
    exposed: Exposed = Exposed.PROCESS,
) -> Recipe:
    return Recipe(name, MetricType.GAUGE, read, labels, exposed)


def found_up(name: str) -> Recipe:
    """Whether an exporter beside the process finds it running (`pg_up`)."""
    return gauge(name, lambda r: r.running(r.times).astype(np.float64), exposed=Exposed.ASKING)


def state(name: str, signal: Signal, labels: Mapping[str, str] = NO_LABELS, *, exposed: Exposed) -> Recipe:
    """A gauge that is 1 while a state holds, else 0."""
    return gauge(name, lambda r: (r.exact(signal) > 0).astype(np.float64), labels, exposed)


def counter(
    name: str,
    rates: Rates,
    signals: Read,
    *,
    together: str,
    labels: Mapping[str, str] = NO_LABELS,
    exposed: Exposed = Exposed.PROCESS,
    life: Life = Life.PROCESS,
    whole: bool = False,
) -> Recipe:
    """A counter of something that happens at a rate; counters named `together` are read at the same moment.

    `whole`: it counts single events, so only whole ones show.
    """

    def read(reading: Reading) -> Values:
        counted = reading.counter(rates, together, signals, life)
        return whole_events(counted) if whole else counted

    return Recipe(name, MetricType.COUNTER, read, labels, exposed)


def whole_events(counted: Values) -> Values:
    """Whole events only; what was added up from rates falls short of them by a hair."""
    return np.floor(counted + _ROUNDING)


def histogram(
    name: str,
    rates: Rates,
    median_s: Callable[[Look], Values],
    signals: Read,
    bounds_s: Sequence[float],
    *,
    labels: Mapping[str, str] = NO_LABELS,
    exposed: Exposed = Exposed.PROCESS,
) -> list[Recipe]:
    """The series of a classic histogram of durations that scatter around a median."""

    def within(bound_s: float) -> Rates:
        return lambda look: rates(look) * _share_within(bound_s, median_s(look))

    def series(suffix: str, made: Rates, more: Mapping[str, str] = NO_LABELS) -> Recipe:
        def read(reading: Reading) -> Values:
            return reading.counter(made, "duration", signals)

        return Recipe(f"{name}_{suffix}", MetricType.HISTOGRAM, read, {**labels, **more}, exposed)

    mean_factor = math.exp(_LATENCY_SIGMA**2 / 2)
    return [
        *(series("bucket", within(bound), {"le": f"{bound:g}"}) for bound in bounds_s),
        series("bucket", rates, {"le": "+Inf"}),
        series("count", rates),
        series("sum", lambda look: rates(look) * median_s(look) * mean_factor),
    ]


def _share_within(bound_s: float, medians_s: Values) -> Values:
    """Share of durations that are at most so long, for each median."""
    medians = np.maximum(medians_s, _FASTEST_S)
    return np.asarray(
        [_NORMAL.cdf((math.log(bound_s) - math.log(m)) / _LATENCY_SIGMA) for m in medians.tolist()], dtype=np.float64
    )


def requests(look: Look) -> Values:
    """Requests a second, served well or not."""
    return look(Signal.OK_RPS) + look(Signal.FAILED_RPS)


REQUESTS: Read = (Signal.OK_RPS, Signal.FAILED_RPS)
