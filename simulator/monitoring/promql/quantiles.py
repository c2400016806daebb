"""Quantiles of plain samples, for `quantile` and `quantile_over_time`.

Between two ranks the value is the weighted mean of its neighbours; NaN sorts before every number.
Source: Prometheus, `promql/quantile.go`.
"""

from __future__ import annotations

import numpy as np

from simulator.monitoring.promql.series import Values
from simulator.monitoring.promql.windows import Index


def quantile(q: Values, samples: Values, counts: Index) -> Values:
    """The `q`-quantile over the last axis of `samples`, of which the first `counts` are samples, the rest NaN.

    `q` and `counts` broadcast against the other axes; the result is NaN where there is no sample.
    """
    ordered = np.sort(samples, axis=-1)
    not_numbers = counts - np.sum(~np.isnan(samples), axis=-1)
    rank = q * (counts - 1)
    lower = np.maximum(0, np.floor(np.nan_to_num(rank)))
    upper = np.minimum(counts - 1, lower + 1)
    weight = rank - np.floor(rank)

    def at(position: Values) -> Values:
        column = np.clip(position - not_numbers, 0, ordered.shape[-1] - 1).astype(np.intp)
        found = np.take_along_axis(ordered, column[..., None], axis=-1)[..., 0]
        return np.where(position < not_numbers, np.nan, found)

    value = at(lower) * (1 - weight) + at(upper) * weight
    value = np.where(q < 0, -np.inf, np.where(q > 1, np.inf, value))
    return np.where(np.isnan(q) | (counts == 0), np.nan, value)
