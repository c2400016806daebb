"""Stakeholder updates: due at the cadence of the severity, written by whoever holds the role, sent over a channel.

Where the communications plan asks for a first message, that is written at once and the cadence counts from it.  Each
update promises when the next one comes: the end of the next interval, rounded up to five minutes as people say it.
What no channel took is sent again until the next one is due.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any

import simpy

from simulator.response.case import Case
from simulator.response.communication.desk import Assignment, Desk, Text
from simulator.response.communication.sending import Delivery, send
from simulator.response.room import Room
from timeline.details import MessageDetail
from timeline.events import Event
from timeline.instants import MINUTE
from timeline.references import Reference, RefKind, person
from topologies.communication import Audience

_TRY_AGAIN_MS = 5 * MINUTE


class Updating:
    """One audience, kept informed of one case."""

    def __init__(self, room: Room, desk: Desk, case: Case, audience_id: str) -> None:
        self._room = room
        self._desk = desk
        self._case = case
        self._id = audience_id
        self._audience: Audience = room.organisation.audiences[audience_id]
        self._subject = Reference(RefKind.AUDIENCE, audience_id)
        self._promises = room.organisation.communication is not None

    def run(self, since: int, every_ms: int | None, first_ms: int | None) -> Generator[simpy.Event, Any, None]:
        """Updates from the declaration, or from an event `since`, until the incident is over.

        Where the plan asks for a first message within `first_ms`, that is begun at once; else the first is due after
        one interval.  Without an interval it is the only one.
        """
        begins_ms = every_ms if first_ms is None else first_ms
        assert begins_ms is not None, "an update is due at some time"
        due_ms: int | None = self._room.kernel.timeline[since].at_ms + begins_ms
        number = 0
        while self._case.open and due_ms is not None:
            number += 1
            at_once = number == 1 and first_ms is not None
            due_ms = yield from self._one(since, number, due_ms, every_ms, at_once=at_once)

    def _one(
        self, since: int, number: int, due_ms: int, every_ms: int | None, *, at_once: bool
    ) -> Generator[simpy.Event, Any, int | None]:
        """One update; when the next one is due, if there is to be one."""
        kernel, case, audience = self._room.kernel, self._case, self._audience
        occasion = f"{case.round}/{number}"
        assignment = self._assignment(occasion)
        plan = self._desk.plan(assignment)
        lead_ms = self._desk.lead_ms(assignment, plan)
        aim_ms = min(due_ms, kernel.now() + lead_ms) if at_once else due_ms
        next_ms = aim_ms + every_ms if every_ms is not None else None
        assignment = replace(assignment, next_ms=next_ms, every_ms=every_ms)
        yield kernel.env.timeout(max(aim_ms - lead_ms - kernel.now(), 0))
        if not case.open:
            return None
        due = kernel.emit(
            "update.due", self._subject, case.reference, self._detail("an update is due", due_ms), [since]
        )
        who = yield from self._room.roles.holder(case, audience.role)
        if who is None:
            self._failed(f"nobody holds the role {audience.role}", due_ms, audience.channel, due, case.reference)
            return next_ms
        text = yield from self._desk.write(assignment, plan, who, due.seq)

        def failed(channel: str) -> None:
            title = self._room.organisation.channels[channel].title
            self._failed(f"{title} does not work", due_ms, channel, due, person(who))

        tries = 0
        while tries == 0 or (self._promises and case.open and (next_ms is None or kernel.now() < next_ms)):
            tries += 1
            which = occasion if tries == 1 else f"{occasion}/try-{tries}"
            delivery = yield from send(self._room, self._id, audience, which, failed)
            if delivery is not None:
                self._sent(assignment, text, delivery, who, due_ms, due)
                break
            yield kernel.env.timeout(_TRY_AGAIN_MS if self._promises else 0)
        return self._pass_by(since, next_ms, every_ms)

    def _pass_by(self, since: int, next_ms: int | None, every_ms: int | None) -> int | None:
        """When the next update is due that can still be sent in time; those that were due meanwhile have failed."""
        now = self._room.kernel.now()
        while self._promises and next_ms is not None and every_ms is not None and next_ms <= now:
            detail = self._detail("an update is due", next_ms)
            due = self._room.kernel.emit("update.due", self._subject, self._case.reference, detail, [since])
            failure = "the one before was not out yet"
            self._failed(failure, next_ms, self._audience.channel, due, self._case.reference)
            next_ms += every_ms
        return next_ms

    def _assignment(self, occasion: str) -> Assignment:
        path = f"organisation.audiences.{self._id}.writing"
        outside, writing = self._audience.is_outside, self._audience.writing
        return Assignment(self._case, self._subject, self._id, outside, writing, path, occasion)

    def _sent(self, assignment: Assignment, text: Text, delivery: Delivery, who: str, due_ms: int, due: Event) -> None:
        kernel, audience = self._room.kernel, self._audience
        template = text.template if self._promises else self._id if audience.template else None
        detail = MessageDetail(
            delivery.channel,
            audience.role,
            self._id,
            text.words,
            self._case.id,
            template,
            due_ms,
            approval=text.approval,
            stakeholders=audience.stakeholders or "",
            effort_ms=text.effort_ms if self._promises else None,
            next_at_ms=text.next_at_ms,
            reach_ratio=delivery.reach_ratio if self._promises else None,
        )
        causes = [due.seq, *text.causes]
        sent = kernel.emit("update.sent", self._subject, person(who), detail, causes, rests_on=text.rests_on)
        self._desk.note_posted(assignment, text, who, sent.seq)
        if audience.acknowledgement is not None:
            kernel.env.process(self._acknowledged(delivery, assignment.occasion, sent))

    def _acknowledged(self, delivery: Delivery, occasion: str, sent: Event) -> Generator[simpy.Event, Any, None]:
        answer = self._audience.acknowledgement
        assert answer is not None, "only who acknowledges is waited for"
        kernel = self._room.kernel
        yield kernel.env.timeout(kernel.streams.draw(answer.after, f"audience/{self._id}", "acknowledges", occasion))
        share = delivery.reach_ratio * answer.share
        words = f"{share:.0%} have acknowledged"
        detail = MessageDetail(delivery.channel, self._id, self._audience.role, words, self._case.id, reach_ratio=share)
        path = (f"organisation.audiences.{self._id}.acknowledgement",)
        heard = kernel.emit("update.acknowledged", self._subject, self._subject, detail, [sent.seq], rests_on=path)
        self._case.knowledge.deliver(heard)

    def _failed(self, why: str, due_ms: int, channel: str, due: Event, actor: Reference) -> None:
        self._room.kernel.emit("update.failed", self._subject, actor, self._detail(why, due_ms, channel), [due.seq])

    def _detail(self, text: str, due_ms: int, channel: str | None = None) -> MessageDetail:
        audience = self._audience
        template = self._id if audience.template and not self._promises else None
        return MessageDetail(
            channel or audience.channel, audience.role, self._id, text, self._case.id, template, due_ms
        )
