"""A back-test of a history as a JSON document (`history backtest --json`).

    {"target": {"acknowledge"|"restore": {"train", "test", "crps": {"model", "empirical", "last_period"}, "coverage"}}}

Scores are in hours, those of the log scale in natural log units; `coverage` is null below 100 test cases.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from studies.history_backtest.arrivals import ArrivalsTest
from studies.history_backtest.forecasting import Opinion
from studies.history_backtest.scores import LEAST_FOR_COVERAGE
from studies.history_backtest.skill import Skill
from studies.history_backtest.study import HistoryBacktest, TargetTest
from timeline.instants import UNIX_EPOCH


def document(test: HistoryBacktest) -> dict[str, Any]:
    """The whole answer as plain data."""
    return {
        "target": {str(tested.target): _target(tested, test) for tested in test.tested},
        "not_tested": {str(untested.target): untested.reason for untested in test.untested},
        "arrivals": None if test.arrivals is None else _arrivals(test.arrivals),
        "incidents": test.incidents,
        "from": moment(test.from_s, test),
        "cut": moment(test.cut_s, test),
        "to": moment(test.until_s, test),
        "inputs": list(test.inputs),
    }


def moment(seconds: float, test: HistoryBacktest) -> str | float:
    """ISO 8601 in UTC; in a relative trace the seconds from its beginning."""
    if not test.calendar:
        return round(seconds - test.from_s, 3)
    return (UNIX_EPOCH + timedelta(seconds=seconds)).isoformat(timespec="seconds")


def _target(tested: TargetTest, test: HistoryBacktest) -> dict[str, Any]:
    return {
        "train": tested.train,
        "train_open_at_cut": tested.train_open,
        "test": tested.test,
        "test_open_at_end": tested.test_open,
        "unusable": tested.unusable,
        "crps": {
            "model": tested.model.hours,
            "empirical": tested.of[Opinion.EMPIRICAL].hours,
            "last_period": tested.of[Opinion.LAST_PERIOD].hours,
            "fitted_family_alone": tested.of[Opinion.FITTED].hours,
        },
        "crps_log": {
            "model": tested.model.log,
            "empirical": tested.of[Opinion.EMPIRICAL].log,
            "last_period": tested.of[Opinion.LAST_PERIOD].log,
            "fitted_family_alone": tested.of[Opinion.FITTED].log,
        },
        "skill": {
            "empirical": _skill(tested.against_empirical),
            "last_period": _skill(tested.against_last_period),
            "empirical_log": _skill(tested.log_skill),
        },
        "coverage": None if tested.coverage is None else {str(c.level): c.inside for c in tested.coverage},
        "width_h": None
        if tested.coverage is None
        else {
            str(c.level): {"median": c.median_width_s / 3600, "mean": c.mean_width_s / 3600} for c in tested.coverage
        },
        "no_coverage_because": None if tested.coverage is not None else f"fewer than {LEAST_FOR_COVERAGE} test cases",
        "weights": {str(name): weight for name, weight in tested.weights.of.items()},
        "family": tested.fitted.family.name,
        "terms": [term.name for term in tested.fitted.design.terms],
        "last_period": {"from": moment(tested.latest_from_s, test), "cases": tested.latest_cases},
    }


def _arrivals(test: ArrivalsTest) -> dict[str, Any]:
    return {
        "train_weeks": test.train_weeks,
        "test_weeks": test.test_weeks,
        "crps": {"model": test.model, "empirical": test.empirical, "last_period": test.last_period},
        "skill": {
            "empirical": _skill(test.against_empirical),
            "last_period": _skill(test.against_last_period),
        },
    }


def _skill(skill: Skill) -> dict[str, Any]:
    return {"value": skill.value, "low": skill.low, "high": skill.high, "verdict": str(skill.verdict)}
