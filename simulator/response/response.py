"""The modelled response as a side: deliveries come in, cases are opened and handled, commands go out.

- A notification opens a case for the escalation policy behind its receiver, or joins an open one: that of its alert
  group (deduplication), else one that it is related to (`correlation`) or, where the organisation does not correlate,
  the one of the same policy.  Alerts that flap wait until they are calm (`flapping`).
- The floor wardens of a workplace that has to be left call the crisis team.
- Users' reports go to the service desk, which opens a case when they make a pattern.
- Once a major incident is declared, other open cases are merged into it and later signs of trouble join it.
- What comes back soon after its case was resolved reopens that case (`reopening`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import simpy

from scenarios.experience import NOBODY_EXERCISED, PastExercises
from scenarios.models import Playbook
from scenarios.triage.desk import alert_text
from simulator.kernel import Kernel
from simulator.response.access import Access
from simulator.response.bridges import Bridges
from simulator.response.case import Case
from simulator.response.communication import Communications
from simulator.response.correlation import Correlator, Sign, source_of
from simulator.response.crisis import CrisisCall
from simulator.response.decisions import Decisions
from simulator.response.duplicates import Duplicates
from simulator.response.experience import Experience
from simulator.response.fatigue import sleepers
from simulator.response.flapping import FlapDamper
from simulator.response.handling import Handling
from simulator.response.itsm import Itsm
from simulator.response.obligations import Obligations
from simulator.response.oncall import OnCall
from simulator.response.paging import Pager
from simulator.response.relief import Relief
from simulator.response.remedies import Remedies
from simulator.response.reopening import came_back
from simulator.response.roles import Roles
from simulator.response.room import Room
from simulator.response.service_levels import ServiceLevels
from simulator.response.span import SpanOfControl
from simulator.response.staff import Staff
from simulator.response.switching import Switching
from simulator.response.triage_bot import TriageDuty
from simulator.response.vendors import Vendors
from simulator.sides import Delivered, DeliveredAlert, EstateSide, Facts, Reach
from timeline.details import MessageDetail
from timeline.events import DataClass, Event
from timeline.references import ITSM, Reference, RefKind, function, site
from topologies import confidentiality
from topologies.automations import Automation
from topologies.crisis import CrisisTeam
from topologies.event_management import ServiceDesk
from topologies.obligations import Obligation
from topologies.organisation import Organisation
from topologies.triage import Ticket

_WARDENS = Reference(RefKind.SYSTEM, "floor-wardens")


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
        obligations: Mapping[str, Obligation] | None = None,
        tickets: Mapping[str, Ticket] | None = None,
        automations: Mapping[str, Automation] | None = None,
        past: PastExercises = NOBODY_EXERCISED,
    ) -> None:
        working = organisation.working
        switching = Switching(kernel.streams, working.switching) if working.switching is not None else None
        staff = Staff(kernel.env, organisation, sleepers(organisation, epoch), switching)
        oncall = OnCall(organisation, epoch)
        pager = Pager(kernel, organisation, oncall, staff, reach)
        bridges = Bridges(kernel, organisation, staff)
        roles = Roles(kernel, organisation, staff, pager, bridges)
        decisions = Decisions(kernel, organisation, staff, bridges)
        vendors = Vendors(kernel, organisation, facts, reach)
        self._kernel = kernel
        self._organisation = organisation
        self._facts = facts
        self._playbook = playbook
        validating = simpy.Resource(kernel.env, capacity=1)
        service_levels = ServiceLevels(kernel, organisation, staff, pager)
        self._room = Room(
            kernel,
            organisation,
            facts,
            estate,
            reach,
            staff,
            pager,
            roles,
            vendors,
            bridges,
            decisions,
            Access(kernel, organisation, staff, roles),
            Experience(kernel.streams, working.practised, past),
            service_levels,
            validating,
        )
        self._span = SpanOfControl(kernel, organisation, staff, roles)
        shifts = organisation.command.shifts
        self._relief = Relief(self._room, shifts, oncall) if shifts is not None else None
        self._room.communications = Communications(self._room)
        self._cases: list[Case] = []
        self._remedies = Remedies(self._room)
        self._itsm = Itsm(self._room, automations or {}, self._case)
        if organisation.event_management.link_duplicates:
            Duplicates(self._room, self._remedies, self._cases)
        self._obligations = Obligations(kernel, self._room, obligations or {})
        self._unheard: list[tuple[Event, str]] = []
        """Injects to a role while there was no incident to which they could belong."""
        self._handlings: dict[str, Handling] = {}
        self._by_group: dict[tuple[str, str], Case] = {}
        self._opened: Counter[str] = Counter()
        self._reports: Counter[str] = Counter()
        self._alarms: Counter[str] = Counter()
        self._desk_busy: set[str] = set()
        management = organisation.event_management
        self._correlator = Correlator(management.correlation, facts.graph) if management.correlation else None
        self._damper = FlapDamper(management.flapping) if management.flapping else None
        bot = organisation.triage_bot
        self._bot = TriageDuty(self._room, bot, tickets or {}) if bot is not None else None

    def start(self) -> None:
        """Nobody does anything before something is delivered; what the status page shows is there already."""
        self._room.communications.start()

    def finish(self) -> None:
        """The end of the exercise."""
        runs = dict.fromkeys(case.playbook_run for case in self._cases)
        for run in runs:
            if run is not None:
                run.finish()

    # What comes in

    def notify(self, notification: Delivered) -> None:
        policy = self._organisation.receivers.get(notification.receiver)
        if policy is None:
            return
        key = (notification.receiver, notification.group_key)
        if self._damper is not None:
            notification = self._undamped(self._damper, notification, key)
            if not notification.alerts:
                return
        sign = self._sign_of(notification)
        known = self._by_group.get(key)
        case = known.leading if known is not None else None
        if case is None or not case.open:
            case = self._open_case_for(policy, sign)
        if case is None and notification.status == "firing":
            case = self._reopened(sign.nodes, notification.event)
        if case is None:
            if notification.status == "firing":
                self._by_group[key] = self._open_from(notification, policy)
                self._relate(self._by_group[key], sign)
            return
        self._by_group[key] = case
        if news := self._take_alerts(case, notification):
            self._relate(case, sign)
            addressed, owners = self._team_of(policy) or policy, self._owners_of(news)
            case.record("alert_attached", ITSM, [notification.event], addressed=addressed, owners=owners)
        case.stir()

    def _undamped(self, damper: FlapDamper, notification: Delivered, key: tuple[str, str]) -> Delivered:
        """The notification without alerts that flap: those are put on record, and looked at once they are calm."""
        now = self._kernel.now()
        damped = [a for a in notification.alerts if damper.damps(a.labels, a.status, now)]
        if damped and (case := self._by_group.get(key)) is not None:
            case.leading.record("alert_damped", ITSM, [notification.event])
        for alert in damped:
            again = replace(notification, alerts=(alert,), status=alert.status)
            self._kernel.call_at(damper.calm_at(alert.labels), partial(self._look_again, damper, again))
        return replace(notification, alerts=tuple(a for a in notification.alerts if a not in damped))

    def _look_again(self, damper: FlapDamper, damped: Delivered) -> None:
        """An alert that was damped counts once it has kept its state."""
        (alert,) = damped.alerts
        if damper.is_calm(alert.labels, alert.status, self._kernel.now()):
            self.notify(damped)

    def place_lost(self, event: Event, site: str) -> None:
        team = self._organisation.crisis_team
        if team is not None:
            self._kernel.env.process(self._alarm(team, event.seq, site))

    def _alarm(self, team: CrisisTeam, cause: int, id: str) -> Generator[simpy.Event, Any, None]:
        """The floor wardens call; a case is opened, or takes it, and the crisis team is called in."""
        self._alarms[id] += 1
        takes = self._kernel.streams.draw(team.alarm, f"site/{id}", "alarm", f"loss-{self._alarms[id]}")
        yield self._kernel.env.timeout(takes)
        words = MessageDetail("phone", "floor wardens", team.policy, f"{id} has to be left; nobody can work there")
        raised = self._kernel.emit(
            "alarm.raised", site(id), _WARDENS, words, [cause], rests_on=("organisation.crisis_team.alarm",)
        )
        sign = Sign([id], "users", words.text)
        case = self._open_case_for(team.policy, sign) or self._reopened([id], raised.seq)
        is_new = case is None
        if case is None:
            case = self._new_case(id, team.policy, None, f"Workplace lost: {id}", "alarm")
        if id not in case.places:
            case.places.append(id)
        case.point_at(id, raised.seq)
        self._relate(case, sign)
        case.knowledge.deliver(raised)
        case.knowledge.believe(site(id), "down")
        if is_new:
            self._begin(case, raised.seq)
        else:
            case.stir()
        CrisisCall(self._room, case, team, raised.seq)

    def learn(self, event: Event) -> None:
        """Reaches every incident that is not part of another one, also when it is over; without any it waits for the
        first."""
        cases = [case for case in self._cases if case.parent is None]
        if not cases:
            self._unheard.append((event, ""))
        for case in cases:
            case.knowledge.deliver(event)

    def inject(self, event: Event, role: str) -> None:
        """Reaches the incidents in which that role is filled, else all; without any it waits for the first."""
        cases = [case for case in self._cases if case.open]
        if not cases:
            self._unheard.append((event, role))
        for case in [case for case in cases if role in case.roles] or cases:
            case.knowledge.deliver(event)

    # Cases

    def _case(self, id: str) -> Case | None:
        return next((case for case in self._cases if case.id == id), None)

    def _open_case_for(self, policy: str, sign: Sign) -> Case | None:
        """The open case that takes what comes for a policy: a declared major incident to which it belongs before one
        that it is related to, or the policy's own."""
        cases = [case for case in self._cases if case.open]
        major = next((c for c in cases if c.declared is not None and self._belongs(c, sign.nodes)), None)
        if major is not None:
            return major
        if self._correlator is not None:
            return self._correlator.related(cases, sign, self._kernel.now())
        return next((c for c in cases if c.policy == policy), None)

    def _relate(self, case: Case, sign: Sign) -> None:
        """A sign became part of a case."""
        if self._correlator is not None:
            self._correlator.take(case, sign)

    def _sign_of(self, notification: Delivered) -> Sign:
        """What the alerts of a notification point at and say; several have one source, that of the first."""
        alerts = notification.alerts
        nodes = [node for alert in alerts if (node := self._node_of(alert)) is not None]
        text = " ".join(dict.fromkeys(alert_text(alert.labels, alert.annotations) for alert in alerts))
        return Sign(nodes, source_of(alerts[0].labels) if alerts else "metrics", text)

    def _reopened(self, nodes: Sequence[str], cause: int) -> Case | None:
        """The case whose trouble this is again, opened once more."""
        within = self._organisation.event_management.reopen_within
        case = came_back(self._cases, nodes, within, self._kernel.now())
        if case is not None:
            self._handlings[case.id].reopen(cause)
        return case

    def _belongs(self, major: Case, nodes: Sequence[str]) -> bool:
        """Whether trouble at these nodes is, by the documentation, of one kind with a major incident: it may hurt a
        function that is down there, or comes from something known to be bad there.  What points nowhere belongs."""
        hurt = [self._room.needs(str(function(id))) for id in major.impacts]
        bad = {self._room.node(subject) for subject in major.knowledge.known_bad()} | set(major.causes)
        return not nodes or any(
            any(node in needs for needs in hurt) or not bad.isdisjoint(self._room.needs(node)) for node in nodes
        )

    def _node_of(self, alert: DeliveredAlert) -> str | None:
        """What an alert points at: its component, else its function, else its site."""
        labels = alert.labels
        named = (labels.get("component"), f"function:{labels.get('function')}", labels.get("site"))
        return next((node for node in named if node in self._facts.graph), None)

    def _open_from(self, notification: Delivered, policy: str) -> Case:
        labels = notification.alerts[0].labels
        team = self._team_of(policy)
        where = labels.get("component") or labels.get("function") or labels.get("job")
        title = f"{labels['alertname']} on {where}" if where else labels["alertname"]
        case = self._new_case(policy, policy, team, title, "alert")
        self._take_alerts(case, notification)
        self._begin(case, notification.event, addressed=team or policy, owners=self._owners_of(notification.alerts))
        return case

    def _team_of(self, policy: str) -> str | None:
        return next((id for id, team in self._organisation.teams.items() if team.policy == policy), None)

    def _owners_of(self, alerts: Iterable[DeliveredAlert]) -> tuple[str, ...]:
        """The teams that own what alerts point at, by the documentation; an empty name where nobody does."""
        return tuple(sorted({self._owner_of(self._node_of(alert)) or "" for alert in alerts}))

    def _owner_of(self, node: str | None) -> str | None:
        if node is None or not node.startswith("function:"):
            return None if node is None else self._facts.owners.get(node)
        return self._facts.functions[node.removeprefix("function:")].owner

    def _new_case(self, opener: str, policy: str, team: str | None, title: str, source: str) -> Case:
        """`opener` is what the case is named after."""
        self._opened[opener] += 1
        case = Case(self._kernel, f"{opener}-{self._opened[opener]}", policy, team, title, source)
        self._cases.append(case)
        self._itsm.follow(case)
        for event, _ in self._unheard:
            case.knowledge.deliver(event)
        self._unheard.clear()
        return case

    def _begin(self, case: Case, cause: int, *, addressed: str = "", owners: tuple[str, ...] = ()) -> None:
        opened = case.record("opened", ITSM, [cause], addressed=addressed, owners=owners)
        self._room.service_levels.begin(case, opened, self._room.needs)
        handling = Handling(
            self._room,
            case,
            self._remedies,
            self._playbook,
            self._obligations,
            self._span,
            self._relief,
            self._major_incident,
        )
        self._handlings[case.id] = handling
        self._kernel.env.process(handling.run(opened.seq))
        if self._bot is not None:
            self._bot.begin(case)

    def _take_alerts(self, case: Case, notification: Delivered) -> list[DeliveredAlert]:
        """Everything that a notification says becomes known; those of its alerts that are new."""
        case.knowledge.deliver(self._kernel.timeline[notification.event])
        news = []
        for alert in notification.alerts:
            case.knowledge.deliver(self._kernel.timeline[alert.event])
            if case.take_alert(alert):
                news.append(alert)
                if (node := self._node_of(alert)) is not None:
                    case.point_at(node, alert.event)
                if (named := alert.labels.get(confidentiality.LABEL)) in frozenset(DataClass):
                    self._room.access.confine(case, DataClass(named), alert.event)
        return news

    def _major_incident(self, major: Case) -> None:
        """Open cases that belong to it become part of it; who worked on them joins its bridge."""
        assert major.declared is not None
        for case in self._cases:
            if case is major or not case.open or not self._belongs(major, list(case.symptoms)):
                continue
            major.take_in(case)
            merged = case.record("merged", ITSM, [major.declared.seq])
            self._room.access.confine(major, case.data_class, merged.seq)
            for who in self._room.staff.engaged_in(case.id):
                self._room.roles.join_bridge(major, who, "", merged.seq)

    # The service desk

    def report(self, event: Event, function: str) -> None:
        desk = self._organisation.service_desk
        if desk is None:
            return
        assert isinstance(event.detail, MessageDetail)
        self._reports[function] += event.detail.count
        case = next((c for c in self._cases if c.open and self._knows_of(c, function)), None)
        if case is not None:
            self._tell_of_report(case, event, function)
        elif self._reports[function] >= desk.reports_to_open and function not in self._desk_busy:
            self._desk_busy.add(function)
            self._kernel.env.process(self._desk_opens(desk, function, event))

    def _knows_of(self, case: Case, id: str) -> bool:
        node = str(function(id))
        return node in case.symptoms or (case.declared is not None and self._belongs(case, [node]))

    def _desk_opens(self, desk: ServiceDesk, id: str, event: Event) -> Generator[simpy.Event, Any, None]:
        """The desk makes sense of the reports, then hands them to a case that fits, or opens one."""
        occasion = f"{id}-{self._opened[id] + 1}"
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
        assert isinstance(event.detail, MessageDetail)
        sign = Sign([str(function(id))], "users", event.detail.text)
        case = self._open_case_for(policy, sign) or self._reopened(sign.nodes, event.seq)
        if case is not None:
            self._tell_of_report(case, event, id)
            self._relate(case, sign)
            return
        case = self._new_case(id, policy, owner, f"Users report: {self._facts.functions[id].title}", "user-report")
        case.point_at(str(function(id)), event.seq)
        self._relate(case, sign)
        case.knowledge.deliver(event)
        self._begin(case, event.seq)

    def _tell_of_report(self, case: Case, event: Event, id: str) -> None:
        case.knowledge.deliver(event)
        if str(function(id)) not in case.symptoms:
            case.point_at(str(function(id)), event.seq)
            case.stir()
