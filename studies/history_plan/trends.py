"""Whether events come more and more often: a rate that grows or falls by the same factor each year.

The log-linear Poisson process of Cox and Lewis (1966, chapter 3): rate `a exp(b t)` on `[0, T]`.  Given their number,
the moments have the log likelihood

    n log(b / (exp(b T) - 1)) + b sum(t)

whose score at `b = 0` is Laplace's test.  The interval of the factor `exp(b year)` is where the profile likelihood is
within that of 95 %.  Incidents come in clusters: likelihood ratios are divided by the index of dispersion.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from scenarios.history.calibration.families import Floats

LEAST_EVENTS = 6
"""Fewer tell no trend."""
YEAR_S = 365.25 * 86_400
_CHI2_95 = 3.841458820694124
_STEEPEST = 60.0
"""Of `b T`: from the begin to the end the rate changes by no more than this exponent."""


class Direction(StrEnum):
    RISING = "rising"
    FALLING = "falling"
    NOT_SHOWN = "no trend shown"


@dataclass(frozen=True, slots=True)
class Trend:
    """The factor of the rate from one year to the next, its 95 % interval, and the p-value of "no trend"."""

    factor: float
    low: float
    high: float
    p_value: float


def trend(at_s: Floats, length_s: float, dispersion: float = 1.0) -> Trend | None:
    """The trend of events at moments from 0 to `length_s`; None with fewer than `LEAST_EVENTS`."""
    from scipy.optimize import brentq, minimize_scalar
    from scipy.stats import chi2

    if len(at_s) < LEAST_EVENTS or length_s <= 0:
        return None
    places = np.asarray(at_s, dtype=np.float64) / length_s
    count, total = len(places), float(places.sum())

    def log_likelihood(b: float) -> float:
        return -count * _log_mean_exp(b) + b * total

    best = float(minimize_scalar(lambda b: -log_likelihood(b), bounds=(-_STEEPEST, _STEEPEST), method="bounded").x)
    top = log_likelihood(best)

    def below(b: float) -> float:
        return 2 * (top - log_likelihood(b)) / dispersion - _CHI2_95

    low, high = _end(below, best, -_STEEPEST, brentq), _end(below, best, _STEEPEST, brentq)
    p_value = float(chi2.sf(max(2 * (top - log_likelihood(0.0)), 0.0) / dispersion, 1))
    return Trend(_factor(best, length_s), _factor(low, length_s), _factor(high, length_s), p_value)


def _end(below: Callable[[float], float], best: float, far: float, root: Callable[..., float]) -> float:
    return far if below(far) <= 0 else float(root(below, best, far))


def _factor(b: float, length_s: float) -> float:
    return math.exp(min(max(b * YEAR_S / length_s, -700.0), 700.0))


def _log_mean_exp(b: float) -> float:
    """log((exp(b) - 1) / b), 0 where b is 0."""
    if abs(b) < 1e-6:
        return b / 2
    return math.log(math.expm1(abs(b)) / abs(b)) + min(b, 0.0)


def holm(p_values: list[float]) -> list[float]:
    """P-values corrected for their number (Holm 1979)."""
    order = np.argsort(p_values)
    corrected, largest = [1.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        largest = max(largest, min(p_values[place] * (len(p_values) - rank), 1.0))
        corrected[place] = largest
    return corrected
