"""Reports to authorities: somebody judges what the incident is to a regime, then writes and files what it wants.

    obligation.classified    somebody decided whether the incident is one of the regime's, from what was known
    obligation.due           the clock of a report runs: until when
    obligation.filed         it was handed in (failed: the channel did not work; it is tried again)

Judging and writing are work of whoever holds the role: it takes attention away from other things, and it waits for
somebody to take the role.  An incident that is not one of the regime's is judged again while it lasts.  What was owed
once stays owed, also when service is back.

Parts of a major incident are judged with it, unless one of them had been before: an authority hears of one incident
once.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import simpy

from simulator.kernel import Kernel
from simulator.response.case import Case, CaseState
from simulator.response.known_impact import KnownImpact
from simulator.response.room import Room
from simulator.response.staff import Urgency
from timeline.details import ApprovalDetail, ClassificationDetail, ObligationDetail, PageDetail
from timeline.events import Event
from timeline.instants import MINUTE, from_wall, to_wall
from timeline.references import Reference, RefKind, person
from topologies.classification import Setting, classify, facts_of, personal_data_affected
from topologies.obligations import AWARE, CLASSIFIED, Obligation, ObligationDuty, Report, ReportDuty, counting, due_at

_TRIES = 12
_TRY_AGAIN_MS = 10 * MINUTE
"""How long a writer waits before trying again a channel that did not take the report."""
_WHOLE = (CaseState.RESOLVED, CaseState.CLOSED)


class Obligations:
    """What applies to the organisation, and when each incident first reached a human."""

    def __init__(self, kernel: Kernel, room: Room, applying: Mapping[str, Obligation]) -> None:
        self._room = room
        self._applying = applying
        self._aware: dict[str, int] = {}
        self._judging: dict[tuple[str, str], tuple[_Seen, simpy.Process]] = {}
        self.classified: dict[tuple[str, str], Event] = {}
        """Incidents that were found to be a regime's, by obligation and incident."""
        if applying:
            kernel.timeline.listen(self._note)

    def begin(self, case: Case) -> None:
        """Somebody looks after the regimes from now on; again, where that had ended before the case was reopened."""
        if not self._applying:
            return
        if case.reopenings:
            self._judge_again(case)
            return
        known = KnownImpact(self._room, case)
        self._room.kernel.env.process(known.follow())
        for id, obligation in self._applying.items():
            work = _Seen(self, self._room, case, id, obligation, known)
            self._judging[id, case.id] = work, self._room.kernel.env.process(work.run())

    def _judge_again(self, case: Case) -> None:
        for id in self._applying:
            work, judging = self._judging[id, case.id]
            if not judging.is_alive and (id, case.id) not in self.classified:
                self._judging[id, case.id] = work, self._room.kernel.env.process(work.run())

    def aware_ms(self, case: Case) -> int:
        """When a page about it, or a user's report, first reached a human; at the latest now."""
        told = [self._aware[c.id] for c in (case, *case.parts) if c.id in self._aware]
        told += [e.at_ms for e in case.knowledge.events_seen() if e.kind == "report.received"]
        return min([*told, self._room.kernel.now()])

    def _note(self, event: Event) -> None:
        if event.kind == "page.delivered" and isinstance(event.detail, PageDetail):
            self._aware.setdefault(event.detail.incident, event.at_ms)


