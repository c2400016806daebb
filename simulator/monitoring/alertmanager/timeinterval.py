"""Time intervals: when a route is muted or active.

An interval holds at a moment when each of its parts does: one of its `times` (the end excluded), `weekdays`,
`days_of_month` (negative ones count from the end of the month), `months` and `years` (both ends included), read on
the clock of its `location`, which is UTC unless one is given.  A part that is left out always holds.

    - weekdays: ["monday:friday"]
      times: [{start_time: "09:00", end_time: "17:00"}]
      location: Europe/Zurich

Source: Alertmanager, `timeinterval/timeinterval.go`, and the section "time_interval" of its documentation.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from timeline.findings import nearest

_CLOCK = re.compile(r"(?:([01]\d|2[0-3]):([0-5]\d))|24:00")
_MINUTES_A_DAY = 24 * 60
WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
MONTHS = tuple(name.lower() for name in calendar.month_name[1:])


@dataclass(frozen=True, slots=True)
class Span:
    """An inclusive range of whole numbers; for `times`, minutes of the day with the end excluded."""

    begin: int
    end: int

    def __contains__(self, value: int) -> bool:
        return self.begin <= value <= self.end


@dataclass(frozen=True, slots=True)
class TimeInterval:
    """One item of a named list of intervals.  None for a part means that it was not given."""

    times: tuple[Span, ...] | None = None
    weekdays: tuple[Span, ...] | None = None
    days_of_month: tuple[Span, ...] | None = None
    months: tuple[Span, ...] | None = None
    years: tuple[Span, ...] | None = None
    location: ZoneInfo | None = None

    def contains(self, moment: datetime) -> bool:
        """Whether the (aware) moment lies in the interval."""
        local = moment.astimezone(self.location or UTC)
        minute = local.hour * 60 + local.minute
        return (
            (self.times is None or any(span.begin <= minute < span.end for span in self.times))
            and (self.days_of_month is None or any(_in_month(span, local) for span in self.days_of_month))
            and _any(self.months, local.month)
            and _any(self.weekdays, local.isoweekday() % 7)
            and _any(self.years, local.year)
        )

    @property
    def always(self) -> bool:
        """Whether it holds at every moment, as far as each part alone says so."""
        whole = (
            (self.times, 0, _MINUTES_A_DAY),
            (self.weekdays, 0, len(WEEKDAYS) - 1),
            (self.days_of_month, 1, 31),
            (self.months, 1, len(MONTHS)),
        )
        return self.years is None and all(
            spans is None or any(span.begin <= first and span.end >= last for span in spans)
            for spans, first, last in whole
        )

    def next_look(self, moment: datetime) -> datetime:
        """A moment after `moment` before which `contains` cannot change: the next bound of `times`, or midnight.

        Where the zone changes its offset in between, an earlier moment is given, never a later one.
        """
        zone = self.location or UTC
        local = moment.astimezone(zone)
        minute = local.hour * 60 + local.minute
        bounds = [bound for span in self.times or () for bound in (span.begin, span.end) if bound > minute]
        start_of_minute = local.replace(second=0, microsecond=0)
        change = (
            start_of_minute.astimezone(UTC) + timedelta(minutes=min([*bounds, _MINUTES_A_DAY]) - minute)
        ).astimezone(zone)
        if change.utcoffset() == local.utcoffset():
            return change
        return min(change, (start_of_minute.astimezone(UTC) + timedelta(minutes=1)).astimezone(zone))


def in_any(intervals: Sequence[TimeInterval], moment: datetime) -> bool:
    return any(interval.contains(moment) for interval in intervals)


def _any(spans: tuple[Span, ...] | None, value: int) -> bool:
    return spans is None or any(value in span for span in spans)


def _in_month(span: Span, local: datetime) -> bool:
    """Days beyond the end of a short month are cut; a span that begins beyond it does not hold at all."""
    days = calendar.monthrange(local.year, local.month)[1]
    begin = span.begin if span.begin > 0 else days + span.begin + 1
    end = span.end if span.end > 0 else days + span.end + 1
    return begin <= days and begin <= local.day <= min(end, days)


def parse_clock(text: str) -> int:
    """Minutes of the day of `HH:MM`; `24:00` is its end.  Raises ValueError."""
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a time of day; write HH:MM, like 09:00, or 24:00 for the end of the day")
    return int(found[1]) * 60 + int(found[2]) if found[1] else _MINUTES_A_DAY


def parse_times(start: str, end: str) -> Span:
    begin_minute, end_minute = parse_clock(start), parse_clock(end)
    if begin_minute >= end_minute:
        raise ValueError(f"start_time {start} is not before end_time {end}; divide a night into two ranges at 24:00")
    return Span(begin_minute, end_minute)


def parse_weekdays(text: str) -> Span:
    """`monday:friday` or `saturday`; Sunday is the first day of a range."""
    begin, end = (_member(day, WEEKDAYS, "weekday") for day in _ends(text))
    return _rising(Span(begin, end), text)


def parse_months(text: str) -> Span:
    """`january:march`, `1:3` or `december`."""
    begin, end = (
        int(month) if month.isdigit() and 1 <= int(month) <= 12 else _member(month, MONTHS, "month") + 1
        for month in _ends(text)
    )
    return _rising(Span(begin, end), text)


def parse_years(text: str) -> Span:
    begin, end = (_number(year) for year in _ends(text))
    return _rising(Span(begin, end), text)


def parse_days_of_month(text: str) -> Span:
    """`1:5`, `-3:-1` (the last three days) or `15`."""
    begin, end = (_number(day) for day in _ends(text))
    for day in (begin, end):
        if day == 0 or not -31 <= day <= 31:
            raise ValueError(f"{day} is not a day of the month; write 1 to 31, or -1 to -31 from its end")
    if begin < 0 < end:
        raise ValueError(f"{text!r} begins counting from the end of the month and ends counting from its start")
    shortest_month = 28
    if (begin if begin > 0 else shortest_month + begin) > (end if end > 0 else shortest_month + end):
        raise ValueError(f"{text!r} ends before it begins")
    return Span(begin, end)


def _ends(text: str) -> tuple[str, str]:
    parts = text.lower().split(":")
    if len(parts) > 2:
        raise ValueError(f"{text!r} is not a range; write begin:end")
    return parts[0], parts[-1]


def _member(name: str, names: tuple[str, ...], kind: str) -> int:
    if name not in names:
        raise ValueError(f"{name!r} is not a {kind}; {nearest(name, names) or 'write its English name in full'}")
    return names.index(name)


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a whole number") from None


def _rising(span: Span, text: str) -> Span:
    if span.begin > span.end:
        raise ValueError(f"{text!r} ends before it begins; divide it into two ranges")
    return span
