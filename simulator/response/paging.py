"""Paging: an escalation policy run until somebody says "mine".

A *page* is one attempt to get one person for one purpose.  It goes by the person's notification rules for the
policy's urgency, or through the channels of `contact` in order; each delivery may be noticed after a while or missed,
by hour and channel, later and more often by the weary, not at all by the absent; who notices acknowledges once free
to look up from other work.
A *step* pages its people at once and waits; the first acknowledgement by anybody, also of an earlier step, ends the
whole escalation.  A step that nobody is on call for is passed at once.  Of a policy whose incidents wait for somebody
free, a step pages one person, once there is one (`waiting_line`).

Example: a step waits 5 minutes; its person has a push message and, 2 minutes later, a phone call.  The push message
arrives after 5 s and is missed; the call arrives after 2 min 20 s and is answered 90 s later: acknowledged after
3 min 50 s, and the next step is never paged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import simpy

from simulator.kernel import Kernel
from simulator.response.fatigue import RESTED
from simulator.response.oncall import OnCall, targets
from simulator.response.staff import Staff, Urgency, is_night
from simulator.sides import Reach
from timeline.details import PageDetail
from timeline.events import Event
from timeline.references import Reference, RefKind, incident, person
from topologies.escalation import Step
from topologies.organisation import Organisation
from topologies.people import PageUrgency

PAGING = Reference(RefKind.SYSTEM, "paging")
"""The actor of pages: the paging provider, or whoever dials."""


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


@dataclass(eq=False, slots=True)
class _Escalation:
    """A call while it runs, with the last event of each attempt to reach somebody."""

    call: Call
    policy: str
    urgency: PageUrgency
    answered: simpy.Event
    """Fires with the `Answer`, or with None when the call is given up."""
    without: frozenset[str] = frozenset()
    """Who is not to be paged."""
    last: dict[str, int] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        return self.answered.triggered

    @property
    def answer(self) -> Answer:
        """Of a call that somebody answered."""
        assert isinstance(self.answered.value, Answer)
        return self.answered.value

    def causes(self) -> list[int]:
        """What leads to the next page: the attempts so far, or the reason of the call when there were none."""
        return list(self.last.values()) or [self.call.cause]


@dataclass(frozen=True, slots=True)
class _Page:
    """One person paged in one step of one lap."""

    run: _Escalation
    who: str
    lap: int
    step: int

    @property
    def occasion(self) -> str:
        call = self.run.call
        return f"{call.incident}/{call.purpose}/{self.run.policy}/lap-{self.lap}/step-{self.step}"


class Pager:
    """Runs escalation policies."""

    def __init__(self, kernel: Kernel, organisation: Organisation, oncall: OnCall, staff: Staff, reach: Reach) -> None:
        self._kernel = kernel
        self._organisation = organisation
        self._oncall = oncall
        self._staff = staff
        self._reach = reach

    def escalate(
        self,
        policy_id: str,
        call: Call,
        answered: simpy.Event | None = None,
        *,
        without: Sequence[str] = (),
    ) -> Generator[simpy.Event, Any, Answer | None]:
        """Pages step by step, leaving out some people; who acknowledged, or None when the policy is exhausted.

        Escalations that are given the same `answered` end together: the first acknowledgement of any of them fires it.
        """
        policy = self._organisation.policies[policy_id]
        ended = answered or self._kernel.env.event()
        run = _Escalation(call, policy_id, policy.urgency, ended, frozenset(without))
        if policy.delay:
            yield self._kernel.env.timeout(policy.delay)
        reach = self._page_first_free if policy.when_busy == "wait" else self._page_all
        for lap in range(policy.repeat + 1):
            for number, step in enumerate(policy.steps):
                answer = yield from reach(run, step, lap, number)
                if answer is not None:
                    return answer
        if answered is None:
            run.answered.succeed(None)
        nobody = _Page(run, "", policy.repeat, len(policy.steps))
        self._emit("page.exhausted", nobody, "", run.causes(), (f"organisation.policies.{policy_id}",))
        return None

    def reach_person(self, who: str, call: Call) -> Generator[simpy.Event, Any, Answer | None]:
        """Tries one person over all channels once; None without an answer when one more has had its time as well."""
        run = _Escalation(call, "", "high", self._kernel.env.event())
        spec = self._staff[who]
        patience = spec.notification_rules(run.urgency)[-1].after + 2 * spec.next_channel_after
        answer = yield from self._step(run, [_Page(run, who, 0, 0)], patience, run.causes())
        if answer is None:
            run.answered.succeed(None)
        return answer

    def _targets(self, step: Step, run: _Escalation) -> list[str]:
        """People of a step as it is now, each once."""
        found = targets(self._organisation, self._oncall, step, self._kernel.now())
        people = (target.person for target in found if target.person is not None)
        return [who for who in people if who not in run.without]

    def _page_all(
        self, run: _Escalation, step: Step, lap: int, number: int
    ) -> Generator[simpy.Event, Any, Answer | None]:
        pages = [_Page(run, who, lap, number) for who in self._targets(step, run)]
        return (yield from self._step(run, pages, step.wait, run.causes()))

    def _page_first_free(
        self, run: _Escalation, step: Step, lap: int, number: int
    ) -> Generator[simpy.Event, Any, Answer | None]:
        """Pages one person who has no other incident, waited for in line; an answer to an earlier page ends that."""
        people = self._targets(step, run)
        if not people:
            return None
        line, causes = self._staff.line, run.causes()
        given = line.join(run.call.incident, people)
        if not given.triggered:
            path = (f"organisation.policies.{run.policy}.when_busy",)
            causes = [self._emit("page.queued", _Page(run, "", lap, number), "", causes, path).seq]
            yield given | run.answered
        if given.triggered:
            page = _Page(run, str(given.value), lap, number)
            answer = yield from self._step(run, [page], step.wait, causes)
        else:
            answer = run.answer
        line.leave(given)
        return answer

    def _step(
        self, run: _Escalation, pages: Sequence[_Page], wait_ms: int, causes: Sequence[int]
    ) -> Generator[simpy.Event, Any, Answer | None]:
        """Pages everybody at once, then waits; a step without anybody is over at once."""
        if not pages:
            return None
        for page in pages:
            self._kernel.env.process(self._try(page, causes))
        yield run.answered | self._kernel.env.timeout(wait_ms)
        if run.is_over:
            return run.answer
        for page in pages:
            self._emit("page.unanswered", page, "", [run.last.get(page.who, run.call.cause)])
        return None

    def _try(self, page: _Page, causes: Iterable[int]) -> Generator[simpy.Event, Any, None]:
        """One person, attempt after attempt, until somebody has answered."""
        since, used = 0, Counter[str]()
        for rule in self._staff[page.who].notification_rules(page.run.urgency):
            if rule.after > since:
                yield page.run.answered | self._kernel.env.timeout(rule.after - since)
                since = rule.after
            if page.run.is_over:
                return
            used[rule.channel] += 1
            sent = self._emit("page.sent", page, rule.channel, causes)
            self._kernel.env.process(self._ring(page, rule.channel, used[rule.channel], sent))

    def _ring(self, page: _Page, channel_id: str, time: int, sent: Event) -> Generator[simpy.Event, Any, None]:
        """A page on its way, on the device, and perhaps noticed; `time` counts the uses of a channel, from 1."""
        env, streams, run = self._kernel.env, self._kernel.streams, page.run
        again = "" if time == 1 else f"/{time}"
        entity, occasion = f"person/{page.who}", f"{page.occasion}/{channel_id}{again}"
        channel, path = self._organisation.channels[channel_id], f"organisation.channels.{channel_id}"
        yield env.timeout(streams.draw(channel.latency, entity, "page-latency", occasion))
        works = self._reach.channel_works(channel_id)
        if not works or streams.chance(channel.failure, entity, "page-fails", occasion):
            self._emit("page.failed", page, channel_id, [sent.seq], (f"{path}.{'failure' if works else 'needs'}",))
            return
        if run.is_over:
            return
        delivered = self._emit("page.delivered", page, channel_id, [sent.seq], (f"{path}.latency",))
        reaction, missed, hours = self._staff.reaction(page.who, self._kernel.wall(), channel_id)
        weariness = self._staff.weariness(page.who)
        out_ms = self._reach.out_for_ms(page.who)
        if out_ms is None or streams.chance(weariness.missed(missed), entity, "misses-page", occasion):
            return
        if out_ms:
            yield env.timeout(out_ms)
        yield env.timeout(weariness.delay_ms(streams.draw(reaction, entity, "answers", occasion)))
        self._staff.notice(page.who)
        if run.is_over:
            return
        with self._staff.occupy(page.who, Urgency.PAGE) as glance:
            yield glance
        if not run.is_over:
            answers = f"answer_by.{channel_id}" if channel_id in self._staff[page.who].answer_by else "answer"
            rests_on: tuple[str, ...] = (f"organisation.people.{page.who}.{answers}.{hours}",)
            if weariness != RESTED:
                rests_on += ("organisation.working.fatigue",)
            event = self._emit("page.acknowledged", page, channel_id, [delivered.seq], rests_on)
            run.answered.succeed(Answer(page.who, event))

    def _emit(
        self, kind: str, page: _Page, channel: str, causes: Iterable[int], rests_on: tuple[str, ...] = ()
    ) -> Event:
        call = page.run.call
        at_night = is_night(self._staff[page.who], self._kernel.wall()) if page.who else None
        detail = PageDetail(
            call.incident, page.who, channel, page.run.policy, page.step, page.lap, call.purpose, at_night
        )
        actor = person(page.who) if kind == "page.acknowledged" else PAGING
        event = self._kernel.emit(kind, incident(call.incident), actor, detail, causes, rests_on=rests_on)
        if page.who:
            page.run.last[page.who] = event.seq
        return event
