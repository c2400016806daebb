"""Span of control: how many people a role leads, and who takes some of them over when they are too many.

A role leads its sub-leads, the holders of the roles that report to it, and, where it leads responders, everybody at
work on the incident without a role.  A sub-lead in place takes over as many of these others as it can lead itself.

Example: a technical lead can lead five and leads seven responders: `span.exceeded`, and a section lead is called in.
Once there, that one takes over five of them; the technical lead leads two responders and the section lead:
`span.kept`.
"""

from __future__ import annotations

from simulator.kernel import Kernel
from simulator.response.case import Case
from simulator.response.roles import Roles
from simulator.response.staff import Staff
from timeline.details import SpanDetail
from timeline.references import Reference, RefKind, person
from topologies.command import Role
from topologies.organisation import Organisation


class SpanOfControl:
    """Looks after the span of every role that states one, whenever somebody comes or goes."""

    def __init__(self, kernel: Kernel, organisation: Organisation, staff: Staff, roles: Roles) -> None:
        self._kernel = kernel
        self._specs = organisation.roles
        self._staff = staff
        self._roles = roles
        self._exceeded: dict[tuple[str, str], int] = {}
        """The event in which the span of a role in an incident was exceeded."""
        roles.on_change.append(self.look)

    def led_by(self, case: Case, role: str) -> list[str]:
        """Whom the holder of a role leads; everybody on the incident where no role says whom it leads."""
        holder, spec = case.roles.get(role), self._specs[role]
        reporting = [r for r, other in self._specs.items() if other.reports_to == role and r not in spec.sub_leads]
        without_role = [who for who in self._staff.engaged_in(case.id) if who not in case.roles.values()]
        if not reporting and not spec.leads_responders:
            return [who for who in self._staff.engaged_in(case.id) if who != holder]
        people = [case.roles[r] for r in reporting if r in case.roles]
        people += without_role if spec.leads_responders else []
        leads = [case.roles[sub] for sub in spec.sub_leads if sub in case.roles]
        return [who for who in dict.fromkeys([*leads, *people[self._taken_over(case, spec) :]]) if who != holder]

    def look(self, case: Case, cause: int) -> None:
        """Puts on record who leads too many people, and calls in a sub-lead."""
        for role, spec in self._specs.items():
            if spec.leads_at_most is None or role not in case.roles:
                continue
            led, key = len(self.led_by(case, role)), (case.id, role)
            if led > spec.leads_at_most:
                if key not in self._exceeded:
                    self._exceeded[key] = self._emit("exceeded", case, role, led, spec.leads_at_most, [cause])
                if (sub := next((r for r in spec.sub_leads if r not in case.roles), None)) is not None:
                    self._roles.call_in(case, sub)
            elif (since := self._exceeded.pop(key, None)) is not None:
                self._emit("kept", case, role, led, spec.leads_at_most, [since, cause])

    def _taken_over(self, case: Case, spec: Role) -> int:
        in_place = [self._specs[sub] for sub in spec.sub_leads if sub in case.roles]
        return sum(sub.leads_at_most or spec.leads_at_most or 0 for sub in in_place)

    def _emit(self, what: str, case: Case, role: str, led: int, at_most: int, causes: list[int]) -> int:
        who = case.roles[role]
        detail = SpanDetail(case.id, role, who, led, at_most)
        subject, path = Reference(RefKind.ROLE, role), (f"organisation.roles.{role}.leads_at_most",)
        return self._kernel.emit(f"span.{what}", subject, person(who), detail, sorted(causes), rests_on=path).seq
