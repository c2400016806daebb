"""Days off: whether a local day belongs to some calendars of holidays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from simulator.response.oncall.clock import LocalClock
from topologies.calendars import HolidayCalendar

_LOOK_AHEAD_DAYS = 400
"""More than a year: a calendar in which nothing changes for so long has no days left."""


class DaysOff:
    """The days of some calendars, each from midnight to midnight on one local clock."""

    def __init__(self, calendars: Iterable[HolidayCalendar], clock: LocalClock) -> None:
        self._calendars = tuple(calendars)
        self._clock = clock

    def at(self, at_ms: int) -> bool:
        return bool(self._calendars) and self._is_off(self._clock.wall(at_ms).date())

    def next_change(self, at_ms: int) -> int | None:
        """The next midnight at which a day off begins or ends; None where none does within a year."""
        if not self._calendars:
            return None
        today = self._clock.wall(at_ms).date()
        is_off = self._is_off(today)
        for ahead in range(1, _LOOK_AHEAD_DAYS):
            day = today + timedelta(days=ahead)
            if self._is_off(day) != is_off and (change := self._clock.at_ms(datetime.combine(day, time()))) > at_ms:
                return change
        return None

    def _is_off(self, day: date) -> bool:
        return any(day in calendar for calendar in self._calendars)
