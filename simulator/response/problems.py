"""Problem management: why it happened, beside the incident that it happened in (ITIL 4).

A *problem* is opened for every declared major incident, for a failure that recurs, or when the workflow asks for one,
as the organisation's policy says.  A *failure* is a kind of fault in one place; while a problem about it is not
resolved, further incidents of it are linked to that problem.

    open -> root cause found -> known error (with what helps meanwhile) -> resolved

The incident has its own end: resolving it leaves the problem open.  Whoever of the problem's team knows the field best
works on it, after everything that an incident needs from him.  A session of analysis finds the root cause with that
person's skill where the incident showed the cause; else it is a search like that of the incident, over what is still to
be seen.  A *known error* is looked at first when something shows that it could explain, and its workaround is tried
first (`Search`, `Remedies`): nothing is faster for any other reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import simpy

from simulator.response.case import Case
from simulator.response.diagnosis import OVERLOAD, Search
from simulator.response.room import KnownError, Room
from simulator.response.staff import Urgency
from timeline.commands import Action
from timeline.details import CommandDetail, DiagnosisDetail
from timeline.events import Event
from timeline.instants import MINUTE, from_wall
from timeline.references import ITSM, Reference, person, problem
from timeline.workflow_details import ProblemDetail
from topologies.problems import ProblemPolicy

Failure = tuple[str, str]
"""Where, and which kind of fault."""
_PIECE_MS = 5 * MINUTE
"""How long somebody works on a problem before looking up."""
_HEARD = ("incident.declared", "incident.merged", "incident.resolved", "diagnosis.concluded")


@dataclass(eq=False)
class Problem:
    """One record; `case` is the incident that it was opened in."""

    id: str
    case: Case
    incidents: list[str]
    over: simpy.Event
    """Fires when an incident of it is resolved."""
    last: int = 0
    state: str = "open"
    failure: Failure | None = None
    workaround: Action | None = None
    searches: list[Search] = field(default_factory=list)

    @property
    def reference(self) -> Reference:
        return problem(self.id)


class Problems:
    """The problems of an exercise.  `case_of` finds an incident by its id."""

    def __init__(self, room: Room, policy: ProblemPolicy, case_of: Callable[[str], Case | None]) -> None:
        self._room = room
        self._policy = policy
        self._case_of = case_of
        self._problems: list[Problem] = []
        self._seen: dict[Failure, dict[str, int]] = defaultdict(dict)
        """Failures that were found: in which incidents, and when."""
        for known in policy.known_errors:
            room.known_errors[known.component] = KnownError(known.fault)
        room.kernel.timeline.listen(self._heard)

    def _heard(self, event: Event) -> None:
        if event.kind in _HEARD:
            self._room.kernel.call_at(self._room.kernel.now(), partial(self._take_in, event))

    def _take_in(self, event: Event) -> None:
        case = self._case_of(event.subject.id)
        if case is None:
            return
        if event.kind == "incident.declared" and self._policy.major:
            self.open_for(case, "major", event.seq)
        elif event.kind == "diagnosis.concluded":
            self._found(case, event)
        elif event.kind == "incident.resolved":
            for record in self._problems:
                if case.leading.id in record.incidents and not record.over.triggered:
                    record.over.succeed()

    def open_for(self, case: Case, reason: str, cause: int) -> None:
        """A problem for an incident, unless there is one; one about the same failure takes the incident in."""
        case = case.leading
        if any(case.id in record.incidents for record in self._problems):
            return
        failure = self._failure_of(case)
        about = next((r for r in self._problems if failure is not None and r.failure == failure), None)
        if about is not None and about.state != "resolved":
            about.incidents.append(case.id)
            self._tell("problem.incident_linked", about, ITSM, [cause, about.last], reason)
            return
        made = Problem(case.id, case, [case.id], self._room.kernel.env.event(), failure=failure)
        self._problems.append(made)
        self._tell("problem.opened", made, ITSM, [cause], reason)
        self._room.kernel.env.process(self._work(made))

    def _found(self, case: Case, event: Event) -> None:
        """A cause was found: it may be one that was seen before, and tells a problem where to look."""
        assert isinstance(event.detail, DiagnosisDetail)
        failure = _failure(event.detail)
        if failure is None:
            return
        self._seen[failure].setdefault(case.leading.id, event.at_ms)
        if self._recurs(failure, event.at_ms):
            self.open_for(case, "recurrence", event.seq)
        for record in self._problems:
            if record.failure is None and case.leading.id in record.incidents:
                record.failure = failure

    def _recurs(self, failure: Failure, now_ms: int) -> bool:
        rule = self._policy.recurrence
        if rule is None:
            return False
        here = [at_ms for at_ms in self._seen[failure].values() if now_ms - at_ms <= rule.within]
        before = [
            past
            for past in self._policy.past
            if past.component == failure[0]
            and past.fault in (None, failure[1])
            and 0 <= now_ms - from_wall(past.at, self._room.kernel.epoch) <= rule.within
        ]
        return len(here) + len(before) >= rule.times

    def _failure_of(self, case: Case) -> Failure | None:
        """The last cause that was found in an incident."""
        found = [e.detail for e in case.knowledge.events_seen() if e.kind == "diagnosis.concluded"]
        failures = [f for detail in found if isinstance(detail, DiagnosisDetail) and (f := _failure(detail))]
        return failures[-1] if failures else None

    # Working on one

    def _work(self, record: Problem) -> Generator[simpy.Event, Any, None]:
        work, kernel = self._policy.work, self._room.kernel
        if work.begins == "after-resolution" and record.case.leading.open:
            yield record.over
        for session in range(1, work.sessions + 1):
            who = self._investigator(record)
            if who is None:
                return
            takes = kernel.streams.draw(work.analysis, f"problem/{record.id}", "analysis", f"session-{session}")
            yield from self._spend(who, takes)
            if self._finds_cause(record, who, session):
                break
            path = ("organisation.problems.work.analysis",)
            self._tell("problem.analysed", record, person(who), [record.last], "no root cause yet", who, path)
        else:
            return
        yield from self._document(record, who)
        if work.fix is not None:
            takes = kernel.streams.draw(work.fix, f"problem/{record.id}", "fix", "once")
            yield from self._spend(who, takes)
            record.state = "resolved"
            assert record.failure is not None
            self._room.known_errors.pop(record.failure[0], None)
            path = ("organisation.problems.work.fix",)
            self._tell("problem.resolved", record, person(who), [record.last], "", who, path)

    def _spend(self, who: str, takes_ms: int) -> Generator[simpy.Event, Any, None]:
        """Work that is laid aside for whatever is more urgent."""
        while takes_ms > 0:
            piece = min(takes_ms, _PIECE_MS)
            yield from self._room.staff.work(who, piece, Urgency.PROBLEM)
            takes_ms -= piece

    def _investigator(self, record: Problem) -> str | None:
        """Whoever knows the field best in the team that has the problem."""
        room, node = self._room, record.failure[0] if record.failure else None
        owner = room.facts.owners.get(node) if node is not None else None
        team = self._policy.work.team or owner or record.case.team
        members = [id for id, spec in room.organisation.people.items() if spec.team == team]
        return max(members, key=lambda who: self._skill(who, node), default=None)

    def _skill(self, who: str, node: str | None) -> float:
        kind = self._room.facts.kinds.get(node) if node is not None else None
        return 1.0 if kind is None else self._room.staff.skill(who, kind)

    def _finds_cause(self, record: Problem, who: str, session: int) -> bool:
        """One session: whether it ends with the root cause."""
        node = record.failure[0] if record.failure is not None else self._next_suspect(record)
        if node is None:
            return False
        chance = self._room.kernel.streams.chance
        if not chance(self._skill(who, node), f"problem/{record.id}", "analysis-conclusive", f"session-{session}"):
            return False
        if record.failure is None:
            seen = self._room.inspect(record.case, node, who, record.last)
            if seen is None or seen.own_fault is None:
                if seen is not None:
                    record.searches[0].learn(node, seen)
                return False
            record.failure = (node, seen.own_fault)
        record.state = "root-cause-found"
        path = ("organisation.problems.work.analysis",)
        self._tell("problem.root_cause_found", record, person(who), [record.last], "", who, path)
        return True

    def _next_suspect(self, record: Problem) -> str | None:
        """Where to look when the incident ended before anybody knew why."""
        if not record.searches:
            record.searches.append(Search(self._room.facts, list(record.case.symptoms), known=self._room.known_errors))
        return record.searches[0].next()

    def _document(self, record: Problem, who: str) -> Generator[simpy.Event, Any, None]:
        """Writes down what helps as long as the cause is there."""
        assert record.failure is not None
        node, fault = record.failure
        length = self._policy.work.workaround
        takes = self._room.kernel.streams.draw(length, f"problem/{record.id}", "workaround", "once")
        yield from self._spend(who, takes)
        record.workaround = self._what_helped(record, node, fault)
        self._room.known_errors[node] = KnownError(fault, record.workaround)
        record.state = "known-error"
        path = ("organisation.problems.work.workaround",)
        self._tell("problem.known_error", record, person(who), [record.last], "", who, path)

    def _what_helped(self, record: Problem, node: str, fault: str) -> Action | None:
        """The last action on it that was completed in an incident of it, of those that are against that fault."""
        against = self._room.facts.cleared_by.get(fault, ())
        done = [
            Action(event.detail.action)
            for event in record.case.leading.knowledge.events_seen()
            if event.kind == "command.completed"
            and isinstance(event.detail, CommandDetail)
            and event.detail.target == node
        ]
        return next((action for action in reversed(done) if action in against), None)

    def _tell(
        self,
        kind: str,
        record: Problem,
        actor: Reference,
        causes: list[int],
        reason: str = "",
        who: str | None = None,
        rests_on: tuple[str, ...] = (),
    ) -> None:
        known = record.failure if record.state != "open" else None
        node, fault = known or ("", "")
        detail = ProblemDetail(
            state=record.state,
            title=record.case.title,
            incidents=tuple(record.incidents),
            reason=reason,
            person=who,
            cause=f"{fault} on {node}" if known else None,
            workaround=f"{record.workaround} {node}" if record.workaround is not None else None,
        )
        event = self._room.kernel.emit(kind, record.reference, actor, detail, causes, rests_on=rests_on)
        record.last = event.seq
        for id in record.incidents:
            if (case := self._case_of(id)) is not None:
                case.knowledge.deliver(event)


def _failure(detail: DiagnosisDetail) -> Failure | None:
    """What a conclusion names; load without a fault is no failure of anything."""
    fault, _, node = (detail.finding or "").partition(" on ")
    return (node, fault) if node and fault != OVERLOAD else None
