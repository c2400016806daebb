"""A callout in a run: who has been reached so far, over which channel.

callout.due         people have to be told; the target counts from here
callout.started     whoever starts it has prepared it
callout.reached     another hundredth of the people has been reached, at least one of them
callout.failed      a channel does not work, or nobody starts it
callout.assessed    the moment of the target: how many it was then
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from simulator.response.case import Case
from simulator.response.communication.call_tree import TreeCalling
from simulator.response.communication.mass_notification import notify_all
from simulator.response.room import Room
from simulator.response.staff import Urgency
from timeline.details import CalloutDetail, ReachedOver
from timeline.events import Event
from timeline.references import Reference, RefKind, person
from topologies.communication import Callout

_STEPS = 100
"""Progress is put on record at each such part of the people."""


class Tally:
    """Counts whom a callout has reached, and puts it on record."""

    def __init__(self, room: Room, case: Case, id: str, callout: Callout, because: int) -> None:
        self._room = room
        self._case = case
        self._callout = callout
        self._subject = Reference(RefKind.CALLOUT, id)
        self._due_ms = room.kernel.now() + callout.target.within
        self._over: dict[str, float] = {way.channel: 0.0 for way in callout.ways}
        self._at_start = 0.0
        """People who know because they start it."""
        self._told = 0.0
        self._path = f"organisation.communication.callouts.{id}"
        self._last = self._emit("callout.due", [because]).seq
        room.kernel.call_at(self._due_ms, self._assess)

    @property
    def reached(self) -> float:
        return self._at_start + sum(self._over.values())

    @property
    def last(self) -> int:
        """The last event of the callout: what comes next follows from it."""
        return self._last

    def start(self, who: str) -> None:
        self._last = self._emit("callout.started", [self._last], person(who)).seq

    def count(self, channel: str, people: float = 1.0) -> None:
        """So many were reached first over a channel."""
        self._over[channel] += people
        self._progress()

    def knows_already(self) -> None:
        """Whoever starts it is one of the people."""
        self._at_start += 1.0
        self._progress()

    def _progress(self) -> None:
        if self.reached - self._told >= max(1.0, self._callout.people / _STEPS) - 1e-9 or self._is_everybody:
            self._told = self.reached
            self._last = self._emit("callout.reached", [self._last]).seq

    def fail(self, reason: str) -> None:
        self._emit("callout.failed", [self._last], reason=reason)

    @property
    def _is_everybody(self) -> bool:
        return self.reached >= self._callout.people - 1e-9

    def _assess(self) -> None:
        self._emit("callout.assessed", [self._last])

    def _emit(self, kind: str, causes: list[int], actor: Reference | None = None, reason: str = "") -> Event:
        callout = self._callout
        detail = CalloutDetail(
            callout.title,
            callout.stakeholders,
            callout.people,
            callout.target.share,
            self._due_ms,
            self._case.id,
            round(self.reached, 6),
            tuple(ReachedOver(channel, round(people, 6)) for channel, people in self._over.items() if people),
            reason,
        )
        return self._room.kernel.emit(
            kind, self._subject, actor or self._case.reference, detail, causes, rests_on=(self._path,)
        )


def call_out(room: Room, case: Case, id: str, callout: Callout, because: int) -> Generator[simpy.Event, Any, None]:
    """Tells the people of one callout, because of an event (the alarm, the declaration)."""
    kernel = room.kernel
    tally = Tally(room, case, id, callout, because)
    if callout.role not in case.leading.roles:
        who = yield from room.roles.holder(case.leading, callout.role)
        if who is None:
            tally.fail(f"nobody holds the role {callout.role}")
            who = yield from room.roles.until_held(case.leading, callout.role)
    else:
        who = case.leading.roles[callout.role]
    takes = kernel.streams.draw(callout.preparing, f"callout/{id}", "prepares", case.id)
    yield from room.staff.work(who, takes, Urgency.COMMAND)
    tally.start(who)
    if callout.tree is not None:
        tally.knows_already()
        TreeCalling(room, f"callout/{id}/{case.id}", callout.tree, tally.count, tally.fail).begin()
    elif callout.mass is not None:
        yield from notify_all(room, f"callout/{id}/{case.id}", callout.mass, tally.count, tally.fail)
