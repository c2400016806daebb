"""How a case is handled, from the first page to the last check: the procedure that everybody follows.

page the team -> triage -> (validate, declare, call in the roles, start the playbook, keep people informed)
                        -> search for the cause -> act on it -> verify -> again, until nothing is wrong
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import simpy

from scenarios.models import Playbook
from simulator.response.case import Case
from simulator.response.diagnosis import Search
from simulator.response.paging import Call
from simulator.response.playbook import PlaybookRun
from simulator.response.room import Room
from simulator.response.severity import severity_of
from simulator.response.staff import Urgency
from simulator.response.updates import keep_informed
from timeline.commands import Action, Observation, Verdict
from timeline.details import DecisionDetail, DiagnosisDetail
from timeline.instants import MINUTE
from timeline.references import Reference, RefKind, component, person

COMMANDER = "incident-manager"
"""The role that declares, decides and is asked for approval."""
_LOOK_AGAIN_MS = 5 * MINUTE
"""How often an open case is looked at while nobody has anything better to do."""


class Handling:
    """The handling of one case."""

    def __init__(self, room: Room, case: Case, playbook: Playbook | None, on_declared: Callable[[Case], None]) -> None:
        self._room = room
        self._case = case
        self._playbook = playbook
        self._on_declared = on_declared
        self._search = Search(room.facts, list(case.symptoms))
        self._verifications = 0
        self.playbook_run: PlaybookRun | None = None

    def run(self, opened: int) -> Generator[simpy.Event, Any, None]:
        case = self._case
        yield from self._find_responder(opened)
        if not case.open:
            return
        yield from self._triage()
        self._room.kernel.env.process(self._command())
        while case.open:
            cause = yield from self._diagnose()
            if not case.open:
                return
            if cause is not None:
                yield from self._remedy(*cause)
            back = yield from self._verify(self._responder)
            if back and cause is None and not case.firing:
                break
            if cause is None:
                yield case.knowledge.news() | self._room.kernel.env.timeout(_LOOK_AGAIN_MS)
                self._begin_again()
        if case.open:
            assert case.responder is not None
            case.record("resolved", person(case.responder), [case.last_event], state="resolved")

    # Who

    def _find_responder(self, cause: int) -> Generator[simpy.Event, Any, None]:
        """Pages the team; when nobody answers, again at the next sign of trouble."""
        case = self._case
        lap = 0
        while case.open and case.responder is None:
            lap += 1
            call = Call(case.id, f"first-response-{lap}", cause)
            answer = yield from self._room.pager.escalate(case.policy, call)
            if answer is None:
                yield case.knowledge.news()
                continue
            case.responder = answer.person
            team = self._room.organisation.people[answer.person].team
            case.knowledge.deliver(answer.event)
            case.record("assigned", person(answer.person), [answer.event.seq], state="assigned")
            case.team = case.team or team

    # How bad

    def _triage(self) -> Generator[simpy.Event, Any, None]:
        case, room = self._case, self._room
        who = self._responder
        takes = room.kernel.streams.draw(room.organisation.working.triage, f"person/{who}", "triages", case.id)
        yield from room.staff.work(who, takes, Urgency.COMMAND)
        room.look_at_functions(case, who, case.last_event)
        self._judge()
        case.record(
            "triaged", person(who), [case.last_event], state="triaged", rests_on=("organisation.working.triage",)
        )

    def _judge(self) -> bool:
        """Severity by the matrix, over what is known; True when it changed."""
        impacts = tuple(self._case.impacts.values())
        rule = severity_of(
            self._room.organisation.severities, impacts, self._room.facts.functions, self._room.kernel.now()
        )
        changed = self._case.severity is None or rule.severity != self._case.severity.severity
        self._case.severity = rule
        return changed

    # Command

    def _command(self) -> Generator[simpy.Event, Any, None]:
        """Declares as soon as the severity asks for it, then runs the command side."""
        case, room = self._case, self._room
        while case.open and not (case.severity and case.severity.major):
            yield case.knowledge.news()
            if self._judge() and case.open:
                case.record("severity_changed", person(self._responder), [case.last_event])
        if not case.open:
            return
        manager = yield from room.holder(case, COMMANDER) if COMMANDER in room.organisation.roles else _nobody()
        who = manager or self._responder
        takes = room.kernel.streams.draw(room.organisation.working.validation, f"person/{who}", "validates", case.id)
        yield from room.staff.work(who, takes, Urgency.COMMAND)
        room.look_at_functions(case, who, case.last_event)
        self._judge()
        assert case.severity is not None
        if not case.open:
            return
        impact = ", ".join(case.impacts) or "none"
        detail = DecisionDetail(
            case.id,
            "Declare a major incident?",
            ("declare", "do not declare"),
            "declare" if case.severity.major else "do not declare",
            who,
            f"functions known to be down: {impact}",
        )
        decided = room.kernel.emit(
            "decision.made",
            case.reference,
            person(who),
            detail,
            [case.last_event],
            rests_on=("organisation.working.validation",),
        )
        case.knowledge.deliver(decided)
        if not case.severity.major:
            return
        case.declared = case.record("declared", person(who), [decided.seq])
        self._on_declared(case)
        self._start_command(case.declared.seq)

    def _start_command(self, declared: int) -> None:
        case, room = self._case, self._room
        assert case.severity is not None
        order = [rule.severity for rule in room.organisation.severities]
        for role, spec in room.organisation.roles.items():
            if spec.required_from is None or order.index(case.severity.severity) <= order.index(spec.required_from):
                room.kernel.env.process(self._call_in(role))
        if self._playbook is not None:
            self.playbook_run = PlaybookRun(room, case, self._playbook)
            self.playbook_run.start(declared)
        for audience, every_ms in case.severity.update_every.items():
            room.kernel.env.process(keep_informed(room, case, audience, every_ms, declared))
        room.kernel.env.process(self._keep_looking())

    def _call_in(self, role: str) -> Generator[simpy.Event, Any, None]:
        yield from self._room.holder(self._case, role)

    def _keep_looking(self) -> Generator[simpy.Event, Any, None]:
        """Somebody on the bridge watches whether things get better or worse."""
        case, room = self._case, self._room
        while case.open:
            yield room.kernel.env.timeout(_LOOK_AGAIN_MS)
            room.look_at_functions(case, self._responder, case.last_event)
            for subject in list(case.symptoms):
                self._look_at(subject)
            if not case.impacts and case.state not in ("mitigated", "resolved"):
                yield from self._verify(case.roles.get(COMMANDER, self._responder))

    def _look_at(self, id: str) -> None:
        if (seen := self._room.inspect(id, self._responder, self._case.last_event)) is not None:
            self._case.knowledge.believe(component(id), seen.state)

    # Why

    def _diagnose(self) -> Generator[simpy.Event, Any, tuple[str, str, int] | None]:
        """Checks candidates until a cause is found: (component, kind of fault, event); None when nothing is left."""
        case = self._case
        self._search.extend(case.symptoms)
        started = self._emit("diagnosis.started", None, None, 0, [case.last_event])
        number = 0
        last = started
        while case.open and (id := self._search.next()) is not None:
            number += 1
            yield from self._bring_in_owner(id, last)
            seen = yield from self._check(id, f"{case.id}/{id}/{number}")
            self._search.extend(case.symptoms)
            if seen is None:
                last = self._emit("diagnosis.checked", id, "inconclusive", 0, [last])
                continue
            removed = self._search.learn(id, seen)
            case.knowledge.believe(Reference(RefKind.COMPONENT, id), seen.state)
            if seen.own_fault is not None:
                cause = f"{seen.own_fault} on {id}"
                return id, seen.own_fault, self._emit("diagnosis.concluded", id, cause, removed, [last])
            shown = f"suffers from {', '.join(seen.suffers_from)}" if seen.suffers_from else "nothing wrong"
            last = self._emit("diagnosis.checked", id, shown, removed, [last])
        if case.open:
            self._emit("diagnosis.exhausted", None, None, 0, [last])
        return None

    def _check(self, id: str, occasion: str) -> Generator[simpy.Event, Any, Observation | None]:
        """One check by the responder: None when it showed nothing, for lack of skill."""
        room, who, working = self._room, self._responder, self._room.organisation.working
        kind = str(room.facts.kinds.get(id, "*"))
        skill = room.staff.skill(who, kind)
        conclusive = room.kernel.streams.chance(skill, f"person/{who}", "check-conclusive", occasion)
        takes = room.kernel.streams.draw(
            working.check if conclusive else working.check_unskilled, f"person/{who}", "checks", occasion
        )
        yield from room.staff.work(who, takes, Urgency.DIAGNOSIS)
        return room.inspect(id, who, self._case.last_event) if conclusive else None

    def _bring_in_owner(self, id: str, cause: int) -> Generator[simpy.Event, Any, None]:
        """When the trail leads to another team's component and nobody here knows that kind, its team takes over."""
        room, case = self._room, self._case
        owner = room.facts.owners.get(id)
        kind = str(room.facts.kinds.get(id, "*"))
        if owner is None or owner == case.team or room.staff.skill(self._responder, kind) >= _COMPETENT:
            return
        policy = room.organisation.teams[owner].policy
        if policy is None:
            return
        answer = yield from room.pager.escalate(policy, Call(case.id, f"hand-off-{owner}", cause))
        case.team = owner
        if answer is None or not case.open or answer.person == case.responder:
            return
        streams = room.kernel.streams
        keeps = room.organisation.working.handoff_keeps
        self._search.hand_over(keeps, streams.uniform(f"case/{case.id}", "hand-over", owner))
        case.responder = answer.person
        self._emit("diagnosis.handed_off", id, f"to {owner}", 0, [answer.event.seq])
        case.record("reassigned", person(answer.person), [answer.event.seq])

    # What then

    def _remedy(self, id: str, fault: str, cause: int) -> Generator[simpy.Event, Any, None]:
        """Acts by the runbook, unless the playbook already has that in hand."""
        room, case = self._room, self._case
        if self.playbook_run is not None and self.playbook_run.acts_on(id):
            return
        possible = room.facts.possible.get(id, frozenset[Action]())
        for action in room.facts.cleared_by.get(fault, ()):
            if action not in possible:
                continue
            outcome = yield from room.act(case, action, id, self._responder, cause, f"{case.id}/runbook-{id}-{action}")
            if outcome.verdict is Verdict.COMPLETED:
                return
            cause = outcome.event

    def _verify(self, who: str) -> Generator[simpy.Event, Any, bool]:
        """Whether service is back, by a careful look; puts the answer on record when it is news."""
        case, room = self._case, self._room
        self._verifications += 1
        back = yield from room.verify(case, who, case.last_event, f"{case.id}/{self._verifications}")
        if back and case.state not in ("mitigated", "resolved") and case.open:
            rests_on = ("organisation.working.verification",)
            case.record("mitigated", person(who), [case.last_event], state="mitigated", rests_on=rests_on)
        elif not back and case.state == "mitigated":
            case.record("triaged", person(who), [case.last_event], state="triaged")
        return back

    def _begin_again(self) -> None:
        """What was excluded may be wrong by now."""
        self._search = Search(self._room.facts, list(self._case.symptoms))

    @property
    def _responder(self) -> str:
        assert self._case.responder is not None
        return self._case.responder

    def _emit(self, kind: str, checked: str | None, finding: str | None, removed: int, causes: list[int]) -> int:
        detail = DiagnosisDetail(
            self._case.id, self._responder, len(self._search.candidates), checked, finding, removed
        )
        event = self._room.kernel.emit(kind, self._case.reference, person(self._responder), detail, causes)
        self._case.knowledge.deliver(event)
        return event.seq


_COMPETENT = 0.5
"""From this chance of a conclusive check on, a responder looks for himself before calling the owner."""


def _nobody() -> Generator[simpy.Event, Any, None]:
    return None
    yield
