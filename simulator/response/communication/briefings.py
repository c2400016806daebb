"""Briefings by word of mouth: a management bridge at its cadence, while an incident lasts.

    briefing.due       somebody begins to prepare
    briefing.held      it is over, with what was said
    briefing.failed    nobody holds the role, or the bridge could not be opened

Whoever briefs can do nothing else meanwhile.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from simulator.response.case import Case
from simulator.response.communication.composing import in_own_words, picture_of
from simulator.response.room import Room
from simulator.response.staff import Urgency
from timeline.details import MessageDetail
from timeline.references import Reference, RefKind, person
from topologies.communication import Briefing


def brief(room: Room, case: Case, id: str, briefing: Briefing, since: int) -> Generator[simpy.Event, Any, None]:
    """Briefs one audience from the declaration, or from an event `since`, until the incident is over."""
    kernel, streams = room.kernel, room.kernel.streams
    subject, entity = Reference(RefKind.AUDIENCE, briefing.audience), f"briefing/{id}"
    stakeholders = room.organisation.audiences[briefing.audience].stakeholders or ""
    path = f"organisation.communication.briefings.{id}"
    number = 0
    while case.open:
        number += 1
        due_ms = kernel.timeline[since].at_ms + briefing.first + (number - 1) * briefing.every
        occasion = f"{case.round}/{number}"
        preparing = streams.draw(briefing.preparing, entity, "prepares", occasion)
        lasts = streams.draw(briefing.lasts, entity, "lasts", occasion)
        yield kernel.env.timeout(max(due_ms - preparing - kernel.now(), 0))
        if not case.open:
            return

        def detail(text: str, due_ms: int = due_ms, effort_ms: int | None = None) -> MessageDetail:
            return MessageDetail(
                briefing.channel,
                briefing.role,
                briefing.audience,
                text,
                case.id,
                due_at_ms=due_ms,
                stakeholders=stakeholders,
                effort_ms=effort_ms,
            )

        due = kernel.emit("briefing.due", subject, case.reference, detail(f"{briefing.title} is due"), [since])
        who = yield from room.roles.holder(case, briefing.role)
        if who is None:
            nobody = detail(f"nobody holds the role {briefing.role}")
            kernel.emit("briefing.failed", subject, case.reference, nobody, [due.seq])
            continue
        yield from room.staff.work(who, preparing, Urgency.DIAGNOSIS)
        yield kernel.env.timeout(max(due_ms - kernel.now(), 0))
        channel = room.organisation.channels[briefing.channel]
        works = room.reach.channel_works(briefing.channel)
        if not works or streams.chance(channel.failure, entity, "bridge-fails", occasion):
            dead = detail(f"{channel.title} does not work")
            kernel.emit("briefing.failed", subject, person(who), dead, [due.seq])
            continue
        yield from room.staff.work(who, lasts, Urgency.COMMAND)
        picture = picture_of(case, room.facts.functions, kernel.epoch, None, inside=True)
        held = detail(in_own_words(picture), effort_ms=preparing + lasts)
        kernel.emit(
            "briefing.held", subject, person(who), held, [due.seq], rests_on=(f"{path}.preparing", f"{path}.lasts")
        )
