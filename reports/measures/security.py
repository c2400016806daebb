"""Module 2, the bridge between IT operations and security."""

from __future__ import annotations

from reports.index import Incident, TimelineIndex, detail_of
from reports.measures.measure import Direction, Judged, Sample, Unit, measure, seconds
from timeline.events import Event
from timeline.references import Reference, RefKind
from timeline.workflow_details import EvidenceDetail


@measure(
    "bridge_opened_when_due",
    title="Security called in when due",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="2.6",
    reference="NIST SP 800-61; ISO/IEC 27035-1:2023",
)
def bridge_opened_when_due(index: TimelineIndex) -> list[Sample]:
    """Whether security was called into an incident exactly when a malicious fault lies behind it.  One sample an
    incident that stands by itself and has one, or into which security was called: 1 when both, 0 when the call was
    missed, or needless.  A malicious fault behind which no incident was ever opened counts 0."""
    samples = []
    for incident in index.root_incidents:
        attacks = [f for f in index.faults_of(incident.faults) if f.detail.malicious]
        opened = _bridge(index, incident)
        if attacks or opened is not None:
            evidence = [incident.opened.seq, *(f.begun.seq for f in attacks)]
            evidence += [opened.seq] if opened is not None else []
            due_and_done = bool(attacks) and opened is not None
            samples.append(Sample(incident.subject, float(due_and_done), tuple(evidence)))
    unseen = (f for f in index.faults if f.detail.malicious and not index.handled >> f.number & 1)
    return samples + [Sample(f.subject, 0.0, (f.begun.seq,), censored=f.ended is None) for f in unseen]


@measure(
    "needless_bridges",
    title="Security called in without need",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="2.6",
    reference="NIST SP 800-61",
)
def needless_bridges(index: TimelineIndex) -> list[Sample]:
    """Incidents into which security was called although no malicious fault lies behind them.  One sample an incident
    with such a call: 1 needless, 0 not."""
    samples = []
    for incident in index.root_incidents:
        opened = _bridge(index, incident)
        if opened is not None:
            needless = not any(f.detail.malicious for f in index.faults_of(incident.faults))
            samples.append(Sample(incident.subject, float(needless), (incident.opened.seq, opened.seq)))
    return samples


@measure(
    "security_engaged_within",
    title="Time until security is engaged",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="2.6",
    reference="NIST SP 800-61",
)
def security_engaged_within(index: TimelineIndex) -> list[Sample]:
    """From the first sign of an incident behind which a malicious fault lies until somebody of security is on it.  One
    sample such an incident."""
    samples = []
    for incident in index.root_incidents:
        if any(f.detail.malicious for f in index.faults_of(incident.faults)):
            joined = _first_of(index, incident, "security.joined")
            samples.append(seconds(index, incident.subject, incident.opened, joined))
    return samples


@measure(
    "evidence_preserved_before_recovery",
    title="Evidence secured before recovery",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="2.6",
    reference="NIST SP 800-86; ISO/IEC 27037:2012",
)
def evidence_preserved_before_recovery(index: TimelineIndex) -> list[Sample]:
    """Share of the traces of attacks that were secured before a recovery destroyed them.  One sample a component in
    which a malicious fault sat and that was either secured or recovered: 1 secured first, 0 lost."""
    return [
        Sample(
            Reference(RefKind.COMPONENT, detail_of(event, EvidenceDetail).target),
            float(event.kind == "evidence.preserved"),
            (event.seq,),
        )
        for event in index.of_kind("evidence.preserved", "evidence.lost")
    ]


def _bridge(index: TimelineIndex, incident: Incident) -> Event | None:
    return _first_of(index, incident, "security.bridge_opened")


def _first_of(index: TimelineIndex, incident: Incident, kind: str) -> Event | None:
    """The first event of a kind about an incident or what became part of it."""
    return next((e for e in index.of_kind(kind) if index.root_of(e.subject.id) is incident), None)
