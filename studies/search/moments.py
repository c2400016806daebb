"""Moments at which an exercise may begin: a few that differ in who is there and how much there is to do, every hour of
a week, or every day of a year."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from simulator.exercise import ExercisePlan
from topologies.calendars import HolidayCalendar
from topologies.estate import Estate

HOURS_OF_WEEK, DAYS_OF_YEAR = 168, 365
_NIGHT, _NOON = 3, 12
_PEAK = 0.95
"""Of the busiest hour of a function."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """A moment to begin; `id` is its element's, `words` what is special about it."""

    id: str
    at: datetime
    words: tuple[str, ...]


def usual_starts(plan: ExercisePlan) -> tuple[tuple[str, datetime], ...]:
    """The next night, weekend, busiest hour of a working day and public holiday after the scenario's own beginning,
    where there are such."""
    zone = ZoneInfo(plan.estate.timezone)
    own, calendars = plan.scenario.starts_at.astimezone(zone), _calendars(plan)
    days = [own.replace(minute=0, second=0, microsecond=0) + timedelta(days=n) for n in range(1, DAYS_OF_YEAR + 1)]
    working = [day for day in days if day.weekday() < 5 and not _is_holiday(day, calendars)]
    peaks = sorted(peak_hours(plan.estate))
    found = [("night", working[0].replace(hour=_NIGHT))]
    found += [("weekend", next(day for day in days if day.weekday() == 6).replace(hour=_NOON))]
    found += [("peak", working[0].replace(hour=peaks[0]))] if peaks else []
    found += [("holiday", day.replace(hour=_NOON)) for day in days if _is_holiday(day, calendars)][:1]
    return tuple((name, moment) for name, moment in found if moment != own)


def beginnings(plan: ExercisePlan, over: Literal["week", "year"]) -> list[Beginning]:
    """Every hour of the week from the midnight before the scenario's own beginning, or 365 days at its time of day, on
    the clock of the estate.

    An hour that a change of clocks leaves out or repeats is taken as the calendar has it.
    """
    first = plan.scenario.starts_at.astimezone(ZoneInfo(plan.estate.timezone))
    if over == "week":
        midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
        moments = [midnight + timedelta(hours=number) for number in range(HOURS_OF_WEEK)]
    else:
        moments = [first + timedelta(days=number) for number in range(DAYS_OF_YEAR)]
    calendars, peaks = _calendars(plan), peak_hours(plan.estate)
    return [Beginning(f"start-{at:%Y-%m-%d-%H}", at, tuple(_words(at, calendars, peaks))) for at in moments]


def peak_hours(estate: Estate) -> set[int]:
    """Hours of the day in which some function has next to its peak."""
    demands = [function.demand.by_hour for function in estate.functions.values() if function.demand is not None]
    return {hour for hours in demands for hour, share in enumerate(hours) if share >= _PEAK * max(hours) > min(hours)}


def _calendars(plan: ExercisePlan) -> list[HolidayCalendar]:
    calendars = [person.holidays for person in plan.organisation.people.values()]
    calendars += [rotation.holidays for rotation in plan.organisation.rotations.values()]
    return [calendar for calendar in calendars if calendar is not None]


def _is_holiday(day: datetime, calendars: Collection[HolidayCalendar]) -> bool:
    return any(day.date() in calendar for calendar in calendars)


def _words(at: datetime, calendars: Collection[HolidayCalendar], peaks: Collection[int]) -> Iterator[str]:
    if at.hour >= 22 or at.hour < 7:
        yield "night"
    if at.weekday() >= 5:
        yield "weekend"
    if _is_holiday(at, calendars):
        yield "holiday"
    if at.hour in peaks:
        yield "peak"
