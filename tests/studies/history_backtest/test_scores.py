"""Scores: proper under censoring, uniform where forecasts are right, and silent where cases are few."""

import math

import numpy as np
import pytest

from scenarios.history.calibration.families import FAMILIES, Floats
from scenarios.history.calibration.observations import Observations
from studies.history_backtest.scores import Forecasts, count_crps, coverage, crps_log, crps_s, pit_values

GRID = np.concatenate([[0.0], np.geomspace(1, 1e7, 1000)])
LOGNORMAL = FAMILIES["lognormal"]


def lognormal(medians: Floats, sigma: float) -> Forecasts:
    log_t = np.log(np.maximum(GRID, 1e-9))[None, :]
    return Forecasts(GRID, LOGNORMAL.cdf(log_t, np.log(medians)[:, None], np.array([math.log(sigma)])))


def outcomes(times: Floats, watched: Floats) -> Observations:
    over = times <= watched
    return Observations(np.minimum(times, watched), np.where(over, times, np.inf))


def test_the_score_of_a_uniform_forecast_by_hand() -> None:
    # F rises evenly from 0 to 1 between 0 and 10; outcome 4: integral of F^2 to 4 and of (1-F)^2 from there.
    forecast = Forecasts(np.array([0.0, 10.0, 100.0]), np.array([[0.0, 1.0, 1.0]]))
    score = crps_s(forecast, Observations(np.array([4.0]), np.array([4.0])), np.array([100.0]))
    assert score[0] == pytest.approx(10 * (0.4**3 + 0.6**3) / 3)


def test_a_censored_case_counts_what_was_seen_of_it() -> None:
    forecast = Forecasts(np.array([0.0, 10.0, 100.0]), np.array([[0.0, 1.0, 1.0]]))
    score = crps_s(forecast, Observations(np.array([4.0]), np.array([np.inf])), np.array([4.0]))
    assert score[0] == pytest.approx(10 * 0.4**3 / 3)


@pytest.mark.parametrize("score", [crps_s, crps_log])
def test_the_truth_scores_best_under_censoring(score: object) -> None:
    rng = np.random.default_rng(1)
    times, watched = np.exp(6 + rng.standard_normal(2000)), rng.uniform(50, 2000, 2000)
    seen = outcomes(times, watched)
    assert 0.2 < (~seen.over).mean() < 0.6

    def mean(median: float, sigma: float) -> float:
        return float(score(lognormal(np.full(2000, median), sigma), seen, watched).mean())  # type: ignore[operator]

    right = mean(math.exp(6), 1.0)
    for median, sigma in ((math.exp(5.7), 1.0), (math.exp(6.3), 1.0), (math.exp(6), 0.75), (math.exp(6), 1.35)):
        assert right < mean(median, sigma)


def test_the_transform_is_uniform_where_forecasts_are_right_though_times_are_rounded_and_censored() -> None:
    from scipy.stats import kstest

    rng = np.random.default_rng(2)
    medians = np.exp(5 + rng.standard_normal(3000))
    times, watched = medians * np.exp(0.9 * rng.standard_normal(3000)), rng.uniform(300, 5000, 3000)
    over = 60 * np.round(times / 60) <= watched
    seen = Observations.of(np.where(over, 60 * np.round(times / 60), watched), over, step_s=60)
    pit = pit_values(lognormal(medians, 0.9), seen)
    assert (seen.middle_s < 60).sum() > 50
    assert kstest(pit, "uniform").pvalue > 0.01
    found = coverage(lognormal(medians, 0.9), pit)
    assert found is not None
    assert [round(c.inside - c.level / 100, 1) for c in found] == [0, 0, 0]


def test_forecasts_that_are_too_narrow_cover_too_little() -> None:
    rng = np.random.default_rng(3)
    times = np.exp(6 + rng.standard_normal(500))
    narrow = lognormal(np.full(500, math.exp(6)), 0.5)
    found = coverage(narrow, pit_values(narrow, Observations(times, times)))
    assert found is not None
    assert found[1].level == 80
    assert found[1].inside < 0.6
    assert found[0].median_width_s < found[1].median_width_s < found[2].median_width_s


@pytest.mark.parametrize(("cases", "told"), [(99, False), (100, True)])
def test_below_100_cases_no_coverage_is_told(cases: int, told: bool) -> None:
    times = np.full(cases, 400.0)
    forecast = lognormal(times, 1.0)
    assert (coverage(forecast, pit_values(forecast, Observations(times, times))) is not None) == told


def test_quantiles_of_forecasts() -> None:
    assert lognormal(np.array([100.0, 1000.0]), 1.0).quantile_s(0.5) == pytest.approx([100, 1000], rel=0.01)


def test_the_score_of_a_count_by_hand() -> None:
    assert count_crps(np.array([0.25, 0.5, 0.25]), 1) == pytest.approx(0.25**2 + 0.25**2)
    assert count_crps(np.array([0.0, 1.0, 0.0]), 1) == 0
