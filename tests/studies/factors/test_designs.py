"""Points of designs: where they lie, and that they are the same for the same seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scenarios.factors import Factors
from studies.factors.designs import A, B, mixed_role, points_of
from studies.sweep.arms import Point

SAMPLED: list[dict[str, Any]] = [
    {"kind": "latin-hypercube", "points": 8, "replicates": 5},
    {"kind": "sobol", "points": 8, "replicates": 5},
    {"kind": "saltelli", "points": 8, "replicates": 5},
    {"kind": "morris", "replicates": 5},
]


def factors(design: dict[str, Any]) -> Factors:
    takes: dict[str, Any] = {"levels": [1, 2, 3]} if design["kind"] == "factorial" else {"uniform": [0, 1]}
    named = {f"x{n}": {"path": f"estate.x{n}", **takes} for n in range(3)}
    return Factors.model_validate({"format": "blackstart/factors/1", "factors": named, "design": design})


def at(points: list[Point]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([point.at for point in points])


def test_a_factorial_has_every_combination_once() -> None:
    points = points_of(factors({"kind": "factorial"}), 1)
    assert len({point.at for point in points}) == len(points) == 27
    assert {point.replicate for point in points} == {0}


@pytest.mark.parametrize("design", SAMPLED, ids=lambda design: design["kind"])
def test_the_seed_decides_and_more_replicates_leave_earlier_ones_alone(design: dict[str, Any]) -> None:
    points = points_of(factors(design), 1)
    assert points == points_of(factors(design), 1)
    assert points != points_of(factors(design), 2)
    more = points_of(factors({**design, "replicates": 7}), 1)
    assert more[: len(points)] == points
    replicates = [[point.at for point in points if point.replicate == number] for number in range(5)]
    assert len({tuple(of_it) for of_it in replicates}) == 5


@pytest.mark.parametrize("kind", ["latin-hypercube", "sobol"])
def test_each_replicate_has_one_point_in_each_eighth_of_each_factor(kind: str) -> None:
    points = points_of(factors({"kind": kind, "points": 8, "replicates": 5}), 3)
    for number in range(5):
        eighths = np.floor(at([p for p in points if p.replicate == number]) * 8)
        assert (np.arange(8) == np.sort(eighths, axis=0).T).all()


def test_mixed_samples_take_one_factor_from_b_and_the_rest_from_a() -> None:
    points = [p for p in points_of(factors({"kind": "saltelli", "points": 8}), 1) if p.replicate == 2]
    a, b = (at([p for p in points if p.role == role]) for role in (A, B))
    for column, id in enumerate(("x0", "x1", "x2")):
        mixed = at([p for p in points if p.role == mixed_role(id)])
        others = [other for other in range(3) if other != column]
        assert (mixed[:, column] == b[:, column]).all()
        assert (mixed[:, others] == a[:, others]).all()


def test_a_path_moves_each_factor_once_by_one_step_on_the_grid() -> None:
    points = points_of(factors({"kind": "morris", "replicates": 40, "grid": 4}), 1)
    for number in range(40):
        path = at([p for p in points if p.replicate == number])
        steps = np.abs(np.diff(path, axis=0))
        assert np.allclose(np.sort(steps, axis=1), np.array([0, 0, 2 / 3]))
        assert np.allclose(steps.sum(axis=0), 2 / 3)
        assert np.allclose(path * 3, np.round(path * 3))
