"""Intervals against scipy, against their definitions, and against what they promise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from studies.intervals import Z, paired_proportions, proportion, quantile, survival_quantiles, tango


@pytest.mark.parametrize(("hits", "trials"), [(0, 1), (1, 1), (0, 50), (7, 50), (43, 50), (50, 50), (999, 1000)])
def test_the_interval_of_a_proportion_is_that_of_scipy(hits: int, trials: int) -> None:
    found = proportion(hits, trials)
    reference = stats.binomtest(hits, trials).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((reference.low, reference.high), abs=1e-9)
    assert found.p == hits / trials


@pytest.mark.parametrize("count", [1, 5, 20, 101, 400])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_the_interval_of_a_quantile_is_that_of_scipy(count: int, share: float) -> None:
    values = np.random.default_rng(count).exponential(size=count)
    found = quantile(values.tolist(), share)
    reference = stats.quantile_test(values, p=share).confidence_interval(0.95)
    low, high = (None if math.isnan(end) else end for end in (reference.low, reference.high))
    assert found.low is None or low is None or found.low <= low
    assert found.high is None or high is None or found.high >= high
    assert found.value == np.quantile(values, share, method="inverted_cdf")


@given(
    st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=60),
    st.sampled_from([0.1, 0.25, 0.5, 0.75, 0.9]),
)
@settings(max_examples=150)
def test_the_censored_quantile_is_where_scipys_kaplan_meier_curve_reaches(
    seen: list[tuple[int, bool]], share: float
) -> None:
    values, opens = [float(v) for v, _ in seen], [o for _, o in seen]
    curve = stats.ecdf(
        stats.CensoredData(
            [v for v, o in zip(values, opens, strict=True) if not o],
            right=[v for v, o in zip(values, opens, strict=True) if o],
        )
    ).cdf
    reached = [q for q, p in zip(curve.quantiles, curve.probabilities, strict=True) if p >= share - 1e-9]
    assert quantile(values, share, opens).value == (reached[0] if reached else None)


def test_what_is_open_is_bounded_by_ending_at_once_and_by_never_ending() -> None:
    values = [float(n) for n in range(1, 101)]
    opens = [n > 80 for n in range(1, 101)]
    assert quantile(values, 0.5, opens) == quantile(values, 0.5)
    beyond = quantile(values, 0.9, opens)
    assert (beyond.value, beyond.high) == (None, None)
    assert beyond.low == quantile(values, 0.9).low == 84


def test_dropping_open_values_would_be_seen() -> None:
    """Half of the times are cut off at the median: the estimate must not sink to that of the rest."""
    values = np.random.default_rng(4).exponential(60, 4000)
    ends = np.random.default_rng(5).exponential(60, 4000)
    seen, opens = np.minimum(values, ends), values > ends
    found = quantile(seen.tolist(), 0.5, opens.tolist())
    assert found.value == pytest.approx(60 * math.log(2), rel=0.06)
    dropped = quantile(seen[~opens].tolist(), 0.5)
    assert dropped.value is not None
    assert dropped.value < 25


def test_weights_stand_for_repeated_values() -> None:
    random = np.random.default_rng(6)
    values, opens = random.exponential(size=40), random.random(40) < 0.3
    drawn = random.integers(0, 40, 40)
    weights = np.bincount(drawn, minlength=40).astype(float)[None, :]
    (weighted,) = survival_quantiles(values, opens, 0.5, weights)
    assert weighted == quantile(values[drawn].tolist(), 0.5, opens[drawn].tolist()).value


def _score(only_first: int, only_second: int, pairs: int, difference: float) -> float:
    """Tango's statistic with the restricted likelihood maximised by a general optimiser."""

    def against(q: float) -> float:
        cells = (
            (only_first, q),
            (only_second, q + difference),
            (pairs - only_first - only_second, 1 - 2 * q - difference),
        )
        return -sum(count * math.log(max(p, 1e-300)) for count, p in cells if count)

    bounds = (max(0.0, -difference), (1 - difference) / 2)
    q = optimize.minimize_scalar(against, bounds=bounds, method="bounded", options={"xatol": 1e-12}).x
    return (only_second - only_first - pairs * difference) / math.sqrt(pairs * (2 * q + difference - difference**2))


@pytest.mark.parametrize("cells", [(3, 9, 50), (9, 3, 50), (1, 12, 30), (20, 25, 200), (2, 2, 40)])
def test_tangos_ends_are_where_the_score_reaches_the_normal_quantile(cells: tuple[int, int, int]) -> None:
    low, high = tango(*cells)
    assert _score(*cells, low) == pytest.approx(Z, abs=1e-3)
    assert _score(*cells, high) == pytest.approx(-Z, abs=1e-3)


def test_pairs_are_counted_and_tested_by_mcnemar() -> None:
    first = [True] * 10 + [True] * 2 + [False] * 9 + [False] * 4
    second = [True] * 10 + [False] * 2 + [True] * 9 + [False] * 4
    found = paired_proportions(first, second)
    assert (found.both, found.only_first, found.only_second, found.pairs) == (10, 2, 9, 25)
    assert found.difference == pytest.approx(7 / 25)
    assert found.p_value == pytest.approx(2 * stats.binom.cdf(2, 11, 0.5))


def test_nothing_is_no_proportion_quantile_or_pair() -> None:
    for wrong in (lambda: proportion(0, 0), lambda: quantile([], 0.5), lambda: paired_proportions([], [])):
        with pytest.raises(ValueError):
            wrong()


ALLOWED = range(179, 199)
"""Of 200 repetitions, what chance allows for 95 %."""


def test_a_proportions_interval_covers_the_truth() -> None:
    random = np.random.default_rng(7)
    found = [proportion(int(random.binomial(100, 0.85)), 100) for _ in range(200)]
    assert sum(one.low <= 0.85 <= one.high for one in found) in ALLOWED
    assert np.mean([one.high - one.low for one in found]) < 1.05 * 2 * Z * math.sqrt(0.85 * 0.15 / 100)


@pytest.mark.prove
@pytest.mark.parametrize("p", [0.3, 0.5, 0.85, 0.95])
def test_a_difference_of_paired_proportions_covers_the_truth(p: float) -> None:
    random = np.random.default_rng(8)
    covered = 0
    for _ in range(200):
        shared = random.random(150)
        covers = paired_proportions((shared < p).tolist(), (shared < p - 0.1 + 0.05 * random.normal(size=150)).tolist())
        truth = _mean_of_noisy(p)
        covered += covers.low <= truth <= covers.high
    assert covered in ALLOWED


def _mean_of_noisy(p: float) -> float:
    """P(U < p - 0.1 + 0.05 Z) - p for uniform U, by numeric integration over Z."""
    z = np.linspace(-8, 8, 40001)
    return float(np.trapezoid(np.clip(p - 0.1 + 0.05 * z, 0, 1) * stats.norm.pdf(z), z)) - p
