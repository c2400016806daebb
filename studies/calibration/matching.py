"""Simulated moments: the parameter with which the model shows the times that the record shows.

A recorded time to acknowledge is no time to react: pages travel, go unnoticed, escalate, and of two channels the
quicker counts.  A recorded time to restore is no time of a restart: somebody answers, looks and checks first.  So the
parameter (a lognormal distribution) is moved until the *simulated* time has the median and the 90 % point of the
recorded one (method of simulated moments: McFadden 1989), every step on the same random numbers.  What the model
cannot show whatever the parameter is has no match.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scenarios.history.calibration.families import Floats
from scenarios.history.calibration.model_file import rounded_ms
from scenarios.history.calibration.observations import Observations, kaplan_meier
from timeline.distributions import Distribution
from timeline.instants import SECOND, format_duration

CLOSE_ENOUGH = 0.05
"""The simulated quantiles may be off by so much."""
_STEPS = 20
_STILL = 0.01
_LEAST_RATIO, _MOST_RATIO = 1.02, 300.0
_SHORTEST_S = 0.1
_LONGEST_S = 365 * 86_400.0

Simulate = Callable[[Distribution], Floats]
"""Simulated times in seconds under a parameter; NaN where it never came so far."""


@dataclass(frozen=True, slots=True)
class Quantiles:
    """What is matched, in seconds."""

    median_s: float
    p90_s: float


@dataclass(frozen=True, slots=True)
class Match:
    """The parameter, and the simulated times under it in seconds."""

    parameter: Distribution
    simulated_s: Floats


def match(target: Quantiles, simulate: Simulate, start: Distribution | None = None) -> Match | None:
    """The parameter whose simulated median and 90 % point are those of the target; None where there is none.

    `start` is one of a target nearby.
    """
    first = target if start is None else Quantiles(*(start.quantile(p) / SECOND for p in (0.5, 0.9)))
    median_s, ratio = first.median_s, max(first.p90_s / first.median_s, _LEAST_RATIO)
    best: tuple[float, Match] | None = None
    for _ in range(_STEPS):
        parameter = lognormal(median_s, median_s * ratio)
        simulated = simulate(parameter)
        found = quantiles_of(simulated)
        off_median, off_ratio = _apart(target, found)
        off = max(abs(off_median), abs(off_median + off_ratio))
        if best is None or off < best[0]:
            best = off, Match(parameter, simulated)
        if off < _STILL or (median_s <= _SHORTEST_S and off_median < 0):
            break
        median_s = min(max(median_s * math.exp(off_median), _SHORTEST_S), _LONGEST_S)
        ratio = min(max(ratio * math.exp(off_ratio), _LEAST_RATIO), _MOST_RATIO)
    return best[1] if best is not None and best[0] <= CLOSE_ENOUGH else None


def _apart(target: Quantiles, found: Quantiles) -> tuple[float, float]:
    """By how much median and spread have to move, as logarithms; held where the simulation has no such quantile."""
    if not math.isfinite(found.p90_s):
        return -0.5, -0.2
    median = math.log(target.median_s / max(found.median_s, 0.001))
    spread = math.log(target.p90_s / target.median_s) - math.log(found.p90_s / max(found.median_s, 0.001))
    return median, spread


def quantiles_of(times_s: Floats) -> Quantiles:
    """Median and 90 % point; what never came counts as longer than anything."""
    every = np.where(np.isnan(times_s), np.inf, times_s)
    median, p90 = np.quantile(every, [0.5, 0.9], method="higher")
    return Quantiles(float(median), float(p90))


def distance(recorded: Observations, simulated_s: Floats) -> float:
    """The largest gap between the distribution of the record (Kaplan and Meier's) and that of the simulation, as far
    as the record reaches."""
    curve = kaplan_meier(recorded)
    at = curve.times_s
    if not len(at):
        return 1.0
    simulated = np.sort(simulated_s[~np.isnan(simulated_s)])
    share = np.searchsorted(simulated, at, side="right") / len(simulated_s)
    before = np.searchsorted(simulated, at, side="left") / len(simulated_s)
    reached = 1 - curve.open_ratio
    earlier = np.concatenate([[0.0], reached[:-1]])
    return float(max(np.abs(share - reached).max(), np.abs(before - earlier).max()))


def lognormal(median_s: float, p90_s: float) -> Distribution:
    """As it is written in a file: four digits."""
    median_ms = rounded_ms(median_s)
    p90_ms = max(rounded_ms(p90_s), median_ms + (1 if median_ms < SECOND else SECOND))
    return Distribution.parse(f"lognormal(median={format_duration(median_ms)}, p90={format_duration(p90_ms)})")
