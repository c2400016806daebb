"""Paired differences: two variants tried under the same random numbers, replication by replication.

The interval is a percentile bootstrap over replications (Efron 1979) with fixed resamples, so that the same values give
the same interval.  Where no pair differs the difference is exactly 0, and so are both ends.

Means say nothing where values are censored; quantiles do, by the Kaplan-Meier curve, with the same resamples for both.

*Variance ratio*: the variance of the paired difference beside that of two independent samples.  Below 1 pairing helped;
common random numbers need not help.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from studies.intervals import Values, survival_quantiles

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
    return Difference(
        first=float(before.mean()),
        second=float(after.mean()),
        difference=float(apart.mean()),
        low=float(low),
        high=float(high),
        pairs=len(apart),
        variance_ratio=variance_ratio(first, second),
    )


def variance_ratio(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Of the paired difference beside that of two independent samples; None where neither varies."""
    before, after = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if np.ptp(before) == 0 and np.ptp(after) == 0:
        return None
    return float((after - before).var(ddof=1) / (before.var(ddof=1) + after.var(ddof=1)))


@dataclass(frozen=True, slots=True)
class Censored:
    """Values in the order of replications; `open_up` marks those of which only a lower bound is known."""

    values: Sequence[float]
    open_up: Sequence[bool]


@dataclass(frozen=True, slots=True)
class QuantileDifference:
    """A quantile of both variants and what the second has more.  None: it lies beyond what was seen."""

    first: float | None
    second: float | None
    difference: float | None
    low: float | None
    high: float | None


def paired_quantile_difference(first: Censored, second: Censored, share: float) -> QuantileDifference:
    """The difference of a quantile with its 95 % interval.

    Raises ValueError when they are not of one length, or hold fewer than `FEWEST`.
    """
    count = len(first.values)
    if count != len(second.values) or count < FEWEST:
        raise ValueError(f"{count} and {len(second.values)} values; pairs are needed, at least {FEWEST}")
    before, after = _quantiles(first, share, np.ones((1, count))), _quantiles(second, share, np.ones((1, count)))
    at_first, at_second = _seen(before[0]), _seen(after[0])
    if list(first.values) == list(second.values) and list(first.open_up) == list(second.open_up):
        return QuantileDifference(at_first, at_second, 0.0, 0.0, 0.0)
    weights = np.random.default_rng(_SEED).multinomial(count, np.full(count, 1 / count), _RESAMPLES).astype(np.float64)
    resampled_first, resampled_second = _quantiles(first, share, weights), _quantiles(second, share, weights)
    with np.errstate(invalid="ignore"):  # where neither reaches, nothing is known of the difference
        apart = resampled_second - resampled_first
    unknown = np.isnan(apart)
    return QuantileDifference(
        first=at_first,
        second=at_second,
        difference=None if at_first is None or at_second is None else at_second - at_first,
        low=_seen(np.quantile(np.where(unknown, -np.inf, apart), 0.025, method="lower")),
        high=_seen(np.quantile(np.where(unknown, np.inf, apart), 0.975, method="higher")),
    )


def _quantiles(of: Censored, share: float, weights: Values) -> Values:
    return survival_quantiles(
        np.asarray(of.values, dtype=np.float64), np.asarray(of.open_up, dtype=bool), share, weights
    )


def _seen(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
