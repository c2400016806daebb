"""Roles in the command of an incident: who is called in, who may take one, what happens when nobody can be reached.

A role goes to somebody eligible who is on the bridge already and has no other; else it is called in by its policy, and
the first of its people to acknowledge takes it.  Whoever answers without being
eligible, or holds a role that excludes it, cannot; then the *deputies*, everybody eligible in the order of the file,
are tried one by one.  A role that nobody took is *unfilled*; it is called in again until somebody does.

Taking a role in a declared incident, or responding to one that became part of it, is joining its *bridge*.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import simpy

from simulator.kernel import Kernel
from simulator.response.case import Case
from simulator.response.paging import Answer, Call, Pager
from simulator.response.staff import Staff
from timeline.details import RoleDetail
from timeline.instants import MINUTE
from timeline.references import Reference, RefKind, person
from topologies.organisation import Organisation

_CALL_AGAIN_MS = 15 * MINUTE
"""How long a role stays unfilled before its people are called again."""


@dataclass(slots=True)
class _Seat:
    """A role in one incident: `tried` fires when its people were called once, `taken` when one of them took it."""

    tried: simpy.Event
    taken: simpy.Event
    laps: int = 0
    """How often its people were called."""
    filling: simpy.Process | None = None


class Roles:
    """Calls people into roles."""

    def __init__(self, kernel: Kernel, organisation: Organisation, staff: Staff, pager: Pager) -> None:
        self._kernel = kernel
        self._roles = organisation.roles
        self._staff = staff
        self._pager = pager
        self._seats: dict[tuple[str, str], _Seat] = {}

    def call_in(self, case: Case, role: str) -> None:
        """Starts calling, if nobody has yet."""
        self._seat(case, role)

    def call_again(self, case: Case) -> None:
        """Goes on calling people into roles that nobody had taken when the incident was resolved."""
        for id, role in list(self._seats):
            if id == case.id:
                self._seat(case, role)

    def holder(self, case: Case, role: str) -> Generator[simpy.Event, Any, str | None]:
        """Who holds a role, called in first when nobody does; None when its people were called in vain."""
        if role not in case.roles:
            seat = self._seat(case, role)
            if not seat.tried.triggered:
                yield seat.tried
        return case.roles.get(role)

    def until_held(self, case: Case, role: str) -> Generator[simpy.Event, Any, str]:
        """Waits for somebody to take a role, however long that takes."""
        if role not in case.roles:
            yield self._seat(case, role).taken
        return case.roles[role]

    def join_bridge(self, case: Case, who: str, role: str, cause: int) -> None:
        """Somebody is on the bridge from now on; does nothing when he is there already."""
        self._staff.engage(who, case.id)
        if who not in case.bridge:
            detail = RoleDetail(case.id, role, who)
            joined = self._kernel.emit("bridge.joined", case.reference, person(who), detail, [cause])
            case.bridge[who] = joined.seq
            case.knowledge.deliver(joined)

    def _seat(self, case: Case, role: str) -> _Seat:
        key = (case.id, role)
        seat = self._seats.setdefault(key, _Seat(self._kernel.env.event(), self._kernel.env.event()))
        if seat.filling is None or (case.open and not seat.taken.triggered and not seat.filling.is_alive):
            seat.filling = self._kernel.env.process(self._fill(case, role, seat))
        return seat

    def _fill(self, case: Case, role: str, seat: _Seat) -> Generator[simpy.Event, Any, None]:
        while case.open:
            seat.laps += 1
            answer = yield from self._find(case, role, seat.laps)
            if answer is not None:
                self._assign(case, role, answer)
                seat.taken.succeed()
            elif seat.laps == 1:
                self._unfilled(case, role)
            if not seat.tried.triggered:
                seat.tried.succeed()
            if answer is not None:
                return
            yield self._kernel.env.timeout(_CALL_AGAIN_MS)
        if not seat.tried.triggered:
            seat.tried.succeed()

    def _find(self, case: Case, role: str, lap: int) -> Generator[simpy.Event, Any, Answer | None]:
        """Somebody who may take the role and has answered."""
        spec = self._roles[role]
        if (present := self._somebody_there(case, role)) is not None:
            return present
        refused: list[str] = []
        if spec.policy is not None:
            answer = yield from self._pager.escalate(spec.policy, Call(case.id, f"role-{role}-{lap}", case.last_event))
            if answer is not None and self._may_take(case, role, answer.person):
                return answer
            refused = [answer.person] if answer is not None else []
        for deputy in spec.eligible:
            if deputy not in refused and self._may_take(case, role, deputy) and role not in case.roles:
                call = Call(case.id, f"deputy-{role}-{lap}", case.last_event)
                answer = yield from self._pager.reach_person(deputy, call)
                if answer is not None:
                    return answer
        return None

    def _somebody_there(self, case: Case, role: str) -> Answer | None:
        """Somebody eligible by name who is on the bridge without a role of his own: it is enough to ask."""
        free = [who for who in case.bridge if who not in case.roles.values()]
        who = next((w for w in free if w in self._roles[role].eligible and self._may_take(case, role, w)), None)
        return None if who is None else Answer(who, self._kernel.timeline[case.bridge[who]])

    def _may_take(self, case: Case, role: str, who: str) -> bool:
        spec = self._roles[role]
        held = [other for other, holder in case.roles.items() if holder == who]
        excluded = any(other in spec.exclusive_with or role in self._roles[other].exclusive_with for other in held)
        return (not spec.eligible or who in spec.eligible) and not excluded

    def _assign(self, case: Case, role: str, answer: Answer) -> None:
        case.roles[role] = answer.person
        detail = RoleDetail(case.id, role, answer.person)
        subject = Reference(RefKind.ROLE, role)
        assigned = self._kernel.emit("role.assigned", subject, person(answer.person), detail, [answer.event.seq])
        case.knowledge.deliver(assigned)
        self.join_bridge(case, answer.person, role, assigned.seq)

    def _unfilled(self, case: Case, role: str) -> None:
        detail = RoleDetail(case.id, role, "")
        subject = Reference(RefKind.ROLE, role)
        rests_on = (f"organisation.roles.{role}",)
        event = self._kernel.emit(
            "role.unfilled", subject, case.reference, detail, [case.last_event], rests_on=rests_on
        )
        case.knowledge.deliver(event)
