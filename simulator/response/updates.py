"""Stakeholder updates: due at the cadence of the severity, written by whoever holds the role, sent over a channel."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from simulator.response.case import Case
from simulator.response.room import Room
from simulator.response.staff import Urgency
from timeline.details import MessageDetail
from timeline.references import Reference, RefKind, person


def keep_informed(
    room: Room, case: Case, audience_id: str, every_ms: int, since: int
) -> Generator[simpy.Event, Any, None]:
    """Updates one audience from the declaration, or from an event `since`, until the incident is over.

    The first is due one interval after that.  Writing takes the holder of the role away from other work.
    """
    kernel = room.kernel
    audience = room.organisation.audiences[audience_id]
    channel = room.organisation.channels[audience.channel]
    subject = Reference(RefKind.AUDIENCE, audience_id)
    since_ms = kernel.timeline[since].at_ms
    number = 0
    while case.open:
        number += 1
        due_at_ms = since_ms + number * every_ms
        occasion = f"{case.round}/{number}"
        writing = kernel.streams.draw(audience.writing, f"audience/{audience_id}", "writing", occasion)
        yield kernel.env.timeout(max(due_at_ms - writing - kernel.now(), 0))
        if not case.open:
            return

        def message(text: str, due: int = due_at_ms, sender: str = audience.role) -> MessageDetail:
            template = audience_id if audience.template else None
            return MessageDetail(audience.channel, sender, audience_id, text, case.id, template, due)

        due = kernel.emit("update.due", subject, case.reference, message("an update is due"), [since])
        who = yield from room.roles.holder(case, audience.role)
        if who is None:
            kernel.emit(
                "update.failed", subject, case.reference, message(f"nobody holds the role {audience.role}"), [due.seq]
            )
            continue
        yield from room.staff.work(who, writing, Urgency.UPDATE, f"{case.id}/updates")
        failed = not room.reach.channel_works(audience.channel) or kernel.streams.chance(
            channel.failure, f"channel/{audience.channel}", "fails", f"{audience_id}/{occasion}"
        )
        if failed:
            kernel.emit("update.failed", subject, person(who), message(f"{channel.title} does not work"), [due.seq])
            continue
        yield kernel.env.timeout(
            kernel.streams.draw(channel.latency, f"channel/{audience.channel}", "latency", f"{audience_id}/{occasion}")
        )
        known = ", ".join(room.facts.functions[id].title for id in case.impacts)
        text = f"{known}: out of service; we are working on it" if known else "service is back; we keep watching"
        kernel.emit(
            "update.sent",
            subject,
            person(who),
            message(text),
            [due.seq],
            rests_on=(f"organisation.audiences.{audience_id}.writing",),
        )
