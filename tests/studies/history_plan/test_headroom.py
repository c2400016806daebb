"""Headroom: the line, when it reaches the limit, and whether the interval keeps what it promises."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studies.backtest import Reading, read_recording
from studies.history_plan.headroom import HORIZON_WEEKS, LEAST_WEEKS, Headroom, Limits, busy_levels, forecast, forecasts
from timeline.instants import HOUR, WEEK

START_MS = 1_735_689_600_000
WEEKS = 40
SLOPE, LEVEL, LIMIT = 0.004, 0.45, 0.8
"""Busy levels grow by 0.004 a week; what the season and the noise add to the level is found by simulation."""


def series(seed: int, weeks: int = WEEKS) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Utilisation by the hour: growth, days and weekends, and noise that stays for hours."""
    rng = np.random.default_rng(seed)
    hours = np.arange(weeks * 168)
    noise = np.empty(len(hours))
    value = 0.0
    for place, shock in enumerate(rng.normal(0, 0.03, len(hours))):
        value = 0.8 * value + shock
        noise[place] = value
    weekday = np.where(hours // 24 % 7 < 5, 1.0, 0.4)
    season = 0.1 * np.exp(-(((hours % 24 - 14) / 4) ** 2)) * weekday
    return START_MS + hours * HOUR, LEVEL + SLOPE * hours / 168 + season + noise


def predicted(seed: int, weeks: int = WEEKS, limit: float = LIMIT) -> Headroom:
    times, values = series(seed, weeks)
    return forecast("cpu", {}, *busy_levels(times, values), limit)


@pytest.fixture(scope="module")
def crossing_ms() -> float:
    """When the expected busy level reaches the limit: its level at the middle of a week, by a long simulation."""
    times, values = series(10_000, 3000)
    middles, busy = busy_levels(times, values)
    base = np.mean(np.array(busy) - SLOPE * (np.array(middles) - START_MS) / WEEK)
    return START_MS + (LIMIT - float(base)) / SLOPE * WEEK


def covered(repetitions: int, crossing_ms: float) -> tuple[int, float]:
    """How often the interval holds the true moment, and its mean width in weeks."""
    times, width = 0, 0.0
    for seed in range(repetitions):
        one = predicted(seed)
        assert one.earliest_ms is not None
        latest = one.now_ms + HORIZON_WEEKS * WEEK if one.latest_ms is None else one.latest_ms
        times += one.earliest_ms <= crossing_ms <= latest
        width += (latest - one.earliest_ms) / WEEK / repetitions
    return times, width


@pytest.mark.prove
def test_the_interval_holds_the_true_moment_179_to_198_times_of_200(crossing_ms: float) -> None:
    times, width = covered(200, crossing_ms)
    print(f"covered {times} of 200, mean width {width:.1f} weeks")
    assert 179 <= times <= 198
    assert width <= 25


def test_the_interval_holds_the_true_moment_in_two_dozen_repetitions(crossing_ms: float) -> None:
    # A right interval holds it at least 20 of 24 times with a probability of 99.6 %.
    times, width = covered(24, crossing_ms)
    assert times >= 20
    assert 2 <= width <= 25


def test_without_growth_there_is_no_latest_moment() -> None:
    rng = np.random.default_rng(2)
    weeks = [START_MS + n * WEEK for n in range(30)]
    still = forecast("cpu", {}, weeks, (0.5 + rng.normal(0, 0.02, 30)).tolist(), LIMIT)
    assert still.latest_ms is None
    assert still.growth_a_year.low < 0 < still.growth_a_year.high


def test_a_line_without_errors_crosses_where_it_does() -> None:
    weeks = [START_MS + n * WEEK for n in range(20)]
    one = forecast("cpu", {}, weeks, [0.3 + 0.01 * n for n in range(20)], 0.6)
    assert one.crosses_ms is not None
    assert one.crosses_ms == pytest.approx(START_MS + 30 * WEEK, abs=HOUR)
    assert one.headroom.value == pytest.approx((0.6 - 0.495) / 0.6)
    assert not one.exceeded


def test_what_is_beyond_the_limit_says_so() -> None:
    one = predicted(1, limit=0.5)
    assert one.exceeded
    assert one.headroom.high < 0


def test_correlated_weeks_widen_the_interval() -> None:
    rng = np.random.default_rng(7)
    weeks = [START_MS + n * WEEK for n in range(40)]
    shocks = rng.normal(0, 0.02, 40)
    walk = np.zeros(40)
    for n in range(1, 40):
        walk[n] = 0.8 * walk[n - 1] + shocks[n]
    line = 0.3 + 0.005 * np.arange(40)
    correlated = forecast("cpu", {}, weeks, (line + walk).tolist(), LIMIT)
    shuffled = forecast("cpu", {}, weeks, (line + rng.permutation(walk)).tolist(), LIMIT)
    assert correlated.correlation > 0.4 > shuffled.correlation
    assert correlated.level.high - correlated.level.low > shuffled.level.high - shuffled.level.low


def test_a_week_with_few_samples_is_left_out() -> None:
    times, values = series(3, 12)
    kept = np.ones(len(times), dtype=bool)
    kept[5 * 168 + 20 : 6 * 168] = False
    middles, _ = busy_levels(times[kept], values[kept])
    assert [(one - START_MS) // WEEK for one in middles] == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]


def test_series_of_any_recording_are_forecast_and_short_ones_named(tmp_path: Path) -> None:
    times, values = series(4, 20)
    rows = [f"{t // 1000},{v:.4f},{v / 2:.4f}" for t, v in zip(times.tolist(), values.tolist(), strict=True)]
    (tmp_path / "cpu.csv").write_text('time,"cpu{job=""a""}","cpu{job=""b""}"\n' + "\n".join(rows) + "\n")
    few = ",".join(f'[{START_MS // 1000 + n * 3600},"0.5"]' for n in range(200))
    (tmp_path / "disk.json").write_text(
        '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"disk"},"values":['
        + few
        + "]}]}}"
    )
    store = read_recording([tmp_path / "cpu.csv", tmp_path / "disk.json"], Reading()).store
    found, left = forecasts(store, Limits(0.8, {"cpu": 0.7}))
    assert [one.labels["job"] for one in found] == ["a", "b"]
    assert {one.limit for one in found} == {0.7}
    assert [(one.series, f"{LEAST_WEEKS} are needed" in one.reason) for one in left] == [("disk", True)]
