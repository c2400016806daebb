"""How the rate of incidents moves over the hours of a week: a Poisson process whose log rate is a sum of waves.

Counts of each of the 168 hours of the week, with the hours watched as exposure, are regressed on nested menus of
waves: none; of the day; of the week; the day's different at the weekend.  The menu is chosen by the quasi-likelihood
BIC: likelihood divided by the dispersion that is left under the richest menu, so that bursts do not pass for seasons.
Hours are in UTC, and hour 0 begins on Monday.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from scenarios.history.calibration.families import Floats

HOURS = 168
HOUR_S, DAY_S, WEEK_S = 3600.0, 86_400.0, 604_800.0
LEAST_WEEKS = 2
"""In less, an hour of the week is a single date, and a season cannot be told from a burst."""
_MONDAY_S = 4 * DAY_S
"""1970-01-05, the first Monday after the epoch of Unix."""
_MENUS: dict[str, tuple[int, int, bool]] = {
    "none": (0, 0, False),
    "day": (2, 0, False),
    "day, fine": (4, 0, False),
    "day and week": (2, 2, False),
    "day, fine, and week": (4, 3, False),
    "day, week, and weekends of their own": (3, 3, True),
}
"""Waves of the day, waves of the week, whether the day's waves differ at the weekend."""


@dataclass(frozen=True, slots=True)
class WeekShape:
    """The rate in each hour of the week relative to the mean hour, with its 95 % bounds (168 values each)."""

    menu: str
    relative: Floats
    low: Floats
    high: Floats
    counts: Floats
    exposure: Floats
    """Incidents and hours watched, by hour of the week."""

    @property
    def flat(self) -> bool:
        return self.menu == "none"

    def at(self, at_s: Floats) -> Floats:
        """Relative rate at moments in seconds since the epoch of Unix."""
        return self.relative[hour_of_week(at_s)]


def hour_of_week(at_s: Floats) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """0 for the hour after Monday midnight UTC, 167 for the last of Sunday."""
    return (np.floor((np.asarray(at_s) - _MONDAY_S) / HOUR_S).astype(np.int64) % HOURS).astype(np.intp)


def flat_shape(at_s: Floats, from_s: float, to_s: float) -> WeekShape:
    """No season: for traces without a calendar."""
    ones = np.ones(HOURS)
    return WeekShape("none", ones, ones, ones, *_tally(at_s, from_s, to_s))


def fit_week(at_s: Floats, from_s: float, to_s: float) -> WeekShape:
    """The shape of the week of incidents at `at_s`, watched between two moments (seconds since the epoch of Unix)."""
    counts, exposure = _tally(at_s, from_s, to_s)
    watched = exposure > 0
    if len(at_s) < 30 or to_s - from_s < LEAST_WEEKS * WEEK_S or not watched.all():
        return flat_shape(at_s, from_s, to_s)
    fits = {name: _regress(_waves(*menu), counts, exposure) for name, menu in _MENUS.items()}
    richest = fits[list(_MENUS)[-1]]
    degrees = HOURS - richest.coefficients.size
    dispersion = max(1.0, float(((counts - richest.mean) ** 2 / np.maximum(richest.mean, 1e-9)).sum()) / degrees)
    scores = {
        name: -2 * fit.log_likelihood / dispersion + fit.coefficients.size * math.log(len(at_s))
        for name, fit in fits.items()
    }
    name = min(scores, key=lambda key: scores[key])
    best, waves = fits[name], _waves(*_MENUS[name])
    log_rate = waves @ best.coefficients
    level = math.log(float(np.exp(log_rate).mean()))
    weights = np.exp(log_rate - level) / HOURS
    contrast = waves - weights @ waves
    error = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", contrast, best.covariance * dispersion, contrast), 0))
    middle = log_rate - level
    return WeekShape(
        name, np.exp(middle), np.exp(middle - 1.96 * error), np.exp(middle + 1.96 * error), counts, exposure
    )


def _tally(at_s: Floats, from_s: float, to_s: float) -> tuple[Floats, Floats]:
    """Incidents and hours watched in each hour of the week."""
    counts = np.bincount(hour_of_week(at_s), minlength=HOURS).astype(np.float64)
    edges = np.arange(math.floor(from_s / HOUR_S), math.ceil(to_s / HOUR_S), dtype=np.float64) * HOUR_S
    watched = np.minimum(edges + HOUR_S, to_s) - np.maximum(edges, from_s)
    exposure = np.bincount(hour_of_week(edges), weights=watched / HOUR_S, minlength=HOURS)
    return counts, np.asarray(exposure, dtype=np.float64)


def _waves(of_day: int, of_week: int, weekend: bool) -> Floats:
    """The columns of a menu: 168 x columns, the first one constant."""
    hours = np.arange(HOURS) + 0.5
    day, week = 2 * np.pi * hours / 24, 2 * np.pi * hours / HOURS
    columns: list[Floats] = [np.ones(HOURS)]
    columns += [wave(k * day) for k in range(1, of_day + 1) for wave in (np.cos, np.sin)]
    if of_week:
        columns.append((hours >= 120).astype(np.float64))
        columns += [wave(k * week) for k in range(1, of_week + 1) for wave in (np.cos, np.sin)]
    if weekend:
        columns += [(hours >= 120).astype(np.float64) * wave(k * day) for k in (1, 2) for wave in (np.cos, np.sin)]
    return np.stack(columns, axis=1)


@dataclass(frozen=True, slots=True)
class _Regression:
    coefficients: Floats
    covariance: Floats
    mean: Floats
    log_likelihood: float


def _regress(waves: Floats, counts: Floats, exposure: Floats) -> _Regression:
    """Poisson regression with a log link by iterated weighted least squares; a faint ridge keeps it finite."""
    ridge = 1e-6 * np.eye(waves.shape[1])
    coefficients = np.zeros(waves.shape[1])
    coefficients[0] = math.log(max(float(counts.sum()), 0.5) / float(exposure.sum()))
    for _ in range(50):
        mean = exposure * np.exp(np.clip(waves @ coefficients, -30, 30))
        step = np.linalg.solve(waves.T @ (waves * mean[:, None]) + ridge, waves.T @ (counts - mean))
        coefficients = coefficients + np.clip(step, -2, 2)
        if float(np.max(np.abs(step))) < 1e-9:
            break
    mean = exposure * np.exp(np.clip(waves @ coefficients, -30, 30))
    information = waves.T @ (waves * mean[:, None]) + ridge
    likelihood = float(counts @ np.log(np.maximum(mean, 1e-12)) - mean.sum())
    return _Regression(coefficients, np.asarray(np.linalg.inv(information), dtype=np.float64), mean, likelihood)
