"""Command: how grave it is, and the major-incident procedure once it is grave enough.

Severity follows what is known, as often as the organisation looks at it.  When the matrix says *major*, the incident
manager is called in and validates the impact; what is still major then is declared.  With the declaration the other
roles are called in, the playbook begins, the audiences of that severity are kept informed and the situation is
reported.  Should severity rise later, what the graver one asks for is added.

An organisation that does not validate takes for down whatever may be, by the documentation, when it stands on what
alerts and reports point at; the responder declares on that, at once.

The organisation validates one incident at a time: whoever comes second finds a major incident to join.

A declared incident that is reopened is still declared: its roles are held, its playbook goes on where it was, and its
audiences are informed anew.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import simpy

from simulator.response.case import COMMANDER, Case
from simulator.response.playbook_start import PlaybookStart
from simulator.response.room import Room
from simulator.response.severity import KnownImpact
from simulator.response.situation import report_the_situation
from simulator.response.span import SpanOfControl
from simulator.response.staff import Urgency
from timeline.events import Event
from timeline.instants import MINUTE
from timeline.references import data_set, function, person, site
from timeline.severity import row_of
from topologies.organisation import SeverityRule

_JUDGE_AGAIN_MS = 5 * MINUTE
"""How often it is looked whether to validate, where no review of severity is due by the clock."""


class Command:
    """The command side of one case."""

    def __init__(
        self,
        room: Room,
        case: Case,
        playbook: PlaybookStart | None,
        span: SpanOfControl,
        on_declared: Callable[[Case], None],
    ) -> None:
        self._room = room
        self._span = span
        self._case = case
        self._playbook = playbook
        self._on_declared = on_declared
        self._found_slight: frozenset[str] = frozenset()
        """The picture for which validation did not end in a declaration."""
        self._judged_ms = 0
        """When severity was last held against the matrix."""

    def run(self) -> Generator[simpy.Event, Any, None]:
        """From triage until the case is over."""
        case = self._case
        if case.declared is not None:
            self._ask_for_what_severity_needs(case.last_event)
            self._room.roles.call_again(case)
            self._come_back()
        while case.open:
            if self._review_is_due() and self.judge():
                case.record("severity_changed", person(self.leader), [case.last_event])
                if case.declared is not None:
                    self._ask_for_what_severity_needs(case.declared.seq)
            if self._should_validate():
                if self._room.organisation.command.validates:
                    yield from self._validate()
                else:
                    self._declare(self.leader, self._decide(self.leader))
            every = self._room.organisation.severity_review.every or _JUDGE_AGAIN_MS
            yield case.knowledge.news() | self._room.kernel.env.timeout(every)

    def _review_is_due(self) -> bool:
        """Whether the organisation holds severity against the matrix again now."""
        review = self._room.organisation.severity_review
        waited_ms = self._room.kernel.now() - self._judged_ms
        return review.on_change or (review.every is not None and waited_ms >= review.every)

    def judge(self) -> bool:
        """Severity by the matrix, over what is known; True when it changed.  A declared incident stays declared."""
        case, room = self._case, self._room
        self._judged_ms = room.kernel.now()
        picture = room.picture(case, self._impacts())
        rule = row_of(room.organisation.severities, picture, room.kernel.now())
        if case.severity is not None and rule.severity == case.severity.severity:
            return False
        if case.declared is not None and not rule.major:
            return False
        case.severity = rule
        return True

    @property
    def leader(self) -> str:
        return self._case.leader

    def _impacts(self) -> dict[str, KnownImpact]:
        """Functions known to be down; those that may be, where nobody looks before an incident is declared."""
        case, room = self._case, self._room
        if room.organisation.command.validates or case.declared is not None:
            return case.impacts
        pointed = {id: room.needs(str(function(id))) & case.symptoms.keys() for id in room.facts.functions}
        since = room.kernel.timeline
        presumed = {
            id: KnownImpact(id, min(since[case.symptoms[node]].at_ms for node in nodes))
            for id, nodes in pointed.items()
            if nodes
        }
        return presumed | case.impacts

    @property
    def _severity(self) -> SeverityRule:
        assert self._case.severity is not None
        return self._case.severity

    def _should_validate(self) -> bool:
        case = self._case
        if case.declared is not None or not self._severity.major:
            return False
        return not self._room.organisation.command.validates or self._picture() != self._found_slight

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
            yield from room.access.admitted(case, who, case.last_event)
            working, streams = room.organisation.working, room.kernel.streams
            yield from room.staff.work(
                who, streams.draw(working.validation, f"person/{who}", "validates", case.id), Urgency.COMMAND, case.rank
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
        impact = ", ".join(self._impacts()) or "none"
        known = "known" if self._room.organisation.command.validates else "presumed"
        wrong = f"; data known to be corrupt: {', '.join(case.corrupt_data)}" if case.corrupt_data else ""
        return self._room.decisions.take(
            case,
            who,
            COMMANDER,
            (
                "Declare a major incident?",
                ("declare", "do not declare"),
                "declare" if self._severity.major else "do not declare",
            ),
            "; ".join(
                [f"functions {known} to be down: {impact}{wrong}", *(f"{id} is lost" for id in case.lost_places)]
            ),
            [case.last_event],
            rests_on=("organisation.working.validation",),
        )

    def _declare(self, who: str, decided: Event) -> None:
        case = self._case
        case.declared = case.record("declared", person(who), [decided.seq])
        for helper in self._room.staff.engaged_in(case.id):
            self._room.roles.join_bridge(case, helper, "", case.declared.seq)
        self._on_declared(case)
        self._ask_for_what_severity_needs(case.declared.seq)
        self._keep_reporting(case.declared.seq)
        if self._playbook is not None and self._playbook.at_declaration:
            self._playbook.begin(case.declared.seq)

    def _come_back(self) -> None:
        """Whoever had joined before the incident was reopened is on the bridges again."""
        case = self._case
        for who in list(case.bridge):
            held = [role for role, holder in case.roles.items() if holder == who]
            for role in held or [""]:
                self._room.roles.join_bridge(case, who, role, case.last_event)
        self._keep_reporting(case.last_event)

    def _keep_reporting(self, since: int) -> None:
        rules = self._room.organisation.command.situation_reports
        if rules is not None:
            self._room.kernel.env.process(report_the_situation(self._room, self._case, rules, self._span, since))

    def _ask_for_what_severity_needs(self, since: int) -> None:
        """Roles and audiences, from an event on; who is there already stays."""
        case, room = self._case, self._room
        order = [rule.severity for rule in room.organisation.severities]
        for role, spec in room.organisation.roles.items():
            least = spec.required_from
            if spec.on_demand:
                continue
            if least is None or order.index(self._severity.severity) <= order.index(least):
                room.roles.call_in(case, role)
        room.communications.severity_asks(case, self._severity, since)
