"""Local clocks: exercise time as a zone's wall clock shows it, and back.

Twice a year a wall clock is no help: in spring an hour of local times does not exist, in autumn an hour exists twice.
Local times are read as RFC 5545 (3.3.5) reads them: one that does not exist is taken with the offset before the gap
(02:30 in a gap of an hour is what the clock then shows as 03:30), one that exists twice is its first occurrence.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

NIGHT_BEGINS, NIGHT_ENDS = time(22), time(7)
"""The sleep hours: between them a page by rights finds its person asleep."""
_MILLISECOND = timedelta(milliseconds=1)


class LocalClock:
    """The wall clock of one time zone.  `epoch` (aware) is the moment of exercise time 0."""

    def __init__(self, timezone: str, epoch: datetime) -> None:
        if epoch.tzinfo is None:
            raise ValueError("the epoch needs a time zone")
        self._zone = ZoneInfo(timezone)
        self._epoch = epoch.astimezone(UTC)

    def wall(self, at_ms: int) -> datetime:
        """What the clock shows, without a zone."""
        return (self._epoch + timedelta(milliseconds=at_ms)).astimezone(self._zone).replace(tzinfo=None, fold=0)

    def at_ms(self, moment: datetime) -> int:
        """Exercise time of a local time; a moment that brings its own offset is taken as it is."""
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=self._zone, fold=0)
        try:
            universal = aware.astimezone(UTC)
        except OverflowError:
            universal = moment.replace(tzinfo=UTC)  # "for ever": at the ends of the calendar offsets do not matter
        return (universal - self._epoch) // _MILLISECOND


def is_sleep_hour(local: datetime) -> bool:
    """Whether a clock that shows this moment shows a sleep hour."""
    return local.time() >= NIGHT_BEGINS or local.time() < NIGHT_ENDS
