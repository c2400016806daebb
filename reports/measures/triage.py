"""Practices 8.1 and 8.2: how soon and how well new incidents are sorted, and how soon what the signs say leads to the
cause.

A triage bot is judged by the fault behind most of what it was told (alerts that fired, users' reports): its answer is
right when it names the failure mode that this kind of fault is.  Where nothing lies behind, the alert was false, and so
is any answer.
"""

from __future__ import annotations

from collections import Counter

from reports.causality import bits_of
from reports.index import JOINS, TimelineIndex, detail_of
from reports.measures.measure import Direction, Judged, Sample, Unit, measure, seconds
from reports.milestones import cause_found
from timeline.events import Event
from timeline.references import Reference
from timeline.triage import TriageDetail


@measure(
    "initial_response_time",
    title="Time to the first response that says something",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="8.1",
    reference="ITIL 4 incident management, initial diagnosis",
)
def initial_response_time(index: TimelineIndex) -> list[Sample]:
    """From when an incident was opened until somebody has made sense of it: a triage bot has answered, or a person has
    done the triage.  One sample an incident that did not first become part of another one."""
    firsts: dict[Reference, Event] = {}
    for event in index.of_kind("triage.answered", "incident.triaged", "incident.merged"):
        firsts.setdefault(event.subject, event)
    return [
        seconds(index, subject, incident.opened, first)
        for subject, incident in ((i.subject, i) for i in index.incidents.values())
        if (first := firsts.get(subject)) is None or first.kind != "incident.merged"
    ]


@measure(
    "triage_accuracy",
    title="Answers of the triage bot that were right",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="8.1",
    reference="Sokolova and Lapalme (2009), accuracy",
)
def triage_accuracy(index: TimelineIndex) -> list[Sample]:
    """Whether the failure mode that a triage bot named is that of the fault behind most of what it was told.  One
    sample an answer: 1 right, 0 wrong.  Abstentions count in `triage_abstentions`."""
    modes = {known.fault: known.mode for known in index.exercise.failure_modes}
    samples = []
    for event in index.of_kind("triage.answered"):
        told = (index.events[cause] for cause in event.causes)
        signs = (sign for sign in told if sign.family != "incident")
        behind = Counter(fault for sign in signs for fault in bits_of(index.causality.faults_behind(sign)))
        most = max(behind.values(), default=0)
        true = {modes.get(index.faults[fault].detail.fault) for fault, count in behind.items() if count == most}
        right = detail_of(event, TriageDetail).mode in true
        samples.append(Sample(event.subject, float(right), (event.seq,)))
    return samples


@measure(
    "triage_abstentions",
    title="Incidents that the triage bot could not sort",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    judged=Judged.MEAN,
    practice="8.1",
    reference="Chow (1970), rejection of a classifier",
)
def triage_abstentions(index: TimelineIndex) -> list[Sample]:
    """Whether a triage bot had nothing to say about an incident, however often it was asked.  One sample an incident
    that it was asked about: 1 it abstained to the end, 0 it answered."""
    asked: dict[Reference, list[Event]] = {}
    for event in index.of_kind("triage.answered", "triage.abstained"):
        asked.setdefault(event.subject, []).append(event)
    return [
        Sample(
            subject,
            float(all(event.kind == "triage.abstained" for event in events)),
            tuple(event.seq for event in events),
        )
        for subject, events in asked.items()
    ]


@measure(
    "time_to_correct_cause",
    title="From the first sign to the true cause",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="8.2",
    reference="ITIL 4 problem management",
)
def time_to_correct_cause(index: TimelineIndex) -> list[Sample]:
    """From when the first sign of a fault became part of an incident until the diagnosis names that fault.  Purity and
    completeness of the incidents (3.4) say how well the signs were put together until then.  One sample a fault of
    which there was a sign, whether or not it hurt a business function."""
    joined = ((fault, index.first_after(fault, *JOINS)) for fault in index.faults)
    return [
        seconds(index, fault.subject, begun, cause_found(index, fault)) for fault, begun in joined if begun is not None
    ]
