"""Overrides: somebody else, somebody more, or nobody, for a while.  They are applied in the order of the list."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.response.oncall.clock import LocalClock
from topologies.rotations import Override


class Overrides:
    """The overrides of one rotation."""

    def __init__(self, overrides: Sequence[Override], clock: LocalClock) -> None:
        self._spans = [(clock.at_ms(o.start), clock.at_ms(o.end), o) for o in overrides]

    def applied(self, holders: tuple[str, ...], at_ms: int) -> tuple[str, ...]:
        """Who holds the duty instead of those whom the layers say."""
        for start, end, override in self._spans:
            if start <= at_ms < end:
                holders = _apply(override, holders)
        return holders

    def next_change(self, at_ms: int) -> int | None:
        """The next start or end of an override."""
        return min((bound for start, end, _ in self._spans for bound in (start, end) if bound > at_ms), default=None)


def _apply(override: Override, holders: tuple[str, ...]) -> tuple[str, ...]:
    substitute = () if override.person is None else (override.person,)
    if override.adds:
        return tuple(dict.fromkeys([*holders, *substitute]))
    if override.instead_of is None:
        return substitute
    replaced = [person for holder in holders for person in (substitute if holder == override.instead_of else (holder,))]
    return tuple(dict.fromkeys(replaced))
