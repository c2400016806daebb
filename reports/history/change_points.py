"""Where the rate of incidents changed: segments of constant rate that explain the counts best.

Counts a day are Poisson with a rate of their own in each segment; the segments are those that minimise minus twice the
log-likelihood plus a penalty for each change.  That minimum is found exactly, by optimal partitioning (Jackson et al.,
IEEE Signal Processing Letters 12, 2005); the penalty is that of BIC for two more parameters, a rate and a moment:
2 ln n.
Incidents come in clusters, so that counts scatter more than Poisson: the likelihood is divided by the index of
dispersion (quasi-Poisson), the median of that over windows of four weeks: a change of rate must not hide itself by
inflating it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_WINDOW = 28
_LEAST_SEGMENT = 7
"""Spans that a rate has to last, to be one."""


def dispersion(counts: npt.NDArray[np.int64]) -> float:
    """The index of dispersion (variance over mean) within windows; at least 1, that of Poisson."""
    whole = len(counts) // _WINDOW * _WINDOW
    windows = counts[:whole].reshape(-1, _WINDOW) if whole else counts.reshape(1, -1)
    if windows.shape[1] < 2:
        return 1.0
    means, variances = windows.mean(axis=1), windows.var(axis=1, ddof=1)
    indices = variances[means > 0] / means[means > 0]
    return max(1.0, float(np.median(indices))) if len(indices) else 1.0


def change_points(counts: npt.NDArray[np.int64]) -> list[int]:
    """Indices at which a new rate begins, in order; none where one rate explains the counts."""
    n = len(counts)
    if n < 2 * _LEAST_SEGMENT:
        return []
    scatter = dispersion(counts)
    penalty = 2 * np.log(n)
    sums = np.concatenate(([0], np.cumsum(counts)))
    best = np.full(n + 1, np.inf)
    best[0] = -penalty
    came_from = np.zeros(n + 1, dtype=np.int64)
    for end in range(_LEAST_SEGMENT, n + 1):
        starts = np.flatnonzero(np.isfinite(best[: end - _LEAST_SEGMENT + 1]))
        costs = best[starts] + _cost(sums, starts, end) / scatter
        chosen = int(np.argmin(costs))
        best[end], came_from[end] = costs[chosen] + penalty, starts[chosen]
    found = []
    at = int(came_from[n])
    while at > 0:
        found.append(at)
        at = int(came_from[at])
    return sorted(found)


def _cost(sums: npt.NDArray[np.int64], starts: npt.NDArray[np.int64], end: int) -> npt.NDArray[np.float64]:
    """Minus twice the largest Poisson log-likelihood of the spans from each start to the end, less what is constant."""
    totals = (sums[end] - sums[starts]).astype(np.float64)
    lengths = (end - starts).astype(np.float64)
    rates = np.where(totals > 0, totals, 1.0) / lengths
    return np.asarray(-2 * (totals * np.log(rates) - totals))
