"""Stakeholder updates: due at the cadence of the severity, written by whoever holds the role, sent over a channel.

Where the communications plan asks for a first message, that is due first and the cadence counts from it.  Each update
promises when the next one comes: the end of the next interval, rounded up to five minutes as people say it.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from simulator.response.case import Case
from simulator.response.communication.composing import promised
from simulator.response.communication.desk import Assignment, Desk, Text
from simulator.response.communication.sending import Delivery, send
from simulator.response.room import Room
from timeline.details import MessageDetail
from timeline.events import Event
from timeline.references import Reference, RefKind, person
from topologies.communication import Audience


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

        The first is due after `first_ms`, else after one interval; without an interval it is the only one.
        """
        kernel, case = self._room.kernel, self._case
        first_ms = every_ms if first_ms is None else first_ms
        assert first_ms is not None, "an update is due at some time"
        due_ms = kernel.timeline[since].at_ms + first_ms
        number = 0
        while case.open:
            number += 1
            next_ms = due_ms + every_ms if every_ms is not None else None
            yield from self._one(since, number, due_ms, next_ms)
            if next_ms is None:
                return
            due_ms = next_ms

    def _one(self, since: int, number: int, due_ms: int, next_ms: int | None) -> Generator[simpy.Event, Any, None]:
        kernel, case, audience = self._room.kernel, self._case, self._audience
        occasion = f"{case.round}/{number}"
        assignment = self._assignment(occasion, next_ms)
        plan = self._desk.plan(assignment)
        yield kernel.env.timeout(max(due_ms - self._desk.lead_ms(assignment, plan) - kernel.now(), 0))
        if not case.open:
            return
        due = kernel.emit(
            "update.due", self._subject, case.reference, self._detail("an update is due", due_ms), [since]
        )
        who = yield from self._room.roles.holder(case, audience.role)
        if who is None:
            self._failed(f"nobody holds the role {audience.role}", due_ms, audience.channel, due, case.reference)
            return
        text = yield from self._desk.write(assignment, plan, who, due.seq)

        def failed(channel: str) -> None:
            title = self._room.organisation.channels[channel].title
            self._failed(f"{title} does not work", due_ms, channel, due, person(who))

        delivery = yield from send(self._room, self._id, audience, occasion, failed)
        if delivery is not None:
            self._sent(assignment, text, delivery, who, due_ms, due)

    def _assignment(self, occasion: str, next_ms: int | None) -> Assignment:
        return Assignment(
            self._case,
            self._subject,
            self._id,
            self._audience.is_outside,
            self._audience.writing,
            f"organisation.audiences.{self._id}.writing",
            occasion,
            promised(next_ms) if next_ms is not None and self._promises else None,
        )

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
            effort_ms=text.effort_ms,
            next_at_ms=assignment.next_ms,
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
