"""The CRPS without censoring, against the closed forms of scoringrules (and properscoring's authors)."""

import math

import numpy as np
import pytest
import scoringrules

from scenarios.history.calibration.families import FAMILIES
from scenarios.history.calibration.levels import negative_binomial
from scenarios.history.calibration.observations import Observations, kaplan_meier
from studies.history_backtest.scores import Forecasts, count_crps, crps_log, crps_s

GRID = np.concatenate([[0.0], np.geomspace(0.05, 1e9, 6000)])
FOREVER = np.full(40, 0.9e9)


def _forecasts(name: str, shape: float) -> Forecasts:
    log_t = np.log(np.maximum(GRID, 1e-9))[None, :]
    cdf = FAMILIES[name].cdf(log_t, np.full((1, 1), 6.0), np.array([math.log(shape)]))
    return Forecasts(GRID, np.tile(cdf, (40, 1)))


OUTCOMES = np.exp(np.linspace(2, 10, 40))
SEEN = Observations(OUTCOMES, OUTCOMES)


@pytest.mark.parametrize("sigma", [0.4, 1.1])
def test_lognormal(sigma: float) -> None:
    found = crps_s(_forecasts("lognormal", sigma), SEEN, FOREVER)
    assert found == pytest.approx(scoringrules.crps_lognormal(OUTCOMES, 6.0, sigma), rel=1e-3)


@pytest.mark.parametrize("shape", [0.6, 2.0])
def test_gamma(shape: float) -> None:
    found = crps_s(_forecasts("gamma", shape), SEEN, FOREVER)
    assert found == pytest.approx(scoringrules.crps_gamma(OUTCOMES, shape, rate=math.exp(-6)), rel=1e-3)


def test_exponential_as_a_weibull_of_shape_one() -> None:
    found = crps_s(_forecasts("weibull", 1.0), SEEN, FOREVER)
    assert found == pytest.approx(scoringrules.crps_exponential(OUTCOMES, math.exp(-6)), rel=1e-3)


def test_the_log_scale_is_that_of_a_normal() -> None:
    found = crps_log(_forecasts("lognormal", 0.8), SEEN, FOREVER)
    assert found == pytest.approx(scoringrules.crps_normal(np.log(OUTCOMES), 6.0, 0.8), rel=2e-3)


def test_the_empirical_distribution_is_that_of_an_ensemble() -> None:
    past = np.exp(6 + np.random.default_rng(1).standard_normal(60))
    cdf = kaplan_meier(Observations(past, past)).cdf(GRID)
    found = crps_s(Forecasts(GRID, np.tile(cdf, (40, 1))), SEEN, FOREVER)
    members = np.tile(past, (40, 1))
    assert found == pytest.approx(scoringrules.crps_ensemble(OUTCOMES, members, estimator="nrg"), rel=5e-3)


@pytest.mark.parametrize(("mean", "variance"), [(4.0, 9.0), (20.0, 21.0)])
def test_counts_are_those_of_a_negative_binomial(mean: float, variance: float) -> None:
    size = mean**2 / (variance - mean)
    p = negative_binomial(np.arange(400.0), np.array(mean), np.array(variance))
    for count in (0, 3, 12, 40):
        expected = scoringrules.crps_negbinom(count, size, mu=mean)
        assert count_crps(p, count) == pytest.approx(float(expected), rel=1e-6)
