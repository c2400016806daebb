"""Which incidents are reviewed, and what follows from each review."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from simulator.aftermath.disclosure import disclose
from simulator.aftermath.improvement import improve
from simulator.aftermath.office import Office, Reviewed
from simulator.aftermath.review import Review
from simulator.aftermath.risks import assess
from simulator.kernel import Kernel
from timeline.causes import roots
from timeline.details import IncidentDetail, RiskLink
from timeline.events import Event
from timeline.references import SCENARIO, Reference, RefKind
from topologies.after_incident import AfterIncident
from topologies.organisation import Organisation

_HURT = ("function.disrupted", "function.degraded")


@dataclass(frozen=True, slots=True)
class Aftermath:
    """The time after one exercise.  `kernel` begins at ENDEX, with the timeline of the exercise."""

    kernel: Kernel
    organisation: Organisation
    policy: AfterIncident
    owners: Mapping[str, str]
    """Component to the team that owns it."""
    risks: tuple[RiskLink, ...] = ()

    def run(self) -> None:
        """Plays everything up to the horizon."""
        env = self.kernel.env
        office = Office(self.kernel, self.organisation, self.policy)
        for incident in self._to_review():
            review = Review(office, incident)
            env.process(review.run())
            if self.policy.disclosure is not None:
                env.process(disclose(office, review, self.policy.disclosure))
            if self.policy.improvement is not None:
                env.process(improve(office, review, self.policy.improvement, self.owners))
        if self.policy.risk_update is not None:
            env.process(assess(office, self.risks, self.policy.risk_update))
        env.run(until=self.kernel.now() + self.policy.horizon)
        started = self.kernel.timeline[0]
        self.kernel.emit("aftermath.ended", Reference(RefKind.EXERCISE, started.subject.id), SCENARIO, causes=[0])

    def _to_review(self) -> list[Reviewed]:
        """Incidents that were resolved for good, were grave enough, and are not part of another one."""
        order = [rule.severity for rule in self.organisation.severities]
        least = self.policy.review.from_severity
        found = []
        for id, events in self._incidents().items():
            last = events[-1]
            assert isinstance(last.detail, IncidentDetail)
            resolved = [e for e in events if e.kind == "incident.resolved"]
            reopened = [e for e in events if e.kind == "incident.reopened"]
            if last.detail.parent is not None or not resolved or (reopened and reopened[-1].seq > resolved[-1].seq):
                continue
            declared = any(e.kind == "incident.declared" for e in events)
            worst = min((order.index(s) for s in self._severities(events)), default=len(order))
            if declared if least is None else worst <= order.index(least):
                found.append(Reviewed(id, resolved[-1], self._effects(events)))
        return found

    def _incidents(self) -> dict[str, list[Event]]:
        by_id: dict[str, list[Event]] = {}
        for event in self.kernel.timeline:
            if event.family == "incident":
                by_id.setdefault(event.subject.id, []).append(event)
        return by_id

    @staticmethod
    def _severities(events: Iterable[Event]) -> Iterable[str]:
        return (e.detail.severity for e in events if isinstance(e.detail, IncidentDetail) and e.detail.severity)

    def _effects(self, events: list[Event]) -> tuple[Event, ...]:
        """What the incident did to the business: functions hurt by what lies behind it, the disrupted ones first; where
        none was, that it was opened."""
        timeline = self.kernel.timeline
        behind = {root.seq for root in roots(timeline, [e for e in events if e.kind != "incident.resolved"])}
        hurt = [e for e in timeline.of_kind(*_HURT) if behind & {root.seq for root in roots(timeline, [e])}]
        disrupted = [e for e in hurt if e.kind == "function.disrupted"]
        return tuple(disrupted or hurt or events[:1])
