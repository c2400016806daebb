"""Command: how grave it is, and the major-incident procedure once it is grave enough.

Severity follows what is known.  When the matrix says *major*, the incident manager is called in and validates the
impact; what is still major then is declared.  With the declaration the other roles are called in, the playbook begins
and the audiences of that severity are kept informed.  Should severity rise later, what the graver one asks for
is added.

The organisation validates one incident at a time: whoever comes second finds a major incident to join.

A declared incident that is reopened is still declared: its roles are held, its playbook goes on where it was, and its
audiences are informed anew.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import simpy

from scenarios.models import Playbook
from simulator.response.case import Case
from simulator.response.playbook import PlaybookRun
from simulator.response.room import Room
from simulator.response.severity import severity_of
from simulator.response.staff import Urgency
from timeline.details import DecisionDetail
from timeline.events import Event
from timeline.instants import MINUTE
from timeline.references import data_set, person, site
from topologies.organisation import SeverityRule

COMMANDER = "incident-manager"
"""The role that validates, declares and decides; the responder does where an organisation does not know it."""
_JUDGE_AGAIN_MS = 5 * MINUTE
"""Severity may rise by the passing of time alone: an RTO runs out."""


class Command:
    """The command side of one case."""

    def __init__(self, room: Room, case: Case, playbook: Playbook | None, on_declared: Callable[[Case], None]) -> None:
        self._room = room
        self._case = case
        self._playbook = playbook
        self._on_declared = on_declared
        self._found_slight: frozenset[str] = frozenset()
        """The picture for which validation did not end in a declaration."""

    def run(self) -> Generator[simpy.Event, Any, None]:
        """From triage until the case is over."""
        case = self._case
        if case.declared is not None:
            self._ask_for_what_severity_needs(case.last_event)
            self._room.roles.call_again(case)
        while case.open:
            if self.judge():
                case.record("severity_changed", person(self.leader), [case.last_event])
                if case.declared is not None:
                    self._ask_for_what_severity_needs(case.declared.seq)
            if self._should_validate():
                yield from self._validate()
            yield case.knowledge.news() | self._room.kernel.env.timeout(_JUDGE_AGAIN_MS)

    def judge(self) -> bool:
        """Severity by the matrix, over what is known; True when it changed.  A declared incident stays declared."""
        case, room = self._case, self._room
        rule = severity_of(
            room.organisation.severities,
            tuple(case.impacts.values()),
            room.facts.functions,
            room.kernel.now(),
            corrupt_data=bool(case.corrupt_data),
            lost_places=case.lost_places,
        )
        if case.severity is not None and rule.severity == case.severity.severity:
            return False
        if case.declared is not None and not rule.major:
            return False
        case.severity = rule
        return True

    @property
    def leader(self) -> str:
        """Who speaks for the incident: its manager, before there is one the responder."""
        assert self._case.responder is not None
        return self._case.roles.get(COMMANDER, self._case.responder)

    @property
    def _severity(self) -> SeverityRule:
        assert self._case.severity is not None
        return self._case.severity

    def _should_validate(self) -> bool:
        case = self._case
        return case.declared is None and self._severity.major and self._picture() != self._found_slight

    def _picture(self) -> frozenset[str]:
        """What makes it grave: functions known to be down, data known to be corrupt, workplaces that are lost."""
        case = self._case
        lost = (str(site(id)) for id in case.lost_places)
        return frozenset((*case.impacts, *(str(data_set(id)) for id in case.corrupt_data), *lost))

    def _validate(self) -> Generator[simpy.Event, Any, None]:
        case, room = self._case, self._room
        with room.validating.request() as turn:
            yield turn
            if not case.open:
                return
            if COMMANDER in room.organisation.roles:
                yield from room.roles.holder(case, COMMANDER)
            who = self.leader
            working, streams = room.organisation.working, room.kernel.streams
            yield from room.staff.work(
                who, streams.draw(working.validation, f"person/{who}", "validates", case.id), Urgency.COMMAND
            )
            if not case.open:
                return
            room.look_at_functions(case, who, case.last_event)
            self.judge()
            decided = self._decide(who)
            if self._severity.major:
                self._declare(who, decided)
            else:
                self._found_slight = self._picture()

    def _decide(self, who: str) -> Event:
        case = self._case
        impact = ", ".join(case.impacts) or "none"
        wrong = f"; data known to be corrupt: {', '.join(case.corrupt_data)}" if case.corrupt_data else ""
        detail = DecisionDetail(
            incident=case.id,
            question="Declare a major incident?",
            options=("declare", "do not declare"),
            chosen="declare" if self._severity.major else "do not declare",
            by=who,
            evidence="; ".join(
                [f"functions known to be down: {impact}{wrong}", *(f"{id} is lost" for id in case.lost_places)]
            ),
        )
        rests_on = ("organisation.working.validation",)
        event = self._room.kernel.emit(
            "decision.made", case.reference, person(who), detail, [case.last_event], rests_on=rests_on
        )
        case.knowledge.deliver(event)
        return event

    def _declare(self, who: str, decided: Event) -> None:
        case = self._case
        case.declared = case.record("declared", person(who), [decided.seq])
        for helper in self._room.staff.engaged_in(case.id):
            self._room.roles.join_bridge(case, helper, "", case.declared.seq)
        self._on_declared(case)
        self._ask_for_what_severity_needs(case.declared.seq)
        if self._playbook is not None:
            case.playbook_run = self._run_of(self._playbook, case.declared.seq)

    def _run_of(self, playbook: Playbook, declared: int) -> PlaybookRun:
        """A run of its own; that of another incident while one is under way."""
        under_way = self._room.playbook_run
        if under_way is not None and under_way.is_moving:
            return under_way
        self._room.playbook_run = PlaybookRun(self._room, self._case, playbook)
        self._room.playbook_run.start(declared)
        return self._room.playbook_run

    def _ask_for_what_severity_needs(self, since: int) -> None:
        """Roles and audiences, from an event on; who is there already stays."""
        case, room = self._case, self._room
        order = [rule.severity for rule in room.organisation.severities]
        for role, spec in room.organisation.roles.items():
            least = spec.required_from
            if least is None or order.index(self._severity.severity) <= order.index(least):
                room.roles.call_in(case, role)
        room.communications.severity_asks(case, self._severity, since)
