"""Risk curves against compound Poisson distributions that have a closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import gamma, poisson

from studies.risk import Peril, Risk, risk_of

ALLOWED = range(179, 199)
"""Of 200 repetitions, what chance allows for 95 %."""


def risk(*perils: tuple[float, list[float]]) -> Risk:
    found = risk_of([Peril(f"p{n}", "", per_year, tuple(losses)) for n, (per_year, losses) in enumerate(perils)])
    assert found is not None
    return found


@pytest.mark.parametrize("per_year", [0.1, 0.7, 5.0])
def test_events_of_one_size_are_a_poisson_number_of_them(per_year: float) -> None:
    found = risk((per_year, [100.0] * 30))
    between = [(x, p) for x, p in zip(found.losses, found.aggregate.probability, strict=True) if 20 < x % 100 < 80]
    assert len(between) > 20
    for loss, exceeded in between:
        assert exceeded == pytest.approx(poisson.sf(loss // 100, per_year), abs=1e-8)
    for value in (found.expected.value, found.expected.low, found.expected.high):
        assert value == pytest.approx(100 * per_year)
    assert found.occurrence.probability[1] == pytest.approx(-math.expm1(-per_year))


def test_perils_add_up() -> None:
    """Sizes 1 and 2 at rates a and b: P(S = n) is a sum over the number of the larger ones."""
    a, b = 0.8, 0.3
    found = risk((a, [1.0] * 30), (b, [2.0] * 30))
    for loss, exceeded in zip(found.losses, found.aggregate.probability, strict=True):
        if 0.2 < loss % 1 < 0.8:
            within = sum(
                poisson.pmf(n, a) * poisson.pmf(m, b)
                for m in range(int(loss) // 2 + 1)
                for n in range(int(loss) - 2 * m + 1)
            )
            assert exceeded == pytest.approx(1 - within, abs=1e-8)


def exponential(count: int, mean: float) -> list[float]:
    """Quantiles of the exponential distribution, as even as can be."""
    return [-mean * math.log1p(-(n + 0.5) / count) for n in range(count)]


def test_exponential_losses_make_gamma_sums() -> None:
    per_year, mean = 0.9, 50.0
    found = risk((per_year, exponential(4000, mean)))
    for loss, aggregate, occurrence in zip(
        found.losses, found.aggregate.probability, found.occurrence.probability, strict=True
    ):
        truth = sum(poisson.pmf(n, per_year) * gamma.sf(loss, n, scale=mean) for n in range(1, 40))
        largest = -math.expm1(-per_year * math.exp(-loss / mean))
        if loss > 0 and largest > 0.02:
            assert aggregate == pytest.approx(truth, rel=0.01)
            assert occurrence == pytest.approx(largest, rel=0.01)
    hundred = dict(found.returns)[100].value
    truth = sum(poisson.pmf(n, per_year) * gamma.sf(hundred, n, scale=mean) for n in range(1, 40))
    assert truth == pytest.approx(0.01, rel=0.02)


@pytest.mark.prove
def test_intervals_of_the_expected_loss_and_of_the_curve_cover_the_truth() -> None:
    """Two perils of 150 replications each: exponential losses, and one that costs something half of the time."""
    covered, widths = {"expected": 0, "tail": 0}, []
    expected = 0.5 * 40 + 0.2 * 0.5 * 100
    for seed in range(200):
        random = np.random.default_rng(seed)
        found = risk((0.5, random.exponential(40, 150).tolist()), (0.2, (100.0 * (random.random(150) < 0.5)).tolist()))
        covered["expected"] += found.expected.low <= expected <= found.expected.high
        widths.append(found.expected.high - found.expected.low)
        at = int(np.abs(found.losses - 60).argmin())
        truth = -math.expm1(-0.5 * math.exp(-found.losses[at] / 40) - 0.2 * 0.5)
        covered["tail"] += found.occurrence.low[at] <= truth <= found.occurrence.high[at]
    assert all(count in ALLOWED for count in covered.values()), covered
    assert np.mean(widths) < 1.05 * 2 * 1.96 * math.sqrt((0.5**2 * 40**2 + 0.2**2 * 50**2) / 150)


def test_nothing_lost_is_no_curve() -> None:
    assert risk_of([Peril("p", "", 1.0, (0.0,) * 30)]) is None
