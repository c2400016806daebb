"""Whether incidents set off incidents: a self-exciting process over the shape of the week.

    rate(t) = background x shape of the week(t) + offspring x sum over earlier incidents of decay e^(-decay (t - t_i))

`offspring` is the mean number of incidents that one incident brings with it (below 1); its inverse decay, `delay_s`,
the mean time until they come (Hawkes 1971; Ozaki 1979 for the likelihood).  The share of incidents that are offspring
equals `offspring`.  Clustering counts as shown where the likelihood ratio against no clustering passes its 95 % point
(half chi-squared with two degrees: the offspring are on the edge of their range under the hypothesis), and the delay is
not the longest allowed, which only says that the level moves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from scenarios.history.calibration.families import Floats
from scenarios.history.calibration.seasons import HOUR_S, WeekShape

_CRITICAL = 4.605
"""2 (log likelihood ratio) at a level of 5 %: the 90 % point of chi-squared with two degrees of freedom."""
_SHORTEST_S, _LONGEST_S = 60.0, 3 * 86_400.0
"""Delays beyond: shorter is the rounding of records, longer is a level that moves."""


@dataclass(frozen=True, slots=True)
class Clustering:
    """Offspring of an incident with the 95 % interval, and their mean delay; `shown` where the data show it."""

    offspring: float
    low: float
    high: float
    delay_s: float
    ratio: float
    """Twice the log likelihood ratio against no clustering."""
    shown: bool
    incidents: int


def fit_clustering(at_s: Floats, to_s: float, shape: WeekShape) -> Clustering | None:
    """Fits the process to moments in seconds, watched until `to_s` for the exposure of the shape.

    None for fewer than 30 incidents.

    Incidents recorded at the same moment are spread over the minute behind it, evenly, as clocks of minutes hide order.
    """
    if len(at_s) < 30:
        return None
    from scipy.optimize import minimize

    times = _untied(np.sort(at_s))
    relative = shape.at(times)
    exposure_s = HOUR_S * float(shape.exposure @ shape.relative)
    alone = float(np.sum(np.log(relative * len(times) / exposure_s))) - len(times)

    def loss(theta: Floats) -> float:
        offspring, decay = _natural(theta)
        return -_log_likelihood(times, to_s, relative, exposure_s, offspring, decay)

    fits = [
        minimize(loss, [math.log(share / (1 - share)), math.log(1 / delay_s)], method="Nelder-Mead", options=_PRECISE)
        for share, delay_s in ((0.2, 3600.0), (0.2, 36_000.0))
    ]
    best = min(fits, key=lambda fit: float(fit.fun))
    offspring, decay = _natural(best.x)
    ratio = max(2 * (-float(best.fun) - alone), 0.0)
    shown = ratio > _CRITICAL and decay * _LONGEST_S > 1.05
    low, high = _profile(times, to_s, relative, exposure_s, (offspring, decay), -float(best.fun))
    return Clustering(offspring, low, high, 1 / decay, ratio, shown, len(times))


_PRECISE = {"xatol": 1e-4, "fatol": 1e-4, "maxiter": 200}


def _natural(theta: Floats) -> tuple[float, float]:
    """Offspring in (0, 1) and decay per second within the delays allowed."""
    decay = min(max(math.exp(min(max(float(theta[1]), -40.0), 10.0)), 1 / _LONGEST_S), 1 / _SHORTEST_S)
    return 1 / (1 + math.exp(-min(max(float(theta[0]), -30.0), 30.0))), decay


def _log_likelihood(
    times: Floats, to_s: float, relative: Floats, exposure_s: float, offspring: float, decay: float
) -> float:
    """At the background that fits best given the offspring: the one that makes the expected number the observed one."""
    excited = offspring * decay * _echo(times, decay)
    children = offspring * float(np.sum(-np.expm1(-decay * (to_s - times))))
    background = max(len(times) - children, 1e-3) / exposure_s
    return float(np.sum(np.log(background * relative + excited))) - background * exposure_s - children


def _echo(times: Floats, decay: float) -> Floats:
    """Sum over earlier incidents of e^(-decay (t - t_i)), by its recursion: a loop, as each needs the last."""
    faded = np.exp(-decay * np.diff(times))
    echo = np.zeros(len(times))
    value = 0.0
    for number, factor in enumerate(faded, start=1):
        value = factor * (value + 1.0)
        echo[number] = value
    return echo


def _profile(
    times: Floats, to_s: float, relative: Floats, exposure_s: float, best: tuple[float, float], top: float
) -> tuple[float, float]:
    """95 % interval of the offspring from the profile likelihood over the delay."""
    from scipy.optimize import brentq, minimize_scalar

    around = math.log(best[1])

    def fall(offspring: float) -> float:
        inner = minimize_scalar(
            lambda log_decay: -_log_likelihood(times, to_s, relative, exposure_s, offspring, math.exp(log_decay)),
            bounds=(max(around - 3, -math.log(_LONGEST_S)), min(around + 3, -math.log(_SHORTEST_S))),
            method="bounded",
            options={"xatol": 1e-2, "maxiter": 25},
        )
        return 2 * (top + float(inner.fun)) - 3.841

    least, most = 1e-6, 1 - 1e-6
    low = 0.0 if best[0] <= least or fall(least) < 0 else float(brentq(fall, least, best[0], xtol=1e-3, maxiter=30))
    high = 1.0 if best[0] >= most or fall(most) < 0 else float(brentq(fall, best[0], most, xtol=1e-3, maxiter=30))
    return low, high


def _untied(times: Floats) -> Floats:
    """Equal moments spread evenly over the 60 s behind them (or up to the next moment, where that is sooner)."""
    values, starts, counts = np.unique(times, return_index=True, return_counts=True)
    room = np.minimum(np.append(np.diff(values), 60.0), 60.0)
    rank = np.arange(len(times)) - np.repeat(starts, counts)
    return np.asarray(times + rank * np.repeat(room / counts, counts), dtype=np.float64)
