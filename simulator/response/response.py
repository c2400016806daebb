"""The modelled response as a side: deliveries come in, cases are opened and handled, commands go out.

- A notification opens a case for the escalation policy behind its receiver, or joins one that is open for the same
  policy or for the same alert group (deduplication).
- Users' reports go to the service desk, which opens a case when they make a pattern.
- Once a major incident is declared, other open cases are merged into it and later signs of trouble join it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from datetime import datetime
from typing import Any

import simpy

from scenarios.models import Playbook
from simulator.kernel import Kernel
from simulator.response.case import Case
from simulator.response.handling import Handling
from simulator.response.oncall import OnCall
from simulator.response.paging import Pager
from simulator.response.room import Room
from simulator.response.staff import Staff
from simulator.sides import Delivered, EstateSide, Facts, Reach
from timeline.events import Event
from timeline.references import Reference, RefKind, function
from topologies.organisation import Organisation

_DESK = Reference(RefKind.SYSTEM, "service-desk")
_ITSM = Reference(RefKind.SYSTEM, "itsm")


class Response:
    """Implements `simulator.sides.ResponseSide`."""

    def __init__(
        self,
        kernel: Kernel,
        organisation: Organisation,
        facts: Facts,
        playbook: Playbook | None,
        estate: EstateSide,
        reach: Reach,
        epoch: datetime,
    ) -> None:
        staff = Staff(kernel.env, organisation)
        pager = Pager(kernel, organisation, OnCall(organisation, epoch), staff, reach)
        self._kernel = kernel
        self._organisation = organisation
        self._facts = facts
        self._playbook = playbook
        self._room = Room(kernel, organisation, facts, estate, reach, staff, pager)
        self._handlings: list[Handling] = []
        self._cases: list[Case] = []
        self._by_group: dict[tuple[str, str], Case] = {}
        self._opened: Counter[str] = Counter()
        self._reports: Counter[str] = Counter()
        self._desk_busy: set[str] = set()

    def start(self) -> None:
        """Nobody does anything before something is delivered."""

    def finish(self) -> None:
        """The end of the exercise."""
        for handling in self._handlings:
            if handling.playbook_run is not None:
                handling.playbook_run.finish()

    # What comes in

    def notify(self, notification: Delivered) -> None:
        policy = self._organisation.receivers.get(notification.receiver)
        if policy is None:
            return
        case = self._by_group.get((notification.receiver, notification.group_key)) or self._open_case_of(policy)
        case = self._leading(case)
        if case is None or not case.open:
            if notification.status == "resolved":
                return
            self._open_from(notification, policy)
            return
        self._by_group[notification.receiver, notification.group_key] = case
        self._take_alerts(case, notification)
        if notification.status == "firing":
            case.record("alert_attached", _ITSM, [notification.event])

    def report(self, event: Event, function: str) -> None:
        desk = self._organisation.service_desk
        if desk is None:
            return
        self._reports[function] += event.detail.count  # type: ignore[attr-defined]
        case = next(
            (c for c in self._cases if c.open and (c.declared is not None or f"function:{function}" in c.symptoms)),
            None,
        )
        if case is not None:
            self._tell_of_report(case, event, function)
        elif self._reports[function] >= desk.reports_to_open and function not in self._desk_busy:
            self._desk_busy.add(function)
            self._kernel.env.process(self._desk_opens(function, event))

    def inject(self, event: Event, role: str) -> None:
        """Reaches the case in which that role is filled, else every open one."""
        cases = [case for case in self._cases if case.open]
        for case in [case for case in cases if role in case.roles] or cases:
            case.knowledge.deliver(event)

    # Cases

    def _open_case_of(self, policy: str) -> Case | None:
        """The open case that takes what comes for a policy: a declared major incident before its own."""
        cases = [case for case in self._cases if case.open]
        return next((c for c in cases if c.declared is not None), None) or next(
            (c for c in cases if c.policy == policy), None
        )

    def _leading(self, case: Case | None) -> Case | None:
        while case is not None and case.parent is not None:
            case = case.parent
        return case

    def _open_from(self, notification: Delivered, policy: str) -> None:
        labels = notification.alerts[0].labels
        team = next((id for id, team in self._organisation.teams.items() if team.policy == policy), None)
        where = labels.get("component") or labels.get("function") or labels.get("job")
        title = f"{labels['alertname']} on {where}" if where else labels["alertname"]
        case = self._new_case(policy, team, title, "alert")
        self._by_group[notification.receiver, notification.group_key] = case
        self._take_alerts(case, notification)
        self._begin(case, notification.event)

    def _new_case(self, policy: str, team: str | None, title: str, source: str) -> Case:
        self._opened[policy] += 1
        case = Case(self._kernel, f"{policy}-{self._opened[policy]}", policy, team, title, source)
        self._cases.append(case)
        return case

    def _begin(self, case: Case, cause: int) -> None:
        opened = case.record("opened", _ITSM, [cause])
        handling = Handling(self._room, case, self._playbook, self._major_incident)
        self._handlings.append(handling)
        self._kernel.env.process(handling.run(opened.seq))

    def _take_alerts(self, case: Case, notification: Delivered) -> None:
        for alert in notification.alerts:
            case.take_alert(alert.labels, alert.status, alert.event)
        case.knowledge.deliver(self._kernel.timeline[notification.event])

    def _major_incident(self, major: Case) -> None:
        """The others become part of it: what they know is known there."""
        for case in self._cases:
            if case is major or not case.open:
                continue
            for id, event in case.symptoms.items():
                major.symptoms.setdefault(id, event)
            major.firing |= case.firing
            case.parent = major
            assert major.declared is not None
            case.record("merged", _ITSM, [major.declared.seq])

    # The service desk

    def _desk_opens(self, id: str, event: Event) -> Generator[simpy.Event, Any, None]:
        desk = self._organisation.service_desk
        assert desk is not None
        occasion = f"{id}-{self._opened['desk-' + id]}"
        self._opened["desk-" + id] += 1
        takes = self._kernel.streams.draw(desk.handling, "service-desk", "handles-reports", occasion)
        yield self._kernel.env.timeout(takes)
        self._desk_busy.discard(id)
        self._reports[id] = 0
        owner = self._facts.functions[id].owner
        policy = desk.policy_of_function.get(id)
        if policy is None and owner is not None:
            policy = self._organisation.teams[owner].policy
        if policy is None:
            return
        case = self._leading(self._open_case_of(policy))
        if case is not None and case.open:
            self._tell_of_report(case, event, id)
            return
        case = self._new_case(policy, owner, f"Users report: {self._facts.functions[id].title}", "user-report")
        case.symptoms[f"function:{id}"] = event.seq
        case.knowledge.deliver(event)
        self._begin(case, event.seq)

    def _tell_of_report(self, case: Case, event: Event, id: str) -> None:
        case.symptoms.setdefault(f"function:{id}", event.seq)
        case.knowledge.deliver(event)
        if case.knowledge.known_state(function(id)) is None:
            case.learn_function(id, "down")
