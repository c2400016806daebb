"""A mass notification at work: waves of messages over every channel, to all who have not said that they heard.

Of many people `_MOST_PEOPLE` are followed one by one, each standing for as many.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import Any

import simpy

from simulator.response.room import Room
from topologies.communication import CalloutWay, MassNotification

_MOST_PEOPLE = 1_000


def notify_all(
    room: Room,
    entity: str,
    mass: MassNotification,
    count: Callable[[str, float], None],
    fail: Callable[[str], None],
) -> Generator[simpy.Event, Any, None]:
    """Sends wave after wave; `count` is told whom a message reached first over a channel, once it is noticed."""
    sending = _Sending(room, entity, mass, count)
    env, begun_ms = room.kernel.env, int(room.kernel.env.now)
    for attempt in range(mass.retries + 1):
        for place, way in enumerate(mass.ways):
            at_ms = begun_ms + attempt * mass.again_after + place * (mass.one_after_another or 0)
            yield env.timeout(max(at_ms - env.now, 0))
            if room.reach.channel_works(way.channel):
                sending.send(way, attempt)
            else:
                fail(f"{room.organisation.channels[way.channel].title} does not work")


class _Sending:
    """Who has been reached, and who has said so."""

    def __init__(self, room: Room, entity: str, mass: MassNotification, count: Callable[[str, float], None]) -> None:
        self._room = room
        self._entity = entity
        self._mass = mass
        self._count = count
        self._people = min(mass.people, _MOST_PEOPLE)
        self._each = mass.people / self._people
        self._reached: set[int] = set()
        self._answered: set[int] = set()

    def send(self, way: CalloutWay, attempt: int) -> None:
        """One message over a channel to everybody who is still to be told."""
        kernel = self._room.kernel
        channel = self._room.organisation.channels[way.channel]
        for one in range(self._people):
            who, occasion = f"{one}/{way.channel}", f"{one}/{way.channel}/{attempt}"
            if one in self._answered or not self._chance(way.reach, "has-it", who):
                continue
            if not self._chance(way.answers * (1 - channel.failure), "notices", occasion):
                continue
            takes = kernel.streams.draw(channel.latency, self._entity, "latency", occasion)
            if way.notices is not None:
                takes += kernel.streams.draw(way.notices, self._entity, "notices-after", occasion)
            kernel.call_at(kernel.now() + takes, partial(self._heard, one, way.channel))

    def _heard(self, one: int, channel: str) -> None:
        if one in self._reached:
            return
        self._reached.add(one)
        self._count(channel, self._each)
        answer, kernel = self._mass.acknowledgement, self._room.kernel
        if answer is None:
            self._answered.add(one)
        elif self._chance(answer.share, "acknowledges", str(one)):
            takes = kernel.streams.draw(answer.after, self._entity, "acknowledges-after", str(one))
            kernel.call_at(kernel.now() + takes, partial(self._answered.add, one))

    def _chance(self, probability: float, purpose: str, who: str) -> bool:
        return self._room.kernel.streams.chance(probability, self._entity, purpose, who)
