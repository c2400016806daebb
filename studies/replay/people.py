"""People in a replay: who is on call, who is busy with what, who is asleep.

A responder works on one incident at a time and does not look up from it: pages that he notices meanwhile wait, the most
urgent first, then the first noticed.  That is stricter than an exercise, where people acknowledge between two pieces of
work and go on with several incidents by turns; under load a replay therefore acknowledges later and escalates more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from heapq import heappop, heappush
from zoneinfo import ZoneInfo

from simulator.response.fatigue import RESTED, Sleeper, Weariness, sleepers
from simulator.response.oncall import OnCall
from simulator.response.oncall.clock import is_sleep_hour
from timeline.distributions import Distribution
from timeline.instants import UNIX_EPOCH, to_wall
from topologies.organisation import Organisation

HALF_AN_HOUR_MS = 1_800_000
_FOR_EVER_MS = 1 << 62


class RememberedOnCall(OnCall):
    """Asks a rotation once for each span in which the answer stays the same."""

    def __init__(self, organisation: Organisation, epoch: datetime) -> None:
        super().__init__(organisation, epoch)
        self._spans: dict[str, tuple[int, int, list[str]]] = {}

    def holders(self, rotation_id: str, at_ms: int) -> list[str]:
        span = self._spans.get(rotation_id)
        if span is None or not span[0] <= at_ms < span[1]:
            until_ms = self.next_change(rotation_id, at_ms)
            people = super().holders(rotation_id, at_ms)
            span = (at_ms, _FOR_EVER_MS if until_ms is None else until_ms, people)
            self._spans[rotation_id] = span
        return span[2]


@dataclass(slots=True)
class Responder:
    """What somebody is doing."""

    busy: bool = False
    since_ms: int = 0
    waiting: list[tuple[int, int, int, Callable[[], bool]]] = field(default_factory=list)
    """Heap of (priority, noticed at, number, how to take it on: whether there was still something to do)."""


class People:
    """Everybody, with their clocks and their sleep."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        self.oncall = RememberedOnCall(organisation, UNIX_EPOCH)
        self._responders = {id: Responder() for id in organisation.people}
        self._sleepers: dict[str, Sleeper] = sleepers(organisation, UNIX_EPOCH)
        self._zones = {id: ZoneInfo(person.timezone) for id, person in organisation.people.items()}
        self._noticed = 0
        self.spans: list[tuple[str, int, int]] = []
        """Who was busy from when to when."""

    def is_free(self, who: str) -> bool:
        return not self._responders[who].busy

    def occupy(self, who: str, at_ms: int) -> None:
        """Somebody free is busy from now on."""
        responder = self._responders[who]
        if responder.busy:
            raise RuntimeError(f"{who} is busy already")
        responder.busy, responder.since_ms = True, at_ms
        if sleeper := self._sleepers.get(who):
            sleeper.work(at_ms)

    def release(self, who: str, at_ms: int) -> None:
        """Somebody is free: takes on the most urgent of what waits, if it still does."""
        responder = self._responders[who]
        responder.busy = False
        self.spans.append((who, responder.since_ms, at_ms))
        if sleeper := self._sleepers.get(who):
            sleeper.rest(at_ms)
        while responder.waiting:
            _, _, _, take = heappop(responder.waiting)
            if take():
                return

    def wait(self, who: str, priority: int, at_ms: int, take: Callable[[], bool]) -> None:
        """Something waits for somebody who is busy."""
        self._noticed += 1
        heappush(self._responders[who].waiting, (priority, at_ms, self._noticed, take))

    def notice(self, who: str, at_ms: int) -> None:
        """Somebody notices a page: whoever was asleep is awake now."""
        if sleeper := self._sleepers.get(who):
            sleeper.notice(at_ms)

    def reaction(self, who: str, channel: str, at_ms: int) -> tuple[Distribution, float]:
        """How a page is answered now: time to react, chance to go unnoticed.  Who works is awake."""
        person = self.organisation.people[who]
        answer = person.answer_by.get(channel, person.answer)
        if self.is_night(who, at_ms) and self.is_free(who):
            return answer.night, answer.missed_night
        return answer.day, answer.missed_day

    def is_night(self, who: str, at_ms: int) -> bool:
        return _sleeping(self._zones[who], at_ms // HALF_AN_HOUR_MS)

    def weariness(self, who: str, at_ms: int) -> Weariness:
        sleeper = self._sleepers.get(who)
        return RESTED if sleeper is None else sleeper.weariness(at_ms, at_work=not self.is_free(who))

    def skill(self, who: str, kind: str | None) -> float:
        """Chance that a check is conclusive; only components ask for a field of knowledge."""
        if kind is None:
            return 1.0
        skills = self.organisation.people[who].skills
        return skills.get(kind, skills.get("*", 0.0))


@cache
def _sleeping(zone: ZoneInfo, half_hour: int) -> bool:
    """Whether it is night in a zone; offsets of zones and the hours of sleep begin at whole half hours (Nepal and
    the Chatham Islands are a quarter off)."""
    return is_sleep_hour(to_wall(half_hour * HALF_AN_HOUR_MS, UNIX_EPOCH).astimezone(zone))
