"""Access to what is said about a confined incident: who reads it, who is refused, who has to ask.

An incident is *confined* from the moment in which something shows that it is one of security: everything about it is
restricted from then on.  Whoever is at work on it needs the clearance, of his own, of his team or of a role that he
holds in it.  Whoever lacks it is *refused*: he sees nothing, and so can neither check nor act, until the approver has
given him access.  Where need-to-know is not enforced he reads on, and that is a *violation*.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from simulator.kernel import Kernel
from simulator.response.case import Case
from simulator.response.roles import Roles
from simulator.response.staff import Staff, Urgency
from timeline.details import AccessDetail
from timeline.events import DataClass
from timeline.references import Reference, person
from topologies.confidentiality import NeedToKnow
from topologies.organisation import Organisation

_RANK = {name: rank for rank, name in enumerate(DataClass)}


class Access:
    """Need-to-know in all incidents of one exercise."""

    def __init__(self, kernel: Kernel, organisation: Organisation, staff: Staff, roles: Roles) -> None:
        self._kernel = kernel
        self._rules = organisation.need_to_know
        self._people = organisation.people
        self._staff = staff
        self._roles = roles
        self._asked: dict[tuple[str, str], simpy.Process] = {}
        """Requests for access, by incident and person; the value says whether it was given."""
        if self._rules is not None:
            roles.on_change.append(self._look)

    def confine(self, case: Case, needed: DataClass, cause: int) -> None:
        """From now on only those with the clearance may read about an incident."""
        case = case.leading
        if self._rules is None or _RANK[needed] <= _RANK[case.data_class]:
            return
        case.data_class = self._kernel.classes[case.id] = needed
        detail = AccessDetail(case.id, "", "", needed)
        confined = self._kernel.emit("access.confined", case.reference, case.reference, detail, [cause])
        self._look(case, confined.seq)

    def may_read(self, case: Case, who: str) -> bool:
        """Whether somebody sees what is said about an incident."""
        if self._rules is None or not self._rules.enforced or self._is_cleared(case, who):
            return True
        asked = self._asked.get((case.id, who))
        return asked is not None and asked.triggered and bool(asked.value)

    def admitted(self, case: Case, who: str, cause: int) -> Generator[simpy.Event, Any, bool]:
        """Waits until somebody may read, if need be for access that he asks for; whether he may in the end."""
        if self._rules is None or self._is_cleared(case, who):
            return True
        asking = self._ask(self._rules, case, who, cause)
        if not asking.triggered:
            yield asking
        return bool(asking.value) or self._is_cleared(case, who)

    def _is_cleared(self, case: Case, who: str) -> bool:
        return _RANK[self._clearance(case, who)] >= _RANK[case.data_class]

    def _clearance(self, case: Case, who: str) -> DataClass:
        assert self._rules is not None
        held = [self._rules.roles[r] for r, holder in case.roles.items() if holder == who and r in self._rules.roles]
        team = self._people[who].team
        if team in self._rules.teams:
            held.append(self._rules.teams[team])
        if who in self._rules.people:
            held.append(self._rules.people[who])
        return max([DataClass.INTERNAL, *held], key=_RANK.__getitem__)

    def _look(self, case: Case, cause: int) -> None:
        """Everybody at work on a confined incident without the clearance."""
        assert self._rules is not None
        for who in self._staff.engaged_in(case.id):
            if not self._is_cleared(case, who):
                self._ask(self._rules, case, who, cause)

    def _ask(self, rules: NeedToKnow, case: Case, who: str, cause: int) -> simpy.Process:
        """The request of somebody, made once."""
        key = (case.id, who)
        if key not in self._asked:
            self._asked[key] = self._kernel.env.process(self._request(rules, case, who, cause))
        return self._asked[key]

    def _request(self, rules: NeedToKnow, case: Case, who: str, cause: int) -> Generator[simpy.Event, Any, bool]:
        clearance, needed, path = self._clearance(case, who), case.data_class, ("organisation.need_to_know",)

        def emit(what: str, actor: Reference, causes: list[int], approver: str = "", reason: str = "") -> int:
            detail = AccessDetail(case.id, who, clearance, needed, approver, reason)
            return self._kernel.emit(f"access.{what}", case.reference, actor, detail, causes, rests_on=path).seq

        if not rules.enforced:
            emit("violated", person(who), [cause], reason="nobody is stopped")
            return True
        refused = emit("refused", person(who), [cause], reason="no clearance")
        if rules.approver is None:
            return False
        requested = emit("requested", person(who), [refused], rules.approver)
        approver = yield from self._roles.holder(case, rules.approver)
        if approver is None:
            emit("refused", person(who), [requested], rules.approver, "nobody could be reached")
            return False
        takes = self._kernel.streams.draw(rules.approval, f"role/{rules.approver}", "gives-access", f"{case.id}/{who}")
        yield from self._staff.work(approver, takes, Urgency.COMMAND)
        refuses = self._kernel.streams.chance(
            rules.refusal, f"role/{rules.approver}", "refuses-access", f"{case.id}/{who}"
        )
        reason = "no need to know" if refuses else ""
        emit("refused" if refuses else "granted", person(approver), [requested], approver, reason)
        case.stir()
        return not refuses
