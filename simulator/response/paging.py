"""Paging: an escalation policy run until somebody says "mine".

A *page* is one attempt to get one person for one purpose.  It goes through the person's channels in order; each
delivery may be noticed after a while or missed.  A *step* pages its people at once and waits; the first
acknowledgement by anybody, also of an earlier step, ends the whole escalation.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import simpy

from simulator.kernel import Kernel
from simulator.response.oncall import OnCall
from simulator.response.staff import Staff, is_night
from simulator.sides import Reach
from timeline.details import PageDetail
from timeline.events import Event
from timeline.references import MONITORING, incident, person
from topologies.organisation import Organisation


@dataclass(frozen=True, slots=True)
class Call:
    """Why people are called: for an incident, and for which role or team in it.  Names the random streams."""

    incident: str
    purpose: str
    cause: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Somebody acknowledged."""

    person: str
    event: Event


def _answer_of(answered: simpy.Event) -> Answer:
    assert isinstance(answered.value, Answer)
    return answered.value


class Pager:
    """Runs escalation policies."""

    def __init__(self, kernel: Kernel, organisation: Organisation, oncall: OnCall, staff: Staff, reach: Reach) -> None:
        self._kernel = kernel
        self._organisation = organisation
        self._oncall = oncall
        self._staff = staff
        self._reach = reach

    def escalate(self, policy_id: str, call: Call) -> Generator[simpy.Event, Any, Answer | None]:
        """Pages step by step; who acknowledged, or None when the policy is exhausted."""
        env = self._kernel.env
        policy = self._organisation.policies[policy_id]
        answered = env.event()
        cause = call.cause
        for lap in range(policy.repeat + 1):
            for number, step in enumerate(policy.steps):
                for target in self._targets(policy_id, number):
                    env.process(self._page(target, policy_id, number, lap, call, cause, answered))
                waited = env.timeout(step.wait)
                yield answered | waited
                if answered.triggered:
                    return _answer_of(answered)
                cause = self._emit("page.unanswered", "", "", policy_id, number, lap, call, [cause]).seq
        self._emit("page.exhausted", "", "", policy_id, len(policy.steps), policy.repeat, call, [cause])
        return None

    def _targets(self, policy_id: str, number: int) -> list[str]:
        """People of a step: named ones and whoever holds its rotations now, each once."""
        step = self._organisation.policies[policy_id].steps[number]
        holders = [p for rotation in step.rotations for p in self._oncall.holders(rotation, self._kernel.now())]
        return list(dict.fromkeys([*step.people, *holders]))

    def _page(
        self, id: str, policy_id: str, step: int, lap: int, call: Call, cause: int, answered: simpy.Event
    ) -> Generator[simpy.Event, Any, None]:
        """One person, channel after channel, until somebody has answered."""
        env, streams = self._kernel.env, self._kernel.streams
        somebody = self._staff[id]
        for channel_id in somebody.contact:
            if answered.triggered:
                return
            channel = self._organisation.channels[channel_id]
            occasion = f"{call.incident}/{call.purpose}/{policy_id}-{step}-{lap}/{channel_id}"
            sent = self._emit("page.sent", id, channel_id, policy_id, step, lap, call, [cause])
            works = self._reach.channel_works(channel_id)
            if not works or streams.chance(channel.failure, f"person/{id}", "channel-fails", occasion):
                self._emit("page.failed", id, channel_id, policy_id, step, lap, call, [sent.seq])
                continue
            env.process(self._deliver(id, channel_id, policy_id, step, lap, call, sent.seq, occasion, answered))
            yield env.timeout(somebody.next_channel_after)

    def _deliver(
        self,
        id: str,
        channel_id: str,
        policy_id: str,
        step: int,
        lap: int,
        call: Call,
        sent: int,
        occasion: str,
        answered: simpy.Event,
    ) -> Generator[simpy.Event, Any, None]:
        """A page on its way, on the device, and perhaps noticed."""
        env, streams = self._kernel.env, self._kernel.streams
        somebody, channel = self._staff[id], self._organisation.channels[channel_id]
        yield env.timeout(streams.draw(channel.latency, f"channel/{channel_id}", "latency", f"{id}/{occasion}"))
        if answered.triggered:
            return
        delivered = self._emit("page.delivered", id, channel_id, policy_id, step, lap, call, [sent])
        night = is_night(somebody, self._kernel.wall())
        answer = somebody.answer
        missed, reaction = (answer.missed_night, answer.night) if night else (answer.missed_day, answer.day)
        if streams.chance(missed, f"person/{id}", "misses-page", occasion):
            return
        yield env.timeout(streams.draw(reaction, f"person/{id}", "answers", occasion))
        if answered.triggered:
            return
        path = f"organisation.people.{id}.answer.{'night' if night else 'day'}"
        event = self._emit(
            "page.acknowledged", id, channel_id, policy_id, step, lap, call, [delivered.seq], rests_on=(path,)
        )
        answered.succeed(Answer(id, event))

    def _emit(
        self,
        kind: str,
        id: str,
        channel: str,
        policy: str,
        step: int,
        lap: int,
        call: Call,
        causes: list[int],
        rests_on: tuple[str, ...] = (),
    ) -> Event:
        detail = PageDetail(call.incident, id, channel, policy, step, lap, call.purpose)
        actor = person(id) if kind == "page.acknowledged" else MONITORING
        return self._kernel.emit(kind, incident(call.incident), actor, detail, causes, rests_on=rests_on)
