"""What is explained: a figure of each replication of each point, as an array.

A response is an objective (1 met, 0 not) or a measure.  One that some replication has no figure of is left out, and it
is said in how many: to explain the rest would be to explain a choice of them.  A time that was still open at the end of
the exercise counts with what had passed until then, so a mean of times is that of times *within the exercise*; how many
were open is said too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from reports.measures import MEASURES, Direction, Unit
from reports.quantities import write_value
from studies.intervals import Values
from studies.sweep.arms import ArmRecord
from studies.sweep.outcomes import Replication

MILESTONES = ("time_to_detect", "time_to_acknowledge", "time_to_declare", "time_to_restore")
"""Explained besides objectives where a file does not say what is."""


@dataclass(frozen=True, slots=True)
class Response:
    """`values` are points x replications."""

    id: str
    title: str
    objective: bool
    values: Values
    open: int
    """Replications in which it was still open at the end."""

    @property
    def more_is_better(self) -> bool:
        return self.objective or MEASURES[self.id].direction is Direction.HIGHER

    @property
    def unit(self) -> Unit:
        return Unit.RATIO if self.objective else MEASURES[self.id].unit

    def text(self, value: float) -> str:
        """A value for people; a share of replications for objectives."""
        return write_value(value, self.unit)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A response without a figure in so many replications."""

    id: str
    title: str
    missing: int


def responses_of(
    record: ArmRecord, wanted: Sequence[str], rows: Sequence[Sequence[Replication]]
) -> tuple[list[Response], list[LeftOut]]:
    """Of rows for each point, all with the same number of replications.

    `wanted` are ids of objectives and measures; all that are usual when there is none.
    """
    titles = {objective.id: objective.title for objective in record.objectives}
    found: list[Response] = []
    left: list[LeftOut] = []
    for id in wanted or (*titles, *MILESTONES):
        if id in titles:
            values = np.array([[float(met) for met in _met(id, of_point)] for of_point in rows])
            found.append(Response(id, titles[id], True, values, 0))
            continue
        figures = [[_figure(id, row) for row in of_point] for of_point in rows]
        missing = sum(figure is None for of_point in figures for figure in of_point)
        if missing:
            left.append(LeftOut(id, MEASURES[id].title, missing))
            continue
        known = [[figure for figure in of_point if figure is not None] for of_point in figures]
        still_open = sum(censored for of_point in known for _, censored in of_point)
        values = np.array([[value for value, _ in of_point] for of_point in known])
        found.append(Response(id, MEASURES[id].title, False, values, still_open))
    return found, left


def _met(id: str, rows: Sequence[Replication]) -> Iterator[bool]:
    for row in rows:
        yield next(objective.met for objective in row.objectives if objective.id == id)


def _figure(id: str, row: Replication) -> tuple[float, bool] | None:
    return next(((figure.value, figure.censored) for figure in row.figures if figure.id == id), None)
