"""When a sweep may stop: the interval of one objective or measure is narrow enough.

Stopping on the width of an interval is fair: it does not look at which way the verdict falls.  Stopping on the verdict
itself would not be, and is not offered.
"""

from __future__ import annotations

from studies.intervals import proportion
from studies.sweep.arms import Until
from studies.sweep.distributions import figure_quantile
from studies.sweep.outcomes import Replication
from studies.sweep.store import CELL


class Stopping:
    """Whether the chosen interval is narrow enough, asked at the ends of cells."""

    def __init__(self, until: Until | None) -> None:
        self._until = until
        self._hits: list[bool] = []
        self._values: list[float] = []
        self._censored: list[bool] = []
        self._asked_of = 0

    def add(self, row: Replication) -> None:
        if self._until is None:
            return
        self._asked_of = row.replication + 1
        self._hits += [one.met for one in row.objectives if one.id == self._until.id]
        for figure in row.figures:
            if figure.id == self._until.id:
                self._values.append(figure.value)
                self._censored.append(figure.censored)

    def narrow_enough(self) -> bool:
        if self._until is None or self._asked_of == 0 or self._asked_of % CELL:
            return False
        if self._hits:
            found = proportion(sum(self._hits), len(self._hits))
            return found.high - found.low <= self._until.width
        if not self._values:
            return False
        median = figure_quantile(self._until.id, self._values, self._censored, 0.5)
        return median.low is not None and median.high is not None and median.high - median.low <= self._until.width
