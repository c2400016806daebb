"""Who is told what of an incident: everything that a declaration, a graver severity or a crisis sets going.

Updates, first messages of the plan, briefings, the status page and callouts each run by themselves until the incident
is over; what goes on already is left alone.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Literal

import simpy

from simulator.response.case import Case
from simulator.response.communication.briefings import brief
from simulator.response.communication.callouts import call_out
from simulator.response.communication.desk import Desk
from simulator.response.communication.status_page import PageKeeper
from simulator.response.communication.updates import Updating
from simulator.response.room import Room
from timeline.details import MessageDetail
from timeline.references import Reference, RefKind
from topologies.communication import Communication, PlanLine
from topologies.organisation import SeverityRule


class Communications:
    """The communication of one exercise."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._desk = Desk(room)
        self._spec = room.organisation.communication or Communication()
        page = self._spec.status_page
        self._keeper = PageKeeper(room, self._desk, page) if page is not None else None
        self._going: dict[tuple[str, str, str], simpy.Process] = {}
        """What goes on, by case, what it is, and which of them."""

    def start(self) -> None:
        if self._keeper is not None:
            self._keeper.open(0)

    def severity_asks(self, case: Case, rule: SeverityRule, since: int) -> None:
        """A declared incident has this severity, because of an event."""
        firsts = self._first_messages(case, rule)
        for audience in dict.fromkeys([*rule.update_every, *firsts]):
            updating = Updating(self._room, self._desk, case, audience)
            every_ms = rule.update_every.get(audience)
            self._go_on(case, "updates", audience, updating.run(since, every_ms, firsts.get(audience)))
        for id, briefing in self._spec.briefings.items():
            if self._asks(briefing.from_severity, rule):
                self._go_on(case, "briefings", id, brief(self._room, case, id, briefing, since))
        page = self._spec.status_page
        if self._keeper is not None and page is not None and self._asks(page.from_severity, rule):
            self._go_on(case, "page", "", self._keeper.keep(case))
        self._call_out(case, "declared", since, rule)

    def crisis(self, case: Case, alarm: int) -> None:
        """The crisis team is called."""
        self._call_out(case, "crisis", alarm, None)

    def _first_messages(self, case: Case, rule: SeverityRule) -> dict[str, int]:
        """Audiences to which the plan owes a first message now, with the time until then: not those who are kept
        informed already."""
        firsts: dict[str, int] = {}
        for line in self._spec.plan:
            key = (case.id, "updates", line.audience)
            if self._asks(line.from_severity, rule) and line.audience not in firsts and key not in self._going:
                self._owe(case, line)
                firsts[line.audience] = line.within
        return firsts

    def _owe(self, case: Case, line: PlanLine) -> None:
        kernel, audience = self._room.kernel, self._room.organisation.audiences[line.audience]
        detail = MessageDetail(
            audience.channel,
            audience.role,
            line.audience,
            "a first message is owed",
            case.id,
            due_at_ms=kernel.now() + line.within,
            stakeholders=audience.stakeholders or "",
        )
        subject = Reference(RefKind.AUDIENCE, line.audience)
        kernel.emit("update.owed", subject, case.reference, detail, [case.last_event])

    def _call_out(self, case: Case, on: Literal["declared", "crisis"], cause: int, rule: SeverityRule | None) -> None:
        for id, callout in self._spec.callouts.items():
            key = (case.id, "callout", id)
            if (
                callout.on == on
                and key not in self._going
                and (rule is None or self._asks(callout.from_severity, rule))
            ):
                self._going[key] = self._room.kernel.env.process(call_out(self._room, case, id, callout, cause))

    def _asks(self, least: str | None, rule: SeverityRule) -> bool:
        order = [row.severity for row in self._room.organisation.severities]
        return least is None or order.index(rule.severity) <= order.index(least)

    def _go_on(self, case: Case, what: str, id: str, procedure: Generator[simpy.Event, Any, None]) -> None:
        """Begins a procedure unless it goes on already."""
        key = (case.id, what, id)
        if key not in self._going or not self._going[key].is_alive:
            self._going[key] = self._room.kernel.env.process(procedure)
