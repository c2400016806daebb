"""How unequally a burden is shared: the Gini coefficient.

Half the mean absolute difference between two people, as a share of the mean (Gini 1912):
`sum over i, j of |x_i - x_j| / (2 n^2 mean)`.  0 when all carry the same; `1 - 1/n` when one of `n` carries all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable


def gini(burdens: Iterable[float]) -> float | None:
    """The Gini coefficient of burdens that are not negative; None when nobody carries anything.

    Computed from the ranks, `sum of (2 i - n - 1) x_i / (n sum of x)` with the x in rising order and i from 1.
    """
    rising = sorted(burdens)
    total = math.fsum(rising)
    if not total:
        return None
    n = len(rising)
    return math.fsum((2 * rank - n - 1) * burden for rank, burden in enumerate(rising, 1)) / (n * total)
