"""Schedules: who holds a rotation, put together from its layers, its shifts, absences and overrides.

Each part is a calculator with two answers: what holds at a moment, and when that may change next (`next_change`, None
if never).  Of the layers and shifts that apply and have somebody, those of the highest *level* give the holders; then
the overrides are applied.  Whoever is away is covered within a layer or shift, before levels are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from simulator.response.oncall.absences import Absences
from simulator.response.oncall.clock import LocalClock
from simulator.response.oncall.cover import Cover
from simulator.response.oncall.holidays import DaysOff
from simulator.response.oncall.overrides import Overrides
from simulator.response.oncall.restrictions import Restrictions
from simulator.response.oncall.shifts import Shifts
from simulator.response.oncall.turns import Turns
from topologies.calendars import HolidayCalendar
from topologies.rotations import Layer, Rotation


class LayerSchedule:
    """One layer: its turns while it applies, from its first day to its last."""

    def __init__(self, layer: Layer, level: int, clock: LocalClock, days_off: DaysOff, cover: Cover) -> None:
        self.level = level
        self._layer = layer
        self._turns = Turns(layer, clock)
        self._restrictions = Restrictions(layer.restrictions, clock)
        self._days_off = days_off
        self._cover = cover
        self._since_ms = None if layer.since is None else clock.at_ms(layer.since)
        self._until_ms = None if layer.until is None else clock.at_ms(layer.until)

    def at(self, at_ms: int) -> tuple[str, ...]:
        """Who holds the layer; nobody where it does not apply."""
        if not self._applies(at_ms):
            return ()
        return self._cover.of(self._turns.in_order(at_ms), at_ms)

    def next_change(self, at_ms: int) -> int | None:
        if self._ended(at_ms):
            return None
        return soonest(
            self._turns.next_change(at_ms),
            self._restrictions.next_change(at_ms),
            None if self._layer.on_holidays == "as-usual" else self._days_off.next_change(at_ms),
            self._cover.next_change(self._layer.everybody, at_ms),
            self._since_ms if self._since_ms is not None and self._since_ms > at_ms else None,
            self._until_ms,
        )

    def _applies(self, at_ms: int) -> bool:
        if self._ended(at_ms) or (self._since_ms is not None and at_ms < self._since_ms):
            return False
        if self._layer.on_holidays != "as-usual" and self._days_off.at(at_ms) != (self._layer.on_holidays == "only"):
            return False
        return self._restrictions.at(at_ms)

    def _ended(self, at_ms: int) -> bool:
        return self._until_ms is not None and at_ms >= self._until_ms


class Schedule:
    """One rotation.  `days_off` are the calendars of the organisation, which count beside the rotation's own."""

    def __init__(
        self,
        rotation: Rotation,
        epoch: datetime,
        absences: Absences | None = None,
        days_off: Sequence[HolidayCalendar] = (),
    ) -> None:
        clock = LocalClock(rotation.timezone, epoch)
        cover = Cover(rotation, absences or Absences({}, epoch))
        calendars = [*days_off, *([] if rotation.holidays is None else [rotation.holidays])]
        off = DaysOff(calendars, clock)
        self._overrides = Overrides(rotation.overrides, clock)
        self._parts: list[LayerSchedule | Shifts] = [
            LayerSchedule(layer, place if layer.level is None else layer.level, clock, off, cover)
            for place, layer in enumerate(rotation.layers)
        ]
        for level in dict.fromkeys(shift.level for shift in rotation.shifts):
            self._parts.append(Shifts([s for s in rotation.shifts if s.level == level], level, clock, cover))
        self._parts.sort(key=lambda part: -part.level)

    def at(self, at_ms: int) -> tuple[str, ...]:
        """Who holds the duty, each once; nobody in a gap."""
        return self._overrides.applied(self._before_overrides(at_ms), at_ms)

    def next_change(self, at_ms: int) -> int | None:
        """When the holders may change next."""
        return soonest(self._overrides.next_change(at_ms), *(part.next_change(at_ms) for part in self._parts))

    def shifts(self, from_ms: int, to_ms: int) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """Spans of [from_ms, to_ms) with the same holders each, gaps included, neighbours merged."""
        start, at = from_ms, from_ms
        while at < to_ms:
            holders = self.at(at)
            while at < to_ms and self.at(at) == holders:
                change = self.next_change(at)
                at = to_ms if change is None else min(change, to_ms)
            yield start, at, holders
            start = at

    def _before_overrides(self, at_ms: int) -> tuple[str, ...]:
        found: dict[str, None] = {}
        level = None
        for part in self._parts:
            if found and part.level != level:
                break
            level = part.level
            found.update(dict.fromkeys(part.at(at_ms)))
        return tuple(found)


def soonest(*moments: int | None) -> int | None:
    """The first of some moments, those that never come left out."""
    return min((moment for moment in moments if moment is not None), default=None)
