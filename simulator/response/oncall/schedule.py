"""Schedules: who holds a rotation, put together from its overrides and its layers.

Each part is a calculator with two answers: what holds at a moment (`at`), and when that may change next
(`next_change`, None if never).  A schedule asks its overrides first, then its layers from the last to the first: the
last layer that applies and has somebody on turn gives the holder.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from simulator.response.oncall.clock import LocalClock
from simulator.response.oncall.overrides import Overrides
from simulator.response.oncall.restrictions import Restrictions
from simulator.response.oncall.turns import Turns
from topologies.organisation import Layer, Rotation


class LayerSchedule:
    """One layer: its turns while its restrictions apply, until it ends."""

    def __init__(self, layer: Layer, clock: LocalClock) -> None:
        self._turns = Turns(layer.people, layer.start, layer.length, clock)
        self._restrictions = Restrictions(layer.restrictions, clock)
        self._until_ms = None if layer.until is None else clock.at_ms(layer.until)

    def at(self, at_ms: int) -> str | None:
        if self._ended(at_ms) or not self._restrictions.at(at_ms):
            return None
        return self._turns.at(at_ms)

    def next_change(self, at_ms: int) -> int | None:
        if self._ended(at_ms):
            return None
        return _soonest(self._turns.next_change(at_ms), self._restrictions.next_change(at_ms), self._until_ms)

    def _ended(self, at_ms: int) -> bool:
        return self._until_ms is not None and at_ms >= self._until_ms


class Schedule:
    """One rotation."""

    def __init__(self, rotation: Rotation, epoch: datetime) -> None:
        clock = LocalClock(rotation.timezone, epoch)
        self._overrides = Overrides(rotation.overrides, clock)
        self._layers = [LayerSchedule(layer, clock) for layer in rotation.layers]

    def at(self, at_ms: int) -> str | None:
        """Who holds the duty; None for a gap."""
        substitution = self._overrides.at(at_ms)
        if substitution is not None:
            return substitution.person
        return next((person for layer in reversed(self._layers) if (person := layer.at(at_ms)) is not None), None)

    def next_change(self, at_ms: int) -> int | None:
        """When the holder may change next."""
        return _soonest(self._overrides.next_change(at_ms), *(layer.next_change(at_ms) for layer in self._layers))

    def shifts(self, from_ms: int, to_ms: int) -> Iterator[tuple[int, int, str | None]]:
        """Spans of [from_ms, to_ms) with one holder each, gaps included, neighbours merged."""
        start, at = from_ms, from_ms
        while at < to_ms:
            holder = self.at(at)
            while at < to_ms and self.at(at) == holder:
                change = self.next_change(at)
                at = to_ms if change is None else min(change, to_ms)
            yield start, at, holder
            start = at


def _soonest(*moments: int | None) -> int | None:
    return min((moment for moment in moments if moment is not None), default=None)
