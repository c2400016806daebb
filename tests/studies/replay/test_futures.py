"""Simulated futures keep to the model that they come from."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from scenarios.history.calibration.model_file import HistoryModel, read_model
from simulator.randomness import Streams
from studies.replay.futures import future

HOURS = ", ".join("3.0" if hour == 33 else "0.5" if hour < 168 / 2 else "0.0" for hour in range(168))
MODEL = f"""format: blackstart/history-model/1
history:
  sha256: none
  incidents: 1000
  opened_from: '2025-01-01T00:00:00+00:00'
  opened_to: '2025-12-31T00:00:00+00:00'
  watched_until: '2025-12-31T00:00:00+00:00'
  time_basis: calendar
  sources: [csv]
arrivals:
  long_run_a_week: {{value: 30, low: 20, high: 40, n: 52}}
  burst: 4
  hour_of_week: [{HOURS}]
  services:
    Shop: {{value: 0.75, low: 0.7, high: 0.8, n: 750}}
    Mail: {{value: 0.25, low: 0.2, high: 0.3, n: 250}}
restore:
  distribution: lognormal(median=1h, p90=4h)
  family: lognormal
  n: 1000
  median: {{value: 1h, low: 50m, high: 70m, n: 1000}}
  p90: {{value: 4h, low: 3h, high: 5h, n: 1000}}
  shapes: {{}}
  effects:
    service:
      spread: 0.5
      factors:
        Shop: {{value: 1, low: 1, high: 1, n: 750}}
        Mail: {{value: 3, low: 2, high: 4, n: 250}}
"""


@pytest.fixture
def model(tmp_path: Path) -> HistoryModel:
    (tmp_path / "model.yaml").write_text(MODEL)
    return read_model(tmp_path / "model.yaml")


def test_a_future_has_the_rates_shares_and_times_of_its_model(model: HistoryModel) -> None:
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    made = future(model, begins, 400, Streams(1))
    weeks = Counter((one.opened_at - datetime(2026, 1, 5, tzinfo=UTC)).days // 7 for one in made)
    counts = np.array([weeks.get(number, 0) for number in range(400)])
    assert counts.mean() == pytest.approx(30, rel=0.05)
    assert counts.var() / counts.mean() == pytest.approx(4, rel=0.2)
    assert min(weeks) == 0
    hours = Counter(one.opened_at.weekday() * 24 + one.opened_at.hour for one in made)
    assert hours[33] / len(made) == pytest.approx(3 / (3 + 0.5 * 83), rel=0.1)
    assert max(hours) < 84
    shop = [one.restore_time.total_seconds() for one in made if one.service == "Shop" and one.restore_time]
    mail = [one.restore_time.total_seconds() for one in made if one.service == "Mail" and one.restore_time]
    assert len(shop) / len(made) == pytest.approx(0.75, abs=0.02)
    assert np.median(shop) == pytest.approx(3600, rel=0.05)
    assert np.quantile(shop, 0.9) == pytest.approx(4 * 3600, rel=0.07)
    assert np.median(mail) == pytest.approx(3 * 3600, rel=0.1)
    assert all(one.acknowledged_at is None for one in made)


def test_a_future_is_that_of_its_seed(model: HistoryModel) -> None:
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    assert future(model, begins, 4, Streams(3)) == future(model, begins, 4, Streams(3))
    assert future(model, begins, 4, Streams(3)) != future(model, begins, 4, Streams(4))


def test_a_model_without_a_rate_is_refused(model: HistoryModel) -> None:
    silent = model.model_copy(update={"arrivals": model.arrivals.model_copy(update={"long_run_a_week": None})})
    with pytest.raises(ValueError, match="too short"):
        future(silent, datetime(2026, 1, 1, tzinfo=UTC), 4, Streams(1))
