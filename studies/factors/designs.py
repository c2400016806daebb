"""Points of a design, from its file and a seed: the same points for the same seed.

Each replicate is drawn by a generator of its own (seed, number of the replicate), so more replicates later leave the
points of earlier ones as they are.

References: McKay, Beckman, Conover (1979); Owen (1995) for scrambling; Saltelli et al. (2010), table 2, for the samples
A, B and A with one column of B; Morris (1991) for paths on a grid of p positions with steps of p / (2 (p - 1)).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import numpy.typing as npt

from scenarios.factors import Design, Factors
from studies.sweep.arms import Point

A, B = "a", "b"
"""Roles of the two samples of a `saltelli` design; no id of a factor hides them, see `mixed_role`."""
_STREAM = 20261124
_USUAL_GRID = 4

Coordinates = npt.NDArray[np.float64]
"""Points x factors, from 0 to 1."""


def points_of(factors: Factors, seed: int) -> tuple[Point, ...]:
    """Every point, replicate after replicate."""
    design, ids = factors.design, tuple(factors.factors)
    if design.kind == "factorial":
        return tuple(_factorial(factors))
    return tuple(
        point
        for replicate in range(design.replicate_count)
        for point in _replicate(design, ids, replicate, np.random.default_rng([_STREAM, seed, replicate]))
    )


def mixed_role(id: str) -> str:
    """The role of points of A that have this factor from B."""
    return f"a-with-b:{id}"


def _factorial(factors: Factors) -> Iterator[Point]:
    """Every combination, the last factor changing fastest."""
    coordinates = [
        [factor.coordinate_of_level(number) for number in range(len(factor.levels or ()))]
        for factor in factors.factors.values()
    ]
    for number, at in enumerate(product(*coordinates)):
        yield Point(replicate=0, role="point", number=number, at=at)


def _replicate(design: Design, ids: tuple[str, ...], replicate: int, random: np.random.Generator) -> Iterator[Point]:
    from scipy.stats import qmc

    count = design.points or 0
    match design.kind:
        case "morris":
            yield from _points(replicate, "step", _path(len(ids), design.grid or _USUAL_GRID, random))
        case "latin-hypercube":
            yield from _points(replicate, "point", qmc.LatinHypercube(len(ids), rng=random).random(count))
        case "sobol":
            yield from _points(replicate, "point", qmc.Sobol(len(ids), rng=random).random(count))
        case "saltelli":
            both = qmc.Sobol(2 * len(ids), rng=random).random(count)
            first, second = both[:, : len(ids)], both[:, len(ids) :]
            yield from _points(replicate, A, first)
            yield from _points(replicate, B, second)
            for column, id in enumerate(ids):
                mixed = first.copy()
                mixed[:, column] = second[:, column]
                yield from _points(replicate, mixed_role(id), mixed)


def _path(count: int, grid: int, random: np.random.Generator) -> Coordinates:
    """One path: a base, and each factor moved once, up or down, in random order."""
    step = grid / (2 * (grid - 1))
    low = random.integers(0, grid // 2, count) / (grid - 1)
    down = random.random(count) < 0.5
    at = np.where(down, low + step, low)
    path = [at]
    for column in random.permutation(count):
        at = at.copy()
        at[column] = low[column] if down[column] else low[column] + step
        path.append(at)
    clipped: Coordinates = np.clip(np.array(path), 0.0, 1.0)
    return clipped


def _points(replicate: int, role: str, coordinates: Coordinates) -> Iterator[Point]:
    for number, at in enumerate(coordinates):
        yield Point(replicate=replicate, role=role, number=number, at=tuple(float(value) for value in at))
