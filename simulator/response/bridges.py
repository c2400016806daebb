"""Bridges: who comes and goes, whom briefing keeps busy, and who is there when a decision falls.

Where an organisation states no bridges there is one, without a name, for everybody in a declared incident.  Else
whoever holds a role is on each bridge that lists it, and whoever works without a role on the first that is open to
responders.  Joining a major incident for the first time may cost a briefing: the time of whoever joins, and of whoever
leads.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import simpy

from simulator.kernel import Kernel
from simulator.response.case import Case
from simulator.response.staff import Staff, Urgency
from timeline.details import RoleDetail
from timeline.references import person
from topologies.organisation import Organisation


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who is on a bridge at a moment, and which of its roles are, or are not."""

    bridge: str = ""
    present: tuple[str, ...] = ()
    roles_present: tuple[str, ...] = ()
    roles_missing: tuple[str, ...] = ()
    quorum: int | None = None

    @property
    def is_quorate(self) -> bool:
        return self.quorum is None or len(self.roles_present) >= self.quorum


class Bridges:
    """The bridges of all incidents."""

    def __init__(self, kernel: Kernel, organisation: Organisation, staff: Staff) -> None:
        self._kernel = kernel
        self._bridges = organisation.command.bridges
        self._briefing = organisation.command.briefing
        self._staff = staff

    def join(self, case: Case, who: str, role: str, cause: int) -> None:
        """Somebody is there from now on; does nothing where he is already, or without a role has a bridge."""
        if not role and any(who in there for there in case.rooms.values()):
            return
        is_new = who not in case.bridge
        for bridge in self._joined_by(role):
            if who in case.rooms.setdefault(bridge, {}):
                continue
            detail = RoleDetail(case.id, role, who, bridge)
            joined = self._kernel.emit("bridge.joined", case.reference, person(who), detail, [cause])
            case.rooms[bridge][who] = joined.seq
            case.bridge.setdefault(who, joined.seq)
            case.knowledge.deliver(joined)
        if is_new and case.declared is not None:
            self._brief(case, who)

    def leave(self, case: Case, who: str, cause: int) -> None:
        """Somebody is off the incident."""
        self._go(case, who, cause)
        case.bridge.pop(who, None)

    def close(self, case: Case) -> None:
        """The incident is over: everybody goes.  Should it be reopened, they are called back."""
        if self._bridges:
            for who in case.bridge:
                self._go(case, who, case.last_event)
            case.rooms.clear()

    def of(self, role: str) -> str | None:
        """The bridge on which the decisions of a role fall; None where none is stated for it."""
        return next((id for id, bridge in self._bridges.items() if role in bridge.roles), None)

    def attendance(self, case: Case, bridge: str | None) -> Attendance:
        """Who is on a bridge now."""
        if bridge is None:
            return Attendance()
        spec, there = self._bridges[bridge], case.rooms.get(bridge, {})
        held = tuple(role for role in spec.roles if case.roles.get(role) in there)
        missing = tuple(role for role in spec.roles if role not in held)
        return Attendance(bridge, tuple(there), held, missing, spec.quorum)

    def gather(self, case: Case, role: str) -> Generator[simpy.Event, Any, None]:
        """Waits for the quorum of the bridge on which a role decides, as long as is waited for it."""
        bridge = self.of(role)
        if bridge is None:
            return
        until_ms = self._kernel.now() + self._bridges[bridge].waits
        while case.open and not self.attendance(case, bridge).is_quorate and self._kernel.now() < until_ms:
            yield case.knowledge.news() | self._kernel.env.timeout(until_ms - self._kernel.now())

    def _joined_by(self, role: str) -> tuple[str, ...]:
        if not self._bridges:
            return ("",)
        if named := tuple(id for id, bridge in self._bridges.items() if role in bridge.roles):
            return named
        return tuple(id for id, bridge in self._bridges.items() if bridge.responders)[:1]

    def _go(self, case: Case, who: str, cause: int) -> None:
        for bridge, there in case.rooms.items():
            if there.pop(who, None) is not None:
                detail = RoleDetail(case.id, "", who, bridge)
                left = self._kernel.emit("bridge.left", case.reference, person(who), detail, [cause])
                case.knowledge.deliver(left)

    def _brief(self, case: Case, who: str) -> None:
        if self._briefing is None or who == case.leader:
            return
        takes = self._kernel.streams.draw(self._briefing, f"person/{who}", "is-briefed", case.id)
        for busy in (who, case.leader):
            self._kernel.env.process(self._staff.work(busy, takes, Urgency.COMMAND))
