"""Module 2, the life of an incident: what each stage has to set off, and how long incidents stay in it."""

from __future__ import annotations

from collections import defaultdict

from reports.index import TimelineIndex, detail_of
from reports.measures.measure import Direction, Judged, Sample, Unit, measure
from timeline.events import Event
from timeline.instants import SECOND
from timeline.references import Reference, RefKind
from timeline.workflow_details import StageDetail, WorkflowDetail

_AT_REST = ("resolved", "closed")
"""Stages in which nobody waits for anything."""


@measure(
    "stage_conformance",
    title="Stages that set off what they have to",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="2.1",
    reference="ITIL 4 incident management",
)
def stage_conformance(index: TimelineIndex) -> list[Sample]:
    """Share of the triggers of stages that fired exactly once.  One sample for each trigger of each stage that an
    incident entered, for each time that the incident was open: 1 once, 0 never or more often.  A trigger that is still
    on its way when the exercise ends is still open.  What is part of another incident sets nothing off."""
    samples = []
    for (incident, _, stage), entries in _entries(index).items():
        if _is_part(index, entries[0]):
            continue
        first = detail_of(entries[0], StageDetail)
        for due in index.exercise.stage_triggers:
            if due.stage != stage or (due.severities and first.severity not in due.severities):
                continue
            came = _outcomes(index, entries, due.trigger)
            fired = [e for e in came if e.kind == "trigger.fired"]
            evidence = tuple(e.seq for e in (*entries, *came))
            subject = Reference(RefKind.INCIDENT, incident)
            samples.append(Sample(subject, float(len(fired) == 1), evidence, censored=not came))
    return samples


@measure(
    "stage_dwell_time",
    title="Time in each stage",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="2.1",
    reference="ITIL 4 incident management",
)
def stage_dwell_time(index: TimelineIndex) -> list[Sample]:
    """How long an incident stayed in a stage.  One sample for each time that an incident was in one, about the stage;
    not for `resolved` and `closed`, in which nobody waits.  A target may name one of them (`stage:triaged`)."""
    samples = []
    last: dict[Reference, Event] = {}
    for event in index.of_kind("stage.entered"):
        if (before := last.get(event.subject)) is not None:
            samples += _stay(before, event.at_ms, event.seq)
        last[event.subject] = event
    for event in last.values():
        samples += _stay(event, index.until_ms, None)
    return samples


def _stay(entered: Event, until_ms: int, left: int | None) -> list[Sample]:
    stage = detail_of(entered, StageDetail).stage
    if stage in _AT_REST:
        return []
    evidence = (entered.seq,) if left is None else (entered.seq, left)
    subject = Reference(RefKind.STAGE, stage)
    return [Sample(subject, (until_ms - entered.at_ms) / SECOND, evidence, censored=left is None)]


def _entries(index: TimelineIndex) -> dict[tuple[str, int, str], list[Event]]:
    """Each stage that an incident entered in one opening, with the events of that."""
    found: dict[tuple[str, int, str], list[Event]] = defaultdict(list)
    for event in index.of_kind("stage.entered"):
        detail = detail_of(event, StageDetail)
        found[event.subject.id, detail.round, detail.stage].append(event)
    return found


def _outcomes(index: TimelineIndex, entries: list[Event], trigger: str) -> list[Event]:
    """What became of a trigger on these entries of a stage."""
    entered = {e.seq for e in entries}
    return [
        e
        for e in index.of_kind("trigger.fired", "trigger.failed")
        if detail_of(e, WorkflowDetail).rule == trigger and not entered.isdisjoint(e.causes)
    ]


def _is_part(index: TimelineIndex, entered: Event) -> bool:
    """Whether the incident had become part of another one."""
    merged = (e for e in index.of_kind("incident.merged") if e.subject == entered.subject)
    return any(e.seq < entered.seq for e in merged)
