"""Back-test of the number of incidents a week: forecasts at the cut for every whole week behind it.

    model         the moving level of `scenarios.history.calibration.levels`
    empirical     the distribution of the weekly counts of the training part
    last period   the same of its latest thirteen weeks, or of its last quarter where that is shorter

Weeks are those of seven days before and after the cut; scores are in incidents a week.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenarios.history.calibration.families import Floats
from scenarios.history.calibration.levels import Level, fit_level, week_counts
from scenarios.history.calibration.seasons import WEEK_S
from studies.history_backtest.scores import count_crps
from studies.history_backtest.skill import Skill, skill

LEAST_WEEKS = 8
_LATEST_WEEKS = 13


@dataclass(frozen=True, slots=True)
class ArrivalsTest:
    """Mean scores over the test weeks, in incidents a week."""

    level: Level
    train_weeks: int
    test_weeks: int
    model: float
    empirical: float
    last_period: float
    against_empirical: Skill
    against_last_period: Skill
    counts: Floats
    expected: Floats
    """Counts of the test weeks, and the means that were forecast."""
    low: Floats
    high: Floats
    """The 5 % and 95 % points that were forecast."""


def backtest_arrivals(opened_s: Floats, cut_s: float, until_s: float) -> ArrivalsTest | None:
    """None where either side of the cut has fewer than `LEAST_WEEKS` whole weeks."""
    before, after = int((cut_s - opened_s.min()) // WEEK_S), int((until_s - cut_s) // WEEK_S)
    if min(before, after) < LEAST_WEEKS:
        return None
    seen = week_counts(opened_s, cut_s, before)
    came = week_counts(opened_s, cut_s + after * WEEK_S, after)
    level = fit_level(seen)
    most = int(max(seen.max(), came.max()) * 3 + 30)
    latest = seen[-max(4, min(_LATEST_WEEKS, before // 4)) :]
    weeks = range(1, after + 1)
    forecasts = [level.forecast(k, most) for k in weeks]
    scores = {
        "model": [count_crps(forecast, int(y)) for forecast, y in zip(forecasts, came, strict=True)],
        "empirical": [count_crps(_shares(seen, most), int(y)) for y in came],
        "last_period": [count_crps(_shares(latest, most), int(y)) for y in came],
    }
    model, empirical, last = (np.array(scores[name]) for name in ("model", "empirical", "last_period"))
    at_s = cut_s + WEEK_S * np.arange(after, dtype=np.float64)
    return ArrivalsTest(
        level=level,
        train_weeks=before,
        test_weeks=after,
        model=float(model.mean()),
        empirical=float(empirical.mean()),
        last_period=float(last.mean()),
        against_empirical=skill(model, empirical, at_s),
        against_last_period=skill(model, last, at_s),
        counts=came,
        expected=np.array([level.ahead(k)[0] for k in weeks]),
        low=_points(forecasts, 0.05),
        high=_points(forecasts, 0.95),
    )


def _points(forecasts: list[Floats], p: float) -> Floats:
    return np.array([float(np.searchsorted(np.cumsum(forecast), p)) for forecast in forecasts])


def _shares(counts: Floats, most: int) -> Floats:
    return np.bincount(counts.astype(np.intp), minlength=most + 1)[: most + 1] / len(counts)
