"""Reports on the situation: the incident manager asks everybody he leads, then says how things stand.

Asking and telling cost attention: that of the manager for everybody whom he leads, and a little of everybody else's.
What was told is on record: it is not lost when somebody is relieved.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from simulator.response.case import Case
from simulator.response.room import Room
from simulator.response.span import SpanOfControl
from simulator.response.staff import Urgency
from timeline.details import SituationDetail
from timeline.references import person
from topologies.command import SituationReports


def report_the_situation(
    room: Room, case: Case, rules: SituationReports, span: SpanOfControl, since: int
) -> Generator[simpy.Event, Any, None]:
    """From an event `since` on until the incident is over, one report an interval."""
    kernel, staff = room.kernel, room.staff
    since_ms, number = kernel.timeline[since].at_ms, 0
    while True:
        number += 1
        due_ms = since_ms + number * rules.every
        yield kernel.env.timeout(max(due_ms - kernel.now(), 0))
        if not case.open:
            return
        who = case.roles.get(rules.role, case.leader)
        detail = SituationDetail(case.id, who, due_ms, due_ms + rules.every)
        due = kernel.emit("situation.due", case.reference, case.reference, detail, [since])
        asked = span.led_by(case, rules.role) if rules.role in case.roles else []
        for other in asked:
            occasion = f"{case.id}/{number}"
            takes = kernel.streams.draw(rules.asking, f"person/{other}", "is-asked", occasion)
            kernel.env.process(staff.work(other, takes, Urgency.UPDATE))
            yield from staff.work(who, takes, Urgency.UPDATE)
        who = case.roles.get(rules.role, who)
        takes = kernel.streams.draw(rules.writing, f"person/{who}", "reports", f"{case.id}/{number}")
        told = dict(case.in_heads), frozenset(case.search.excluded if case.search is not None else ())
        yield from staff.work(who, takes, Urgency.UPDATE)
        if not case.open:
            return
        for decision in told[0]:
            case.in_heads.pop(decision, None)
        case.told_excluded |= told[1]
        given = SituationDetail(case.id, who, due_ms, due_ms + rules.every, len(asked))
        path = ("organisation.command.situation_reports",)
        reported = kernel.emit("situation.reported", case.reference, person(who), given, [due.seq], rests_on=path)
        case.knowledge.deliver(reported)
