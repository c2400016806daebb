"""Turns: whose turn it is in a layer.

People take turns in the order in which they are listed, each for `length`.  A *hand-over* is the start of a turn:
`start + n * length` on the local clock, so that 08:00 stays 08:00 when the clocks change and the turn of that night is
an hour shorter or longer.  A turn whose hand-over falls into the hour that does not exist begins later, and is left
out when the next one has begun by then.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from simulator.response.oncall.clock import LocalClock


class Turns:
    """The turns of one layer from its first hand-over on."""

    def __init__(self, people: tuple[str, ...], start: datetime, length_ms: int, clock: LocalClock) -> None:
        self._people = people
        self._start = clock.wall(clock.at_ms(start)) if start.tzinfo is not None else start
        self._length = timedelta(milliseconds=length_ms)
        self._clock = clock

    def at(self, at_ms: int) -> str | None:
        """Who has the turn; None before the first one."""
        turn = self._turn(at_ms)
        return None if turn is None else self._people[turn % len(self._people)]

    def next_change(self, at_ms: int) -> int | None:
        """The next hand-over."""
        turn = self._turn(at_ms)
        following = 0 if turn is None else turn + 1
        first = self._hand_over(following)
        latest = self._clock.wall(first)
        while self._start + (following + 1) * self._length <= latest:
            following += 1
            first = min(first, self._hand_over(following))
        return first

    def _turn(self, at_ms: int) -> int | None:
        """The number of the last turn that has begun.  The wall clock gives it, but near a change of clocks."""
        turn = (self._clock.wall(at_ms) - self._start) // self._length
        while self._hand_over(turn + 1) <= at_ms:
            turn += 1
        while turn >= 0 and self._hand_over(turn) > at_ms:
            turn -= 1
        return turn if turn >= 0 else None

    def _hand_over(self, turn: int) -> int:
        return self._clock.at_ms(self._start + turn * self._length)
