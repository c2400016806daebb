"""Paired differences: two variants tried under the same random numbers, replication by replication.

The interval is a percentile bootstrap over replications (Efron 1979) with fixed resamples, so that the same values give
the same interval.  Where no pair differs the difference is exactly 0, and so are both ends.

*Variance ratio*: the variance of the paired difference beside that of two independent samples.  Below 1 pairing helped;
common random numbers need not help.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FEWEST = 20
"""Replications below which percentiles of resamples say too little."""
_RESAMPLES = 4000
_SEED = 20260105


@dataclass(frozen=True, slots=True)
class Difference:
    """What the second variant has more than the first, on average over replications."""

    first: float
    second: float
    difference: float
    low: float
    high: float
    """Ends of the 95 % interval of the difference."""
    pairs: int
    variance_ratio: float | None
    """None where neither variant varies."""


def paired_difference(first: Sequence[float], second: Sequence[float]) -> Difference:
    """The difference of means with its interval; both sequences are in the order of replications.

    Raises ValueError when they are not of one length, or hold fewer than `FEWEST`.
    """
    if len(first) != len(second) or len(first) < FEWEST:
        raise ValueError(f"{len(first)} and {len(second)} values; pairs are needed, at least {FEWEST}")
    before, after = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    apart = after - before
    resamples = np.random.default_rng(_SEED).integers(0, len(apart), (_RESAMPLES, len(apart)))
    low, high = np.quantile(apart[resamples].mean(axis=1), [0.025, 0.975])
    varies = np.ptp(before) > 0 or np.ptp(after) > 0
    return Difference(
        first=float(before.mean()),
        second=float(after.mean()),
        difference=float(apart.mean()),
        low=float(low),
        high=float(high),
        pairs=len(apart),
        variance_ratio=float(apart.var(ddof=1) / (before.var(ddof=1) + after.var(ddof=1))) if varies else None,
    )
