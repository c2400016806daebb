"""A case: one incident with what its people know, and the record of its states.

    detected -> triaged -> assigned -> (declared) -> mitigated -> resolved

Each change of state is an event about `incident:<id>`.  The id names what opened it (policy and how many that policy
had before), so that it stays the same whatever else happens in a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from simulator.kernel import Kernel
from simulator.response.knowledge import Knowledge
from simulator.response.severity import KnownImpact
from timeline.details import IncidentDetail
from timeline.events import Event
from timeline.references import Reference, function, incident
from topologies.organisation import SeverityRule


class Case:
    """One incident."""

    def __init__(self, kernel: Kernel, id: str, policy: str, team: str | None, title: str, source: str) -> None:
        self.id = id
        self.policy = policy
        self.team = team
        self.title = title
        self.source = source
        self.knowledge = Knowledge(kernel.env)
        self.state = "detected"
        self.severity: SeverityRule | None = None
        self.responder: str | None = None
        self.parent: Case | None = None
        self.declared: Event | None = None
        self.firing: dict[tuple[tuple[str, str], ...], int] = {}
        """Alerts known to fire, by their labels, with the event in which each fired."""
        self.symptoms: dict[str, int] = {}
        """Components and `function:<id>` that something pointed at, with the event that did."""
        self.impacts: dict[str, KnownImpact] = {}
        self.roles: dict[str, str] = {}
        self._kernel = kernel
        self._last = 0

    @property
    def reference(self) -> Reference:
        return incident(self.id)

    @property
    def open(self) -> bool:
        return self.state != "resolved" and self.parent is None

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
        state: str | None = None,
        rests_on: Iterable[str] = (),
    ) -> Event:
        """Puts a change of the case on the timeline and into the knowledge of its people."""
        if state is not None:
            self.state = state
        detail = IncidentDetail(
            state=self.state,
            severity=self.severity.severity if self.severity else None,
            team=self.team,
            title=self.title,
            source=self.source,
            parent=self.parent.id if self.parent else None,
        )
        event = self._kernel.emit(f"incident.{kind}", self.reference, actor, detail, causes, rests_on=rests_on)
        self._last = event.seq
        self.knowledge.deliver(event)
        return event

    def learn_function(self, id: str, state: str) -> None:
        """What somebody found out about a business function."""
        self.knowledge.believe(function(id), state)
        if state == "down":
            self.impacts.setdefault(id, KnownImpact(id, self._kernel.now()))
        else:
            self.impacts.pop(id, None)

    def take_alert(self, labels: Mapping[str, str], status: str, event: int) -> None:
        """An alert of a notification: whom it points at, and whether it still fires."""
        key = tuple(sorted(labels.items()))
        if status == "resolved":
            self.firing.pop(key, None)
            return
        self.firing[key] = event
        if "component" in labels:
            self.symptoms.setdefault(labels["component"], event)
        if "function" in labels:
            self.symptoms.setdefault(f"function:{labels['function']}", event)
