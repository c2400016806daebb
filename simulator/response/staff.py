"""People as they work: one thing at a time, better at some things than at others, asleep at night.

*Attention* is what everybody has one of.  Whoever wants a piece of somebody's work queues for it, the more urgent
first, then the earlier; a piece that has begun is finished.  Nobody holds his own attention while waiting for others.

Who is engaged in an incident is awake: he answers a page as by day, whatever the hour.  Where the organisation states
what fatigue does, sleep lost to pages slows later answers (`fatigue`).

Being engaged does not keep anybody from being paged for another incident: whoever has several works on them by turns,
piece by piece.  Where a policy says so, incidents wait for somebody who has none instead (`waiting_line`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Mapping
from datetime import datetime
from enum import IntEnum
from typing import Any
from zoneinfo import ZoneInfo

import simpy

from simulator.response.fatigue import RESTED, Sleeper, Weariness
from simulator.response.oncall.clock import is_sleep_hour
from simulator.response.switching import Switching
from simulator.response.waiting_line import WaitingLine
from timeline.distributions import Distribution
from topologies.organisation import Organisation
from topologies.people import Person


class Urgency(IntEnum):
    """What goes first when several things wait for the same person; lower goes first."""

    PAGE = 0
    """A glance at the device."""
    COMMAND = 1
    TASK = 2
    DIAGNOSIS = 3
    UPDATE = 4
    PROBLEM = 5
    """What no incident waits for."""


class Staff:
    """Everybody's attention.  Whoever is asked while busy does it afterwards, the most urgent first.

    `sleepers` says how everybody sleeps; who is not in it never tires.  `switching` says what it costs to turn to
    another thread of work; nothing when left out.
    """

    def __init__(
        self,
        env: simpy.Environment,
        organisation: Organisation,
        sleepers: Mapping[str, Sleeper] | None = None,
        switching: Switching | None = None,
    ) -> None:
        self._env = env
        self._switching = switching
        self._sleepers = sleepers or {}
        self._people = organisation.people
        self._attention = {id: simpy.PriorityResource(env, capacity=1) for id in organisation.people}
        self._engaged: dict[str, dict[str, None]] = defaultdict(dict)
        self.line = WaitingLine(env, self._works_elsewhere)

    def __getitem__(self, id: str) -> Person:
        return self._people[id]

    def work(
        self, person: str, duration_ms: int, urgency: Urgency, rank: int = 0, thread: str = ""
    ) -> Generator[simpy.Event, Any, None]:
        """Holds a person's attention for a while, once it is free; of equal urgency the lowest `rank` goes first.

        `thread` is what the work belongs to.
        """
        with self.occupy(person, urgency, rank) as turn:
            yield turn
            yield from self.turn_to(person, thread)
            yield self._env.timeout(duration_ms)

    def turn_to(self, person: str, thread: str) -> Generator[simpy.Event, Any, None]:
        """The time that somebody who has the turn needs to get into a thread of work."""
        if self._switching is not None and thread and (takes := self._switching.takes_ms(person, thread)):
            yield self._env.timeout(takes)

    def occupy(self, person: str, urgency: Urgency, rank: int = 0) -> simpy.resources.resource.PriorityRequest:
        """A claim on a person's attention, for work whose end is not known before: use it in a `with`."""
        return self._attention[person].request(priority=(urgency, rank))  # type: ignore[arg-type]

    def engage(self, person: str, incident: str) -> None:
        """The person works on an incident from now on."""
        self._engaged[person][incident] = None
        if sleeper := self._sleepers.get(person):
            sleeper.work(int(self._env.now))

    def release(self, incident: str) -> None:
        """Nobody works on an incident any more."""
        for person in list(self._engaged):
            self._let_go(person, incident)
        self.line.move()

    def leave(self, person: str, incident: str) -> None:
        """The person no longer works on an incident that goes on."""
        self._let_go(person, incident)
        self.line.move()

    def _let_go(self, person: str, incident: str) -> None:
        incidents = self._engaged[person]
        if incident in incidents:
            del incidents[incident]
            if not incidents and (sleeper := self._sleepers.get(person)):
                sleeper.rest(int(self._env.now))

    def _works_elsewhere(self, person: str, incident: str) -> bool:
        return any(other != incident for other in self._engaged[person])

    def notice(self, person: str) -> None:
        """The person notices a page now, whether or not it is still wanted."""
        if sleeper := self._sleepers.get(person):
            sleeper.notice(int(self._env.now))

    def engaged_in(self, incident: str) -> list[str]:
        """Who works on an incident, in the order of the organisation's file."""
        return [id for id in self._people if incident in self._engaged[id]]

    def reaction(self, person: str, wall: datetime, channel: str = "") -> tuple[Distribution, float, str]:
        """How a page over a channel is answered now: time to react, chance to go unnoticed, and `day` or `night`."""
        answer = self._people[person].answer_by.get(channel, self._people[person].answer)
        if is_night(self._people[person], wall) and not self._engaged[person]:
            return answer.night, answer.missed_night, "night"
        return answer.day, answer.missed_day, "day"

    def weariness(self, person: str) -> Weariness:
        """What fatigue does to a reaction that begins now."""
        sleeper = self._sleepers.get(person)
        return RESTED if sleeper is None else sleeper.weariness(int(self._env.now), at_work=bool(self._engaged[person]))

    def skill(self, person: str, kind: str) -> float:
        """Chance that a check of a component of this kind is conclusive in this person's hands."""
        skills = self._people[person].skills
        return skills.get(kind, skills.get("*", 0.0))


def is_night(person: Person, wall: datetime) -> bool:
    """Whether `answer.night` applies at an aware moment."""
    return is_sleep_hour(wall.astimezone(ZoneInfo(person.timezone)))
