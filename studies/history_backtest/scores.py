"""Scores of forecasts of durations that handle censoring: CRPS, probability integral transform, coverage and width.

A forecast is a row of a matrix: the probability that the time is over by each moment of a common grid, linear between
them.  A case is watched for a known time `c` (from its start until the end of the history) and either ends at `y <= c`
or has not ended by `c`.

CRPS.  The continuous ranked probability score with the weight 1 up to `c` and 0 beyond (Gneiting and Ranjan 2011):

    integral from 0 to c of (F(t) - 1{y <= t})^2 dt

It is proper, since `c` does not depend on the outcome, and needs no more than what was seen: before `c` it is known of
every moment whether the case had ended.  Without censoring and with `c` large it is the CRPS itself.  The score that
stops at the moment of censoring only for censored cases, and goes on for others, is not proper (Rindt et al. 2022).

PIT.  F(y) is uniform where forecasts are right.  A rounded time lies between its bounds and a censored one beyond `c`:
its value is drawn evenly between F at the bounds, so that ties do not look like misfit (Czado, Gneiting and Held 2009).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenarios.history.calibration.families import Floats
from scenarios.history.calibration.observations import Observations

LEAST_FOR_COVERAGE = 100
"""With fewer test cases no figure of coverage is given."""
LEVELS = (50, 80, 95)


@dataclass(frozen=True, slots=True)
class Forecasts:
    """`cdf`: cases x times, rising along each row; `grid_s` the times in seconds, rising from 0."""

    grid_s: Floats
    cdf: Floats

    def at(self, times_s: Floats) -> Floats:
        """The probability for each case at a time of its own."""
        place, share = self._place(times_s)
        rows = np.arange(len(times_s))
        left, right = self.cdf[rows, place], self.cdf[rows, place + 1]
        return np.asarray(left + share * (right - left), dtype=np.float64)

    def quantile_s(self, p: float) -> Floats:
        """The time by which each case is over with probability `p`; the grid's end where it is later."""
        rows = np.arange(len(self.cdf))
        right = np.clip((self.cdf < p).sum(1), 1, len(self.grid_s) - 1)
        low, high = self.cdf[rows, right - 1], self.cdf[rows, right]
        share = np.clip((p - low) / np.maximum(high - low, 1e-12), 0, 1)
        return np.asarray(self.grid_s[right - 1] + share * (self.grid_s[right] - self.grid_s[right - 1]))

    def _place(self, times_s: Floats) -> tuple[npt.NDArray[np.intp], Floats]:
        place = np.clip(np.searchsorted(self.grid_s, times_s, side="right") - 1, 0, len(self.grid_s) - 2)
        width = self.grid_s[place + 1] - self.grid_s[place]
        return place.astype(np.intp), np.clip((times_s - self.grid_s[place]) / width, 0, 1)


def crps_s(forecasts: Forecasts, observations: Observations, watched_s: Floats) -> Floats:
    """The score of each case in seconds; a rounded time counts at the middle of its bounds."""
    reached = np.minimum(np.where(observations.over, observations.middle_s, np.inf), watched_s)
    below = _integral(forecasts, forecasts.cdf, reached)
    above = 1 - forecasts.cdf
    return below + _integral(forecasts, above, watched_s) - _integral(forecasts, above, reached)


def crps_log(forecasts: Forecasts, observations: Observations, watched_s: Floats) -> Floats:
    """The same score of the logarithm of time (the weight is 1/t): a factor counts alike for short and long times.

    Times below the grid's first step count as that step.
    """
    first = float(forecasts.grid_s[1])

    def log(times_s: Floats) -> Floats:
        return np.log(np.maximum(times_s, first) / first)

    # The probability of at most the first step stands at 0 of the log scale: times below it are there.
    grid = np.concatenate([[0.0], log(forecasts.grid_s[1:]) + 1e-9])
    over = observations.over
    middle = np.where(over, log(observations.middle_s), np.inf)
    outcome = Observations(np.where(over, middle, log(observations.lower_s)), middle)
    return crps_s(Forecasts(grid, forecasts.cdf), outcome, log(watched_s))


def _integral(forecasts: Forecasts, heights: Floats, until_s: Floats) -> Floats:
    """Integral of the square of a piecewise linear function from 0 to a time of each case's own."""
    grid = forecasts.grid_s
    left, right = heights[:, :-1], heights[:, 1:]
    pieces = (left * left + left * right + right * right) / 3 * np.diff(grid)
    whole = np.concatenate([np.zeros((len(heights), 1)), np.cumsum(pieces, axis=1)], axis=1)
    place, share = forecasts._place(until_s)
    rows = np.arange(len(until_s))
    low, high = heights[rows, place], heights[rows, place + 1]
    end = low + share * (high - low)
    width = share * (grid[place + 1] - grid[place])
    return np.asarray(whole[rows, place] + (low * low + low * end + end * end) / 3 * width, dtype=np.float64)


def count_crps(probabilities: Floats, count: int) -> float:
    """The ranked probability score of a forecast of a count (probability of 0, 1, 2, ... on the whole range)."""
    cdf = np.cumsum(probabilities)
    return float(np.sum((cdf - (np.arange(len(cdf)) >= count)) ** 2))


@dataclass(frozen=True, slots=True)
class Coverage:
    """Share of cases within the central interval of a level, and the median and mean width of these intervals."""

    level: int
    inside: float
    median_width_s: float
    mean_width_s: float


def pit_values(forecasts: Forecasts, observations: Observations, seed: int = 0) -> Floats:
    """The randomised probability integral transform of each case."""
    low = forecasts.at(observations.lower_s)
    high = np.where(observations.over, forecasts.at(np.where(observations.over, observations.upper_s, 0.0)), 1.0)
    share = np.random.default_rng(seed).random(len(low))
    return np.asarray(low + share * (high - low), dtype=np.float64)


def coverage(forecasts: Forecasts, pit: Floats) -> list[Coverage] | None:
    """Coverage of the central intervals; None with too few cases for the figure to mean anything."""
    if len(pit) < LEAST_FOR_COVERAGE:
        return None
    found = []
    for level in LEVELS:
        tail = (1 - level / 100) / 2
        widths = forecasts.quantile_s(1 - tail) - forecasts.quantile_s(tail)
        inside = float(np.mean((pit >= tail) & (pit <= 1 - tail)))
        found.append(Coverage(level, inside, float(np.median(widths)), float(np.mean(widths))))
    return found
