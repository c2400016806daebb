"""Which of several points is best, when all were tried on the same replications and so depend on each other.

*Subset selection* with pairs: a point is kept unless some other one beats it by a one-sided paired test at the level
5 % / (k - 1).  The best point is dropped only if it loses one of its own k - 1 pairs by chance; by Bonferroni's
inequality that has a probability of at most 5 %, however the points depend on each other.  So with 95 % confidence the
best is among those that are kept; where one is kept, it is the best.  (Gupta 1965 for subsets; Nelson, Swann, Goldsman,
Song 2001, section 3, for the screening rule, which common random numbers leave valid when each pair has its own
variance.)  It is asked once, of so many replications as were planned, not again and again until it suits.

The test of a pair is exact for objectives (the sign test on the replications in which the two differ) and Student's t
on the differences for measures, which leans on their mean being near normal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studies.intervals import Values

LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Selection:
    """`kept` are places of the points that may be the best, the one that did best so far at the head."""

    kept: tuple[int, ...]
    points: int


def best_of(values: Values, *, more_is_better: bool, yes_or_no: bool) -> Selection:
    """Of points x replications.  Raises ValueError with fewer than two points."""
    count = len(values)
    if count < 2:
        raise ValueError("one point is no choice")
    gains = values if more_is_better else -values
    level = LEVEL / (count - 1)
    beats = _beats_surely if yes_or_no else _beats_on_average
    kept = [one for one in range(count) if not any(beats(gains[other] - gains[one], level) for other in range(count))]
    return Selection(tuple(sorted(kept, key=lambda place: -gains[place].mean())), count)


def _beats_surely(apart: Values, level: float) -> bool:
    """Whether the sign test finds the differences positive rather than negative."""
    from scipy.stats import binom

    better, worse = int((apart > 0).sum()), int((apart < 0).sum())
    return better > worse and float(binom.sf(better - 1, better + worse, 0.5)) <= level


def _beats_on_average(apart: Values, level: float) -> bool:
    from scipy.stats import t

    mean, spread, count = float(apart.mean()), float(apart.std(ddof=1)), len(apart)
    if mean <= 0 or spread == 0:
        return mean > 0
    return bool(mean / (spread / np.sqrt(count)) > float(t.isf(level, count - 1)))
