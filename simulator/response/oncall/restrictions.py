"""Restrictions: when in the week a layer applies.

Each restriction is a span on some days: one whose end is not after its start runs into the next day, one with an
`end_day` lasts until that day.  A layer without restrictions always applies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from simulator.response.oncall.clock import LocalClock
from topologies.rotations import Restriction

_WEEK = 7
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Restrictions:
    """The spans of one layer."""

    def __init__(self, restrictions: Sequence[Restriction], clock: LocalClock) -> None:
        self._restrictions = restrictions
        self._clock = clock
        self._days_back = _WEEK + 1 if any(r.end_day is not None for r in restrictions) else 2

    def at(self, at_ms: int) -> bool:
        """Whether the layer applies."""
        return not self._restrictions or any(start <= at_ms < end for start, end in self._spans(at_ms, 1))

    def next_change(self, at_ms: int) -> int | None:
        """The next start or end of a span; None where there are none."""
        return min((bound for span in self._spans(at_ms, _WEEK + 1) for bound in span if bound > at_ms), default=None)

    def _spans(self, at_ms: int, days_ahead: int) -> Iterator[tuple[int, int]]:
        """Spans that begin from so long before a moment that they may reach it, to some days after it."""
        today = self._clock.wall(at_ms).date()
        for days in range(-self._days_back, days_ahead + 1):
            day = today + timedelta(days=days)
            for restriction in self._restrictions:
                if _WEEKDAYS[day.weekday()] in restriction.days:
                    yield self._span(day, restriction)

    def _span(self, day: date, restriction: Restriction) -> tuple[int, int]:
        start, end = time.fromisoformat(restriction.start), time.fromisoformat(restriction.end)
        runs_over = end <= start
        if restriction.end_day is None:
            last_day = day + timedelta(days=1) if runs_over else day
        else:
            days = (_WEEKDAYS.index(restriction.end_day) - day.weekday()) % _WEEK
            last_day = day + timedelta(days=_WEEK if days == 0 and runs_over else days)
        return (
            self._clock.at_ms(datetime.combine(day, start)),
            self._clock.at_ms(datetime.combine(last_day, end)),
        )
