"""Arrivals: the shape of the week, the level by week, dispersion and clustering; and shares."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.history.calibration.clustering import fit_clustering
from scenarios.history.calibration.dispersion import daily_dispersion
from scenarios.history.calibration.families import Floats
from scenarios.history.calibration.levels import Level, fit_level, negative_binomial, week_counts
from scenarios.history.calibration.seasons import DAY_S, HOUR_S, WEEK_S, fit_week, flat_shape, hour_of_week
from scenarios.history.calibration.transitions import occurrence, repetition, service_shares, share

MONDAY_S = 4 * DAY_S
YEAR_S = 52 * WEEK_S


def _office_hours(rng: np.random.Generator, number: int) -> Floats:
    """Moments that come four times as often from 8 to 18 as otherwise."""
    at = MONDAY_S + rng.uniform(0, YEAR_S, 3 * number)
    by_day = (at % DAY_S >= 8 * HOUR_S) & (at % DAY_S < 18 * HOUR_S)
    return np.sort(at[by_day | (rng.random(len(at)) < 0.25)])


def _bursts(rng: np.random.Generator, offspring: float, delay_s: float) -> Floats:
    """A self-exciting process, by its branches: each incident brings a Poisson number of others."""
    generation = MONDAY_S + rng.uniform(0, YEAR_S, 500)
    every = [generation]
    while len(generation):
        generation = np.repeat(generation, rng.poisson(offspring, len(generation)))
        generation = generation + rng.exponential(delay_s, len(generation))
        every.append(generation)
    at = np.sort(np.concatenate(every))
    return at[at < MONDAY_S + YEAR_S]


def test_hour_0_of_the_week_begins_on_monday_midnight() -> None:
    assert hour_of_week(np.array([MONDAY_S, MONDAY_S - 1, MONDAY_S + 25 * HOUR_S])).tolist() == [0, 167, 25]


def test_office_hours_are_seen() -> None:
    at = _office_hours(np.random.default_rng(1), 1500)
    week = fit_week(at, MONDAY_S, MONDAY_S + YEAR_S)
    days = week.relative.reshape(7, 24)
    assert not week.flat
    assert days[:, 10:16].mean() / days[:, 0:6].mean() == pytest.approx(4, rel=0.35)
    assert week.relative.mean() == pytest.approx(1)
    assert ((week.low < week.relative) & (week.relative < week.high)).all()


def test_an_even_rate_gets_no_season() -> None:
    at = MONDAY_S + np.sort(np.random.default_rng(2).uniform(0, YEAR_S, 2000))
    assert fit_week(at, MONDAY_S, MONDAY_S + YEAR_S).flat


def test_bursts_do_not_pass_for_seasons() -> None:
    flat = [fit_week(_bursts(np.random.default_rng(i), 0.6, 1800), MONDAY_S, MONDAY_S + YEAR_S).flat for i in range(8)]
    assert sum(flat) >= 7


def test_the_exposure_is_the_time_watched() -> None:
    week = flat_shape(np.array([MONDAY_S]), MONDAY_S + 0.5 * HOUR_S, MONDAY_S + 2 * WEEK_S)
    assert week.exposure.sum() == pytest.approx(2 * 168 - 0.5)
    assert week.exposure[0] == pytest.approx(1.5)


def test_clustering_is_found_with_its_delay() -> None:
    at = _bursts(np.random.default_rng(3), 0.4, 7200)
    found = fit_clustering(at, MONDAY_S + YEAR_S, flat_shape(at, MONDAY_S, MONDAY_S + YEAR_S))
    assert found is not None
    assert found.shown
    assert found.low < 0.4 < found.high
    assert found.delay_s == pytest.approx(7200, rel=0.35)


def test_independent_incidents_show_no_clustering() -> None:
    shown = 0
    for seed in range(20):
        at = MONDAY_S + np.sort(np.random.default_rng(seed).uniform(0, YEAR_S, 400))
        found = fit_clustering(at, MONDAY_S + YEAR_S, flat_shape(at, MONDAY_S, MONDAY_S + YEAR_S))
        assert found is not None
        shown += found.shown
    assert shown <= 4


def test_dispersion_of_chance_is_near_one_and_of_bursts_above() -> None:
    rng = np.random.default_rng(4)
    for at, overdispersed in (
        (MONDAY_S + np.sort(rng.uniform(0, YEAR_S, 1000)), False),
        (_bursts(rng, 0.6, 3600), True),
    ):
        days = daily_dispersion(at, MONDAY_S, MONDAY_S + YEAR_S, flat_shape(at, MONDAY_S, MONDAY_S + YEAR_S))
        assert days is not None
        assert days.overdispersed == overdispersed
        assert sum(days.histogram) == days.days == 364


def test_a_lasting_change_of_level_is_followed() -> None:
    rng = np.random.default_rng(5)
    level = fit_level(np.concatenate([rng.poisson(3, 60), rng.poisson(12, 20)]))
    assert 0.5 <= level.memory < 1
    assert level.rate == pytest.approx(12, rel=0.3)


def test_weeks_that_differ_for_no_reason_are_one_level_with_bursts() -> None:
    counts = np.random.default_rng(6).negative_binomial(2, 0.2, 150)
    level = fit_level(counts)
    mean, variance = level.ahead(4)
    assert mean == pytest.approx(counts.mean(), rel=0.1)
    assert variance == pytest.approx(counts.var(), rel=0.35)


@settings(max_examples=40)
@given(st.lists(st.integers(0, 30), min_size=4, max_size=30), st.integers(1, 60))
def test_a_forecast_is_a_distribution_that_returns_to_the_long_run(counts: list[int], ahead: int) -> None:
    level = fit_level(counts)
    assert level.forecast(ahead, 2000).sum() == pytest.approx(1, abs=1e-3)
    near, far = abs(level.ahead(ahead)[0] - level.long_run_rate), abs(level.ahead(ahead + 1)[0] - level.long_run_rate)
    assert far <= near + 1e-9


def test_the_forecast_counts_what_was_seen_as_evidence() -> None:
    level = Level(a=3, b=1, a0=3, b0=1, memory=1.0, burst=1.0, weeks=0)
    assert level.ahead(1) == (3, 3 + 3)


def test_negative_binomial_has_its_mean_and_variance() -> None:
    counts = np.arange(3000.0)
    p = negative_binomial(counts, np.array(7.0), np.array(21.0))
    assert p.sum() == pytest.approx(1)
    assert (p @ counts, p @ counts**2 - 49) == (pytest.approx(7), pytest.approx(21))


def test_weeks_are_counted_back_from_the_end() -> None:
    assert week_counts(np.array([0.0, 1.0, WEEK_S + 1]), 2 * WEEK_S, 2).tolist() == [2, 1]


def test_shares_have_jeffreys_intervals() -> None:
    some = share(3, 10)
    assert (some.value, round(some.low, 4), round(some.high, 4)) == (0.3, 0.0927, 0.6058)
    assert (share(0, 10).low, share(10, 10).high) == (0, 1)


def test_hand_overs_are_counted_where_the_history_says_them() -> None:
    counts = [0, 0, 1, 3, None]
    found, again = occurrence(counts), repetition(counts)
    assert found is not None
    assert again is not None
    assert (found.hits, found.cases) == (2, 4)
    # Of four hand-overs (1 + 3), two were followed by another.
    assert (again.hits, again.cases) == (2, 4)
    assert occurrence([None]) is None


def test_shares_of_services_sum_to_one_and_rare_ones_are_raised() -> None:
    shares = service_shares(["a"] * 9 + ["b"])
    assert [s.service for s in shares] == ["a", "b"]
    assert sum(s.value for s in shares) == pytest.approx(1)
    assert shares[1].value > 0.1
