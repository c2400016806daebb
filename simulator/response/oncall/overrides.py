"""Overrides: somebody else, or nobody, for a while.  Of two that overlap the later one in the list counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.response.oncall.clock import LocalClock
from topologies.organisation import Override


@dataclass(frozen=True, slots=True)
class Substitution:
    """What an override says: this person, or nobody."""

    person: str | None


class Overrides:
    """The overrides of one rotation."""

    def __init__(self, overrides: Sequence[Override], clock: LocalClock) -> None:
        self._spans = [(clock.at_ms(o.start), clock.at_ms(o.end), Substitution(o.person)) for o in overrides]

    def at(self, at_ms: int) -> Substitution | None:
        """What holds instead of the layers; None where nothing does."""
        holding = [substitution for start, end, substitution in self._spans if start <= at_ms < end]
        return holding[-1] if holding else None

    def next_change(self, at_ms: int) -> int | None:
        """The next start or end of an override."""
        return min((bound for start, end, _ in self._spans for bound in (start, end) if bound > at_ms), default=None)
