"""Module 1, service levels: promises for incidents, kept or not, and whether they are worth anything to the business.

A *promise* is `respond` or `resolve` for one incident, as its last `sla.due` states it: severity may have changed
before.  It is kept by the `sla.met` that follows.  Incidents that became part of another one have no promises of their
own any more.
"""

from __future__ import annotations

from dataclasses import dataclass

from reports.index import Incident, TimelineIndex, detail_of
from reports.measures.measure import Direction, Judged, Sample, Unit, measure
from timeline.details import ServiceLevelDetail
from timeline.events import Event
from timeline.instants import SECOND
from timeline.references import Reference


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise for one incident; `met` is the event that kept it, late or not."""

    incident: Incident
    due: Event
    met: Event | None

    @property
    def subject(self) -> Reference:
        """The agreement, the severity and the promise: `sla:standard.sev1.resolve`."""
        return self.due.subject

    @property
    def detail(self) -> ServiceLevelDetail:
        return detail_of(self.due, ServiceLevelDetail)

    def is_over(self, until_ms: int) -> bool:
        """Whether it was not kept in time, as far as was seen by a moment."""
        if self.met is not None:
            return self.left_ms(until_ms) < 0
        due_ms = self.detail.due_at_ms
        return due_ms is not None and until_ms > due_ms

    def left_ms(self, until_ms: int) -> int:
        """Time that was left when it was kept, of the time that counts; of an open one, time as it passes."""
        if self.met is not None:
            left_ms = detail_of(self.met, ServiceLevelDetail).left_ms
            assert left_ms is not None
            return left_ms
        due_ms = self.detail.due_at_ms
        return self.detail.target_ms if due_ms is None else due_ms - until_ms

    def evidence(self) -> tuple[int, ...]:
        return (self.due.seq,) if self.met is None else (self.due.seq, self.met.seq)


def promises(index: TimelineIndex) -> list[Promise]:
    """The promises that hold in the end, by incident."""
    last: dict[tuple[str, str], Event] = {}
    met: dict[tuple[str, str], Event] = {}
    for event in index.of_kind("sla.due", "sla.met"):
        detail = detail_of(event, ServiceLevelDetail)
        key = (detail.incident, detail.promise)
        if event.kind == "sla.met":
            met[key] = event
            continue
        met.pop(key, None)
        last[key] = event
    found = []
    for (id, promise), due in last.items():
        incident = index.incidents.get(id)
        withdrawn = detail_of(due, ServiceLevelDetail).due_at_ms is None and (id, promise) not in met
        if incident is not None and incident.parent is None and not withdrawn:
            found.append(Promise(incident, due, met.get((id, promise))))
    return found


@measure(
    "sla_attainment",
    title="Service levels kept",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="1.4",
    reference="ISO/IEC 20000-1:2018 8.3.3; ITIL 4 service level management",
)
def sla_attainment(index: TimelineIndex) -> list[Sample]:
    """Promises of service level agreements that were kept in time, by the hours that the agreement counts: 1 kept, 0
    broken.  One sample an incident and promise (`sla:agreement.severity.respond` or `.resolve`); one that was still
    open and not yet due at the end counts as kept so far."""
    return [
        Sample(p.subject, float(not p.is_over(index.until_ms)), p.evidence(), censored=_is_open(p, index.until_ms))
        for p in promises(index)
    ]


@measure(
    "sla_time_left",
    title="Time left of a service level",
    unit=Unit.SECONDS,
    direction=Direction.HIGHER,
    judged=Judged.WORST,
    practice="1.4",
    reference="ISO/IEC 20000-1:2018 8.3.3",
)
def sla_time_left(index: TimelineIndex) -> list[Sample]:
    """How much of a target was left when it was kept, in the time that counts; below zero by how much it was late.  One
    sample an incident and promise; of one that is still open, the time until it is due, as time passes."""
    return [
        Sample(p.subject, p.left_ms(index.until_ms) / SECOND, p.evidence(), censored=p.met is None)
        for p in promises(index)
    ]


@measure(
    "sla_within_rto",
    title="Service levels that fit the recovery time objective",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.WORST,
    practice="1.4",
    reference="ISO 22301:2019 8.2.2; ISO/IEC 20000-1:2018 8.7.2",
)
def sla_within_rto(index: TimelineIndex) -> list[Sample]:
    """Whether keeping the promise would have kept the RTO: 1 when an incident was due to be resolved before the RTO of
    a function that it hurt ran out, else 0.  One sample an incident with such a promise and a disruption with an RTO
    that shares a fault with it."""
    samples = []
    for promise in promises(index):
        due_ms = promise.detail.due_at_ms
        if promise.detail.promise != "resolve" or due_ms is None:
            continue
        for span in index.disruptions:
            rto_ms = span.detail.rto_ms
            if rto_ms is not None and index.causality.faults_behind(span.begun) & promise.incident.faults:
                fits = due_ms <= span.begun.at_ms + rto_ms
                samples.append(Sample(span.subject, float(fits), (span.begun.seq, promise.due.seq)))
    return samples


def _is_open(promise: Promise, until_ms: int) -> bool:
    return promise.met is None and not promise.is_over(until_ms)
