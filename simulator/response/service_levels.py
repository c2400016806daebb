"""Service levels at work: the clocks of an agreement for each incident, and who is called before one runs out.

    sla.due          a promise holds for an incident: until when; said again when severity or a pause moves it
    sla.paused       its clock stands still
    sla.escalated    so much of the target is used up that another policy is paged
    sla.met          it was kept, late or not, and how much was left of the time that counts
    sla.breached     it was not kept in time

The clocks belong to the ticket, not to anybody: they go by what is put on record.  Severity holds from the beginning:
an incident that turns out to be graver was due earlier all along, and may be late at once.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

import simpy

from simulator.kernel import Kernel
from simulator.response.case import Case
from simulator.response.paging import Answer, Call, Pager
from simulator.response.staff import Staff
from timeline.details import IncidentDetail, ServiceLevelDetail
from timeline.events import Event
from timeline.instants import from_wall, to_wall
from timeline.references import Reference, RefKind, function
from topologies.business_hours import BusinessCalendar, after, worked
from topologies.organisation import Organisation
from topologies.service_levels import ServiceLevelAgreement, most_particular

Promise = Literal["respond", "resolve"]
_ITSM = Reference(RefKind.SYSTEM, "itsm")


@dataclass(frozen=True, slots=True)
class Hours:
    """Time that counts, in exercise time: all of it, or the business hours of a calendar."""

    calendar: BusinessCalendar | None
    epoch: datetime

    def counted_ms(self, since_ms: int, until_ms: int) -> int:
        if self.calendar is None:
            return until_ms - since_ms
        since, until = to_wall(since_ms, self.epoch), to_wall(until_ms, self.epoch)
        return round(worked(self.calendar.openings(since), until) / timedelta(milliseconds=1))

    def after_ms(self, length_ms: int, since_ms: int) -> int:
        """When so much has counted."""
        if self.calendar is None:
            return since_ms + length_ms
        since = to_wall(since_ms, self.epoch)
        return from_wall(after(timedelta(milliseconds=length_ms), self.calendar.openings(since)), self.epoch)


@dataclass(slots=True)
class Clock:
    """The clock of one promise for one incident.  It runs, or stands still since `stopped_ms`."""

    promise: Promise
    runs: list[tuple[int, int]] = field(default_factory=list)
    """Spans in which it ran and which are over."""
    running_since_ms: int | None = None
    length_ms: int = 0
    severity: str = ""
    hours: Hours | None = None
    kept: Event | None = None
    due: Event | None = None
    turn: int = 0
    """How often its due moment has been said: what was set up for an earlier one does not count any more."""

    def stop(self, now_ms: int) -> None:
        if self.running_since_ms is not None:
            self.runs.append((self.running_since_ms, now_ms))
            self.running_since_ms = None

    def used_ms(self, now_ms: int) -> int:
        """Time that has counted so far."""
        assert self.hours is not None
        return sum(self.hours.counted_ms(since, until) for since, until in self._spans(now_ms))

    def when_used_ms(self, length_ms: int) -> int | None:
        """The moment at which so much has counted, or would have, had it not been kept; None where it is paused."""
        assert self.hours is not None
        stands_still = self.running_since_ms is None
        over = self.runs[:-1] if stands_still else self.runs
        last_ms = self.runs[-1][0] if self.running_since_ms is None else self.running_since_ms
        left = length_ms
        for since, until in over:
            counted = self.hours.counted_ms(since, until)
            if counted >= left:
                return self.hours.after_ms(left, since)
            left -= counted
        return None if stands_still and self.kept is None else self.hours.after_ms(left, last_ms)

    def _spans(self, now_ms: int) -> Iterator[tuple[int, int]]:
        yield from self.runs
        if self.running_since_ms is not None:
            yield self.running_since_ms, now_ms


@dataclass(eq=False, slots=True)
class _Ticket:
    """One incident under one agreement."""

    case: Case
    id: str
    agreement: ServiceLevelAgreement
    clocks: dict[Promise, Clock]
    escalated: set[str] = field(default_factory=set)
    taken: simpy.Event | None = None
    """Fires with whoever answers first, while the team is being paged."""
    paging: simpy.Process | None = None
    """The escalation of the promise to respond."""
    answer: Answer | None = None
    """Who answered it while nobody was being paged."""


class ServiceLevels:
    """The agreements of an organisation, and the incidents that fall under them."""

    def __init__(self, kernel: Kernel, organisation: Organisation, staff: Staff, pager: Pager) -> None:
        self._kernel = kernel
        self._agreements = organisation.service_levels
        self._staff = staff
        self._pager = pager
        self._tickets: dict[str, _Ticket] = {}
        if self._agreements:
            kernel.timeline.listen(self._note)

    def begin(self, case: Case, opened: Event, needs: Callable[[str], frozenset[str]]) -> None:
        """The clocks of a new incident run.  `needs` tells a node of the documented graph with all that it needs."""
        found = most_particular(self._agreements, lambda a: _covers(a, list(case.symptoms), needs))
        if found is None:
            return
        agreement, now_ms = self._agreements[found], self._kernel.now()
        clocks: dict[Promise, Clock] = {p: Clock(p, running_since_ms=now_ms) for p in ("respond", "resolve")}
        ticket = self._tickets[case.id] = _Ticket(case, found, agreement, clocks)
        if agreement.before_triage is not None:
            self._promise(ticket, clocks["respond"], agreement.before_triage, opened)

    def answer(self, case: Case, call: Call) -> Generator[simpy.Event, Any, Answer | None]:
        """Pages the policy of a case; whoever is called because time runs out may answer first."""
        ticket = self._tickets.get(case.id)
        if ticket is None or ticket.agreement.escalation is None:
            return (yield from self._pager.escalate(case.policy, call))
        if (waiting := ticket.answer) is not None:
            ticket.answer = None
            return waiting
        ticket.taken = taken = self._kernel.env.event()
        answer = yield from self._pager.escalate(case.policy, call, taken)
        if answer is None and ticket.paging is not None and ticket.paging.is_alive:
            yield taken | ticket.paging
            answer = taken.value if taken.triggered else None
        ticket.taken = None
        if not taken.triggered:
            taken.succeed(None)
        return answer

    # What is put on record

    def _note(self, event: Event) -> None:
        """A moment later: what is on record is complete before anything follows from it."""
        if event.family == "incident" and event.subject.id in self._tickets:
            self._kernel.call_at(self._kernel.now(), partial(self._take, self._tickets[event.subject.id], event))

    def _take(self, ticket: _Ticket, event: Event) -> None:
        assert isinstance(event.detail, IncidentDetail)
        respond, resolve = ticket.clocks["respond"], ticket.clocks["resolve"]
        match event.kind:
            case "incident.assigned" if respond.kept is None:
                self._keep(ticket, respond, event)
            case "incident.triaged" | "incident.severity_changed" if event.detail.severity is not None:
                for clock in (respond, resolve):
                    self._judge(ticket, clock, event.detail.severity, event)
            case "incident.awaits_user" if ticket.agreement.pauses_while_waiting:
                self._pause(ticket, resolve, event)
            case "incident.user_confirmed" | "incident.reopened":
                self._resume(ticket, resolve, event)
            case "incident.resolved":
                self._keep(ticket, resolve, event)
            case "incident.merged":
                for clock in (respond, resolve):
                    clock.stop(event.at_ms)
                    clock.turn += 1

    def _judge(self, ticket: _Ticket, clock: Clock, severity: str, event: Event) -> None:
        """Severity is known, or has changed: what it promises holds from the beginning."""
        if clock.severity == severity and clock.due is not None:
            return
        self._promise(ticket, clock, severity, event)
        if clock.kept is not None:
            self._say_kept(ticket, clock)

    def _promise(self, ticket: _Ticket, clock: Clock, severity: str, event: Event) -> None:
        target = ticket.agreement.targets.get(severity)
        length_ms = None if target is None else target.respond if clock.promise == "respond" else target.resolve
        if length_ms is None:
            clock.turn += 1
            if clock.due is not None:
                self._emit("sla.due", ticket, clock, [event.seq])
                clock.due = None
            return
        clock.severity, clock.length_ms = severity, length_ms
        clock.hours = Hours(ticket.agreement.hours_for(severity), self._kernel.epoch)
        self._say_due(ticket, clock, event)

    def _say_due(self, ticket: _Ticket, clock: Clock, event: Event) -> None:
        clock.turn += 1
        due_ms = clock.when_used_ms(clock.length_ms)
        assert due_ms is not None or clock.kept is not None
        clock.due = self._emit("sla.due", ticket, clock, [event.seq], due_ms=due_ms)
        if clock.kept is not None or due_ms is None:
            return
        turn = clock.turn
        # What is kept in the very moment in which it is due is kept in time.
        self._kernel.call_at(due_ms + 1, partial(self._break, ticket, clock, turn))
        if (escalation := ticket.agreement.escalation) is not None:
            warn_ms = clock.when_used_ms(round(escalation.at * clock.length_ms))
            assert warn_ms is not None
            self._kernel.call_at(warn_ms, partial(self._escalate, ticket, clock, turn, escalation.policy))

    def _keep(self, ticket: _Ticket, clock: Clock, event: Event) -> None:
        clock.kept = event
        clock.stop(event.at_ms)
        clock.turn += 1
        if clock.due is not None:
            self._say_kept(ticket, clock)

    def _say_kept(self, ticket: _Ticket, clock: Clock) -> None:
        assert clock.kept is not None
        if clock.due is not None:
            left_ms = clock.length_ms - clock.used_ms(clock.kept.at_ms)
            self._emit("sla.met", ticket, clock, [clock.due.seq, clock.kept.seq], left_ms=left_ms)

    def _pause(self, ticket: _Ticket, clock: Clock, event: Event) -> None:
        clock.stop(event.at_ms)
        clock.turn += 1
        if clock.due is not None:
            self._emit("sla.paused", ticket, clock, [clock.due.seq, event.seq])

    def _resume(self, ticket: _Ticket, clock: Clock, event: Event) -> None:
        if clock.running_since_ms is not None:
            return
        clock.kept, clock.running_since_ms = None, event.at_ms
        if clock.due is not None:
            self._say_due(ticket, clock, event)

    # When time runs out

    def _break(self, ticket: _Ticket, clock: Clock, turn: int) -> None:
        if turn == clock.turn and clock.due is not None:
            self._emit("sla.breached", ticket, clock, [clock.due.seq])

    def _escalate(self, ticket: _Ticket, clock: Clock, turn: int, policy: str) -> None:
        purpose = f"sla-{clock.promise}-{clock.severity}" + (f"-{n}" if (n := ticket.case.reopenings) else "")
        if turn != clock.turn or clock.due is None or purpose in ticket.escalated or ticket.case.parent is not None:
            return
        ticket.escalated.add(purpose)
        escalated = self._emit("sla.escalated", ticket, clock, [clock.due.seq])
        call = Call(ticket.case.id, purpose, escalated.seq)
        process = self._kernel.env.process(self._call(ticket, clock, policy, call))
        if clock.promise == "respond":
            ticket.paging = process

    def _call(self, ticket: _Ticket, clock: Clock, policy: str, call: Call) -> Generator[simpy.Event, Any, None]:
        """Whoever answers takes an incident that nobody has yet, and joins in the work on any other."""
        answer = yield from self._pager.escalate(policy, call, ticket.taken if clock.promise == "respond" else None)
        if answer is None or not ticket.case.open:
            return
        self._staff.engage(answer.person, ticket.case.id)
        if clock.promise == "respond" and clock.kept is None and ticket.taken is None:
            ticket.answer = answer
        ticket.case.stir()

    def _emit(
        self,
        kind: str,
        ticket: _Ticket,
        clock: Clock,
        causes: Sequence[int],
        *,
        due_ms: int | None = None,
        left_ms: int | None = None,
    ) -> Event:
        said = None if clock.due is None else clock.due.detail
        if kind in ("sla.met", "sla.escalated", "sla.breached") and isinstance(said, ServiceLevelDetail):
            due_ms = said.due_at_ms
        detail = ServiceLevelDetail(
            ticket.id, clock.promise, ticket.case.id, clock.severity, clock.length_ms, due_ms, left_ms
        )
        subject = Reference(RefKind.SLA, f"{ticket.id}.{clock.severity}.{clock.promise}")
        path = (f"organisation.service_levels.{ticket.id}",)
        return self._kernel.emit(kind, subject, _ITSM, detail, causes, rests_on=path)


def _covers(agreement: ServiceLevelAgreement, symptoms: Sequence[str], needs: Callable[[str], frozenset[str]]) -> bool:
    """Whether an incident is about something that the agreement covers, that it needs, or that needs it."""
    covered = [node for id in agreement.covers for node in (id, str(function(id)))]
    return not covered or any(
        node in needs(symptom) or symptom in needs(node) for node in covered for symptom in symptoms
    )
