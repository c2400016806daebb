"""A history as cases for fitting: what was known of each incident when it was opened, and how its times came out.

Two times are modelled:

    acknowledge   from opening until a person took it on
    restore       from the start of the disruption until its end

A history is *watched* until its last moment, or until a cut: an incident that was not over by then has lasted longer
than so far.  Where an incident is over but the source does not say when it was acknowledged or restored, or its moments
contradict each other, it tells nothing of that time; such ones are counted as unusable, not guessed.

Inputs are fields of `Known.OPENING` alone, the hour, and how many incidents were open at that moment.  Formats that
keep a log of changes give these fields as they stood at the opening; others give the last state, in which priority,
component and team may have been corrected when more was known (the impact on a status page grows with the incident).
To predict fairly such fields are left out, unless they are said to be trusted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from scenarios.history.calibration.effects import Grouped, Periods, Slope, Term, Values
from scenarios.history.calibration.families import Floats
from scenarios.history.calibration.observations import Observations, recording_step_s
from scenarios.history.calibration.seasons import LEAST_WEEKS, WEEK_S, hour_of_week
from scenarios.history.record import IncidentRecord, TimeBasis
from timeline.instants import UNIX_EPOCH


class Target(StrEnum):
    """The time that is modelled."""

    ACKNOWLEDGE = "acknowledge"
    RESTORE = "restore"


INPUT_FIELDS = ("priority", "service", "component", "team")
"""Fields of the record that a model may use: all are known when an incident is opened."""
LOGGED_SOURCES = ("servicenow-log", "xes")
"""Formats whose fields are as they stood at the opening."""
_LASTING_FIELDS = ("service",)
"""Fields that are not corrected as an incident unfolds."""
HOUR, LOAD, PERIOD = "hour", "load", "period"
TERMS = (*INPUT_FIELDS, HOUR, LOAD, PERIOD)
_HOURS_A_BAND = 3
_MOST_LEVELS, _LEAST_IN_LEVEL = 60, 3
_MOST_PERIODS, _CASES_A_PERIOD = 24, 25
UNKNOWN = "(not said)"


@dataclass(frozen=True, slots=True)
class Cases:
    """Incidents by opening, with one target's times.  Arrays run over cases; moments in seconds since 1970.

    `ended_s` is infinite where the time had not ended when the history ends, `usable` false where it is unknown.
    """

    target: Target
    opened_s: Floats
    began_s: Floats
    ended_s: Floats
    usable: npt.NDArray[np.bool_]
    fields: dict[str, tuple[str, ...]]
    open_before: Floats
    watched_until_s: float
    step_s: float
    calendar: bool

    def __len__(self) -> int:
        return len(self.opened_s)

    def observed(self, chosen: npt.NDArray[np.bool_], until_s: float) -> Observations:
        """The times of some cases as they stood at a moment."""
        began, ended = self.began_s[chosen], self.ended_s[chosen]
        over = ended <= until_s
        durations = np.where(over, ended, until_s) - began
        return Observations.of(np.maximum(durations, 0.0), over, self.step_s)

    def values(self, chosen: npt.NDArray[np.bool_]) -> Values:
        """What was known of some cases at their opening, by the name of the term that uses it."""
        places = np.flatnonzero(chosen)
        values: Values = {name: [column[i] for i in places] for name, column in self.fields.items()}
        values[HOUR] = [_band(int(hour)) for hour in hour_of_week(self.opened_s[chosen])]
        values[LOAD] = [float(v) for v in np.log1p(self.open_before[chosen])]
        values[PERIOD] = [float(v) for v in self.opened_s[chosen]]
        return values

    def terms(self, chosen: npt.NDArray[np.bool_], until_s: float, without: Sequence[str] = ()) -> list[Term]:
        """The terms that these cases can carry: those of at least two levels with enough cases each."""
        values = self.values(chosen)
        count = int(chosen.sum())
        first_s = float(self.opened_s[chosen].min(initial=until_s))
        last_s = min(float(self.opened_s[chosen].max(initial=first_s)), until_s)
        weeks = (last_s - first_s) / WEEK_S
        hours = (HOUR,) if self.calendar and weeks >= LEAST_WEEKS else ()
        names = [name for name in (*self.fields, *hours) if name not in without]
        grouped = (Grouped(name, _levels(list(values[name]))) for name in names)  # type: ignore[arg-type]
        terms: list[Term] = [term for term in grouped if term.width >= 2]
        if LOAD not in without and weeks >= LEAST_WEEKS and len(set(values[LOAD])) > 2:
            terms.append(Slope.of(LOAD, values[LOAD]))  # type: ignore[arg-type]
        periods = min(_MOST_PERIODS, count // _CASES_A_PERIOD, int(weeks))
        if PERIOD not in without and periods >= 3:
            terms.append(Periods(PERIOD, last_s, (last_s - first_s) / periods, periods, memory=0.8))
        return terms


def input_fields(records: Sequence[IncidentRecord], *, trusted: bool) -> tuple[str, ...]:
    """The fields that may be used to predict: all where the last state is trusted or a log gives the first one."""
    every = trusted or all(r.source in LOGGED_SOURCES for r in records)
    return INPUT_FIELDS if every else _LASTING_FIELDS


def cases_of(records: Sequence[IncidentRecord], target: Target, *, trusted: bool = False) -> Cases:
    """The cases of a history for one target, by opening; `trusted`: see `input_fields`."""
    ordered = sorted(records, key=lambda r: (r.opened_at, r.id))
    opened = _seconds([r.opened_at for r in ordered])
    finished = _seconds([_over_at(r) for r in ordered])
    began = opened if target is Target.ACKNOWLEDGE else _seconds([r.began_at for r in ordered])
    spans = [r.acknowledge_time if target is Target.ACKNOWLEDGE else r.restore_time for r in ordered]
    said = np.array([span is not None for span in spans], dtype=np.bool_)
    durations = np.array([_total_s(span) for span in spans])
    return Cases(
        target=target,
        opened_s=opened,
        began_s=began,
        ended_s=began + durations,
        usable=said | np.isinf(finished),
        fields={
            name: tuple(getattr(r, name) or UNKNOWN for r in ordered) for name in input_fields(ordered, trusted=trusted)
        },
        open_before=_open_before(opened, np.where(said & (target is Target.RESTORE), began + durations, finished)),
        watched_until_s=watched_until_s(ordered),
        step_s=recording_step_s(durations[said]),
        calendar=all(r.time_basis is TimeBasis.CALENDAR for r in ordered),
    )


def watched_until_s(records: Sequence[IncidentRecord]) -> float:
    """The last moment that any record tells of, in seconds since 1970."""
    return max(
        (
            seconds
            for r in records
            for m in (r.opened_at, r.acknowledged_at, _over_at(r))
            if (seconds := _second(m)) < np.inf
        ),
        default=0.0,
    )


def _over_at(record: IncidentRecord) -> datetime | None:
    """The first moment at which the record tells that the incident is over."""
    moments = [m for m in (record.restored_at, record.resolved_at, record.closed_at) if m is not None]
    return min(moments, default=None)


def _second(moment: datetime | None) -> float:
    return float("inf") if moment is None else (moment - UNIX_EPOCH).total_seconds()


def _seconds(moments: Sequence[datetime | None]) -> Floats:
    return np.array([_second(moment) for moment in moments])


def _total_s(span: timedelta | None) -> float:
    return float("inf") if span is None else span.total_seconds()


def _open_before(opened_s: Floats, finished_s: Floats) -> Floats:
    """How many earlier incidents were not over at the opening of each."""
    finished = np.sort(np.maximum(finished_s, opened_s))
    earlier = np.searchsorted(opened_s, opened_s, side="left")
    gone = np.searchsorted(finished, opened_s, side="left")
    return np.asarray(np.maximum(earlier - gone, 0), dtype=np.float64)


def _band(hour: int) -> str:
    """Three hours of the day, apart for weekdays and weekends (UTC)."""
    begin = hour % 24 // _HOURS_A_BAND * _HOURS_A_BAND
    return f"{'weekend' if hour >= 120 else 'weekday'} {begin:02d}-{begin + _HOURS_A_BAND:02d}"


def _levels(values: Sequence[str]) -> tuple[str, ...]:
    """The levels with enough cases for a coefficient, the most frequent ones where there are many."""
    counts = Counter(values)
    frequent = [v for v, n in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if n >= _LEAST_IN_LEVEL]
    return tuple(sorted(frequent[:_MOST_LEVELS]))
