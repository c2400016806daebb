"""How a case is handled, from the first page to the last check: the procedure that everybody follows.

    page the team -> triage -> command        (validate, declare, call in the roles, start the playbook, inform)
                            -> search and act (one check after another, a remedy for each cause that is found)
                            -> watch          (a glance now and then; what looks well is verified and put on record)
                            -> escalate anew  (when the acknowledgement times out, where the policy has such a time)

A case is *mitigated* when somebody has verified that no business function is down; where none ever was, that nothing
the alerts point at is down.  It is *resolved* when everything that it was about is whole and no critical task of its
playbook is ready or under way, and *closed* once that is on record.  A case that is *reopened* goes through all of it
again; what is still going on from before just goes on.  Where the organisation keeps resolved incidents for a while
(`lifecycle.close_after`), the record is closed after that.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import Any

import simpy

from scenarios.models import Playbook
from simulator.response.case import Case, CaseState
from simulator.response.command import Command
from simulator.response.enrichment import Enrichment
from simulator.response.investigation import Investigation
from simulator.response.obligations import Obligations
from simulator.response.paging import Answer, Call
from simulator.response.playbook_start import PlaybookStart
from simulator.response.relief import Relief
from simulator.response.remedies import Remedies
from simulator.response.reopening import may_reopen
from simulator.response.room import Room
from simulator.response.span import SpanOfControl
from simulator.response.staff import Urgency
from timeline.instants import MINUTE
from timeline.references import ITSM, USERS, person

_LOOK_AGAIN_MS = 5 * MINUTE
"""How often an open case is looked at while nobody has anything better to do."""


class Handling:
    """The handling of one case."""

    def __init__(
        self,
        room: Room,
        case: Case,
        remedies: Remedies,
        playbook: Playbook | None,
        obligations: Obligations,
        span: SpanOfControl,
        relief: Relief | None,
        on_declared: Callable[[Case], None],
    ) -> None:
        self._room = room
        self._case = case
        self._remedies = remedies
        self._playbook = PlaybookStart(room, case, playbook) if playbook is not None else None
        self._command = Command(room, case, self._playbook, span, on_declared)
        self._relief = relief
        self._investigation = Investigation(room, case, remedies)
        self._obligations = obligations
        logs = room.organisation.log_aggregation
        self._enrichment = Enrichment(room, case, logs) if logs is not None else None
        self._verifications = 0
        self._going: dict[str, simpy.Process] = {}
        """The procedures of the case, while they go on and after."""

    def run(self, opened: int) -> Generator[simpy.Event, Any, None]:
        if self._playbook is not None and not self._playbook.at_declaration:
            self._go_on("playbook", self._playbook.when_due)
        if self._enrichment is not None:
            self._go_on("enrichment", self._enrichment.run)
        yield from self._find_responder(opened)
        if not self._case.open:
            return
        timeout = self._room.organisation.policies[self._case.policy].acknowledge_timeout
        if timeout is not None:
            self._go_on("escalate-anew", partial(self._escalate_anew, timeout))
        yield from self._triage()
        self._go_on("command", self._command.run)
        self._go_on("search-and-act", self._search_and_act)
        self._go_on("watch", self._watch)
        if self._relief is not None:
            self._go_on("relief", partial(self._relief.look_after, self._case))
        self._obligations.begin(self._case)

    def reopen(self, cause: int) -> None:
        """The trouble is back.  Whoever was on the bridge is there again once somebody has answered."""
        case = self._case
        because = sorted({cause, case.last_event})
        case.reopenings += 1
        reopened = case.record("reopened", ITSM, because, state=CaseState.DETECTED)
        self._investigation.begin_again()
        self._room.kernel.env.process(self.run(reopened.seq))

    def _go_on(self, name: str, procedure: Callable[[], Generator[simpy.Event, Any, None]]) -> None:
        """Begins a procedure unless it still goes on from before the case was reopened."""
        if name not in self._going or not self._going[name].is_alive:
            self._going[name] = self._room.kernel.env.process(procedure())

    @property
    def _responder(self) -> str:
        assert self._case.responder is not None
        return self._case.responder

    def _find_responder(self, cause: int) -> Generator[simpy.Event, Any, None]:
        """Pages the team; when nobody answers, again at the next sign of trouble."""
        case, room = self._case, self._room
        lap = 0
        while case.open:
            lap += 1
            purpose = f"reopened-{case.reopenings}-response" if case.reopenings else "first-response"
            answer = yield from room.service_levels.answer(case, Call(case.id, f"{purpose}-{lap}", cause))
            if answer is None:
                cause = (yield from self._next_sign()) or cause
                continue
            if not case.open:
                self._join_where_it_went_on(answer)
                return
            case.responder = answer.person
            for who in (answer.person, *case.bridge):
                room.staff.engage(who, case.id)
            case.team = case.team or room.organisation.people[answer.person].team
            case.knowledge.deliver(answer.event)
            case.record("assigned", person(answer.person), [answer.event.seq], state=CaseState.ASSIGNED)
            return

    def _join_where_it_went_on(self, answer: Answer) -> None:
        """Whoever answers for a case that was merged meanwhile joins the bridge of the major incident."""
        major = self._case.leading
        if major.open:
            self._room.roles.join_bridge(major, answer.person, "", answer.event.seq)

    def _next_sign(self) -> Generator[simpy.Event, Any, int]:
        yield self._case.stirred()
        return self._case.last_event

    def _escalate_anew(self, timeout_ms: int) -> Generator[simpy.Event, Any, None]:
        """Pages again while an acknowledged case is not mitigated; whoever answers then has the case from there on."""
        case, room = self._case, self._room
        lap = 0
        while case.open:
            yield room.kernel.env.timeout(timeout_ms)
            if not case.open or case.state is CaseState.MITIGATED:
                continue
            lap += 1
            again = f"-{case.reopenings}" if case.reopenings else ""
            call = Call(case.id, f"acknowledgement-timeout{again}-{lap}", case.last_event)
            answer = yield from room.pager.escalate(case.policy, call)
            if answer is not None and case.open and answer.person != case.responder:
                case.responder = answer.person
                room.staff.engage(answer.person, case.id)
                rests_on = (f"organisation.policies.{case.policy}.acknowledge_timeout",)
                case.record("reassigned", person(answer.person), [answer.event.seq], rests_on=rests_on)

    def _triage(self) -> Generator[simpy.Event, Any, None]:
        case, room, who = self._case, self._room, self._responder
        takes = room.kernel.streams.draw(room.organisation.working.triage, f"person/{who}", "triages", case.round)
        yield from room.staff.work(who, takes, Urgency.COMMAND, case.rank, f"{case.id}/command")
        if not case.open:
            return
        self._glance(who)
        self._command.judge()
        rests_on = ("organisation.working.triage",)
        case.record("triaged", person(who), [case.last_event], state=CaseState.TRIAGED, rests_on=rests_on)

    # Why, and what then

    def _search_and_act(self) -> Generator[simpy.Event, Any, None]:
        case, investigation = self._case, self._investigation
        while case.open:
            explained = bool(case.causes) and (self._is_served() or self._nobody_is_there())
            if explained or investigation.is_exhausted():
                investigation.give_up()
                yield case.stirred() | self._room.kernel.env.timeout(_LOOK_AGAIN_MS)
                if not any(self._remedies.is_in_hand(node) for node in case.causes):
                    investigation.begin_again()
                continue
            cause = yield from investigation.check_next()
            if cause is not None and case.open:
                remedy = self._remedies.begin(case, cause, self._responder)
                if not self._remedies.takes_others(cause):
                    yield remedy

    def _nobody_is_there(self) -> bool:
        """Whether a lost workplace was found to be why, and no alert says that anything else is wrong."""
        return not self._case.firing and any(place in self._case.causes for place in self._case.lost_places)

    # Is it over

    def _watch(self) -> Generator[simpy.Event, Any, None]:
        """Somebody keeps an eye on whether things get better or worse."""
        case = self._case
        while case.open:
            yield case.stirred() | self._room.kernel.env.timeout(_LOOK_AGAIN_MS)
            who = self._command.leader
            self._glance(who)
            if not case.open:
                return
            if case.state is CaseState.MITIGATED and not self._is_served():
                case.record("triaged", person(who), [case.last_event], state=CaseState.TRIAGED)
            elif self._is_served() and (case.state is not CaseState.MITIGATED or self._is_over()):
                yield from self._verify(who)

    def _glance(self, who: str) -> None:
        """At the business functions, what alerts point at and what was bad before, as a dashboard shows them."""
        case, room = self._case, self._room
        room.look_at_functions(case, who, case.last_event)
        bad = (room.node(subject) for subject in case.knowledge.known_bad())
        for node in dict.fromkeys([*case.symptoms, *case.causes, *bad]):
            room.inspect(case, node, who, case.last_event)

    def _is_served(self) -> bool:
        """Whether, as far as known, nobody goes without service because of this."""
        if self._case.corrupt_data:
            return False
        if self._case.had_impact:
            return not self._case.impacts
        return all(self._state(node) != "down" for node in self._case.symptoms)

    def _is_whole(self) -> bool:
        """Whether, as far as known, everything is as it should be, what was broken included."""
        case = self._case
        nodes = [*case.symptoms, *case.causes, *(f"function:{id}" for id in self._room.facts.functions)]
        return all(self._state(node) in ("up", None) for node in nodes)

    def _is_over(self) -> bool:
        """Whether nothing is left to do that the incident has to wait for."""
        run = self._case.playbook_run
        return self._is_whole() and (run is None or not run.is_critical_moving)

    def _state(self, node: str) -> str | None:
        return self._case.knowledge.known_state(self._room.reference(node))

    def _verify(self, who: str) -> Generator[simpy.Event, Any, None]:
        """Takes the time to make sure, then puts on record what is so."""
        case, room = self._case, self._room
        self._verifications += 1
        occasion = f"{case.id}/{self._verifications}"
        length = room.organisation.working.verification
        takes = room.kernel.streams.draw(length, f"person/{who}", "verifies", occasion)
        yield from room.staff.work(who, takes, Urgency.COMMAND, case.rank, f"{case.id}/command")
        if not case.open:
            return
        self._glance(who)
        rests_on = ("organisation.working.verification",)
        if not self._is_served():
            return
        causes = [case.last_event, *case.last_action]
        if case.state is not CaseState.MITIGATED:
            case.record("mitigated", person(who), causes, state=CaseState.MITIGATED, rests_on=rests_on)
        if self._is_over():
            yield from self._ask_users(who)
        if case.open and self._is_over():
            case.record("resolved", person(who), [case.last_event], state=CaseState.RESOLVED, rests_on=rests_on)
            yield from self._close(who)

    def _ask_users(self, who: str) -> Generator[simpy.Event, Any, None]:
        """Those who reported it say whether it works again, where the desk asks them."""
        case, room = self._case, self._room
        desk = room.organisation.service_desk
        if desk is None or desk.confirmation is None or case.source != "user-report":
            return
        asked = case.record("awaits_user", person(who), [case.last_event])
        occasion = f"{case.round}/{self._verifications}"
        yield room.kernel.env.timeout(
            room.kernel.streams.draw(desk.confirmation, f"incident/{case.id}", "users-confirm", occasion)
        )
        rests_on = ("organisation.service_desk.confirmation",)
        case.record("user_confirmed", USERS, [asked.seq], rests_on=rests_on)
        self._glance(who)

    def _close(self, who: str) -> Generator[simpy.Event, Any, None]:
        """What was merged ends with it; the record is completed last."""
        case, room = self._case, self._room
        if (within := room.organisation.event_management.reopen_within) is not None:
            room.kernel.env.process(self._look_after_data(within))
        for part in case.parts:
            if part.state not in (CaseState.RESOLVED, CaseState.CLOSED):
                part.record("resolved", person(who), [case.last_event], state=CaseState.RESOLVED)
        takes = room.kernel.streams.draw(room.organisation.working.decision, f"person/{who}", "closes", case.round)
        yield from room.staff.work(who, takes, Urgency.UPDATE)
        if case.open:
            return
        if (yield from self._is_reopened_before_closing()):
            return
        for finished in (case, *case.parts):
            if finished.state is not CaseState.CLOSED:
                finished.record("closed", person(who), [finished.last_event], state=CaseState.CLOSED)
            room.bridges.close(finished)
            room.staff.release(finished.id)

    def _is_reopened_before_closing(self) -> Generator[simpy.Event, Any, bool]:
        """Waits as long as a resolved incident is kept open for whoever disagrees; nobody works on it meanwhile."""
        case, room = self._case, self._room
        lifecycle, resolved_ms = room.organisation.lifecycle, case.resolved_ms
        if lifecycle is None or lifecycle.close_after is None or resolved_ms is None:
            return False
        for finished in (case, *case.parts):
            room.staff.release(finished.id)
        yield room.kernel.env.timeout(max(resolved_ms + lifecycle.close_after - room.kernel.now(), 0))
        return case.open or case.resolved_ms != resolved_ms

    def _look_after_data(self, within_ms: int) -> Generator[simpy.Event, Any, None]:
        """Tasks that are still under way may find that data are wrong after all."""
        case, kernel = self._case, self._room.kernel
        until_ms = kernel.now() + within_ms
        while may_reopen(case, within_ms, kernel.now()) and kernel.now() < until_ms:
            if case.corrupt_data:
                *_, told = case.knowledge.events_seen()
                self.reopen(told.seq)
                return
            yield case.knowledge.news() | kernel.env.timeout(until_ms - kernel.now())
