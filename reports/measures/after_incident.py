"""Modules 1 and 6, after the incident: reviews and what they found, words for those outside, actions, risks.

These read what lies between `exercise.ended` and `aftermath.ended`; what is open then is open.  Exercises of an
organisation without a policy for that time give no samples.
"""

from __future__ import annotations

from reports.index import TimelineIndex, detail_of
from reports.measures.measure import Direction, Judged, Sample, Unit, measure
from reports.milestones import hurt_by
from timeline.details import ActionDetail, PublicationDetail, ReviewDetail
from timeline.events import Event
from timeline.references import Reference, RefKind


@measure(
    "risk_coverage",
    title="Risks whose result went into the register",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="1.5",
    reference="ISO 31000:2018 6.6; Regulation (EU) 2022/2554 article 6(5)",
)
def risk_coverage(index: TimelineIndex) -> list[Sample]:
    """Whether what the exercise showed about a risk was written into the risk register: 1 yes, 0 no.  One sample a risk
    that the scenario says it tries; one that the register does not know, or that nobody owns, cannot be."""
    written = {event.subject.id: event for event in index.of_kind("risk.assessed")}
    samples = []
    for risk in index.exercise.risks:
        event = written.get(risk.risk)
        evidence = (index.started.seq,) if event is None else (index.started.seq, event.seq)
        samples.append(Sample(Reference(RefKind.RISK, risk.risk), float(event is not None), evidence))
    return samples


@measure(
    "review_authorised_in_time",
    title="Reviews authorised in time",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.WORST,
    practice="1.6",
    reference="NIST SP 800-61r2 3.4.1; ISO 22301:2019 10.1",
)
def review_authorised_in_time(index: TimelineIndex) -> list[Sample]:
    """Whether the review of an incident was approved by everybody who must, within its time: 1 yes, 0 no.  One sample
    an incident that had to be reviewed; a review that nobody has to approve is never authorised."""
    samples = []
    for due in index.of_kind("review.due"):
        authorised = _first(index, "review.authorised", due)
        due_ms = detail_of(due, ReviewDetail).due_at_ms
        assert due_ms is not None
        in_time = authorised is not None and authorised.at_ms <= due_ms
        is_open = authorised is None and _looked_until_ms(index) <= due_ms
        evidence = (due.seq,) if authorised is None else (due.seq, authorised.seq)
        samples.append(Sample(due.subject, float(in_time or is_open), evidence, censored=is_open))
    return samples


@measure(
    "disclosures_before_approval",
    title="Disclosures before approval",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="1.6",
    reference="NIST SP 800-61r2 2.3.4; ISO/IEC 27035-1:2023 5.6",
)
def disclosures_before_approval(index: TimelineIndex) -> list[Sample]:
    """Words about an incident that went outside before its review was authorised: 1 each, 0 for those that waited.  One
    sample a disclosure that was drafted; one that is held back is no disclosure yet."""
    samples = []
    for drafted in index.of_kind("disclosure.drafted"):
        incident = detail_of(drafted, PublicationDetail).incident
        published = next(
            (e for e in index.of_kind("disclosure.published") if detail_of(e, PublicationDetail).incident == incident),
            None,
        )
        authorised = next((e for e in index.of_kind("review.authorised") if e.subject.id == incident), None)
        early = published is not None and (authorised is None or authorised.seq > published.seq)
        evidence = (drafted.seq,) if published is None else (drafted.seq, published.seq)
        samples.append(Sample(drafted.subject, float(early), evidence, censored=published is None))
    return samples


@measure(
    "cause_chain_complete",
    title="Reviews that end at a cause that can be dealt with",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="6.1",
    reference="IEC 62740:2015 5; ITIL 4 problem management",
)
def cause_chain_complete(index: TimelineIndex) -> list[Sample]:
    """Whether every chain of a review, from what it did to the business on, ends at a fault, and not at something that
    was itself caused by one: 1 yes, 0 no.  One sample an incident that had to be reviewed; a review that was never
    completed is 0."""
    samples = []
    for due in index.of_kind("review.due"):
        completed = _first(index, "review.completed", due)
        if completed is None:
            samples.append(Sample(due.subject, 0.0, (due.seq,)))
            continue
        faults = {f"{span.detail.fault} on {span.detail.target}" for span in index.faults}
        found = detail_of(completed, ReviewDetail).found
        complete = bool(found) and faults.issuperset(found)
        samples.append(Sample(due.subject, float(complete), (due.seq, completed.seq)))
    return samples


@measure(
    "root_causes_found",
    title="True causes that the review found",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="6.1",
    reference="IEC 62740:2015 5.6",
    takes_absence_of=("fault.started",),
)
def root_causes_found(index: TimelineIndex) -> list[Sample]:
    """Whether the review of an incident named a fault that was behind it and hurt the business: 1 yes, 0 no.  One
    sample a fault and review."""
    samples = []
    for due in index.of_kind("review.due"):
        completed = _first(index, "review.completed", due)
        found = () if completed is None else detail_of(completed, ReviewDetail).found
        incident = index.root_of(due.subject.id)
        for span in index.faults_of(incident.faults) if incident is not None else ():
            if hurt_by(index, span):
                named = f"{span.detail.fault} on {span.detail.target}" in found
                evidence = (span.begun.seq, due.seq if completed is None else completed.seq)
                samples.append(Sample(span.subject, float(named), evidence))
    return samples


@measure(
    "actions_owned",
    title="Actions that somebody owns",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="6.2",
    reference="ISO 22301:2019 10.1; HSEEP 2020 improvement planning",
)
def actions_owned(index: TimelineIndex) -> list[Sample]:
    """Whether an action that a review agreed on has an owner: 1 yes, 0 no.  One sample an action."""
    return [
        Sample(opened.subject, float(detail_of(opened, ActionDetail).owner is not None), (opened.seq,))
        for opened in index.of_kind("action.opened")
    ]


@measure(
    "actions_overdue",
    title="Actions that were not done in time",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="6.2",
    reference="ISO 22301:2019 10.1; Regulation (EU) 2022/2554 article 13(3)",
)
def actions_overdue(index: TimelineIndex) -> list[Sample]:
    """Actions that were closed after their due date, or were open beyond it: 1 each, else 0.  One sample an action;
    open while it is neither done nor due when the simulation looks no further."""
    closed = {event.subject: event for event in index.of_kind("action.closed")}
    samples = []
    for opened in index.of_kind("action.opened"):
        done = closed.get(opened.subject)
        seen_ms = _looked_until_ms(index) if done is None else done.at_ms
        overdue = seen_ms > detail_of(opened, ActionDetail).due_at_ms
        evidence = (opened.seq,) if done is None else (opened.seq, done.seq)
        samples.append(Sample(opened.subject, float(overdue), evidence, censored=done is None and not overdue))
    return samples


def _first(index: TimelineIndex, kind: str, due: Event) -> Event | None:
    return next((event for event in index.of_kind(kind) if event.subject == due.subject), None)


def _looked_until_ms(index: TimelineIndex) -> int:
    return index.events[len(index.events) - 1].at_ms
