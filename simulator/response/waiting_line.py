"""The waiting line: calls for people who take one incident at a time.

A policy with `when_busy: wait` gives each incident to one of its people who has none: to whoever was given one the
longest ago.  While all of them have one, calls wait in the order in which they came; a call never overtakes another
that waits for the same person.  With c people, arrivals that know nothing of each other and exponential handling this
is the queue M/M/c of Erlang (1917).

*Taken* is who was given a call that is not over yet, or works on another incident.  A call waits for those who were on
call when it came, whoever takes over from them meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

import simpy


@dataclass(eq=False, slots=True)
class _Waiting:
    """A call in the line; `given` fires with the person."""

    incident: str
    people: Sequence[str]
    given: simpy.Event


class WaitingLine:
    """All calls of one exercise that wait.  `works_elsewhere(person, incident)` says who has another incident."""

    def __init__(self, env: simpy.Environment, works_elsewhere: Callable[[str, str], bool]) -> None:
        self._env = env
        self._works_elsewhere = works_elsewhere
        self._line: list[_Waiting] = []
        self._called: set[str] = set()
        self._numbers = count()
        self._last_given: dict[str, int] = {}

    def join(self, incident: str, people: Sequence[str]) -> simpy.Event:
        """Fires with one of these people, at once where one is free: taken from then on, until `leave`."""
        waiting = _Waiting(incident, people, self._env.event())
        self._line.append(waiting)
        self.move()
        return waiting.given

    def leave(self, given: simpy.Event) -> None:
        """The call that waits for this event is over; whoever was given to it is free again."""
        self._line = [waiting for waiting in self._line if waiting.given is not given]
        if given.triggered:
            self._called.discard(str(given.value))
            # whoever answered is about to be engaged: the line moves once that is so
            self._env.timeout(0).callbacks.append(lambda _: self.move())

    def move(self) -> None:
        """Somebody may be free: whoever waits longest for him gets him."""
        for waiting in list(self._line):
            free = [who for who in waiting.people if self._is_free(who, waiting.incident)]
            if free:
                who = min(free, key=lambda id: self._last_given.get(id, -1))
                self._called.add(who)
                self._last_given[who] = next(self._numbers)
                self._line.remove(waiting)
                waiting.given.succeed(who)

    def _is_free(self, person: str, incident: str) -> bool:
        return person not in self._called and not self._works_elsewhere(person, incident)
