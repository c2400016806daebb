"""Absences: who is away when, by leave and by the holidays of where somebody lives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from simulator.response.oncall.clock import LocalClock
from simulator.response.oncall.holidays import DaysOff
from topologies.people import Person
from topologies.roster import Member


class _Absence:
    """When one person is away."""

    def __init__(self, person: Person | Member, clock: LocalClock) -> None:
        self._spans = [(clock.at_ms(leave.start), clock.at_ms(leave.end)) for leave in person.leave]
        self._days_off = DaysOff([] if person.holidays is None else [person.holidays], clock)

    def at(self, at_ms: int) -> bool:
        return any(start <= at_ms < end for start, end in self._spans) or self._days_off.at(at_ms)

    def next_change(self, at_ms: int) -> int | None:
        bounds = [bound for span in self._spans for bound in span if bound > at_ms]
        change = self._days_off.next_change(at_ms)
        return min(bounds if change is None else [*bounds, change], default=None)


class Absences:
    """When people of one organisation are away.  Times are local to each person, or to UTC where no zone is known."""

    def __init__(self, people: Mapping[str, Person] | Mapping[str, Member], epoch: datetime) -> None:
        self._of = {
            id: _Absence(person, LocalClock(person.timezone or "UTC", epoch))
            for id, person in people.items()
            if person.leave or person.holidays is not None
        }

    def away(self, person: str, at_ms: int) -> bool:
        absence = self._of.get(person)
        return absence is not None and absence.at(at_ms)

    def next_change(self, people: Iterable[str], at_ms: int) -> int | None:
        """When one of these people may leave or be back next."""
        changes = (self._of[person].next_change(at_ms) for person in people if person in self._of)
        return min((change for change in changes if change is not None), default=None)
