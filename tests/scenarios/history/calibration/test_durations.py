"""Duration models: closed cases, families, effects and their shrinkage."""

import math

import numpy as np
import pytest

from scenarios.history.calibration.durations import choose_model, fit_durations
from scenarios.history.calibration.effects import Design, Grouped, Periods, Slope
from scenarios.history.calibration.families import FAMILIES, Floats
from scenarios.history.calibration.observations import Observations


def exact(times: Floats) -> Observations:
    return Observations(times, times)


def censored(times: Floats, until: Floats) -> Observations:
    over = times <= until
    return Observations(np.minimum(times, until), np.where(over, times, np.inf))


def test_a_lognormal_without_censoring_has_the_mean_and_deviation_of_the_logs() -> None:
    times = np.exp(5 + 1.3 * np.random.default_rng(1).standard_normal(300))
    model = fit_durations(exact(times), "lognormal")
    logs = np.log(times)
    assert model.location[0] == pytest.approx(logs.mean(), abs=1e-6)
    assert model.family.natural(model.phi)[0] == pytest.approx(logs.std(), rel=1e-6)
    assert model.deviation(0) == pytest.approx(logs.std() / math.sqrt(300), rel=1e-3)
    assert model.deviation(1) == pytest.approx(1 / math.sqrt(2 * 300), rel=1e-3)


def test_the_rate_of_a_weibull_is_events_over_exposure_in_powered_time() -> None:
    # For shape 1, the exponential, this is the rate of events over the time watched.
    rng = np.random.default_rng(2)
    seen = censored(rng.exponential(600, 400), rng.uniform(100, 1500, 400))
    model = fit_durations(seen, "weibull")
    power = model.family.natural(model.phi)[0]
    exposure = float((seen.lower_s**power).sum())
    assert math.exp(-power * model.location[0]) == pytest.approx(seen.over.sum() / exposure, rel=1e-5)
    assert power == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize("name", list(FAMILIES))
