"""Sums that agree with Prometheus to the last digit.

Prometheus adds with the compensation of Kahan, in Neumaier's form: beside the running sum runs the part that
rounding lost.  The result depends on the order of the terms in its last digits only, and so the terms are added in
the same order here, many sums at a time.

Sources: Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen" (ZAMM 54, 1974); Knuth, The
Art of Computer Programming, volume 2, 4.2.2, theorem B; Prometheus, `util/kahansum`.
"""

from __future__ import annotations

import numpy as np

from simulator.monitoring.promql.series import Mask, Values
from simulator.monitoring.promql.windows import Windows

_EXACT = 2.0**53


def add(term: Values, total: Values, lost: Values) -> tuple[Values, Values]:
    """One compensated addition, elementwise: the new sum and the new lost part.  An infinite sum has lost nothing.

    What rounding loses is a float64 itself, so that Knuth's way to it (without a comparison) finds the same number.
    """
    new_total = total + term
    added = new_total - total
    new_lost = lost + ((total - (new_total - added)) + (term - added))
    infinite = np.isinf(new_total)
    return new_total, np.where(infinite, 0.0, new_lost) if infinite.any() else new_lost


def add_where(seen: Mask | None, term: Values, total: Values, lost: Values) -> tuple[Values, Values]:
    """`add` where `seen` holds (None: everywhere)."""
    new_total, new_lost = add(term, total, lost)
    if seen is None:
        return new_total, new_lost
    return np.where(seen, new_total, total), np.where(seen, new_lost, lost)


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
        total, lost = add_where(partly(seen), windows.sample(windows.first + offset), total, lost)
    return total, lost


def each_offset(windows: Windows) -> list[tuple[int, Mask]]:
    """Positions within a window, oldest first, each with where (bool [1 or series, steps]) a window reaches so far."""
    return [(offset, windows.counts > offset) for offset in range(windows.longest)]


def partly(seen: Mask) -> Mask | None:
    """None where it holds everywhere, as for all but the last samples of a window it does."""
    return None if seen.all() else seen


def _adds_exactly(values: Values) -> bool:
    """Whether every partial sum is an integer that a float64 holds: then no order and no compensation matters."""
    return bool(np.isfinite(values).all() and (values == np.rint(values)).all()) and bool(np.abs(values).sum() < _EXACT)
