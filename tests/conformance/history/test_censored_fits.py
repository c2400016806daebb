"""Maximum likelihood with censoring, against `scipy.stats` on the same data (`CensoredData`)."""

import math

import numpy as np
import pytest
import scipy.stats
from scipy.stats import CensoredData

from scenarios.history.calibration.durations import fit_durations
from scenarios.history.calibration.observations import Observations

_SCIPY = {"lognormal": scipy.stats.lognorm, "weibull": scipy.stats.weibull_min, "gamma": scipy.stats.gamma}


def _drawn(name: str, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return {
        "lognormal": np.exp(5 + 1.2 * rng.standard_normal(300)),
        "weibull": 400 * rng.weibull(0.7, 300),
        "gamma": rng.gamma(0.6, 500, 300),
    }[name]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", list(_SCIPY))
def test_right_censored(name: str, seed: int) -> None:
    times = _drawn(name, seed)
    until = np.random.default_rng(seed).uniform(50, 800, 300)
    over = times <= until
    model = fit_durations(Observations(np.minimum(times, until), np.where(over, times, np.inf)), name)
    shape, _, scale = _SCIPY[name].fit(CensoredData(uncensored=times[over], right=until[~over]), floc=0)
    assert 0.1 < (~over).mean() < 0.6
    assert model.family.natural(model.phi)[0] == pytest.approx(shape, rel=1e-3)
    assert math.exp(model.location[0]) == pytest.approx(scale, rel=1e-3)


@pytest.mark.parametrize("name", list(_SCIPY))
def test_interval_censored(name: str) -> None:
    times = _drawn(name, 3) + 1
    low, high = np.floor(times / 120) * 120, np.floor(times / 120) * 120 + 120
    model = fit_durations(Observations(low, high), name)
    data = CensoredData(interval=np.stack([np.maximum(low, 1e-9), high], axis=1))
    shape, _, scale = _SCIPY[name].fit(data, floc=0)
    assert model.family.natural(model.phi)[0] == pytest.approx(shape, rel=5e-3)
    assert math.exp(model.location[0]) == pytest.approx(scale, rel=5e-3)


@pytest.mark.parametrize("name", list(_SCIPY))
def test_the_likelihood_is_that_of_scipy(name: str) -> None:
    times = _drawn(name, 4)
    model = fit_durations(Observations(times, times), name)
    shape, scale = model.family.natural(model.phi)[0], math.exp(model.location[0])
    # Ours is of log time: the densities differ by the factor t.
    expected = _SCIPY[name].logpdf(times, shape, scale=scale).sum() + np.log(times).sum()
    assert model.log_likelihood == pytest.approx(float(expected), rel=1e-9)
