"""How many incidents a week brings: a level that moves, learned from the weeks so far and fading towards the long run.

The weekly rate has a gamma distribution.  From week to week what was learned fades by `memory` towards the gamma
distribution that fits all weeks alike (a power discount: Smith 1979), then the new count is added (conjugate):

    a <- memory a + (1 - memory) a0 + y / burst,      b <- memory b + (1 - memory) b0 + 1 / burst

A forecast is negative binomial.  Counts come in bursts when incidents cause or accompany one another, which `burst`
(variance over mean within a level, 1 for Poisson) allows for.  `memory` and `burst` maximise the likelihood of
forecasting each week from those until one, four and thirteen weeks before it: they serve at all these distances.
Memory 0 is "every week is drawn afresh", memory 1 a rate that never moves, which holds unless the weeks speak
clearly against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from scenarios.history.calibration.families import Floats

_STEADY = 1.0
_MEMORIES = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, _STEADY)
_EARNED = 4.0
"""By so much, in log likelihood over all distances, a level that moves must forecast better than one that does not."""
_HORIZONS = (1, 4, 13)
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
        return _gamma_bounds(self.a, self.b)

    def long_run_bounds(self) -> tuple[float, float]:
        """The range that 95 % of the weekly rates keep to in the long run."""
        return _gamma_bounds(self.a0, self.b0)

    def ahead(self, weeks: int) -> tuple[float, float]:
        """Mean and variance of the count of the week that many weeks on (1: the next)."""
        a, b = self.faded(weeks)
        return a / b, self.burst * a / b + a / b**2

    def faded(self, weeks: int) -> tuple[float, float]:
        """The gamma distribution of the rate so many weeks on: shape and inverse scale."""
        kept = self.memory**weeks
        return kept * self.a + (1 - kept) * self.a0, kept * self.b + (1 - kept) * self.b0

    def forecast(self, weeks: int, most: int) -> Floats:
        """Probability of each count from 0 to `most` in the week that many weeks on."""
        mean, variance = self.ahead(weeks)
        return negative_binomial(np.arange(most + 1.0), np.array(mean), np.array(variance))


def _gamma_bounds(a: float, b: float) -> tuple[float, float]:
    from scipy.stats import gamma

    low, high = gamma.ppf([0.025, 0.975], a, scale=1 / b)
    return float(low), float(high)


def fit_level(counts: Sequence[int] | Floats) -> Level:
    """The level after whole weeks with these counts, the oldest first.  Raises ValueError for fewer than four."""
    y = np.asarray(counts, dtype=np.float64)
    if len(y) < 4:
        raise ValueError(f"{len(y)} whole weeks are too few for a weekly level: 4 are needed")
    candidates = [_follow(y, memory, burst) for burst in _BURSTS for memory in _MEMORIES]
    return max(candidates, key=lambda pair: pair[0] + (_EARNED if pair[1].memory == _STEADY else 0.0))[1]


def _follow(y: Floats, memory: float, burst: float) -> tuple[float, Level]:
    """Log likelihood of forecasting weeks from those before them, at every horizon, and the level after the last."""
    mean = max(float(y.mean()), 0.5 / len(y))
    spread = max(float(y.var(ddof=1)) - burst * mean, 0.02 * mean**2)
    b0 = mean / spread
    level = Level(mean * b0, b0, mean * b0, b0, memory, burst, len(y))
    came, forecasts = [], []
    for week, count in enumerate(y):
        for ahead in _HORIZONS:
            if week + ahead <= len(y):
                came.append(y[week + ahead - 1])
                forecasts.append(level.ahead(ahead))
        a, b = level.faded(1)
        level = replace(level, a=a + count / burst, b=b + 1 / burst)
    means, variances = np.array(forecasts).T
    return float(np.log(np.maximum(negative_binomial(np.array(came), means, variances), 1e-300)).sum()), level


def negative_binomial(counts: Floats, mean: Floats, variance: Floats) -> Floats:
    """Probability of each count under the negative binomial of that mean and variance (which exceeds the mean)."""
    from scipy.special import gammaln

    size = mean**2 / np.maximum(variance - mean, 1e-9 * mean)
    log = gammaln(counts + size) - gammaln(size) - gammaln(counts + 1)
    log += size * np.log(size / (size + mean)) + counts * np.log(mean / (size + mean))
    return np.asarray(np.exp(log), dtype=np.float64)


def week_counts(at_s: Floats, to_s: float, weeks: int) -> Floats:
    """Counts of the whole weeks that end at `to_s`, the oldest first."""
    week_s = 604_800.0
    edges = to_s - week_s * np.arange(weeks, -1, -1)
    return np.histogram(at_s, bins=edges)[0].astype(np.float64)
