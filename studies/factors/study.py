"""A sweep over factors, explained response by response: what each design can say, and nothing that it cannot.

    study = study_of(folder)
    study.responses[0].effects          # the tornado, largest first
    study.responses[0].indices          # Sobol' indices, of a `saltelli` design

`explain` works on plain arrays, so that functions whose answers are known go the same way as replications.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenarios.factors import Factor, Factors
from studies.factors.designs import A, B, mixed_role
from studies.factors.effects import Effect, Elementary, elementary_effects, main_effect, slopes
from studies.factors.indices import Index, Samples, sobol_indices
from studies.factors.replicates import Estimate, mean_interval, share_interval
from studies.factors.responses import LeftOut, Response, responses_of
from studies.factors.selection import Selection, best_of
from studies.intervals import Values, proportion
from studies.paired import FEWEST
from studies.sweep.arms import Point
from studies.sweep.store import SweepFolder


@dataclass(frozen=True, slots=True)
class Explained:
    """One response.  `mean` is over the whole space, None for designs that do not spread over it."""

    response: Response
    mean: Estimate | None
    points: tuple[Estimate, ...]
    """At each point, of a factorial design."""
    effects: tuple[Effect, ...]
    indices: tuple[Index, ...]
    elementary: tuple[Elementary, ...]
    best: Selection | None

    @property
    def unmoved(self) -> bool:
        """Whether no factor moved it at all in what was played."""
        moved = (*(effect.difference for effect in self.effects), *(one.mu_star for one in self.elementary))
        return all(estimate.low == estimate.high == 0 for estimate in moved)


@dataclass(frozen=True, slots=True)
class FactorStudy:
    """A sweep over factors, or what there is of it: nothing is explained before every point has been played."""

    folder: SweepFolder
    factors: Factors
    points: tuple[Point, ...]
    responses: tuple[Explained, ...]
    left_out: tuple[LeftOut, ...]
    played: int
    wanted: int

    @property
    def complete(self) -> bool:
        return self.played == self.wanted


def study_of(folder: SweepFolder) -> FactorStudy:
    """Of a folder that was swept over factors."""
    study, factors = folder.study, folder.study.factors
    assert factors is not None, "swept over factors"
    points = tuple(arm.point for arm in study.arms if arm.point is not None)
    rows = [folder.rows(arm.name) for arm in study.arms]
    played, wanted = sum(map(len, rows)), study.replications * len(points)
    found: list[Response] = []
    left: list[LeftOut] = []
    if played == wanted:
        found, left = responses_of(study.arms[0], factors.responses, rows)
    explained = tuple(explain(factors, points, response) for response in found)
    return FactorStudy(folder, factors, points, explained, tuple(left), played, wanted)


def explain(factors: Factors, points: Sequence[Point], response: Response) -> Explained:
    """A response by the design that its points are of.

    Raises ValueError for a factorial design with fewer replications than paired intervals need.
    """
    if factors.design.kind == "factorial":
        return _factorial(factors, points, response)
    replicates = factors.design.replicate_count
    ids = tuple(factors.factors)
    positions = np.array([_positions(factors, point) for point in points]).reshape(replicates, -1, len(ids))
    values = response.values.mean(axis=1).reshape(replicates, -1)
    if factors.design.kind == "morris":
        return Explained(response, None, (), (), (), elementary_effects(ids, positions, values), None)
    indices: tuple[Index, ...] = ()
    if factors.design.kind == "saltelli":
        roles = np.array([point.role for point in points]).reshape(replicates, -1)[0]
        a, b, *mixed = (values[:, roles == role] for role in (A, B, *map(mixed_role, ids)))
        indices = sobol_indices(ids, Samples(a, b, np.array(mixed)))
        spread = (roles == A) | (roles == B)
        values, positions = values[:, spread], positions[:, spread]
    interval = share_interval if response.objective else mean_interval
    effects = [
        Effect(id, *_ends(factor), slope)
        for (id, factor), slope in zip(factors.factors.items(), slopes(positions, values), strict=True)
    ]
    return Explained(response, interval(values.mean(axis=1)), (), _largest_first(effects), indices, (), None)


def value_text(value: object) -> str:
    """A value of a factor, as one would write it."""
    return "nothing" if value is None else str(value)


def _factorial(factors: Factors, points: Sequence[Point], response: Response) -> Explained:
    values = response.values
    if values.shape[1] < FEWEST:
        raise ValueError(f"{values.shape[1]} replications; at least {FEWEST} are needed")
    effects = []
    for column, (id, factor) in enumerate(factors.factors.items()):
        levels = factor.levels or ()
        of_level = [
            np.array([factor.level(point.at[column]) == number for point in points]) for number in range(len(levels))
        ]
        for number in range(1, len(levels)):
            difference = main_effect(values[of_level[0]], values[of_level[number]])
            effects.append(Effect(id, value_text(levels[0]), value_text(levels[number]), difference))
    at_points = tuple(_at_point(response, of_point) for of_point in values)
    best = best_of(values, more_is_better=response.more_is_better, yes_or_no=response.objective)
    return Explained(response, None, at_points, _largest_first(effects), (), (), best)


def _at_point(response: Response, values: Values) -> Estimate:
    """Replications of one point are independent of each other."""
    if not response.objective:
        return mean_interval(values)
    met = proportion(int(values.sum()), len(values))
    return Estimate(met.p, met.low, met.high)


def _positions(factors: Factors, point: Point) -> list[float]:
    return [factor.position(at) for factor, at in zip(factors.factors.values(), point.at, strict=True)]


def _ends(factor: Factor) -> tuple[str, str]:
    return value_text(factor.value(0.0)), value_text(factor.value(1.0))


def _largest_first(effects: Sequence[Effect]) -> tuple[Effect, ...]:
    return tuple(sorted(effects, key=lambda effect: -abs(effect.difference.value)))
