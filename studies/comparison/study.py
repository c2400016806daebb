"""Two variants of one scenario, replication by replication under the same random numbers.

A *pair* is replication `r` of the first and of the second variant: what the change does not reach happens alike in
both.  Where every row of every pair is alike, no run can tell the variants apart and all differences are exactly 0.
Where an objective merely fell out alike in every pair so far, its difference is 0 with an interval around it: other
replications may tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reports.measures import MEASURES, Direction
from studies.intervals import PairedProportions, Proportion, paired_proportions, proportion
from studies.paired import (
    FEWEST,
    Censored,
    Difference,
    QuantileDifference,
    paired_difference,
    paired_quantile_difference,
    variance_ratio,
)
from studies.sweep import ArmRecord, Replication, SweepFolder
from studies.sweep.outcomes import FigureRow

FIRST, SECOND = "a", "b"
"""Names of the two arms."""


@dataclass(frozen=True, slots=True)
class ObjectiveDifference:
    """The probability of meeting an objective under both variants."""

    id: str
    title: str
    first: Proportion
    second: Proportion
    pairs: PairedProportions
    variance_ratio: float | None


@dataclass(frozen=True, slots=True)
class MeasureDifference:
    """Figures of a measure in the pairs where both variants called for it; `differing` of them are not alike.

    `mean` is None where a figure is censored.
    """

    measure: str
    pairs: int
    differing: int
    only_first: int
    only_second: int
    censored: int
    mean: Difference | None
    median: QuantileDifference
    p90: QuantileDifference


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the second variant does that the first does not."""

    folder: SweepFolder
    first: ArmRecord
    second: ArmRecord
    replications: int
    differing: int
    """Replications of which any row differs."""
    objectives: tuple[ObjectiveDifference, ...]
    measures: tuple[MeasureDifference, ...]

    @property
    def identical(self) -> bool:
        return self.differing == 0


def comparison_of(folder: SweepFolder) -> Comparison:
    """Of the rows in a folder with the arms `FIRST` and `SECOND`.  Raises ValueError with fewer than `FEWEST` pairs."""
    pairs = list(zip(folder.rows(FIRST), folder.rows(SECOND), strict=True))
    if len(pairs) < FEWEST:
        raise ValueError(f"{len(pairs)} replications; at least {FEWEST} are needed")
    differing = sum(replace(first, arm=second.arm) != second for first, second in pairs)
    first, second = folder.study.arm(FIRST), folder.study.arm(SECOND)
    titles = {objective.id: objective.title for objective in first.objectives}
    shared = [objective.id for objective in second.objectives if objective.id in titles]
    measures = (_measure(id, pairs) for id in MEASURES)
    return Comparison(
        folder=folder,
        first=first,
        second=second,
        replications=len(pairs),
        differing=differing,
        objectives=tuple(_objective(id, titles[id], pairs, identical=not differing) for id in shared),
        measures=tuple(measure for measure in measures if measure is not None),
    )


Pair = tuple[Replication, Replication]


def _objective(id: str, title: str, pairs: Sequence[Pair], *, identical: bool) -> ObjectiveDifference:
    first = [_met(one, id) for one, _ in pairs]
    second = [_met(other, id) for _, other in pairs]
    found = paired_proportions(first, second)
    return ObjectiveDifference(
        id=id,
        title=title,
        first=proportion(sum(first), len(first)),
        second=proportion(sum(second), len(second)),
        pairs=replace(found, low=0.0, high=0.0) if identical else found,
        variance_ratio=variance_ratio(first, second),
    )


def _met(row: Replication, id: str) -> bool:
    return next(objective.met for objective in row.objectives if objective.id == id)


def _measure(id: str, pairs: Sequence[Pair]) -> MeasureDifference | None:
    """None where too few pairs have a figure of both."""
    found = [(_figure(one, id), _figure(other, id)) for one, other in pairs]
    both = [(one, other) for one, other in found if one is not None and other is not None]
    if len(both) < FEWEST:
        return None
    first, second = [one for one, _ in both], [other for _, other in both]
    censored = sum(figure.censored for figure in (*first, *second))
    return MeasureDifference(
        measure=id,
        pairs=len(both),
        differing=sum(one != other for one, other in both),
        only_first=sum(other is None and one is not None for one, other in found),
        only_second=sum(one is None and other is not None for one, other in found),
        censored=censored,
        mean=None if censored else paired_difference([f.value for f in first], [f.value for f in second]),
        median=_quantile(id, first, second, 0.5),
        p90=_quantile(id, first, second, 0.9),
    )


def _figure(row: Replication, id: str) -> FigureRow | None:
    return next((figure for figure in row.figures if figure.id == id), None)


def _quantile(id: str, first: Sequence[FigureRow], second: Sequence[FigureRow], share: float) -> QuantileDifference:
    """Where more is better a censored figure is an upper bound: all is turned round."""
    turned = MEASURES[id].direction is Direction.HIGHER and any(f.censored for f in (*first, *second))
    sign = -1 if turned else 1
    before, after = (
        Censored([sign * figure.value for figure in figures], [figure.censored for figure in figures])
        for figures in (first, second)
    )
    found = paired_quantile_difference(before, after, 1 - share if turned else share)
    if not turned:
        return found
    return QuantileDifference(
        *(_minus(v) for v in (found.first, found.second, found.difference, found.high, found.low))
    )


def _minus(value: float | None) -> float | None:
    return None if value is None else 0.0 - value
