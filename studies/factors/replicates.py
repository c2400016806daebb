"""Intervals from randomised replicates: each a whole design drawn anew, so estimates of replicates are independent.

Points of one Latin hypercube or Sobol' sample are not independent of each other, so nothing is said from their spread;
the replicates are the sample.  Means: Student's t over replicates.  Ratios of means: the jackknife over replicates
(Quenouille 1956, Tukey 1958), also with Student's t, since few replicates make bootstrap percentiles too narrow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from studies.intervals import Values

_TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


def mean_interval(values: Values) -> Estimate:
    """The mean of independent values.  Raises ValueError with fewer than two."""
    return _around(float(values.mean()), values)


def share_interval(shares: Values) -> Estimate:
    """The mean of independent values between 0 and 1.

    Where all of them are 0, or all 1, their spread says nothing.  A mean p of such values is exactly 1 with a
    probability of at most p, so n of them are all 1 with at most p^n: the interval of Clopper and Pearson (1934) for n
    trials holds, whatever lies behind the values.
    """
    found = mean_interval(shares)
    furthest = 1 - _TAIL ** (1 / len(shares))
    if (shares == 0).all():
        return Estimate(0.0, 0.0, furthest)
    if (shares == 1).all():
        return Estimate(1.0, 1 - furthest, 1.0)
    return Estimate(found.value, max(found.low, 0.0), min(found.high, 1.0))


def ratio_interval(above: Values, below: Values) -> Estimate | None:
    """The ratio of two means over the same replicates; None where what is below does not stand off zero."""
    if not (below > 0).any():
        return None
    count = len(above)
    whole = float(above.sum() / below.sum())
    rest = below.sum() - below
    if (rest <= 0).any():
        return None
    pseudo = count * whole - (count - 1) * ((above.sum() - above) / rest)
    return _around(whole, pseudo)


def _around(value: float, values: Values) -> Estimate:
    from scipy.stats import t

    count = len(values)
    if count < 2:
        raise ValueError(f"{count} values have no spread")
    half = float(t.ppf(1 - _TAIL, count - 1)) * float(values.std(ddof=1)) / math.sqrt(count)
    return Estimate(value, value - half, value + half)
