"""Sensitivity against functions whose answers are known: the Ishigami function, a linear model, a fair coin.

They go through the same design, the same arrays and the same statistics as replications do.

References: Ishigami, Homma (1990), with a = 7 and b = 0.1; Saltelli et al. (2008), Global Sensitivity Analysis, 4.5.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from scenarios.factors import Factors
from studies.factors.designs import points_of
from studies.factors.responses import Response
from studies.factors.selection import best_of
from studies.factors.study import Explained, explain
from studies.intervals import Values

ALLOWED = range(179, 199)
"""Of 200 repetitions, what chance allows for 95 %."""
Model = Callable[[Values], float]


def factors_of(design: dict[str, object], count: int = 3, **factor: object) -> Factors:
    takes = factor or {"uniform": [-math.pi, math.pi]}
    return Factors.model_validate(
        {
            "format": "blackstart/factors/1",
            "factors": {f"x{n}": {"path": f"estate.x{n}", **takes} for n in range(count)},
            "design": design,
        }
    )


def explained(factors: Factors, model: Model, seed: int, *, noise: float = 0.0, replications: int = 1) -> Explained:
    """The model at every point; the noise of a replication is the same at all points of its replicate."""
    points = points_of(factors, seed)
    values = np.empty((len(points), replications))
    for place, point in enumerate(points):
        at = np.array([f.value(x) for f, x in zip(factors.factors.values(), point.at, strict=True)], dtype=np.float64)
        shocks = np.random.default_rng([seed, point.replicate]).normal(0, noise, replications)
        values[place] = model(at) + shocks
    return explain(factors, points, Response("time_to_restore", "Made up", False, values, 0))


def ishigami(x: Values) -> float:
    return float(math.sin(x[0]) + 7 * math.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * math.sin(x[0]))


V1 = 0.5 * (1 + 0.1 * math.pi**4 / 5) ** 2
V2 = 7**2 / 8
V13 = 0.1**2 * math.pi**8 * (1 / 18 - 1 / 50)
V = V1 + V2 + V13
FIRST = (V1 / V, V2 / V, 0.0)
TOTAL = ((V1 + V13) / V, V2 / V, V13 / V)
COEFFICIENTS = (4.0, -2.0, 0.0)


def linear(x: Values) -> float:
    return float(10 + np.dot(COEFFICIENTS, x))


def test_ishigami_is_hit_within_a_hundredth_and_its_neighbours_are_not() -> None:
    found = explained(factors_of({"kind": "saltelli", "points": 1024, "replicates": 10}), ishigami, 1)
    for index, first, total in zip(found.indices, FIRST, TOTAL, strict=True):
        assert index.first.value == pytest.approx(first, abs=0.01)
        assert index.total.value == pytest.approx(total, abs=0.01)
        assert index.first.high - index.first.low < 0.03
        assert index.total.high - index.total.low < 0.03
    assert not found.indices[0].first.low <= TOTAL[0] <= found.indices[0].first.high
    assert not found.indices[2].total.low <= FIRST[2] <= found.indices[2].total.high


@pytest.mark.parametrize(
    ("model", "first", "total", "points", "width"),
    [
        pytest.param(ishigami, FIRST, TOTAL, 16, 0.32, id="ishigami"),
        pytest.param(ishigami, FIRST, TOTAL, 64, 0.15, id="ishigami, more points", marks=pytest.mark.prove),
        pytest.param(linear, (0.8, 0.2, 0.0), (0.8, 0.2, 0.0), 16, 0.15, id="linear", marks=pytest.mark.prove),
    ],
)
def test_intervals_of_indices_cover_the_truth(
    model: Model, first: tuple[float, ...], total: tuple[float, ...], points: int, width: float
) -> None:
    factors = factors_of({"kind": "saltelli", "points": points, "replicates": 10})
    covered, widths = np.zeros((2, 3), dtype=int), []
    for seed in range(200):
        for place, index in enumerate(explained(factors, model, seed).indices):
            for row, (estimate, truth) in enumerate(((index.first, first[place]), (index.total, total[place]))):
                covered[row, place] += estimate.low - 1e-12 <= truth <= estimate.high + 1e-12
                widths.append(estimate.high - estimate.low)
    moves = np.array([total]) > 0
    assert all(count in ALLOWED for count in covered[:, moves[0]].ravel()), covered
    assert (covered[:, ~moves[0]] == 200).all(), "a factor that moves nothing has exactly 0"
    assert np.mean(widths) < width


@pytest.mark.parametrize("kind", ["latin-hypercube", "sobol", "saltelli"])
def test_slopes_and_the_mean_of_a_linear_model_are_exact_in_spread_designs(kind: str) -> None:
    found = explained(factors_of({"kind": kind, "points": 16, "replicates": 8}, uniform=[0, 2]), linear, 3)
    effects = {effect.factor: effect.difference for effect in found.effects}
    assert [effect.factor for effect in found.effects] == ["x0", "x1", "x2"]
    for id, coefficient in zip(("x0", "x1", "x2"), COEFFICIENTS, strict=True):
        assert effects[id].value == pytest.approx(2 * coefficient, abs=1e-9)
    assert found.mean is not None
    assert found.mean.low <= 12 <= found.mean.high
    assert found.mean.high - found.mean.low < 0.5


@pytest.mark.parametrize("kind", ["latin-hypercube", "sobol"])
def test_intervals_of_the_mean_over_the_space_cover_it(kind: str) -> None:
    """Also with chances that all points of a replicate share."""
    factors = factors_of({"kind": kind, "points": 8, "replicates": 10})
    covered, widths = 0, []
    for seed in range(200):
        mean = explained(factors, ishigami, seed, noise=0.5, replications=2).mean
        assert mean is not None
        covered += mean.low <= 3.5 <= mean.high
        widths.append(mean.high - mean.low)
    assert covered in ALLOWED
    assert np.mean(widths) < 2 * 2.262 * math.sqrt(0.5**2 / 2 / 10 + V / 8 / 10)


def test_a_binomial_interval_over_the_points_would_say_another_thing() -> None:
    """Latin hypercube points know of each other: half of 64 met is nearly sure, and 64 coins would not be."""
    factors = factors_of({"kind": "latin-hypercube", "points": 64, "replicates": 10}, count=1, uniform=[0, 1])
    points = points_of(factors, 1)
    values = np.array([[float(point.at[0] < 0.25)] for point in points])
    mean = explain(factors, points, Response("it", "It", True, values, 0)).mean
    assert mean is not None
    assert mean.low <= 0.25 <= mean.high
    assert mean.high - mean.low < 0.01


def test_an_objective_that_was_always_met_is_not_said_to_be_certain() -> None:
    factors = factors_of({"kind": "sobol", "points": 4, "replicates": 10}, count=1, uniform=[0, 1])
    points = points_of(factors, 1)
    mean = explain(factors, points, Response("it", "It", True, np.ones((len(points), 1)), 0)).mean
    assert mean is not None
    assert (mean.value, mean.high) == (1.0, 1.0)
    assert mean.low == pytest.approx(0.025 ** (1 / 10))


def test_elementary_effects_of_a_linear_model_are_its_coefficients() -> None:
    found = explained(factors_of({"kind": "morris", "replicates": 6}, uniform=[0, 2]), linear, 5)
    for one, coefficient in zip(found.elementary, COEFFICIENTS, strict=True):
        assert one.mu.value == pytest.approx(2 * coefficient)
        assert one.mu_star.value == pytest.approx(abs(2 * coefficient))
        assert one.sigma == pytest.approx(0, abs=1e-9)


def test_elementary_effects_show_what_acts_with_another() -> None:
    """f = x0 x1 on the unit square: each effect is the other factor, uniform on the grid positions."""
    factors = factors_of({"kind": "morris", "replicates": 400, "grid": 4}, uniform=[0, 1])
    found = explained(factors, lambda x: float(x[0] * x[1]), 7)
    for one in found.elementary[:2]:
        assert one.mu_star.low <= 0.5 <= one.mu_star.high
        assert one.sigma == pytest.approx(math.sqrt(5 / 36), rel=0.1)
    assert found.elementary[2].mu_star.high == 0


def test_intervals_of_elementary_effects_cover_the_truth() -> None:
    factors = factors_of({"kind": "morris", "replicates": 20, "grid": 4}, uniform=[0, 1])
    covered = 0
    for seed in range(200):
        mu_star = explained(factors, lambda x: float(x[0] * x[1]), seed).elementary[0].mu_star
        covered += mu_star.low <= 0.5 <= mu_star.high
    assert covered in ALLOWED


def test_main_effects_of_a_linear_model_are_exact_and_what_moves_nothing_is_0() -> None:
    found = explained(factors_of({"kind": "factorial"}, levels=[0, 1, 3]), linear, 5, noise=2.0, replications=20)
    effects = {(effect.factor, effect.to): effect.difference for effect in found.effects}
    for n, coefficient in enumerate(COEFFICIENTS):
        for level in (1, 3):
            difference = effects[f"x{n}", str(level)]
            assert difference.value == pytest.approx(level * coefficient)
            assert difference.high - difference.low < 1e-9  # the noise is common to all points
    assert effects["x2", "3"].low == effects["x2", "3"].high == 0


def test_intervals_of_main_effects_cover_the_truth() -> None:
    """Noise that the second level doubles, so that pairs differ by more than the effect."""
    factors = factors_of({"kind": "factorial"}, count=2, levels=[1, 2])
    points = points_of(factors, 1)
    covered, widths = 0, []
    for seed in range(200):
        shocks = np.random.default_rng(seed).normal(0, 1, 60)
        values = np.array([3 * (p.at[0] > 0.5) + (1 + (p.at[0] > 0.5)) * shocks for p in points])
        found = explain(factors, points, Response("time_to_restore", "Made up", False, values, 0))
        difference = next(effect.difference for effect in found.effects if effect.factor == "x0")
        covered += difference.low <= 3 <= difference.high
        widths.append(difference.high - difference.low)
    assert covered in ALLOWED
    assert np.mean(widths) < 1.05 * 2 * 1.96 / math.sqrt(60)


@pytest.mark.parametrize("yes_or_no", [False, True])
def test_the_best_of_dependent_points_is_kept_as_often_as_it_says(yes_or_no: bool) -> None:
    """Five points under common chances.  In the least favourable case, where all are equal, each may be the best."""
    kept = 0
    for seed in range(400):
        random = np.random.default_rng(seed)
        values = random.normal(0, 1, 80) + random.normal(0, 1, (5, 80))
        found = best_of((values > 0).astype(float) if yes_or_no else values, more_is_better=True, yes_or_no=yes_or_no)
        kept += 0 in found.kept
    assert kept >= 371  # of 400 at 95 % or more, what chance allows
    assert kept < 400 or yes_or_no


@pytest.mark.parametrize("more_is_better", [False, True])
def test_a_clearly_better_point_is_found(more_is_better: bool) -> None:
    random = np.random.default_rng(1)
    values = random.normal(0, 1, 200) + random.normal(0, 0.5, (4, 200))
    values[2] += 1 if more_is_better else -1
    assert best_of(values, more_is_better=more_is_better, yes_or_no=False).kept == (2,)
