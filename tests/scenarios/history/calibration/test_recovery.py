"""Known parameters are recovered: their 95 % intervals cover them as often as they say, and are no wider than need be.

Of 200 repetitions a right interval covers 179 to 198 times (a binomial at 95 %, both tails at 0.1 %).  Widths are
compared with what theory allows at best for the same data without censoring.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from scenarios.history.calibration.clustering import fit_clustering
from scenarios.history.calibration.durations import fit_durations
from scenarios.history.calibration.effects import Grouped
from scenarios.history.calibration.families import FAMILIES
from scenarios.history.calibration.levels import fit_level
from scenarios.history.calibration.observations import Observations
from scenarios.history.calibration.seasons import WEEK_S, fit_week, flat_shape
from scenarios.history.calibration.transitions import share

_CASES = 300
_MONDAY_S = 345_600.0
_YEAR_S = 52 * WEEK_S


@dataclass(frozen=True)
class Interval:
    """Of a parameter: its bounds, the true value, and the widest that is still informative."""

    name: str
    low: float
    high: float
    true: float
    widest: float


def _censored(times: np.ndarray, rng: np.random.Generator) -> Observations:
    """About a quarter is not over when watching ends."""
    until = np.quantile(times, 0.75) * rng.uniform(0.5, 3, len(times))
    over = times <= until
    return Observations(np.minimum(times, until), np.where(over, times, np.inf))


def _durations(rng: np.random.Generator) -> Iterator[Interval]:
    drawn = {
        "lognormal": (np.exp(6 + 1.1 * rng.standard_normal(_CASES)), 6.0, 1.1, 1.1),
        "weibull": (math.exp(6) * rng.weibull(0.8, _CASES), 6.0, 0.8, 1.05 / 0.8),
        "gamma": (rng.gamma(1.5, math.exp(6), _CASES), 6.0, 1.5, 1.6),
    }
    for name, (times, location, shape, unit) in drawn.items():
        model = fit_durations(_censored(times, rng), name)
        best = 2 * 1.96 * unit / math.sqrt(_CASES)
        yield Interval(f"{name} location", *model.bounds(0), location, 1.8 * best)
        low, high = (FAMILIES[name].natural([bound])[0] for bound in model.bounds(1))
        yield Interval(f"{name} shape", low, high, shape, 0.5 * shape)


def _effects(rng: np.random.Generator) -> Iterator[Interval]:
    """Four groups of 75 whose effects are drawn afresh: intervals of the random-effects model hold on average."""
    true = 0.5 * rng.standard_normal(4)
    groups = [f"g{i % 4}" for i in range(_CASES)]
    times = np.exp(6 + np.tile(true, _CASES // 4) + 0.8 * rng.standard_normal(_CASES))
    model = fit_durations(_censored(times, rng), "lognormal", [Grouped.of("service", groups)], {"service": groups})
    # The difference of two groups: their common value is not identified apart from the intercept.
    value = model.location[1] - model.location[2]
    error = math.sqrt(model.covariance[1, 1] + model.covariance[2, 2] - 2 * model.covariance[1, 2])
    widest = 1.6 * 2 * 1.96 * 0.8 * math.sqrt(2 / 75)
    yield Interval("difference of groups", value - 1.96 * error, value + 1.96 * error, true[0] - true[1], widest)


def _arrivals(rng: np.random.Generator) -> Iterator[Interval]:
    counts = rng.poisson(6, 100)
    low, high = fit_level(counts).bounds()
    yield Interval("incidents a week", low, high, 6.0, 2 * 2 * 1.96 * math.sqrt(6 / 100))
    hours = np.arange(168) + 0.5
    relative = np.exp(0.8 * np.cos(2 * np.pi * (hours - 14) / 24))
    relative /= relative.mean()
    per_hour = rng.poisson(1200 / 168 * relative)
    at = np.concatenate(
        [h * 3600 + 3600 * rng.random(n) + WEEK_S * rng.integers(0, 52, n) for h, n in enumerate(per_hour)]
    )
    week = fit_week(_MONDAY_S + np.sort(at), _MONDAY_S, _MONDAY_S + _YEAR_S)
    yield Interval("rate at 14 h on Wednesday", float(week.low[62]), float(week.high[62]), float(relative[62]), 1.0)
    events = _MONDAY_S + np.sort(_branches(rng, 0.3, 7200.0))
    shape = flat_shape(events, _MONDAY_S, _MONDAY_S + _YEAR_S)
    found = fit_clustering(events, _MONDAY_S + _YEAR_S, shape)
    assert found is not None
    yield Interval("offspring", found.low, found.high, 0.3, 0.25)


def _branches(rng: np.random.Generator, offspring: float, delay_s: float) -> np.ndarray:
    generation = rng.uniform(0, _YEAR_S, 350)
    every = [generation]
    while len(generation):
        generation = np.repeat(generation, rng.poisson(offspring, len(generation)))
        generation = generation + rng.exponential(delay_s, len(generation))
        every.append(generation)
    at = np.concatenate(every)
    return at[at < _YEAR_S]


def _transitions(rng: np.random.Generator) -> Iterator[Interval]:
    found = share(int(rng.binomial(_CASES, 0.2)), _CASES)
    yield Interval("share handed on", found.low, found.high, 0.2, 0.1)


def _covered(repetitions: int) -> tuple[dict[str, int], dict[str, float], dict[str, float]]:
    """How often each parameter was covered, the mean width of its interval, and the widest allowed."""
    covered: dict[str, int] = defaultdict(int)
    widths: dict[str, float] = defaultdict(float)
    widest: dict[str, float] = {}
    for seed in range(repetitions):
        rng = np.random.default_rng(seed)
        for made in (_durations, _effects, _arrivals, _transitions):
            for interval in made(rng):
                covered[interval.name] += interval.low <= interval.true <= interval.high
                widths[interval.name] += (interval.high - interval.low) / repetitions
                widest[interval.name] = interval.widest
    return covered, widths, widest


@pytest.mark.prove
def test_intervals_cover_known_parameters_179_to_198_times_of_200() -> None:
    covered, widths, widest = _covered(200)
    for name, times in covered.items():
        print(f"{name}: covered {times} of 200, mean width {widths[name]:.3g} (at most {widest[name]:.3g})")
    assert {name: times for name, times in covered.items() if not 179 <= times <= 198} == {}
    assert {name: width for name, width in widths.items() if width > widest[name]} == {}


def test_intervals_cover_known_parameters_in_a_dozen_repetitions() -> None:
    # A right interval covers at least 9 of 12 times with a probability of 99.8 %.
    covered, widths, widest = _covered(12)
    assert min(covered.values()) >= 8
    assert {name: width for name, width in widths.items() if width > widest[name]} == {}
