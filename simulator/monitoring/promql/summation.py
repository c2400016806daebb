"""Sums that agree with Prometheus to the last digit.

Prometheus adds with the compensation of Kahan, in Neumaier's form: beside the running sum runs the part that
rounding lost.  The result depends on the order of the terms in its last digits only, and so the terms are added in
the same order here, many sums at a time.

Sources: Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen" (ZAMM 54, 1974);
Prometheus, `util/kahansum`.
"""

from __future__ import annotations

import numpy as np

from simulator.monitoring.promql.series import Mask, Values
from simulator.monitoring.promql.windows import Windows

_EXACT = 2.0**53


def add(term: Values, total: Values, lost: Values) -> tuple[Values, Values]:
    """One compensated addition, elementwise: the new sum and the new lost part.  An infinite sum has lost nothing."""
    new_total = total + term
    larger = np.abs(total) >= np.abs(term)
    new_lost = lost + np.where(larger, (total - new_total) + term, (term - new_total) + total)
    return new_total, np.where(np.isinf(new_total), 0.0, new_lost)


def finish(total: Values, lost: Values) -> Values:
    return np.where(np.isinf(total), total, total + lost)


def window_totals(windows: Windows) -> tuple[Values, Values]:
    """Compensated sums over windows as (sum, lost part), each [series, steps]; 0 where a window is empty."""
    values = windows.values
    shape = windows.shape
    if _adds_exactly(values):
        prefix = np.zeros((values.shape[0], values.shape[1] + 1))
        np.cumsum(values, axis=1, out=prefix[:, 1:])
        first = np.minimum(windows.first, windows.end)
        block = windows.block
        return block.at(prefix, windows.end) - block.at(prefix, first), np.zeros(shape)
    total, lost = np.zeros(shape), np.zeros(shape)
    for offset, seen in each_offset(windows):
        new_total, new_lost = add(windows.sample(windows.first + offset), total, lost)
        total, lost = np.where(seen, new_total, total), np.where(seen, new_lost, lost)
    return total, lost


def each_offset(windows: Windows) -> list[tuple[int, Mask]]:
    """Positions within a window, oldest first, each with where (bool [1 or series, steps]) a window reaches so far."""
    return [(offset, windows.counts > offset) for offset in range(windows.longest)]


def _adds_exactly(values: Values) -> bool:
    """Whether every partial sum is an integer that a float64 holds: then no order and no compensation matters."""
    return bool(np.isfinite(values).all() and (values == np.rint(values)).all()) and bool(np.abs(values).sum() < _EXACT)
