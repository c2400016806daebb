"""How many incidents a week brings: a level that moves, learned from the weeks so far and fading towards the long run.

The weekly rate has a gamma distribution.  From week to week what was learned fades by `memory` towards the gamma
distribution that fits all weeks alike (a power discount: Smith 1979), then the new count is added (conjugate):

    a <- memory a + (1 - memory) a0 + y / burst,      b <- memory b + (1 - memory) b0 + 1 / burst

A forecast is negative binomial.  Counts come in bursts when incidents cause or accompany one another, which `burst`
(variance over mean within a level, 1 for Poisson) allows for.  `memory` and `burst` maximise the likelihood of
forecasting each week from those before it.  Memory 0 is "every week is drawn afresh", memory near 1 a lasting level.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenarios.history.calibration.families import Floats

_MEMORIES = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98)
_BURSTS = (1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 9.0, 14.0)


@dataclass(frozen=True, slots=True)
class Level:
    """The gamma distribution of the weekly rate after the last week, and how it fades (see the module)."""

    a: float
    b: float
    a0: float
    b0: float
    memory: float
    burst: float
    weeks: int

    @property
    def rate(self) -> float:
        """Mean incidents a week, now."""
        return self.a / self.b

    @property
    def long_run_rate(self) -> float:
        return self.a0 / self.b0

    def bounds(self) -> tuple[float, float]:
        """95 % interval of the weekly rate now."""
        from scipy.stats import gamma

        low, high = gamma.ppf([0.025, 0.975], self.a, scale=1 / self.b)
        return float(low), float(high)

    def ahead(self, weeks: int) -> tuple[float, float]:
        """Mean and variance of the count of the week that many weeks on (1: the next)."""
        kept = self.memory**weeks
        a, b = kept * self.a + (1 - kept) * self.a0, kept * self.b + (1 - kept) * self.b0
        return a / b, self.burst * a / b + a / b**2

    def forecast(self, weeks: int, most: int) -> Floats:
        """Probability of each count from 0 to `most` in the week that many weeks on."""
        return negative_binomial(np.arange(most + 1), *self.ahead(weeks))


def fit_level(counts: Sequence[int] | Floats) -> Level:
    """The level after whole weeks with these counts, the oldest first.  Raises ValueError for fewer than four."""
    y = np.asarray(counts, dtype=np.float64)
    if len(y) < 4:
        raise ValueError(f"{len(y)} whole weeks are too few for a weekly level: 4 are needed")
    candidates = [_follow(y, memory, burst) for burst in _BURSTS for memory in _MEMORIES]
    return max(candidates, key=lambda pair: pair[0])[1]


def _follow(y: Floats, memory: float, burst: float) -> tuple[float, Level]:
    """Log likelihood of forecasting each week, and the level after the last."""
    mean = max(float(y.mean()), 0.5 / len(y))
    spread = max(float(y.var(ddof=1)) - burst * mean, 0.02 * mean**2)
    b0 = mean / spread
    a0 = mean * b0
    a, b, total = a0, b0, 0.0
    for count in y:
        a, b = memory * a + (1 - memory) * a0, memory * b + (1 - memory) * b0
        expected = a / b
        total += math.log(max(float(negative_binomial(np.array([count]), expected, burst * expected + a / b**2)[0]), 1e-300))
        a, b = a + count / burst, b + 1 / burst
    return total, Level(a, b, a0, b0, memory, burst, len(y))


def negative_binomial(counts: np.ndarray[tuple[int], np.dtype[np.generic]], mean: float, variance: float) -> Floats:
    """Probability of each count under the negative binomial of that mean and variance (which exceeds the mean)."""
    from scipy.special import gammaln

    y = np.asarray(counts, dtype=np.float64)
    size = mean**2 / max(variance - mean, 1e-9 * mean)
    log = gammaln(y + size) - gammaln(size) - gammaln(y + 1)
    log += size * math.log(size / (size + mean)) + y * math.log(mean / (size + mean))
    return np.asarray(np.exp(log), dtype=np.float64)


def week_counts(at_s: Floats, to_s: float, weeks: int) -> Floats:
    """Counts of the whole weeks that end at `to_s`, the oldest first."""
    week_s = 604_800.0
    edges = to_s - week_s * np.arange(weeks, -1, -1)
    return np.histogram(at_s, bins=edges)[0].astype(np.float64)
