"""Duty: who holds rotations for how long, and how much of it falls into nights, weekends and holidays.

A *shift* is a span in which one person holds one rotation.  Its *hardship* is told on the clock of whoever holds it:
the small hours of a rotation in Vienna are the morning of its holder in Singapore.  Spans that overlap, as of two
rotations held at once, count once.

Example: from Friday 09:00 to Monday 09:00 somebody is on call for 72 h, 27 of them by night, 48 at one weekend.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from simulator.response.oncall.clock import NIGHT_BEGINS, NIGHT_ENDS, LocalClock
from simulator.response.oncall.oncall import OnCall
from timeline.instants import merged

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Shift:
    """One person holds one rotation in [from_ms, to_ms)."""

    rotation: str
    person: str
    from_ms: int
    to_ms: int


@dataclass(frozen=True, slots=True)
class Hardship:
    """What time on call costs a person, on the person's clock."""

    on_call_ms: int
    night_ms: int
    """Between 22:00 and 07:00."""
    weekend_ms: int
    holiday_ms: int
    weekends: frozenset[date]
    """Saturdays of the weekends of which any part is on call."""
    holidays: frozenset[date]
    """Holidays of which any part is on call."""


def shifts_of(oncall: OnCall, rotations: Iterable[str], from_ms: int, to_ms: int) -> list[Shift]:
    """The shifts of some rotations, cut off at the ends of the span."""
    return [
        Shift(rotation, person, start_ms, end_ms)
        for rotation in rotations
        for start_ms, end_ms, people in oncall.shifts(rotation, from_ms, to_ms)
        for person in people
    ]


def hardship(spans: Iterable[tuple[int, int]], clock: LocalClock, holidays: Collection[date] = ()) -> Hardship:
    """What spans of exercise time on call cost somebody who lives by this clock."""
    on_call = night = weekend = holiday = 0
    weekends, holidays_held = set(), set()
    for start_ms, end_ms in merged(spans):
        on_call += end_ms - start_ms
        for day in _days(start_ms, end_ms, clock):
            in_day = _overlap(start_ms, end_ms, day, time.min, day + timedelta(days=1), time.min, clock)
            night += _overlap(start_ms, end_ms, day, time.min, day, NIGHT_ENDS, clock)
            night += _overlap(start_ms, end_ms, day, NIGHT_BEGINS, day + timedelta(days=1), time.min, clock)
            if in_day and day.weekday() >= _SATURDAY:
                weekend += in_day
                weekends.add(day - timedelta(days=day.weekday() - _SATURDAY))
            if in_day and day in holidays:
                holiday += in_day
                holidays_held.add(day)
    return Hardship(on_call, night, weekend, holiday, frozenset(weekends), frozenset(holidays_held))


def _days(start_ms: int, end_ms: int, clock: LocalClock) -> Iterator[date]:
    day, last = clock.wall(start_ms).date(), clock.wall(end_ms).date()
    while day <= last:
        yield day
        day += timedelta(days=1)


def _overlap(start_ms: int, end_ms: int, first: date, begins: time, last: date, ends: time, clock: LocalClock) -> int:
    """How much of a span lies between two local times."""
    from_ms, to_ms = clock.at_ms(datetime.combine(first, begins)), clock.at_ms(datetime.combine(last, ends))
    return max(min(end_ms, to_ms) - max(start_ms, from_ms), 0)
