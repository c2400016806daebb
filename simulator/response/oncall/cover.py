"""Cover: who stands in for people who are away while a duty is theirs.

Example: Ann, Ben and Cy take turns, and Ben is on leave in his week.  By default Cy, whose turn is next, holds it; with
`covered_by: [dee]` Dee does, and with `cover: nobody` the week is a gap (or a lower layer's).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simulator.response.oncall.absences import Absences
from topologies.rotations import Rotation


class Cover:
    """The stand-ins of one rotation."""

    def __init__(self, rotation: Rotation, absences: Absences) -> None:
        self._rotation = rotation
        self._absences = absences

    def of(self, turns: Iterable[tuple[str, ...]], at_ms: int) -> tuple[str, ...]:
        """Those of the first turn who are there, or who stands in for them when none of them is."""
        following = iter(turns)
        turn = next(following, ())
        if (there := self._there(turn, at_ms)) or not turn:
            return there
        if named := self._there(self._rotation.covered_by, at_ms):
            return named[:1]
        if self._rotation.cover == "nobody":
            return ()
        return next((there for other in following if (there := self._there(other, at_ms))), ())

    def next_change(self, people: Sequence[str], at_ms: int) -> int | None:
        """When somebody who is concerned may leave or be back next."""
        return self._absences.next_change((*people, *self._rotation.covered_by), at_ms)

    def _there(self, people: Sequence[str], at_ms: int) -> tuple[str, ...]:
        return tuple(person for person in people if not self._absences.away(person, at_ms))
