"""Everything that is fitted to a history: arrivals, durations, transitions.

A *relative* trace has distances but no calendar: of its arrivals only the times between them are fitted (a homogeneous
renewal process).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenarios.history.calibration.cases import Cases, Target, cases_of
from scenarios.history.calibration.clustering import Clustering, fit_clustering
from scenarios.history.calibration.dispersion import Dispersion, daily_dispersion
from scenarios.history.calibration.durations import LEAST_ENDED, DurationModel, choose_model
from scenarios.history.calibration.families import Floats
from scenarios.history.calibration.levels import Level, fit_level, week_counts
from scenarios.history.calibration.observations import Observations, recording_step_s
from scenarios.history.calibration.seasons import LEAST_WEEKS, WEEK_S, WeekShape, fit_week
from scenarios.history.calibration.transitions import ServiceShare, Share, occurrence, repetition, service_shares
from scenarios.history.record import IncidentRecord


@dataclass(frozen=True, slots=True)
class ArrivalFit:
    """How incidents come.  `level` is None with too few weeks; without a calendar `between` alone is there."""

    incidents: int
    level: Level | None
    week: WeekShape | None
    dispersion: Dispersion | None
    clustering: Clustering | None
    between: DurationModel | None
    services: tuple[ServiceShare, ...]


@dataclass(frozen=True, slots=True)
class DurationFit:
    """A target's model with the cases it was fitted to; `criteria` compares the families."""

    cases: Cases
    observed: Observations
    model: DurationModel
    criteria: dict[str, float]


@dataclass(frozen=True, slots=True)
class TransitionFit:
    """Hand-overs and reopenings of incidents that are over; None where the history does not say."""

    reassigned: Share | None
    reassigned_again: Share | None
    reopened: Share | None


@dataclass(frozen=True, slots=True)
class HistoryFit:
    """All of it; `missing` says of each target without a model why there is none."""

    arrivals: ArrivalFit
    durations: dict[Target, DurationFit]
    missing: dict[Target, str]
    transitions: TransitionFit
    from_s: float
    until_s: float
    calendar: bool


def fit_history(records: Sequence[IncidentRecord]) -> HistoryFit:
    """Fits to the whole history; what was not over at its end is censored.  Raises ValueError for an empty one.

    Fields of which only the last state is known are used: this describes the past, it does not forecast.
    """
    if not records:
        raise ValueError("the history has no incident")
    durations: dict[Target, DurationFit] = {}
    missing: dict[Target, str] = {}
    every = {target: cases_of(records, target, trusted=True) for target in Target}
    for target, cases in every.items():
        observed = cases.observed(cases.usable, cases.watched_until_s)
        ended = int(observed.over.sum())
        if ended < LEAST_ENDED:
            missing[target] = f"{ended} such times in the history, {LEAST_ENDED} are needed"
            continue
        terms = cases.terms(cases.usable, cases.watched_until_s)
        model, criteria = choose_model(observed, terms, cases.values(cases.usable))
        durations[target] = DurationFit(cases, observed, model, criteria)
    over = [r for r in records if r.resolved_at is not None or r.closed_at is not None]
    some = every[Target.RESTORE]
    return HistoryFit(
        arrivals=_fit_arrivals(some.opened_s, calendar=some.calendar, services=[r.service for r in records]),
        durations=durations,
        missing=missing,
        transitions=TransitionFit(
            occurrence([r.reassignments for r in over]),
            repetition([r.reassignments for r in over]),
            occurrence([r.reopenings for r in over]),
        ),
        from_s=float(some.opened_s.min()),
        until_s=some.watched_until_s,
        calendar=some.calendar,
    )


def _fit_arrivals(opened_s: Floats, *, calendar: bool, services: Sequence[str | None]) -> ArrivalFit:
    first, last = float(opened_s.min()), float(opened_s.max())
    named = tuple(service_shares([service for service in services if service is not None]))
    if not calendar:
        return ArrivalFit(len(opened_s), None, None, None, None, _fit_between(opened_s), named)
    weeks = int((last - first) // WEEK_S)
    week = fit_week(opened_s, first, last) if len(opened_s) > 1 else None
    return ArrivalFit(
        incidents=len(opened_s),
        level=fit_level(week_counts(opened_s, last, weeks)) if weeks >= 4 else None,
        week=week,
        dispersion=None if week is None else daily_dispersion(opened_s, first, last, week),
        clustering=fit_clustering(opened_s, last, week) if week is not None and weeks >= LEAST_WEEKS else None,
        between=None,
        services=named,
    )


def _fit_between(opened_s: Floats) -> DurationModel | None:
    """The times between incidents."""
    gaps = np.diff(np.sort(opened_s))
    if len(gaps) < LEAST_ENDED:
        return None
    model, _ = choose_model(Observations.of(gaps, np.ones(len(gaps), dtype=np.bool_), recording_step_s(gaps)), (), {})
    return model
