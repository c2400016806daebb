"""Module 2, response workflows: who answers, who is assigned, duplicates, the cadence of updates."""

from __future__ import annotations

from reports.index import Incident, TimelineIndex, detail_of, is_external
from reports.measures.measure import Direction, Judged, Sample, Unit, measure
from timeline.details import MessageDetail, PageDetail
from timeline.events import Event
from timeline.references import Reference, RefKind


@measure(
    "pages_answered",
    title="Pages answered",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="2.3",
    reference="Google SRE book, being on-call",
    takes_absence_of=("page.acknowledged",),
)
def pages_answered(index: TimelineIndex) -> list[Sample]:
    """Share of pages delivered to people of the organisation that were acknowledged.  A page that was delivered and
    never acknowledged counts 0.  One sample an incident."""
    samples = []
    for incident in index.root_incidents:
        delivered = _people_paged(incident, "page.delivered")
        answered = _people_paged(incident, "page.acknowledged")
        if delivered:
            share = sum(person in answered for person in delivered) / len(delivered)
            evidence = tuple(sorted([*delivered.values(), *answered.values()]))
            samples.append(Sample(incident.subject, share, evidence))
    return samples


@measure(
    "escalations_exhausted",
    title="Escalations that reached nobody",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="2.3",
    reference="ISO 22301:2019 8.4.2",
    takes_absence_of=("page.exhausted",),
)
def escalations_exhausted(index: TimelineIndex) -> list[Sample]:
    """Escalation policies that went through all their steps without an acknowledgement.  One sample an incident."""
    samples = []
    for incident in index.root_incidents:
        exhausted = tuple(p.seq for p in incident.pages if p.kind == "page.exhausted")
        samples.append(Sample(incident.subject, float(len(exhausted)), exhausted or (incident.opened.seq,)))
    return samples


@measure(
    "first_assignment_accuracy",
    title="First assignment right",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="2.3",
    reference="ITIL 4 incident management",
    takes_absence_of=("incident.reassigned",),
)
def first_assignment_accuracy(index: TimelineIndex) -> list[Sample]:
    """Share of assigned incidents that stayed with the team they were first assigned to.  One sample an incident: 1
    stayed, 0 was reassigned."""
    samples = []
    for incident in index.incidents.values():
        assigned, again = incident.first("incident.assigned"), incident.first("incident.reassigned")
        if assigned is not None:
            evidence = (assigned.seq,) if again is None else (assigned.seq, again.seq)
            samples.append(Sample(incident.subject, float(again is None), evidence))
    return samples


@measure(
    "tickets_per_fault",
    title="Tickets per fault",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.MEAN,
    practice="2.5",
    reference="ITIL 4 monitoring and event management",
)
def tickets_per_fault(index: TimelineIndex) -> list[Sample]:
    """Incidents that a fault led to, counting each fault that led to at least one.  More than one is a duplicate,
    whether or not it was merged later."""
    samples = []
    for fault in index.faults:
        opened = tuple(
            i.opened.seq for i in index.incidents.values() if index.causality.is_behind(fault.number, i.opened)
        )
        if opened:
            samples.append(Sample(fault.subject, float(len(opened)), opened))
    return samples


@measure(
    "reopened_incidents",
    title="Incidents reopened",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="2.2",
    reference="ITIL 4 incident management",
)
def reopened_incidents(index: TimelineIndex) -> list[Sample]:
    """How often an incident was opened again after it had been resolved: the trouble was not over, or came back.  One
    sample an incident that was resolved at least once and stands by itself."""
    again: dict[str, list[int]] = {}
    for event in index.of_kind("incident.reopened"):
        again.setdefault(event.subject.id, []).append(event.seq)
    resolved = {event.subject.id: event.seq for event in index.of_kind("incident.resolved")}
    return [
        Sample(i.subject, float(len(again.get(id, ()))), tuple(again.get(id, ())) or (resolved[id],))
        for id in resolved
        if (i := index.root_of(id)) is not None and i.subject.id == id
    ]


@measure(
    "update_cadence_adherence",
    title="Updates sent on time",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="2.4",
    reference="ISO 22301:2019 8.4.3; ITIL 4 incident management",
    takes_absence_of=("update.due",),
)
def update_cadence_adherence(index: TimelineIndex) -> list[Sample]:
    """Share of updates and briefings that were due to an audience and came in time: by the moment that the one before
    had promised, where it promised one, else before the next one was due.  One sample an update that was due: 1 in
    time, 0 late, failed or never sent; the last of an audience is left out when it had not been sent and was not yet
    late when the exercise ended.  Where a function was disrupted and no update was ever due to anybody, each disruption
    counts 0."""
    samples = []
    for said, asked in (("update.sent", "update.due"), ("briefing.held", "briefing.due")):
        sent_to = _by_audience(index, said)
        for subject, due in _by_audience(index, asked).items():
            sent = sent_to.get(subject, [])
            for this, following in zip(due, [*due[1:], None], strict=True):
                promised = _promise_before(sent, this)
                next_ms = index.until_ms if following is None else _promised_ms(following)
                limit_ms = next_ms if promised is None else _next_ms(promised)
                answer = next((s for s in sent if this.seq in s.causes and s.at_ms <= limit_ms), None)
                if answer is None and following is None and limit_ms >= index.until_ms:
                    continue
                evidence = tuple(e.seq for e in (promised, this, answer) if e is not None)
                audience = Reference(RefKind.AUDIENCE, subject[1])
                samples.append(Sample(audience, float(answer is not None), tuple(sorted(evidence))))
    if not samples:
        return [Sample(span.subject, 0.0, (span.begun.seq,)) for span in index.disruptions]
    return samples


def _promise_before(sent: list[Event], due: Event) -> Event | None:
    """The last update before one was due, where it says when that will come."""
    *_, last = [None, *(s for s in sent if s.seq < due.seq)]
    return last if last is not None and detail_of(last, MessageDetail).next_at_ms is not None else None


def _next_ms(update: Event) -> int:
    next_ms = detail_of(update, MessageDetail).next_at_ms
    assert next_ms is not None, "it promises more"
    return next_ms


def _people_paged(incident: Incident, kind: str) -> dict[str, int]:
    """Whom events of a kind name, with the number of the first event."""
    found: dict[str, int] = {}
    for page in incident.pages:
        if page.kind == kind and not is_external(page):
            found.setdefault(detail_of(page, PageDetail).person, page.seq)
    return found


def _by_audience(index: TimelineIndex, kind: str) -> dict[tuple[str | None, str], list[Event]]:
    found: dict[tuple[str | None, str], list[Event]] = {}
    for event in index.of_kind(kind):
        message = detail_of(event, MessageDetail)
        found.setdefault((message.incident, message.audience), []).append(event)
    return found


def _promised_ms(due: Event) -> int:
    """The moment for which an update was promised; its writing begins before, with the event."""
    promised_ms = detail_of(due, MessageDetail).due_at_ms
    return due.at_ms if promised_ms is None else promised_ms
