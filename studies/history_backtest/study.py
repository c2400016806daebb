"""A back-test of a history: fit to what was known at a moment (the cut), forecast what came after, score.

- Training cases were opened by the cut; what was not over by then is censored at the cut.
- Test cases were opened after it; they are watched until the history ends.
- Only what was known at an incident's opening is used to forecast it; nothing is fitted after the cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenarios.history.calibration.cases import HOUR, LOAD, PERIOD, Cases, Target, cases_of
from scenarios.history.calibration.durations import LEAST_ENDED, DurationModel
from scenarios.history.calibration.families import Floats
from scenarios.history.calibration.observations import Observations
from scenarios.history.record import IncidentRecord
from studies.history_backtest.arrivals import ArrivalsTest, backtest_arrivals
from studies.history_backtest.forecasting import Opinion, Opinions, opinions
from studies.history_backtest.pooling import Weights, learn_weights
from studies.history_backtest.scores import Coverage, Forecasts, coverage, crps_log, crps_s, pit_values
from studies.history_backtest.skill import Skill, skill

LEAST_TEST = 10


@dataclass(frozen=True, slots=True)
class Scores:
    """Mean CRPS of each forecast: in hours, and in natural log units (as factors, long and short times alike)."""

    hours: float
    log: float


@dataclass(frozen=True, slots=True)
class TargetTest:
    """The back-test of one target."""

    target: Target
    train: int
    train_open: int
    test: int
    test_open: int
    unusable: int
    model: Scores
    of: dict[Opinion, Scores]
    against_empirical: Skill
    against_last_period: Skill
    log_skill: Skill
    """Against the empirical distribution, on the log scale."""
    coverage: tuple[Coverage, ...] | None
    weights: Weights
    fitted: DurationModel
    latest_from_s: float
    latest_cases: int
    pit: Floats
    forecasts: Forecasts
    empirical: Forecasts
    observed: Observations


@dataclass(frozen=True, slots=True)
class Untested:
    """A target that cannot be tested, and why."""

    target: Target
    reason: str


@dataclass(frozen=True, slots=True)
class HistoryBacktest:
    """All targets of a history; `cut_s` and `until_s` in seconds since 1970."""

    cut_s: float
    from_s: float
    until_s: float
    calendar: bool
    incidents: int
    tested: tuple[TargetTest, ...]
    untested: tuple[Untested, ...]
    arrivals: ArrivalsTest | None
    inputs: tuple[str, ...]
    """The terms that the model was offered."""


def backtest_history(
    records: Sequence[IncidentRecord],
    *,
    share: float = 0.7,
    cut_s: float | None = None,
    without: Sequence[str] = (),
    trusted: bool = False,
) -> HistoryBacktest:
    """Tests every target that the history allows.

    The cut is at a moment in seconds since 1970, by default the one by which a `share` of the incidents was opened;
    `without` leaves out terms of the model, `trusted` uses fields of which only the last state is known.  Raises
    ValueError for an empty history, or a cut outside of it.
    """
    if not records:
        raise ValueError("the history has no incident")
    every = {target: cases_of(records, target, trusted=trusted) for target in Target}
    first = every[Target.RESTORE]
    cut = float(np.quantile(first.opened_s, share)) if cut_s is None else cut_s
    if not first.opened_s.min() <= cut < first.opened_s.max():
        raise ValueError("no incident was opened on one of the sides of the cut")
    results = [_test(cases, cut, without) for cases in every.values()]
    return HistoryBacktest(
        cut_s=cut,
        from_s=float(first.opened_s.min()),
        until_s=first.watched_until_s,
        calendar=first.calendar,
        incidents=len(records),
        tested=tuple(r for r in results if isinstance(r, TargetTest)),
        untested=tuple(r for r in results if isinstance(r, Untested)),
        arrivals=backtest_arrivals(first.opened_s, cut, float(first.opened_s.max())),
        inputs=tuple(
            t for t in (*first.fields, HOUR, LOAD, PERIOD) if t not in without and (first.calendar or t != HOUR)
        ),
    )


def _test(cases: Cases, cut_s: float, without: Sequence[str]) -> TargetTest | Untested:
    train = cases.usable & (cases.opened_s <= cut_s) & (cases.began_s <= cut_s)
    test = cases.usable & (cases.opened_s > cut_s)
    before, outcome = cases.observed(train, cut_s), cases.observed(test, cases.watched_until_s)
    if not np.isfinite(cases.ended_s[cases.usable]).any():
        return Untested(cases.target, "the history has no such time")
    if int(before.over.sum()) < LEAST_ENDED or len(outcome) < LEAST_TEST:
        reason = f"{int(before.over.sum())} ended cases before the cut and {len(outcome)} cases after it are too few"
        return Untested(cases.target, f"{reason} ({LEAST_ENDED} and {LEAST_TEST} are needed)")
    formed = opinions(cases, train, test, cut_s, cases.watched_until_s, without)
    weights = learn_weights(cases, train, cut_s, formed.fitted.family.name, without)
    return _scored(cases, (train, test), formed, weights, (before, outcome))


def _scored(
    cases: Cases,
    sides: tuple[np.ndarray[tuple[int], np.dtype[np.bool_]], np.ndarray[tuple[int], np.dtype[np.bool_]]],
    formed: Opinions,
    weights: Weights,
    observed: tuple[Observations, Observations],
) -> TargetTest:
    train, test = sides
    before, outcome = observed
    model = weights.pool(formed.of)
    watched_s, at_s = cases.watched_until_s - cases.began_s[test], cases.opened_s[test]

    def both(forecasts: Forecasts) -> tuple[Floats, Floats]:
        return crps_s(forecasts, outcome, watched_s), crps_log(forecasts, outcome, watched_s)

    of_model, by = both(model), {name: both(forecasts) for name, forecasts in formed.of.items()}
    pit = pit_values(model, outcome)
    empirical = by[Opinion.EMPIRICAL]
    covered = coverage(model, pit)
    return TargetTest(
        target=cases.target,
        train=int(train.sum()),
        train_open=int((~before.over).sum()),
        test=int(test.sum()),
        test_open=int((~outcome.over).sum()),
        unusable=int((~cases.usable).sum()),
        model=_mean(of_model),
        of={name: _mean(scores) for name, scores in by.items()},
        against_empirical=skill(of_model[0], empirical[0], at_s),
        against_last_period=skill(of_model[0], by[Opinion.LAST_PERIOD][0], at_s),
        log_skill=skill(of_model[1], empirical[1], at_s),
        coverage=None if covered is None else tuple(covered),
        weights=weights,
        fitted=formed.fitted,
        latest_from_s=formed.latest_from_s,
        latest_cases=formed.latest_cases,
        pit=pit,
        forecasts=model,
        empirical=formed.of[Opinion.EMPIRICAL],
        observed=outcome,
    )


def _mean(scores: tuple[Floats, Floats]) -> Scores:
    hours, log = scores
    return Scores(float(hours.mean()) / 3600, float(log.mean()))
