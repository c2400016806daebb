"""Skill and its interval over blocks of time; weights of opinions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.history.calibration.observations import Observations
from studies.history_backtest.forecasting import Opinion
from studies.history_backtest.pooling import best_weights, products
from studies.history_backtest.scores import Forecasts, crps_s
from studies.history_backtest.skill import Verdict, skill

AT = np.arange(300.0)


def test_the_same_forecast_has_no_skill() -> None:
    scores = np.random.default_rng(1).exponential(1, 300)
    found = skill(scores, scores, AT)
    assert (found.value, found.low, found.high) == (0, 0, 0)
    assert found.verdict is Verdict.NO_SKILL


@pytest.mark.parametrize(("factor", "verdict"), [(0.8, Verdict.BETTER), (1.25, Verdict.WORSE)])
def test_a_constant_gain_is_seen(factor: float, verdict: Verdict) -> None:
    scores = np.random.default_rng(2).exponential(1, 300)
    found = skill(factor * scores, scores, AT)
    assert found.value == pytest.approx(1 - factor)
    assert found.verdict is verdict


def test_a_gain_in_one_stretch_alone_is_not_shown() -> None:
    # Independent cases would make this gain certain; it is one stretch of time, and could be chance.
    baseline = np.ones(300)
    model = baseline + np.where((AT >= 100) & (AT < 105), -6.0, 0.05)
    found = skill(model, baseline, AT)
    assert found.value > 0
    assert found.verdict is Verdict.NO_SKILL


def test_with_cases_in_too_few_blocks_there_is_no_interval() -> None:
    at = np.array([0.0] * 5 + [1000.0] * 5)
    found = skill(np.full(10, 0.5), np.ones(10), at)
    assert (found.low, found.verdict) == (None, Verdict.NO_SKILL)


@given(st.lists(st.floats(0, 1), min_size=4, max_size=4), st.integers(0, 10**6))
def test_the_score_of_a_pool_is_the_quadratic_form_of_its_weights(raw: list[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights = (np.array(raw) + 1e-3) / (np.sum(raw) + 4e-3)
    grid = np.linspace(0, 10, 30)
    forecasts = [Forecasts(grid, np.sort(rng.random((5, 30)), axis=1)) for _ in range(4)]
    seen = Observations(rng.uniform(0, 9, 5), np.full(5, np.inf))
    seen.upper_s[:3] = seen.lower_s[:3]
    watched = np.where(seen.over, 9.5, seen.lower_s)
    pool = Forecasts(grid, sum(w * f.cdf for w, f in zip(weights, forecasts, strict=True)))
    expected = float(crps_s(pool, seen, watched).sum())
    assert weights @ products(forecasts, seen, watched) @ weights == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_weights_go_to_the_better_opinion_as_cases_grow() -> None:
    matrix = np.eye(4) + 0.5
    matrix[3, :] = matrix[:, 3] = 0.4
    matrix[3, 3] = 0.4
    few, many = best_weights(matrix, 2), best_weights(matrix, 2000)
    assert few[3] < many[3]
    assert many[3] > 0.95
    assert many.sum() == pytest.approx(1)


def test_without_cases_all_weight_is_on_the_empirical_distribution() -> None:
    weights = best_weights(np.zeros((4, 4)), 0)
    assert dict(zip(Opinion, weights.tolist(), strict=True))[Opinion.EMPIRICAL] == 1
    assert weights.sum() == 1


def test_opinions_that_score_alike_earn_no_weight() -> None:
    """All four are the same forecast: nothing is gained by leaving the empirical distribution."""
    assert best_weights(np.full((4, 4), 2.0), 500).tolist() == pytest.approx([0, 0, 1, 0], abs=1e-6)
