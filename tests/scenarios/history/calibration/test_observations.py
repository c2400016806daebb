"""Durations as they were observed, and the curve of Kaplan and Meier."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.history.calibration.observations import Observations, kaplan_meier, recording_step_s

ALL_OVER = np.ones(5, dtype=bool)


def test_zero_minutes_lie_between_zero_and_half_a_minute() -> None:
    seen = Observations.of(np.array([0.0, 60.0, 6000.0]), np.array([True, True, True]), step_s=60)
    assert seen.lower_s.tolist() == [0, 30, 6000]
    assert seen.upper_s.tolist() == [30, 90, 6000]
    assert seen.exact.tolist() == [False, False, True]


def test_what_is_not_over_has_no_upper_bound() -> None:
    seen = Observations.of(np.array([90.0]), np.array([False]), step_s=60)
    assert seen.lower_s.tolist() == [90]
    assert np.isinf(seen.upper_s).all()
    assert not seen.over.any()


def test_a_negative_duration_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        Observations.of(np.array([-1.0]), np.array([True]), step_s=1)


@pytest.mark.parametrize(
    ("durations", "step"),
    [([60, 120, 600, 3660], 60), ([3600, 7200], 3600), ([61, 122, 7], 1), ([0.25, 61.5, 3.125], 0.001)],
)
def test_the_step_of_a_record_is_seen_from_its_times(durations: list[float], step: float) -> None:
    assert recording_step_s(durations) == step


def test_kaplan_and_meier_by_hand() -> None:
    # Of 5 watched, one ends at 1; at 2 one is lost; of 3, one ends at 3; of 2, one ends at 4; the last is open at 5.
    times, over = np.array([1.0, 2, 3, 4, 5]), np.array([True, False, True, True, False])
    curve = kaplan_meier(Observations(times, np.where(over, times, np.inf)))
    assert curve.times_s.tolist() == [1, 3, 4]
    assert curve.open_ratio == pytest.approx([4 / 5, 4 / 5 * 2 / 3, 4 / 5 * 2 / 3 / 2])


def test_behind_the_last_time_watched_the_tail_is_exponential_and_joins_on() -> None:
    times, over = np.array([1.0, 2, 4]), np.array([True, False, False])
    curve = kaplan_meier(Observations(times, np.where(over, times, np.inf)))
    still = 1 - curve.cdf(np.array([3.9, 4.0001, 8.0, 16.0]))
    assert still[:2] == pytest.approx([2 / 3, 2 / 3], rel=1e-3)
    assert still[2:] == pytest.approx([(2 / 3) ** 2, (2 / 3) ** 4])


@given(st.lists(st.floats(0.1, 1e6), min_size=1, max_size=40), st.floats(0.01, 1e6))
def test_without_censoring_it_is_the_empirical_distribution(times: list[float], at: float) -> None:
    exact = np.array(times)
    assert kaplan_meier(Observations(exact, exact)).cdf(np.array([at]))[0] == pytest.approx(np.mean(exact <= at))
