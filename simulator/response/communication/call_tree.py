"""A call tree at work: everybody who was reached calls those below, one call after another.

A *caller* has a list of people to call, in the order of the tree, and makes as many calls at once as the tree allows.
A call goes over the first way that works and that has not been tried for this person, then over the first again; it
takes its time whether it is answered or not.  Who did not answer goes to the end of the list, not to be called before
`again_after`; who did not answer the last attempt is given up, and those below join the list of the caller.

Example: one call takes a minute, everybody answers, everybody calls two, one at a time.  The first of the two is
reached after a minute and the second after two, so that in minute n as many are reached as in the two minutes before
together: 1, 2, 3, 5, 8, ...
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any

import simpy

from simulator.response.room import Room
from simulator.response.staff import Urgency
from topologies.communication import CallNode, CalloutWay, CallTree


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Somebody to call; `number` tells people of a group apart."""

    node: str
    number: int
    attempt: int = 1
    not_before_ms: int = 0

    @property
    def name(self) -> str:
        return f"{self.node}/{self.number}"


class TreeCalling:
    """One tree being called; `entity` names its random streams, `count` is told of everybody who was reached."""

    def __init__(
        self, room: Room, entity: str, tree: CallTree, count: Callable[[str], None], fail: Callable[[str], None]
    ) -> None:
        self._room = room
        self._entity = entity
        self._tree = tree
        self._count = count
        self._fail = fail
        self._reached: set[str] = set()
        self._dead: set[str] = set()
        """Channels that were found not to work, each said once."""

    def begin(self) -> None:
        """Whoever the tree begins with knows already."""
        root = self._tree.begins_with
        self._call_below(root, self._tree.nodes[root].person)

    def _call_below(self, node: str, caller: str | None) -> None:
        """Everybody below a node is called from it; `caller` is a person of the organisation, who has one attention
        and so makes one call at a time."""
        wanted = deque(self._below(node))
        for _ in range(min(self._tree.at_once, len(wanted))):
            self._room.kernel.env.process(self._call_through(wanted, caller))

    def _below(self, node: str) -> Iterator[_Wanted]:
        for id in self._tree.nodes[node].calls:
            for number in range(self._tree.nodes[id].people):
                yield _Wanted(id, number)

    def _call_through(self, wanted: deque[_Wanted], caller: str | None) -> Generator[simpy.Event, Any, None]:
        """One line of a caller: call after call until nobody is left to call."""
        env = self._room.kernel.env
        while wanted:
            one = wanted.popleft()
            if one.name in self._reached:
                continue
            if one.not_before_ms > env.now:
                yield env.timeout(one.not_before_ms - env.now)
            over = yield from self._call(one, caller)
            if over is not None:
                self._reach(one, over)
            elif one.attempt < self._tree.attempts:
                again_ms = int(env.now) + self._tree.again_after
                wanted.append(_Wanted(one.node, one.number, one.attempt + 1, again_ms))
            elif one.name not in self._reached and self._tree.takes_over:
                wanted.extend(self._below(one.node))

    def _call(self, one: _Wanted, caller: str | None) -> Generator[simpy.Event, Any, str | None]:
        """One call; the channel over which it was answered."""
        room, tree = self._room, self._tree
        takes = room.kernel.streams.draw(tree.call, self._entity, "call", f"{one.name}/{one.attempt}")
        if caller is not None:
            yield from room.staff.work(caller, takes, Urgency.TASK)
        else:
            yield room.kernel.env.timeout(takes)
        way = self._way(one)
        if way is None:
            return None
        if self._answers(one, way):
            return way.channel
        if self._chance(tree.calls_back, one.name, f"calls-back/{one.attempt}"):
            room.kernel.env.process(self._calls_back(one, way))
        return None

    def _way(self, one: _Wanted) -> CalloutWay | None:
        """The way of this attempt among those that work now."""
        working = [way for way in self._tree.ways if self._works(way.channel)]
        return working[(one.attempt - 1) % len(working)] if working else None

    def _works(self, channel: str) -> bool:
        if self._room.reach.channel_works(channel):
            return True
        if channel not in self._dead:
            self._dead.add(channel)
            self._fail(f"{self._room.organisation.channels[channel].title} does not work")
        return False

    def _answers(self, one: _Wanted, way: CalloutWay) -> bool:
        person = self._tree.nodes[one.node].person
        if person is not None and self._room.reach.out_for_ms(person) != 0:
            return False
        failure = self._room.organisation.channels[way.channel].failure
        return self._chance(way.reach, f"{one.name}/{way.channel}", "has-it") and self._chance(
            way.answers * (1 - failure), f"{one.name}/{way.channel}", f"answers/{one.attempt}"
        )

    def _calls_back(self, one: _Wanted, way: CalloutWay) -> Generator[simpy.Event, Any, None]:
        assert self._tree.call_back is not None, "whoever calls back does so after some time"
        kernel = self._room.kernel
        takes = kernel.streams.draw(self._tree.call_back, self._entity, "call-back", f"{one.name}/{one.attempt}")
        yield kernel.env.timeout(takes)
        if one.name not in self._reached and self._room.reach.channel_works(way.channel):
            self._reach(one, way.channel)

    def _reach(self, one: _Wanted, channel: str) -> None:
        self._reached.add(one.name)
        self._count(channel)
        node: CallNode = self._tree.nodes[one.node]
        self._call_below(one.node, node.person)

    def _chance(self, probability: float, who: str, purpose: str) -> bool:
        return self._room.kernel.streams.chance(probability, self._entity, purpose, who)
