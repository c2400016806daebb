"""Roles in the command of an incident: who is called in, who may take one, what happens when nobody can be reached.

A role goes to somebody eligible who is on the bridge already and has no other; else it is called in by its policy, and
the first of its people to acknowledge takes it.  Whoever answers without being
eligible, or holds a role that excludes it, cannot; then the *deputies* (everybody eligible, in the order of the file,
where none are named) are tried one by one.  A role that nobody took is *unfilled*; it is called in again until
somebody does.  A role changes hands when its holder is relieved (`relief`).

Taking a role in a declared incident, or responding to one that became part of it, is joining its *bridge*.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

import simpy

from simulator.kernel import Kernel
from simulator.response.bridges import Bridges
from simulator.response.case import Case
from simulator.response.paging import Answer, Call, Pager
from simulator.response.staff import Staff
from timeline.details import ON_DEMAND, RoleDetail
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

    def __init__(
        self, kernel: Kernel, organisation: Organisation, staff: Staff, pager: Pager, bridges: Bridges
    ) -> None:
        self.on_change: list[Callable[[Case, int], None]] = []
        """Told of an incident and an event whenever somebody has come, gone or taken a role."""
        self._kernel = kernel
        self._roles = organisation.roles
        self._keeps_apart = organisation.command.exclusive_roles
        self._bridges = bridges
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

    def people_for(self, role: str) -> tuple[str, ...]:
        """Everybody named for a role, whoever is usually asked first."""
        spec = self._roles[role]
        return tuple(dict.fromkeys((*spec.eligible, *spec.deputies)))

    def join_bridge(self, case: Case, who: str, role: str, cause: int) -> None:
        """Somebody is on the bridge from now on; does nothing when he is there already."""
        self._staff.engage(who, case.id)
        self._bridges.join(case, who, role, cause)
        self._tell(case, cause)

    def leave_bridge(self, case: Case, who: str, cause: int) -> None:
        """Somebody is off the incident."""
        self._bridges.leave(case, who, cause)
        self._staff.leave(who, case.id)
        self._tell(case, cause)

    def find_relief(
        self, case: Case, role: str, call: Call, *, without: Sequence[str], deputies_first: bool
    ) -> Generator[simpy.Event, Any, Answer | None]:
        """Somebody who may take over a role and has answered, leaving out some people."""
        spec, refused = self._roles[role], list(without)
        if deputies_first:
            answer = yield from self._ask_deputies(case, role, refused, call.purpose, call.cause)
            if answer is not None:
                return answer
        if spec.policy is not None:
            answer = yield from self._pager.escalate(spec.policy, call, without=refused)
            if answer is not None and self.may_take(case, role, answer.person):
                return answer
            refused += [answer.person] if answer is not None else []
        if deputies_first:
            return None
        return (yield from self._ask_deputies(case, role, refused, call.purpose, call.cause))

    def may_take(self, case: Case, role: str, who: str) -> bool:
        """Whether somebody is eligible and holds no role that excludes this one."""
        named = self.people_for(role)
        eligible = not self._roles[role].eligible or who in named
        return eligible and not (self._keeps_apart and self._excluded_by(case, role, who))

    def hand_over(self, case: Case, role: str, giver: str, taker: Answer, *, goes: bool) -> None:
        """The role changes hands: `taker.event` is the end of the handover.  Whoever `goes` is off the incident."""
        detail = RoleDetail(case.id, role, giver)
        left = self._kernel.emit("role.left", Reference(RefKind.ROLE, role), person(giver), detail, [taker.event.seq])
        case.knowledge.deliver(left)
        if goes:
            self._bridges.leave(case, giver, left.seq)
            self._staff.leave(giver, case.id)
        self._assign(case, role, taker)

    def _tell(self, case: Case, cause: int) -> None:
        for told in self.on_change:
            told(case, cause)

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
            if answer is not None and self.may_take(case, role, answer.person):
                return answer
            refused = [answer.person] if answer is not None else []
        return (yield from self._ask_deputies(case, role, refused, f"deputy-{role}-{lap}"))

    def _ask_deputies(
        self, case: Case, role: str, refused: Sequence[str], purpose: str, cause: int | None = None
    ) -> Generator[simpy.Event, Any, Answer | None]:
        """One by one, until somebody answers or somebody else has taken the role."""
        spec, holder = self._roles[role], case.roles.get(role)
        for deputy in spec.deputies or spec.eligible:
            if deputy in refused or not self.may_take(case, role, deputy) or case.roles.get(role) != holder:
                continue
            call = Call(case.id, purpose, case.last_event if cause is None else cause)
            answer = yield from self._pager.reach_person(deputy, call)
            if answer is not None:
                return answer
        return None

    def _somebody_there(self, case: Case, role: str) -> Answer | None:
        """Somebody eligible by name who is on the bridge without a role of his own: it is enough to ask."""
        free = [who for who in case.bridge if who not in case.roles.values()]
        who = next((w for w in free if w in self._roles[role].eligible and self.may_take(case, role, w)), None)
        return None if who is None else Answer(who, self._kernel.timeline[case.bridge[who]])

    def _excluded_by(self, case: Case, role: str, who: str) -> tuple[str, ...]:
        """Roles of somebody that another role excludes, or that exclude it."""
        held = [other for other, holder in case.roles.items() if holder == who and other != role]
        spec = self._roles[role]
        return tuple(r for r in held if r in spec.exclusive_with or role in self._roles[r].exclusive_with)

    def _assign(self, case: Case, role: str, answer: Answer) -> None:
        detail = RoleDetail(
            case.id,
            role,
            answer.person,
            conflicts_with=self._excluded_by(case, role, answer.person),
            reason=self._occasion(role),
        )
        case.roles[role] = answer.person
        subject = Reference(RefKind.ROLE, role)
        assigned = self._kernel.emit("role.assigned", subject, person(answer.person), detail, [answer.event.seq])
        case.knowledge.deliver(assigned)
        self.join_bridge(case, answer.person, role, assigned.seq)

    def _occasion(self, role: str) -> str:
        return ON_DEMAND if self._roles[role].on_demand else ""

    def _unfilled(self, case: Case, role: str) -> None:
        detail = RoleDetail(case.id, role, "", reason=self._occasion(role))
        subject = Reference(RefKind.ROLE, role)
        rests_on = (f"organisation.roles.{role}",)
        event = self._kernel.emit(
            "role.unfilled", subject, case.reference, detail, [case.last_event], rests_on=rests_on
        )
        case.knowledge.deliver(event)
