"""Whether incidents come more unevenly than chance: the index of dispersion of counts by day (Fano factor).

Pearson's statistic compares the count of each day watched with what the shape of the week lets expect of it.  For a
Poisson process it is chi-squared, with a degree of freedom a day less one; its mean, the dispersion, is near 1.
Larger: incidents come in bursts, or the level moves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenarios.history.calibration.families import Floats
from scenarios.history.calibration.seasons import DAY_S, HOUR_S, WeekShape


@dataclass(frozen=True, slots=True)
class Dispersion:
    """Variance over mean of daily counts, with its 95 % range for a Poisson process, and the probability beyond."""

    value: float
    poisson_low: float
    poisson_high: float
    p: float
    days: int
    histogram: tuple[int, ...]
    """How many days had 0, 1, 2, ... incidents."""
    mean: float

    @property
    def overdispersed(self) -> bool:
        return self.value > self.poisson_high


def daily_dispersion(at_s: Floats, from_s: float, to_s: float, shape: WeekShape) -> Dispersion | None:
    """None for fewer than 14 whole days."""
    days = int((to_s - from_s) // DAY_S)
    if days < 14 or not len(at_s):
        return None
    from scipy.stats import chi2

    edges = from_s + DAY_S * np.arange(days + 1)
    counts = np.histogram(at_s, bins=edges)[0]
    hours = edges[:-1, None] + HOUR_S * (np.arange(24) + 0.5)[None, :]
    weights = shape.at(hours).sum(1)
    expected = counts.sum() * weights / weights.sum()
    statistic = float(((counts - expected) ** 2 / np.maximum(expected, 1e-12)).sum())
    low, high = chi2.ppf([0.025, 0.975], days - 1) / (days - 1)
    return Dispersion(
        value=statistic / (days - 1),
        poisson_low=float(low),
        poisson_high=float(high),
        p=float(chi2.sf(statistic, days - 1)),
        days=days,
        histogram=tuple(int(n) for n in np.bincount(counts)),
        mean=float(counts.mean()),
    )
