"""Recurring shifts of Grafana OnCall, spelt out: which occurrence falls where, and whose turn it is.

An *occurrence* is one repetition of the shift's start in local time.  A *turn* is what one group of users holds: an
occurrence (hourly, daily), `interval` occurrences (daily on some days of the week), or a period of `interval` weeks or
months.  Turns are numbered from the shift's start, whether or not the rotation had begun by then.

Example: weekly on Saturday and Sunday, groups a, b, c, start on Monday of week 1, rotation starting in week 2: week 1
would have been a's, so the first weekend on call is b's.

Source: the documentation of Grafana OnCall's `on_call_shifts` and the behaviour that its tests fix.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from topologies.fields import TimeZone
from topologies.importers.foreign import Foreign
from topologies.importers.oncall.draft import Window
from topologies.rotations import Shift

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEK = 7
Day = Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


class RecurringShift(Foreign):
    """A shift as the public API has it; times without an offset are local to the shift's zone."""

    id: str = ""
    name: str | None = None
    type: Literal["single_event", "recurrent_event", "rolling_users", "override"]
    time_zone: TimeZone | None = None
    level: int = 0
    start: datetime
    duration: int = Field(gt=0)
    rotation_start: datetime | None = None
    until: datetime | None = None
    frequency: Literal["hourly", "daily", "weekly", "monthly"] | None = None
    interval: int = Field(default=1, ge=1)
    week_start: Day = "SU"
    by_day: tuple[Day, ...] = ()
    by_month: tuple[int, ...] = ()
    by_monthday: tuple[int, ...] = ()
    users: tuple[str, ...] = ()
    rolling_users: tuple[tuple[str, ...], ...] = ()
    start_rotation_from_user_index: int = 0

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Who takes turns, the first turn's group first."""
        if self.type != "rolling_users" or not self.rolling_users:
            return (self.users or tuple(person for group in self.rolling_users for person in group),)
        first = self.start_rotation_from_user_index % len(self.rolling_users)
        return self.rolling_users[first:] + self.rolling_users[:first]

    @property
    def everybody(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(person for group in self.groups for person in group))


def shifts_of(shift: RecurringShift, zone: str, window: Window, level: int, *, from_web: bool) -> Iterator[Shift]:
    """The spans of a shift that touch the window, times in UTC.  `zone` is the schedule's.

    The first occurrences are held only from `rotation_start` on: whole ones of a schedule made by API, also those that
    have begun of one made on the web.
    """
    local_zone = ZoneInfo(shift.time_zone or zone)
    duration = timedelta(seconds=shift.duration)
    rotation_start = None if shift.rotation_start is None else _aware(shift.rotation_start, local_zone)
    until = None if shift.until is None else _aware(shift.until, local_zone)
    for local, turn in _occurrences(shift, _local(shift.start, local_zone), window, local_zone):
        start, end = _aware(local, local_zone), _aware(local + duration, local_zone)
        if start >= window.end or (until is not None and start > until):
            return
        begun = rotation_start is None or (end > rotation_start if from_web else start >= rotation_start)
        people = shift.groups[turn % len(shift.groups)]
        if begun and end > window.start and people:
            yield Shift(start=start, end=end, people=people, level=level)


def _occurrences(
    shift: RecurringShift, start: datetime, window: Window, zone: ZoneInfo
) -> Iterator[tuple[datetime, int]]:
    """Local starts in order until the end of the window, each with the number of its turn."""
    last = _local(window.end, zone)
    if shift.frequency is None:
        yield start, 0
    elif shift.frequency == "hourly":
        yield from _hourly(shift, start, _local(window.start, zone), last)
    else:
        yield from _by_days(shift, _first_selected(shift, start), last)


def _hourly(shift: RecurringShift, start: datetime, first: datetime, last: datetime) -> Iterator[tuple[datetime, int]]:
    """Hours can be counted, so those long before the window are passed over."""
    step = timedelta(hours=shift.interval)
    number = max(0, (first - timedelta(seconds=shift.duration) - timedelta(days=1) - start) // step)
    while (moment := start + number * step) <= last:
        if _selected(shift, moment):
            yield moment, number
        number += 1


def _by_days(shift: RecurringShift, start: datetime, last: datetime) -> Iterator[tuple[datetime, int]]:
    """Day after day: those on which the shift occurs."""
    first_week = _week_of(start, shift.week_start)
    occurred, moment = 0, start
    while moment <= last:
        days = (moment - start).days
        if _selected(shift, moment):
            if shift.frequency == "daily":
                if shift.by_day or days % shift.interval == 0:
                    yield moment, occurred // shift.interval if shift.by_day else days // shift.interval
                    occurred += 1
            elif shift.frequency == "weekly":
                weeks = (_week_of(moment, shift.week_start) - first_week).days // _WEEK
                if weeks % shift.interval == 0 and (shift.by_day or moment.weekday() == start.weekday()):
                    yield moment, weeks // shift.interval
            else:
                months = (moment.year - start.year) * 12 + moment.month - start.month
                named = shift.by_day or shift.by_monthday
                if months % shift.interval == 0 and (named or moment.day == start.day):
                    yield moment, months // shift.interval
        moment += timedelta(days=1)


def _selected(shift: RecurringShift, moment: datetime) -> bool:
    """Whether the lists of days and months let a day pass; an empty list lets all."""
    last = (moment.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return (
        (not shift.by_day or _DAYS[moment.weekday()] in shift.by_day)
        and (not shift.by_month or moment.month in shift.by_month)
        and (not shift.by_monthday or not {moment.day, moment.day - last.day - 1}.isdisjoint(shift.by_monthday))
    )


def _first_selected(shift: RecurringShift, start: datetime) -> datetime:
    """A start on a day that is not selected moves to the first selected day of the week, counted from `week_start`."""
    if not shift.by_day or _DAYS[start.weekday()] in shift.by_day:
        return start
    begins = _DAYS.index(shift.week_start)
    week = [*range(begins, _WEEK), *range(begins)]
    first = next(day for day in week if _DAYS[day] in shift.by_day)
    return start + timedelta(days=(first - start.weekday()) % _WEEK)


def _week_of(moment: datetime, week_start: Day) -> datetime:
    """The first day of a moment's week, at the moment's time of day."""
    return moment - timedelta(days=(moment.weekday() - _DAYS.index(week_start)) % _WEEK)


def _aware(moment: datetime, zone: ZoneInfo) -> datetime:
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).astimezone(UTC)


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None) if moment.tzinfo is not None else moment
