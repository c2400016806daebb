"""Decisions: taken by somebody who knows something, on a bridge, and written down by the scribe.

What was decided is *in heads* until it is written down or told in a report on the situation; what is only in heads may
be lost when a role is handed over (`relief`).  The scribe writes when free for it.  While nobody is scribe a decision
waits; what is not written down when the incident is over never is.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import Any

import simpy

from simulator.kernel import Kernel
from simulator.response.bridges import Attendance, Bridges
from simulator.response.case import Case
from simulator.response.staff import Staff, Urgency
from timeline.details import DecisionDetail, RecordDetail
from timeline.events import Event
from timeline.predicates import EventPattern, Predicate
from timeline.references import Reference, person
from topologies.command import DecisionLog
from topologies.organisation import Organisation


class Decisions:
    """Takes decisions of people in incidents, and has them written down."""

    def __init__(self, kernel: Kernel, organisation: Organisation, staff: Staff, bridges: Bridges) -> None:
        self._kernel = kernel
        self._log = organisation.command.decision_log
        self._staff = staff
        self._bridges = bridges

    def take(
        self,
        case: Case,
        who: str,
        role: str,
        decision: tuple[str, tuple[str, ...], str],
        evidence: str,
        causes: list[int],
        *,
        reads: Predicate | None = None,
        rests_on: Iterable[str] = (),
    ) -> Event:
        """Puts a decision on the timeline: its question, its options and what was chosen.

        `reads` is the condition that made the choice, if any: the events that it looked at are the evidence.
        """
        question, options, chosen = decision
        room = Attendance() if case.declared is None else self._bridges.attendance(case, self._bridges.of(role))
        detail = DecisionDetail(
            case.id,
            question,
            options,
            chosen,
            who,
            evidence,
            self._log is not None,
            () if self._log is None else tuple(_relied_on(case, reads)),
            room.bridge,
            room.present,
            room.roles_present,
            room.roles_missing,
            room.quorum,
        )
        event = self._kernel.emit("decision.made", case.reference, person(who), detail, causes, rests_on=rests_on)
        case.knowledge.deliver(event)
        if self._log is not None:
            case.in_heads[event.seq] = role
            if self._log.kept:
                self._kernel.env.process(self._write_down(case, event, self._log))
        return event

    def _write_down(self, case: Case, decision: Event, log: DecisionLog) -> Generator[simpy.Event, Any, None]:
        """Waits for a scribe; one who is relieved meanwhile leaves it to the next."""
        kernel = self._kernel
        while case.open:
            if (scribe := case.roles.get(log.scribe)) is None:
                yield case.knowledge.news()
                continue
            takes = kernel.streams.draw(log.writing, f"role/{log.scribe}", "writes", f"{case.id}/{decision.seq}")
            yield from self._staff.work(scribe, takes, Urgency.UPDATE)
            detail = RecordDetail(case.id, decision.seq, scribe)
            path = ("organisation.command.decision_log",)
            recorded = kernel.emit(
                "decision.recorded", case.reference, person(scribe), detail, [decision.seq], rests_on=path
            )
            case.knowledge.deliver(recorded)
            case.in_heads.pop(decision.seq, None)
            return


def _relied_on(case: Case, reads: Predicate | None) -> list[int]:
    """Events known to these people behind a condition; without one, or where it looked at none: every sign so far."""
    found: set[int] = set()
    for part in () if reads is None else _parts(reads):
        if (pattern := _pattern(part)) is not None:
            found.update([e.seq for e in case.knowledge.events_seen() if pattern.matches(e)][-1:])
        elif part.known is not None:
            node = Reference.parse(part.known.subject)
            signs = (case.causes | case.symptoms).items()
            found.update(seq for name, seq in signs if name in (node.id, str(node)))
    return sorted(found or {*case.symptoms.values(), *case.causes.values()})


def _parts(predicate: Predicate) -> Iterator[Predicate]:
    """A condition and all that it is made of; what is negated has no event behind it."""
    yield predicate
    for inner in (*(predicate.all or ()), *(predicate.any or ())):
        yield from _parts(inner)


def _pattern(part: Predicate) -> EventPattern | None:
    return part.seen or part.count or (part.elapsed.since if part.elapsed is not None else None)
