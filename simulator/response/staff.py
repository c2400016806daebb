"""People as they work: one thing at a time, better at some things than at others, asleep at night."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime
from enum import IntEnum
from typing import Any
from zoneinfo import ZoneInfo

import simpy

from topologies.organisation import Organisation, Person

NIGHT_BEGINS, NIGHT_ENDS = 22, 7
"""Hours in the person's own time zone between which `answer.night` applies."""


class Urgency(IntEnum):
    """What goes first when several things wait for the same person; lower goes first."""

    COMMAND = 0
    TASK = 1
    DIAGNOSIS = 2
    UPDATE = 3


class Staff:
    """Everybody's attention.  Whoever is asked while busy does it afterwards, the most urgent first."""

    def __init__(self, env: simpy.Environment, organisation: Organisation) -> None:
        self._env = env
        self._people = organisation.people
        self._attention = {id: simpy.PriorityResource(env, capacity=1) for id in organisation.people}

    def __getitem__(self, id: str) -> Person:
        return self._people[id]

    def work(self, person: str, duration_ms: int, urgency: Urgency) -> Generator[simpy.Event, Any, None]:
        """Holds a person's attention for a while, once it is free."""
        with self._attention[person].request(priority=urgency) as turn:
            yield turn
            yield self._env.timeout(duration_ms)

    def occupy(self, person: str, urgency: Urgency) -> simpy.resources.resource.PriorityRequest:
        """A claim on a person's attention, for work whose end is not known before: use it in a `with`."""
        return self._attention[person].request(priority=urgency)

    def busy(self, person: str) -> bool:
        return self._attention[person].count > 0

    def skill(self, person: str, kind: str) -> float:
        """Chance that a check of a component of this kind is conclusive in this person's hands."""
        skills = self._people[person].skills
        return skills.get(kind, skills.get("*", 0.0))


def is_night(person: Person, wall: datetime) -> bool:
    hour = wall.astimezone(ZoneInfo(person.timezone)).hour
    return hour >= NIGHT_BEGINS or hour < NIGHT_ENDS
