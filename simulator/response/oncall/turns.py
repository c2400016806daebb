"""Turns: whose turn it is in a layer.

People take turns in the order in which they are listed, each for a length of time or for some months.  A *hand-over*
is the start of a turn: `start + n * length` on the local clock, so that 08:00 stays 08:00 when the clocks change and
the turn of that night is an hour shorter or longer; or the day of `start` n months later, the last day of the month
where that is shorter.  A turn whose hand-over falls into the hour that does not exist begins later, and is left out
when the next one has begun by then.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime, timedelta

from simulator.response.oncall.clock import LocalClock
from topologies.rotations import Layer


class Turns:
    """The turns of one layer from its first hand-over on."""

    def __init__(self, layer: Layer, clock: LocalClock) -> None:
        self._people = layer.people
        self._start = clock.wall(clock.at_ms(layer.start)) if layer.start.tzinfo is not None else layer.start
        self._length = None if layer.length is None else timedelta(milliseconds=layer.length)
        self._months = layer.months
        self._clock = clock

    def at(self, at_ms: int) -> tuple[str, ...] | None:
        """Who has the turn; None before the first one."""
        turn = self._turn(at_ms)
        return None if turn is None else self._people[turn % len(self._people)]

    def in_order(self, at_ms: int) -> Iterator[tuple[str, ...]]:
        """The turn at a moment and those after it, each once; nothing before the first."""
        turn = self._turn(at_ms)
        if turn is not None:
            yield from (self._people[(turn + later) % len(self._people)] for later in range(len(self._people)))

    def next_change(self, at_ms: int) -> int | None:
        """The next hand-over."""
        turn = self._turn(at_ms)
        following = 0 if turn is None else turn + 1
        first = self._hand_over(following)
        latest = self._clock.wall(first)
        while self._local(following + 1) <= latest:
            following += 1
            first = min(first, self._hand_over(following))
        return first

    def _turn(self, at_ms: int) -> int | None:
        """The number of the last turn that has begun.  The wall clock gives it, but near a change of clocks."""
        turn = self._count(self._clock.wall(at_ms))
        while self._hand_over(turn + 1) <= at_ms:
            turn += 1
        while turn >= 0 and self._hand_over(turn) > at_ms:
            turn -= 1
        return turn if turn >= 0 else None

    def _count(self, wall: datetime) -> int:
        """How many lengths from the start to a moment, one more or less where months differ."""
        if self._length is not None:
            return (wall - self._start) // self._length
        assert self._months is not None, "a turn has a length or months"
        return ((wall.year - self._start.year) * 12 + wall.month - self._start.month) // self._months

    def _hand_over(self, turn: int) -> int:
        return self._clock.at_ms(self._local(turn))

    def _local(self, turn: int) -> datetime:
        if self._length is not None:
            return self._start + turn * self._length
        assert self._months is not None, "a turn has a length or months"
        year, month = divmod(self._start.year * 12 + self._start.month - 1 + turn * self._months, 12)
        day = min(self._start.day, monthrange(year, month + 1)[1])
        return self._start.replace(year=year, month=month + 1, day=day)
