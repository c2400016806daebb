"""Modules 3 and 4, the search for the cause: how long it takes, what logs add to the ticket, what a handoff loses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from reports.index import TimelineIndex, detail_of
from reports.measures.measure import Direction, Judged, Sample, Unit, measure, seconds
from timeline.details import DiagnosisDetail
from timeline.events import Event
from timeline.instants import SECOND
from timeline.log_lines import EnrichmentDetail
from timeline.references import Reference


@dataclass(slots=True)
class _Search:
    """The events of one search, from `diagnosis.started` to where it ends or the next one begins."""

    incident: Reference
    started: Event
    events: list[Event] = field(default_factory=list)

    @property
    def handoffs(self) -> list[Event]:
        return [event for event in self.events if event.kind == "diagnosis.handed_off"]


@measure(
    "diagnosis_time",
    title="Time of diagnosis",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="3.3",
    reference="ITIL 4 incident management; NIST SP 800-61r2 3.2.4",
)
def diagnosis_time(index: TimelineIndex) -> list[Sample]:
    """From the beginning of the search until it names a fault that lies behind the incident.  One sample an incident in
    which anybody searched."""
    begun: dict[Reference, Event] = {}
    found: dict[Reference, Event] = {}
    for event in index.of_kind("diagnosis.started", "diagnosis.concluded"):
        root = index.root_of(event.subject.id)
        if root is None:
            continue
        if event.kind == "diagnosis.started":
            begun.setdefault(root.subject, event)
        elif detail_of(event, DiagnosisDetail).finding in _truths(index, root.faults):
            found.setdefault(root.subject, event)
    return [seconds(index, incident, event, found.get(incident)) for incident, event in begun.items()]


@measure(
    "tickets_enriched",
    title="Tickets with log lines",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="3.3",
    reference="NIST SP 800-92; ITIL 4 monitoring and event management",
    takes_absence_of=("ticket.enriched",),
)
def tickets_enriched(index: TimelineIndex) -> list[Sample]:
    """Share of incidents to which unusual log lines were attached while they were worked on.  One sample an incident
    that stands by itself."""
    enriched: dict[Reference, int] = {}
    for event in index.of_kind("ticket.enriched"):
        root = index.root_of(event.subject.id)
        if root is not None and detail_of(event, EnrichmentDetail).lines:
            enriched.setdefault(root.subject, event.seq)
    return [
        Sample(
            i.subject,
            float(i.subject in enriched),
            (i.opened.seq, *([enriched[i.subject]] if i.subject in enriched else [])),
        )
        for i in index.root_incidents
    ]


@measure(
    "handoffs",
    title="Handoffs of the search",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="4.2",
    reference="ITIL 4 incident management (functional escalation)",
)
def handoffs(index: TimelineIndex) -> list[Sample]:
    """How often the search for the cause went from one person to another.  One sample an incident in which anybody
    searched."""
    counted: dict[Reference, list[int]] = {}
    first: dict[Reference, int] = {}
    for search in _searches(index):
        first.setdefault(search.incident, search.started.seq)
        counted.setdefault(search.incident, []).extend(event.seq for event in search.handoffs)
    return [Sample(i, float(len(seqs)), tuple(seqs) or (first[i],)) for i, seqs in counted.items()]


@measure(
    "context_carried",
    title="Context that a handoff carries",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="4.2",
    reference="ITIL 4 incident management (functional escalation)",
)
def context_carried(index: TimelineIndex) -> list[Sample]:
    """Share of what had been ruled out that the next one is told.  One sample a handoff before which anything had been
    ruled out."""
    samples = []
    for event in index.of_kind("diagnosis.handed_off"):
        carried = detail_of(event, DiagnosisDetail).carried_ratio
        if carried is not None:
            samples.append(Sample(event.subject, carried, (event.seq,)))
    return samples


@measure(
    "repeated_work",
    title="Work repeated after handoffs",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="4.2",
    reference="ITIL 4 incident management (functional escalation)",
)
def repeated_work(index: TimelineIndex) -> list[Sample]:
    """Time of checks, after a handoff, of what had been checked with a result before it.  One sample an incident in
    which the search was handed off."""
    spent: dict[Reference, float] = {}
    evidence: dict[Reference, list[int]] = {}
    for search in _searches(index):
        if not search.handoffs:
            continue
        repeated = list(_repeated(search))
        spent[search.incident] = spent.get(search.incident, 0.0) + sum(
            (check.at_ms - before.at_ms) / SECOND for before, check in repeated
        )
        evidence.setdefault(search.incident, []).extend(
            [event.seq for event in search.handoffs] + [check.seq for _, check in repeated]
        )
    return [Sample(incident, value, tuple(sorted(evidence[incident]))) for incident, value in spent.items()]


def _truths(index: TimelineIndex, faults: int) -> set[str]:
    return {f"{fault.detail.fault} on {fault.detail.target}" for fault in index.faults_of(faults)}


def _searches(index: TimelineIndex) -> list[_Search]:
    searches: list[_Search] = []
    under_way: dict[Reference, _Search] = {}
    kinds = ("checked", "handed_off", "concluded", "exhausted")
    for event in index.of_kind("diagnosis.started", *(f"diagnosis.{kind}" for kind in kinds)):
        if event.kind == "diagnosis.started":
            under_way[event.subject] = _Search(event.subject, event)
            searches.append(under_way[event.subject])
        elif event.subject in under_way:
            under_way[event.subject].events.append(event)
    return searches


def _repeated(search: _Search) -> Iterator[tuple[Event, Event]]:
    """Checks that had been made with a result before the last handoff, each with the event since which it was made."""
    known: set[str] = set()
    before_handoff: set[str] = set()
    last = search.started
    for event in search.events:
        step = detail_of(event, DiagnosisDetail)
        if event.kind == "diagnosis.handed_off":
            before_handoff |= known
        elif event.kind in ("diagnosis.checked", "diagnosis.concluded") and step.checked is not None:
            if step.checked in before_handoff:
                yield last, event
            if step.finding != "inconclusive":
                known.add(step.checked)
        last = event
