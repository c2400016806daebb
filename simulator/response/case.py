"""A case: one incident with what its people know, and the record of its states.

    detected -> assigned -> triaged -> mitigated -> resolved -> closed
        ^------------------------------- reopened --'

Each change of state is an event about `incident:<id>`.  The id names what opened it (policy or function, and how many
that had before), so that it stays the same whatever else happens in a run.

A case that turns out to be part of a major incident is *merged* into it, its parent, and goes on there.  A case is
*stirred* by whatever may change the picture: an alert that fires or resolves, a report, the end of an action.

What comes back soon after it was resolved *reopens* the case (`reopening`), which then goes through its states again.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

import simpy

from simulator.kernel import Kernel
from simulator.response.knowledge import Knowledge
from simulator.response.restoring import DataKnowledge
from simulator.response.severity import KnownImpact
from simulator.sides import DeliveredAlert
from timeline.commands import DataFinding, Observation
from timeline.details import IncidentDetail
from timeline.events import DataClass, Event
from timeline.references import Reference, data_set, function, incident, site
from topologies.organisation import SeverityRule

if TYPE_CHECKING:
    from simulator.response.diagnosis import Search
    from simulator.response.playbook import PlaybookRun

COMMANDER = "incident-manager"
"""The role that validates, declares and decides; the responder does where an organisation does not know it."""


class CaseState(StrEnum):
    """How far an incident has come."""

    DETECTED = "detected"
    ASSIGNED = "assigned"
    TRIAGED = "triaged"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Case:
    """One incident."""

    def __init__(self, kernel: Kernel, id: str, policy: str, team: str | None, title: str, source: str) -> None:
        self.id = id
        self.policy = policy
        self.team = team
        self.title = title
        self.source = source
        self.knowledge = Knowledge(kernel.env)
        self.state = CaseState.DETECTED
        self.severity: SeverityRule | None = None
        self.rank = 0
        """Place of its priority; of several things that wait for somebody, those of the lowest go first."""
        self.responder: str | None = None
        self.parent: Case | None = None
        self.parts: list[Case] = []
        """Cases that were merged into this one."""
        self.declared: Event | None = None
        self.reopenings = 0
        self.resolved_ms: int | None = None
        """When it was resolved last."""
        self.playbook_run: PlaybookRun | None = None
        self.levels: dict[Reference, float] = {}
        """What was last seen to be left of the normal service of business functions."""
        self.firing: dict[tuple[tuple[str, str], ...], int] = {}
        """Alerts known to fire, by their labels, with the event in which each fired."""
        self.last_sign_ms = kernel.now()
        """When something last pointed at a node."""
        self.symptoms: dict[str, int] = {}
        """Nodes of the documented graph (`function:<id>` for a business function) that something pointed at, with the
        event that did."""
        self.impacts: dict[str, KnownImpact] = {}
        """Business functions known to be down."""
        self.places: list[str] = []
        """Workplaces that an alarm was raised for."""
        self.hurt: dict[str, None] = {}
        """Business functions that were known to be down at any time."""
        self.data: dict[str, DataKnowledge] = {}
        """What is known about data sets, by their holder."""
        self.causes: dict[str, int] = {}
        """Nodes in which a fault was found, with the conclusion."""
        self.suspects: tuple[str, ...] = ()
        """Components that the triage bot takes for the cause, the likeliest first."""
        self.owner_calls: dict[str, simpy.Process] = {}
        """Teams that the triage bot calls in; each process ends with the `Answer`, or with None."""
        self.mended: dict[str, int] = {}
        """When what was found in a node was dealt with."""
        self.log_lines: dict[str, int] = {}
        """Components with unusual lines on the ticket, with the event that put them there."""
        self.last_action: tuple[int, ...] = ()
        """The last action on the estate that was completed."""
        self.roles: dict[str, str] = {}
        self.bridge: dict[str, int] = {}
        """Who is on the bridge, with the event of joining."""
        self.rooms: dict[str, dict[str, int]] = {}
        """The same for each bridge, where there are several."""
        self.data_class = DataClass.INTERNAL
        """Of all that is said about it."""
        self.in_heads: dict[int, str] = {}
        """Decisions that are neither written down nor reported, each with the role that took it."""
        self.search: Search | None = None
        """The search for its cause."""
        self.told_excluded: frozenset[str] = frozenset()
        """What was reported to have been ruled out."""
        self._kernel = kernel
        self._last = 0
        self._stirred = kernel.env.event()

    @property
    def reference(self) -> Reference:
        return incident(self.id)

    @property
    def open(self) -> bool:
        return self.state not in (CaseState.RESOLVED, CaseState.CLOSED) and self.parent is None

    @property
    def round(self) -> str:
        """Names this time of being open, for random streams."""
        return f"{self.id}/reopened-{self.reopenings}" if self.reopenings else self.id

    @property
    def had_impact(self) -> bool:
        return bool(self.hurt)

    @property
    def about(self) -> set[str]:
        """Nodes of the documented graph, data sets by their holder, that its trouble was in or hurt, with all that was
        merged into it."""
        wrong = (id for id, known in self.data.items() if known.was_corrupt)
        own = {*self.symptoms, *self.causes, *wrong, *(str(function(id)) for id in self.hurt)}
        return own.union(*(part.about for part in self.parts))

    @property
    def leading(self) -> Case:
        """The case in which this one goes on: itself, or what it was merged into."""
        return self if self.parent is None else self.parent.leading

    @property
    def leader(self) -> str:
        """Who speaks for the incident: its manager, before there is one the responder."""
        assert self.responder is not None
        return self.roles.get(COMMANDER, self.responder)

    @property
    def last_event(self) -> int:
        """The event in which the case got its present state."""
        return self._last

    def record(
        self,
        kind: str,
        actor: Reference,
        causes: Iterable[int],
        *,
        state: CaseState | None = None,
        rests_on: Iterable[str] = (),
        addressed: str = "",
        owners: tuple[str, ...] = (),
    ) -> Event:
        """Puts a change of the case on the timeline and into the knowledge of its people."""
        if state is not None:
            self.state = state
        if state is CaseState.RESOLVED:
            self.resolved_ms = self._kernel.now()
        detail = IncidentDetail(
            state=self.state,
            severity=self.severity.severity if self.severity else None,
            team=self.team,
            title=self.title,
            source=self.source,
            parent=self.parent.id if self.parent else None,
            addressed=addressed,
            owners=owners,
        )
        event = self._kernel.emit(f"incident.{kind}", self.reference, actor, detail, causes, rests_on=rests_on)
        self._last = event.seq
        self.knowledge.deliver(event)
        return event

    def stirred(self) -> simpy.Event:
        """Fires when the picture may have changed."""
        return self._stirred

    def stir(self) -> None:
        stirred, self._stirred = self._stirred, self._kernel.env.event()
        stirred.succeed()

    @property
    def lost_places(self) -> list[str]:
        """Workplaces that are, as far as known, still lost."""
        return [id for id in self.places if self.knowledge.known_state(site(id)) != "up"]

    def point_at(self, node: str, event: int) -> None:
        """Something says that the trouble shows in a node."""
        self.symptoms.setdefault(node, event)
        self.last_sign_ms = self._kernel.now()

    def learn_function(self, id: str, state: str) -> None:
        """What somebody found out about a business function."""
        self.knowledge.believe(function(id), state)
        if state == "down":
            self.impacts.setdefault(id, KnownImpact(id, self._kernel.now()))
            self.hurt[id] = None
        else:
            self.impacts.pop(id, None)

    @property
    def corrupt_data(self) -> list[str]:
        """Data sets known to be corrupt."""
        return [id for id, known in self.data.items() if known.corrupt]

    def look_at_data(self, data: str, seen: Observation) -> None:
        """What a look shows of a data set: whether it is plainly wrong, and which copies there are."""
        if seen.data_corrupt != (data in self.corrupt_data):
            self.learn_of_data(DataFinding(data, corrupt=seen.data_corrupt))
        self.data.setdefault(data, DataKnowledge()).catalogue = seen.copies

    def learn_of_data(self, finding: DataFinding) -> None:
        """What an action or a look told about a data set, known from then on as `data:<id>` being in that state."""
        self.data.setdefault(finding.data, DataKnowledge()).learn(finding)
        if finding.corrupt is not None:
            self.knowledge.believe(data_set(finding.data), "corrupt" if finding.corrupt else "sound")

    def take_alert(self, alert: DeliveredAlert) -> bool:
        """An alert of a notification; whether it is news that it fires."""
        key = tuple(sorted(alert.labels.items()))
        if alert.status == "resolved":
            self.firing.pop(key, None)
            return False
        is_new = key not in self.firing
        self.firing[key] = alert.event
        return is_new

    def take_in(self, part: Case) -> None:
        """Another case turns out to belong to this one: what is known there is known here."""
        part.parent = self
        self.parts.append(part)
        for node, event in part.symptoms.items():
            self.point_at(node, event)
        self.firing |= part.firing
        self.causes |= part.causes
        self.mended |= part.mended
        self.log_lines |= part.log_lines
        self.places += [id for id in part.places if id not in self.places]
        for data, known in part.data.items():
            self.data.setdefault(data, known)
        for id, impact in part.impacts.items():
            self.impacts.setdefault(id, impact)
        self.levels = {**part.levels, **self.levels}
        self.knowledge.absorb(part.knowledge)
        self.stir()