class _Seen:
    """One incident in the eyes of one regime."""

    def __init__(
        self, desk: Obligations, room: Room, case: Case, id: str, obligation: Obligation, known: KnownImpact
    ) -> None:
        self._desk = desk
        self._room = room
        self._case = case
        self._id = id
        self._obligation = obligation
        self._duty: ObligationDuty = room.organisation.obligations[id]
        self._known = known
        self._setting = Setting(
            room.facts.functions,
            room.kernel.epoch,
            ZoneInfo(room.facts.timezone),
            room.facts.currency,
            self._duty.complaints,
        )
        self._counting = counting(self._duty, room.facts.timezone, room.organisation.holidays)
        self._moments: dict[str, datetime] = {}
        self._because: dict[str, int] = {}
        """The event behind each moment."""
        self._due: dict[str, Event] = {}
        self._moved = room.kernel.env.event()

    # Is it one of theirs

    def run(self) -> Generator[simpy.Event, Any, None]:
        case, kernel = self._case, self._room.kernel
        while not self._is_worth_judging():
            if case.parent is not None:
                return
            yield case.knowledge.news()
        lap = 0
        while True:
            who = yield from self._room.roles.until_held(case, self._duty.role)
            lap += 1
            occasion = f"{case.round}/{lap}"
            takes = kernel.streams.draw(self._duty.classification, f"obligation/{self._id}", "classifies", occasion)
            yield from self._room.staff.work(who, takes, Urgency.TASK)
            if case.parent is not None or self._was_classified():
                return
            classified = self._classify(who)
            if classified is not None:
                self._owe(classified)
                return
            if self._duty.reassess_every is None:
                return
            yield kernel.env.timeout(
                kernel.streams.draw(self._duty.reassess_every, f"obligation/{self._id}", "reassesses", occasion)
            )
            if not case.open and self._obligation.owed_when != "personal-data":
                return

    def _is_worth_judging(self) -> bool:
        match self._obligation.owed_when:
            case "severity":
                return self._is_grave()
            case "personal-data":
                return any(e.kind == "loss.found" for e in self._case.knowledge.events_seen())
            case _:
                return self._known.is_hurting

    def _was_classified(self) -> bool:
        return any((self._id, part.id) in self._desk.classified for part in (self._case, *self._case.parts))

    def _classify(self, who: str) -> Event | None:
        """The decision; its event when the incident is one of the regime's."""
        case = self._case
        course = self._known.course(self._desk.aware_ms(case))
        met: tuple[str, ...] = ()
        unknown: tuple[str, ...] = ()
        if self._obligation.owed_when == "severity":
            applies: bool | None = self._is_grave()
        elif self._obligation.owed_when == "personal-data":
            applies = personal_data_affected(course, self._setting.functions)
            met = ("personal-data",) if applies else ()
        else:
            found = classify(facts_of(course, self._setting, self._room.kernel.now()))
            applies, met, unknown = found.major, found.met, found.unknown
        detail = ClassificationDetail(self._id, applies, met, unknown, case.id, who)
        path = (f"organisation.obligations.{self._id}.classification",)
        event = self._room.kernel.emit(
            "obligation.classified", _about(self._id), person(who), detail, [case.last_event], rests_on=path
        )
        case.knowledge.deliver(event)
        if applies is not True:
            return None
        self._desk.classified[self._id, case.id] = event
        return event

    def _is_grave(self) -> bool:
        if self._case.severity is None or self._duty.from_severity is None:
            return False
        order = [rule.severity for rule in self._room.organisation.severities]
        return order.index(self._case.severity.severity) <= order.index(self._duty.from_severity)

    # What is owed then

    def _owe(self, classified: Event) -> None:
        epoch = self._room.kernel.epoch
        self._moments[AWARE] = to_wall(self._desk.aware_ms(self._case), epoch)
        self._moments[CLASSIFIED] = to_wall(classified.at_ms, epoch)
        self._because |= {AWARE: classified.seq, CLASSIFIED: classified.seq}
        for id, report in self._obligation.reports.items():
            self._room.kernel.env.process(self._run_clock(id, report))
            if (how := self._duty.reports.get(id)) is not None:
                self._room.kernel.env.process(self._see_to(id, report, how))

    def _run_clock(self, id: str, report: Report) -> Generator[simpy.Event, Any, None]:
        """Says when the report is due, and again when that changes before it was filed."""
        said: int | None = None
        while id not in self._moments:
            due = due_at(report, self._moments, self._counting)
            due_ms = None if due is None else from_wall(due, self._room.kernel.epoch)
            if due_ms is not None and due_ms != said:
                said = due_ms
                detail = self._detail(id, report, due_ms)
                cause = self._because[report.starts]
                event = self._room.kernel.emit(
                    "obligation.due", _about(self._id, id), self._case.reference, detail, [cause]
                )
                first = id not in self._due
                self._due[id] = event
                if first:
                    self._move()
            yield self._moved

    def _see_to(self, id: str, report: Report, how: ReportDuty) -> Generator[simpy.Event, Any, None]:
        while id not in self._due:
            yield self._moved
        kernel = self._room.kernel
        if how.begins_after is not None:
            wait = kernel.streams.draw(how.begins_after, self._entity(id), "begins-after", self._case.id)
            yield kernel.env.timeout(wait)
        yield from self._write_and_file(id, report, how, 1)
        if not report.again_when_recovered or self._case.state in _WHOLE or id not in self._moments:
            return
        while self._case.state not in _WHOLE:
            yield self._case.knowledge.news()
        yield from self._write_and_file(id, report, how, 2)

    def _write_and_file(
        self, id: str, report: Report, how: ReportDuty, number: int
    ) -> Generator[simpy.Event, Any, None]:
        kernel, case, occasion = self._room.kernel, self._case, f"{self._case.id}/{number}"
        who = yield from self._room.roles.until_held(case, self._duty.role)
        writing = kernel.streams.draw(how.writing, self._entity(id), "writing", occasion)
        yield from self._room.staff.work(who, writing, Urgency.TASK)
        causes = [self._due[id].seq]
        if (approved := (yield from self._approval(id, who, causes[0], occasion))) is not None:
            causes.append(approved)
        channel = self._room.organisation.channels[self._duty.channel]
        path, about = f"organisation.obligations.{self._id}.reports.{id}", _about(self._id, id)
        for attempt in range(1, _TRIES + 1):
            detail = self._detail(id, report, self._due_ms(id) if number == 1 else None, number)
            failed = not self._room.reach.channel_works(self._duty.channel) or kernel.streams.chance(
                channel.failure, self._entity(id), "filing-fails", f"{occasion}/{attempt}"
            )
            if not failed:
                yield kernel.env.timeout(
                    kernel.streams.draw(channel.latency, self._entity(id), "filing-takes", f"{occasion}/{attempt}")
                )
                filed = kernel.emit("obligation.filed", about, person(who), detail, causes, rests_on=(path,))
                case.knowledge.deliver(filed)
                self._moments[id] = to_wall(filed.at_ms, kernel.epoch)
                self._because[id] = filed.seq
                self._move()
                return
            reason = f"{channel.title} does not work"
            failure = self._detail(id, report, detail.due_at_ms, number, reason)
            kernel.emit("obligation.failed", about, person(who), failure, causes)
            yield kernel.env.timeout(_TRY_AGAIN_MS)

    def _approval(self, id: str, who: str, cause: int, occasion: str) -> Generator[simpy.Event, Any, int | None]:
        """Somebody else reads it first, where the organisation wants that."""
        duty, kernel = self._duty, self._room.kernel
        if duty.approver is None or duty.approval is None:
            return None
        about = _about(self._id, id)
        detail = ApprovalDetail(f"file {id}", who, duty.approver, self._case.id)
        asked = kernel.emit("approval.requested", about, person(who), detail, [cause])
        approver = yield from self._room.roles.until_held(self._case, duty.approver)
        takes = kernel.streams.draw(duty.approval, self._entity(id), "approval", occasion)
        yield from self._room.staff.work(approver, takes, Urgency.COMMAND)
        path = (f"organisation.obligations.{self._id}.approval",)
        granted = kernel.emit("approval.granted", about, person(approver), detail, [asked.seq], rests_on=path)
        return granted.seq

    def _due_ms(self, id: str) -> int | None:
        detail = self._due[id].detail
        assert isinstance(detail, ObligationDetail)
        return detail.due_at_ms

    def _detail(
        self, id: str, report: Report, due_ms: int | None, number: int = 1, reason: str = ""
    ) -> ObligationDetail:
        return ObligationDetail(self._id, id, report.title, self._case.id, due_ms, report.source, number, reason)

    def _entity(self, report: str) -> str:
        return f"obligation/{self._id}/{report}"

    def _move(self) -> None:
        moved, self._moved = self._moved, self._room.kernel.env.event()
        moved.succeed()


def _about(obligation: str, report: str | None = None) -> Reference:
    """A regime, or one of its reports: `obligation:dora`, `obligation:dora.initial`."""
    return Reference(RefKind.OBLIGATION, obligation if report is None else f"{obligation}.{report}")
