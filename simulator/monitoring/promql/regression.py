"""Least squares over a range: `deriv` and `predict_linear`.

Source: Prometheus, `promql/functions.go` (`linearRegression`).
"""

from __future__ import annotations

import numpy as np

from simulator.monitoring.promql import summation
from simulator.monitoring.promql.series import Times, Values
from simulator.monitoring.promql.windows import Windows


def line(windows: Windows, origin_ms: Times) -> tuple[Values, Values]:
    """Slope per second and value at `origin_ms` (by step) of the line through each window's samples.

    A constant series has slope 0 exactly; a constant infinity has neither.
    """
    shape = windows.shape
    # What depends on times only is summed once for all series that share them.
    shapes = {"x": windows.counts.shape, "y": shape, "xy": shape, "xx": windows.counts.shape}
    sums = {name: (np.zeros(of), np.zeros(of)) for name, of in shapes.items()}
    initial = windows.sample(windows.first)
    constant = np.ones(shape, dtype=np.bool_)
    for offset, seen in summation.each_offset(windows):
        position = windows.first + offset
        y = windows.sample(position)
        x = (windows.time(position) - origin_ms) / 1e3
        constant &= ~seen | (y == initial) | (offset == 0)
        some = summation.partly(seen)
        for name, term in (("x", x), ("y", y), ("xy", x * y), ("xx", x * x)):
            sums[name] = summation.add_where(some, term, *sums[name])
    n = windows.counts.astype(np.float64)
    sum_x, sum_y, sum_xy, sum_xx = (total + lost for total, lost in sums.values())
    slope = (sum_xy - sum_x * sum_y / n) / (sum_xx - sum_x * sum_x / n)
    intercept = sum_y / n - slope * sum_x / n
    flat = np.where(np.isinf(initial), np.nan, 0.0)
    return np.where(constant, flat, slope), np.where(constant, initial + flat, intercept)
