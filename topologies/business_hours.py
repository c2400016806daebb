"""Business hours: a clock that runs while somebody is at work.

    {timezone: Europe/Vienna, hours: {monday: ["08:00-12:00", "13:00-18:00"], saturday: ["09:00-13:00"]},
     holidays: {country: AT}}

An *opening* is a span of time in which the clock runs.  A place is open whenever the clock on its wall shows a time
within the hours of that day: an hour that the clock skips in spring is not worked, one that it shows twice in autumn
is worked twice.  Days off have no hours.  Moments are aware; arithmetic is on the UTC line.

With office hours from 9 to 17, four hours that begin on Friday at 16:00 end on Monday at 12:00: 68 hours later.  The
*longest wait* for so much work is the most time that may pass, over all moments at which it may begin; here it is the
wait of whoever comes on Friday at 17:00, or just after 13:00: no four hours are left, and Monday has to help.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from functools import cached_property
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints, model_validator

from topologies.calendars import HolidayCalendar
from topologies.fields import Model, TimeZone, Weekday

WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SEARCHED_DAYS = 400
"""A calendar without an opening within so many days has none."""

Opening = tuple[datetime, datetime]
Hours = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
"""`08:00-18:00` by the clock on the wall; `24:00` is the end of the day."""


class BusinessCalendar(Model):
    """When a place is at work, by day of the week."""

    timezone: TimeZone
    hours: dict[Weekday, tuple[Hours, ...]] = Field(min_length=1)
    """Days that are left out have none."""
    holidays: HolidayCalendar | None = None

    @model_validator(mode="after")
    def _hours_run_forward(self) -> BusinessCalendar:
        if not any(self.hours.values()):
            raise ValueError("a calendar has hours on at least one day of the week")
        for day, spans in self.hours.items():
            last = "00:00"
            for span in spans:
                start, _, end = span.partition("-")
                if start < last or end <= start:
                    raise ValueError(f"{day}: {span} does not come after what is before it; write hours in their order")
                last = end
        return self

    def openings(self, since: datetime) -> Iterator[Opening]:
        """The openings from an aware moment on, the one that is under way cut at it."""
        return openings(self.hours, ZoneInfo(self.timezone), self._is_off, since)

    def _is_off(self, day: date) -> bool:
        return self.holidays is not None and day in self.holidays


def openings(
    hours: Mapping[Weekday, Sequence[str]], zone: ZoneInfo, is_off: Callable[[date], bool], since: datetime
) -> Iterator[Opening]:
    """The openings from an aware moment on, as far as days are searched; neighbours joined."""
    since = since.astimezone(UTC)
    first = since.astimezone(zone).date()
    last: Opening | None = None
    for offset in range(SEARCHED_DAYS):
        day = first + timedelta(days=offset)
        spans = hours.get(WEEKDAYS[day.weekday()], ())
        for begun, ended in [] if is_off(day) else _of_day(day, spans, zone):
            if ended <= since:
                continue
            if last is not None and begun <= last[1]:
                last = last[0], ended
                continue
            if last is not None:
                yield last
            last = max(begun, since), ended
    if last is not None:
        yield last


def _of_day(day: date, spans: Sequence[str], zone: ZoneInfo) -> list[Opening]:
    """The openings of one day.  A day on which the clock is put forward or back is taken in pieces of one offset."""
    found = []
    for begun, ended in _pieces(day, zone) if spans else ():
        offset = begun.astimezone(zone).utcoffset()
        assert offset is not None
        for span in spans:
            start, _, end = span.partition("-")
            opened, closed = (_as_written(day, time) - offset for time in (start, end))
            if (from_ := max(opened, begun)) < (to := min(closed, ended)):
                found.append((from_, to))
    return sorted(found)


def _as_written(day: date, time: str) -> datetime:
    """A time by the clock, as if the clock on the wall showed UTC."""
    if time == "24:00":
        day, time = day + timedelta(days=1), "00:00"
    return datetime.combine(day, clock.fromisoformat(time), UTC)


def _pieces(day: date, zone: ZoneInfo) -> list[Opening]:
    """A local day as spans on the UTC line with one offset each: one, or two where the clock changes."""
    begun, ended = (_midnight(d, zone) for d in (day, day + timedelta(days=1)))
    at, minute = begun, timedelta(minutes=1)
    if ended <= begun:
        return []  # a day that the calendar of the zone left out
    if _offset(begun, zone) == _offset(ended - minute, zone):
        return [(begun, ended)]
    low, high = 0, (ended - begun) // minute - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(begun + middle * minute, zone) == _offset(at, zone) else (low, middle)
    change = begun + high * minute
    return [(begun, change), (change, ended)]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock.min, zone).astimezone(UTC)


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()


def after(length: timedelta, spans: Iterator[Opening]) -> datetime:
    """The moment at which so much has been worked.  Raises ValueError where the openings do not hold as much."""
    left = length
    for begun, ended in spans:
        if ended - begun >= left:
            return begun + left
        left -= ended - begun
    raise ValueError(f"less than {length} of working time within {SEARCHED_DAYS} days")


def worked(spans: Iterator[Opening], until: datetime) -> timedelta:
    """Time of work in the openings up to a moment."""
    total = timedelta()
    for begun, ended in spans:
        if begun >= until:
            break
        total += min(ended, until) - begun
    return total


@dataclass(frozen=True, slots=True)
class Wait:
    """How long it takes from a moment on."""

    begun: datetime
    ended: datetime

    @property
    def length(self) -> timedelta:
        return self.ended - self.begun


@dataclass(frozen=True)
class Year:
    """The openings of a year, to be looked at as a whole."""

    openings: Sequence[Opening]

    @cached_property
    def _worked_before(self) -> list[timedelta]:
        """Time of work up to the beginning of each opening."""
        sums = [timedelta()]
        for begun, ended in self.openings:
            sums.append(sums[-1] + (ended - begun))
        return sums

    def longest_wait(self, length: timedelta) -> Wait:
        """The longest wait for so much time of work, over all moments at which it can begin and end within the year.

        The wait does not change while work goes on, falls while the place is closed, and jumps when the last bit of it
        would no longer fit before a closing.  So it is longest from a closing, or from just after the last moment from
        which it would have been done by one.  Raises ValueError where the year does not hold as much.
        """
        waits = []
        if self.openings and (ended := self._when(length)) is not None:
            waits.append(Wait(self.openings[0][0], ended))
        for number, (_, closing) in enumerate(self.openings):
            done = self._worked_before[number + 1]
            if (ended := self._when(done + length)) is not None:
                waits.append(Wait(closing, ended))
            if number + 1 < len(self.openings) and done > length:
                opens = self.openings[number + 1][0]
                waits.append(Wait(self._since(done - length), opens))
        if not waits:
            raise ValueError(f"less than {length} of working time in a year")
        return max(waits, key=lambda wait: (wait.length, -wait.begun.timestamp()))

    def _when(self, total: timedelta) -> datetime | None:
        """The first moment at which so much has been worked since the year began."""
        number = bisect_right(self._worked_before, total) - 1
        if total == self._worked_before[number]:
            number -= 1
        if number < 0 or number >= len(self.openings):
            return None
        return self.openings[number][0] + (total - self._worked_before[number])

    def _since(self, total: timedelta) -> datetime:
        """The last moment up to which no more than that has been worked."""
        number = bisect_right(self._worked_before, total) - 1
        return self.openings[number][0] + (total - self._worked_before[number])