def test_density_is_the_slope_of_survival(name: str) -> None:
    family = FAMILIES[name]
    phi = family.unbounded({"mixture": (0.6, 5.0, 0.9, 0.3)}.get(name, (0.8,)))
    log_t, eta = np.linspace(2, 9, 41), np.full(41, 5.0)
    step = 1e-5
    slope = (family.cdf(log_t + step, eta, phi) - family.cdf(log_t - step, eta, phi)) / (2 * step)
    assert np.exp(family.log_density(log_t, eta, phi)) == pytest.approx(slope, rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("name", list(FAMILIES))
def test_quantiles_undo_the_distribution(name: str) -> None:
    family = FAMILIES[name]
    phi = family.unbounded({"mixture": (0.6, 5.0, 0.9, 0.3)}.get(name, (0.8,)))
    for p in (0.01, 0.5, 0.9, 0.999):
        at = np.log(np.array([family.quantile_s(p, 5.0, phi)]))
        assert family.cdf(at, np.array([5.0]), phi)[0] == pytest.approx(p, rel=1e-6)


@pytest.mark.parametrize("name", ["lognormal", "weibull", "gamma"])
def test_the_family_that_the_data_come_from_is_chosen(name: str) -> None:
    rng = np.random.default_rng(3)
    times = {
        "lognormal": np.exp(5 + 1.2 * rng.standard_normal(800)),
        "weibull": 400 * rng.weibull(0.7, 800),
        "gamma": rng.gamma(0.4, 900, 800),
    }[name]
    model, _ = choose_model(censored(times, np.full(800, 4000.0)), (), {})
    assert model.family.name == name


def test_a_mixture_is_told_from_one_lognormal() -> None:
    rng = np.random.default_rng(4)
    long = rng.random(1000) < 0.3
    times = np.exp(np.where(long, 8.0, 5.0) + 0.5 * rng.standard_normal(1000))
    model, _ = choose_model(exact(times), (), {})
    _, factor, _, share = model.family.natural(model.phi)
    assert model.family.name == "mixture"
    assert factor == pytest.approx(math.exp(3), rel=0.15)
    assert share == pytest.approx(0.3, abs=0.05)


def test_rounding_to_minutes_biases_nothing() -> None:
    times = np.exp(3.5 + 0.8 * np.random.default_rng(5).standard_normal(3000))
    minutes = 60 * np.round(times / 60)
    rounded = fit_durations(Observations.of(minutes, np.ones(3000, dtype=bool), 60), "lognormal")
    assert (minutes == 0).mean() > 0.4
    assert rounded.location[0] == pytest.approx(3.5, abs=0.08)
    assert rounded.family.natural(rounded.phi)[0] == pytest.approx(0.8, abs=0.06)


def _grouped_times(sizes: dict[str, int], effects: dict[str, float]) -> tuple[Floats, list[str]]:
    rng = np.random.default_rng(6)
    groups = [name for name, size in sizes.items() for _ in range(size)]
    return np.array([math.exp(6 + effects[g] + 0.7 * rng.standard_normal()) for g in groups]), groups


def test_effects_are_found_and_small_groups_are_drawn_towards_the_common_value() -> None:
    effects = {"a": -0.8, "b": 0.0, "c": 0.8, "rare": 0.8}
    times, groups = _grouped_times({"a": 200, "b": 200, "c": 200, "rare": 3}, effects)
    model = fit_durations(exact(times), "lognormal", [Grouped.of("service", groups)], {"service": groups})
    found = dict(zip(model.design.terms[0].levels, model.location[1:], strict=True))
    assert found["c"] - found["a"] == pytest.approx(1.6, abs=0.2)
    raw = np.log(times[[g == "rare" for g in groups]]).mean() - np.log(times[[g == "b" for g in groups]]).mean()
    assert abs(found["rare"] - found["b"]) < 0.95 * abs(raw)


def test_a_term_without_effect_is_left_out() -> None:
    rng = np.random.default_rng(7)
    noise = [f"s{i}" for i in rng.integers(0, 6, 400)]
    times = np.exp(6 + rng.standard_normal(400))
    model, _ = choose_model(exact(times), [Grouped.of("service", noise)], {"service": noise})
    assert model.design.terms == ()


def test_an_unknown_group_is_forecast_as_the_common_one_but_less_surely() -> None:
    times, groups = _grouped_times({"a": 150, "b": 150, "c": 150}, {"a": -0.8, "b": 0.0, "c": 0.8})
    model = fit_durations(exact(times), "lognormal", [Grouped.of("service", groups)], {"service": groups})
    at = np.geomspace(10, 20_000, 200)
    known, unknown = model.predict({"service": ["b", "never seen"]}, 2, at)
    assert unknown[np.searchsorted(at, 30)] > known[np.searchsorted(at, 30)]
    assert unknown[np.searchsorted(at, 6000)] < known[np.searchsorted(at, 6000)]


def test_a_level_that_moved_is_followed_and_fades_ahead() -> None:
    rng = np.random.default_rng(8)
    at = np.linspace(0, 1000, 600)
    times = np.exp(6 + np.where(at > 800, 0.9, 0.0) + 0.5 * rng.standard_normal(600))
    term = Periods("period", 1000, 100, 10, memory=0.8)
    model = fit_durations(exact(times), "lognormal", [term], {"period": list(at)})
    latest = model.location[1:][-1] - model.location[1:][0]
    assert latest == pytest.approx(0.9, abs=0.25)
    near, far = term.columns([950.0, 1450.0])[:, -1]
    assert (near, far) == (1, pytest.approx(0.8**5))
    assert term.unexplained([950.0, 1450.0]).tolist() == pytest.approx([0, 1 - 0.8**10])


def test_the_precision_of_periods_is_the_inverse_of_a_stationary_covariance() -> None:
    term = Periods("period", 0, 1, 6, memory=0.7)
    covariance = 0.7 ** np.abs(np.subtract.outer(np.arange(6), np.arange(6)))
    assert term.precision() @ covariance == pytest.approx(np.eye(6), abs=1e-12)


def test_a_slope_is_not_carried_on_beyond_three_deviations() -> None:
    term = Slope("load", mean=2, deviation=1)
    assert term.columns([2, 4, 100]).ravel().tolist() == [0, 2, 3]


def test_columns_stand_side_by_side() -> None:
    design = Design((Grouped("a", ("x", "y")), Slope("load", 0, 1)))
    matrix = design.matrix({"a": ["y", "z"], "load": [1.0, 2.0]}, 2)
    assert matrix.tolist() == [[1, 0, 1, 1], [1, 0, 0, 2]]


def test_too_few_ended_cases_are_refused() -> None:
    with pytest.raises(ValueError, match="9 ended cases are too few"):
        fit_durations(exact(np.arange(1.0, 10.0)), "lognormal")


@pytest.mark.parametrize("family", ["lognormal", "weibull", "gamma"])
def test_times_that_are_all_alike_do_not_end_the_search(family: str) -> None:
    """Forty times of exactly four minutes: whatever the spread, the middle is there."""
    log_t = np.full(40, np.log(240.0))
    for spread in (-1e4, -50.0, 0.0, 50.0, 1e4):
        phi = np.array([spread])
        density = FAMILIES[family].log_density(log_t, log_t, phi)
        assert not np.isnan(density).any()
