"""The four opinions on how long test incidents will last, formed from what was known at a cut.

    fitted        the duration model of `scenarios.history.calibration`: a family, with effects on its location
    stretched     the empirical distribution in place of the family, stretched by the same effects
    empirical     the distribution of all training times (Kaplan and Meier's, as some were not over at the cut)
    last period   the same of the latest stretch before the cut only: "as it has been lately"

The last two are the naive forecasts that a model has to beat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from scenarios.history.calibration.cases import Cases
from scenarios.history.calibration.durations import DurationModel, choose_model, fit_durations
from scenarios.history.calibration.families import Floats
from scenarios.history.calibration.observations import kaplan_meier
from studies.history_backtest.scores import Forecasts

LEAST_IN_PERIOD = 20
_GRID = 500
_PERIOD_S = 90 * 86_400.0


class Opinion(StrEnum):
    """Who says how long it will last; the order is that of pooling weights."""

    FITTED = "fitted"
    STRETCHED = "stretched"
    EMPIRICAL = "empirical"
    LAST_PERIOD = "last_period"


@dataclass(frozen=True, slots=True)
class Opinions:
    """What each opinion forecasts for the test cases, and the model behind the first two."""

    of: dict[Opinion, Forecasts]
    fitted: DurationModel
    latest_from_s: float
    latest_cases: int


def opinions(
    cases: Cases,
    train: npt.NDArray[np.bool_],
    test: npt.NDArray[np.bool_],
    cut_s: float,
    until_s: float,
    without: Sequence[str] = (),
    family: str | None = None,
) -> Opinions:
    """Fits to the training cases as they stood at the cut, and forecasts the test cases from what their opening told.

    Forecasts reach as far as the test cases are watched, until `until_s`; `family` spares the choice of one.  Raises
    ValueError where too few training cases had ended.
    """
    observed, known = cases.observed(train, cut_s), cases.values(train)
    terms = cases.terms(train, cut_s, without)
    if family is None:
        fitted, _ = choose_model(observed, terms, known)
    else:
        fitted = fit_durations(observed, family, terms, known)
    grid_s, number = _grid(cases, test, until_s), int(test.sum())
    asked = cases.values(test)
    latest, from_s = _latest(cases, train, cut_s)
    everything, lately = kaplan_meier(observed), kaplan_meier(cases.observed(latest, cut_s))
    stretched = fitted.predict(asked, number, grid_s, fitted.residual_curve(known, observed))
    return Opinions(
        of={
            Opinion.FITTED: Forecasts(grid_s, fitted.predict(asked, number, grid_s)),
            Opinion.STRETCHED: Forecasts(grid_s, stretched),
            Opinion.EMPIRICAL: Forecasts(grid_s, np.tile(everything.cdf(grid_s), (number, 1))),
            Opinion.LAST_PERIOD: Forecasts(grid_s, np.tile(lately.cdf(grid_s), (number, 1))),
        },
        fitted=fitted,
        latest_from_s=from_s,
        latest_cases=int(latest.sum()),
    )


def _grid(cases: Cases, test: npt.NDArray[np.bool_], until_s: float) -> Floats:
    """Times from half a step of the record to the longest that a test case is watched, even on the log scale."""
    longest = max(float((until_s - cases.began_s[test]).max()), cases.step_s)
    shortest = min(cases.step_s / 2, longest / 100)
    return np.concatenate([[0.0], np.geomspace(shortest, longest * 1.001, _GRID)])


def _latest(cases: Cases, train: npt.NDArray[np.bool_], cut_s: float) -> tuple[npt.NDArray[np.bool_], float]:
    """The training cases of the latest 90 days, or of the last quarter of a shorter training part; more, if few."""
    opened = cases.opened_s[train]
    from_s = cut_s - min(_PERIOD_S, (cut_s - float(opened.min())) / 4)
    if int((opened >= from_s).sum()) < LEAST_IN_PERIOD:
        from_s = float(np.sort(opened)[-min(LEAST_IN_PERIOD, len(opened))])
    return train & (cases.opened_s >= from_s), from_s
