"""Shifts: single spans of duty, as a calendar lists them.  Those of one level may overlap: they are held together."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from simulator.response.oncall.clock import LocalClock
from simulator.response.oncall.cover import Cover
from topologies.rotations import Shift


class Shifts:
    """The shifts of one level of a rotation."""

    def __init__(self, shifts: Sequence[Shift], level: int, clock: LocalClock, cover: Cover) -> None:
        self.level = level
        self._spans = sorted((clock.at_ms(s.start), clock.at_ms(s.end), s.people) for s in shifts)
        self._bounds = sorted({bound for start, end, _ in self._spans for bound in (start, end)})
        self._longest = max(end - start for start, end, _ in self._spans)
        self._everybody = tuple(dict.fromkeys(person for *_, people in self._spans for person in people))
        self._cover = cover

    def at(self, at_ms: int) -> tuple[str, ...]:
        """Who holds the shifts, always in the same order."""
        first = bisect_right(self._spans, (at_ms - self._longest,))
        last = bisect_right(self._spans, (at_ms + 1,))
        held = [people for start, end, people in self._spans[first:last] if start <= at_ms < end]
        holders = {person for people in held for person in self._cover.of([people], at_ms)}
        return tuple(sorted(holders))

    def next_change(self, at_ms: int) -> int | None:
        following = bisect_right(self._bounds, at_ms)
        change = self._bounds[following] if following < len(self._bounds) else None
        absent = self._cover.next_change(self._everybody, at_ms)
        return min((moment for moment in (change, absent) if moment is not None), default=None)
