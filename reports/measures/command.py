"""Command of an incident: roles and their span, handovers, bridges, activation, and what is written down.

The practices 1.2, 4.3, 5.1 and 5.2, and the reports on the situation of 2.4.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from reports.index import Incident, Span, TimelineIndex, detail_of
from reports.measures.measure import Direction, Judged, Sample, Unit, measure, seconds, span_seconds
from timeline.details import DecisionDetail, HandoverDetail, RecordDetail, RoleDetail, SituationDetail, SpanDetail
from timeline.events import Event
from timeline.references import Reference, RefKind

# Roles


@measure(
    "role_gap",
    title="Time that roles stood empty",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="1.2",
    reference="ISO 22320:2018 5.2; ICS",
)
def role_gap(index: TimelineIndex) -> list[Sample]:
    """How long a role of an incident had nobody after all its people were called in vain: from `role.unfilled` until it
    is taken, or until the incident is resolved.  One sample a gap."""
    samples = []
    for empty in index.of_kind("role.unfilled"):
        role = detail_of(empty, RoleDetail)
        taken = next((e for e in _roles(index, "role.assigned", role.incident, role.role) if e.seq > empty.seq), None)
        samples.append(seconds(index, Reference(RefKind.ROLE, role.role), empty, _first(taken, _end(index, empty))))
    return samples


@measure(
    "exclusive_role_conflicts",
    title="Exclusive roles in one hand",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="1.2",
    reference="ISO 22320:2018 5.2; ICS",
)
def exclusive_role_conflicts(index: TimelineIndex) -> list[Sample]:
    """Roles taken by somebody who held one that excludes it.  One sample a role taken: 1 for a conflict, else 0."""
    return [
        Sample(e.subject, float(bool(detail_of(e, RoleDetail).conflicts_with)), (e.seq,))
        for e in index.of_kind("role.assigned")
    ]


@measure(
    "span_exceeded",
    title="Time beyond the span of control",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="1.2",
    reference="ICS (FEMA IS-100): three to seven, five at best",
)
def span_exceeded(index: TimelineIndex) -> list[Sample]:
    """How long somebody led more people than the role can, until others took some over or the incident was resolved.
    One sample a time."""
    samples = []
    for begun in index.of_kind("span.exceeded"):
        over = detail_of(begun, SpanDetail)
        kept = next((e for e in index.of_kind("span.kept") if begun.seq in e.causes), None)
        samples.append(seconds(index, Reference(RefKind.ROLE, over.role), begun, _first(kept, _end(index, begun))))
    return samples


@measure(
    "duty_overrun",
    title="Time on duty without a relief",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="1.2",
    reference="ISO 22320:2018 5.2; Site Reliability Engineering (2016), chapter 11",
)
def duty_overrun(index: TimelineIndex) -> list[Sample]:
    """From the first call for a relief until the duty has changed hands, or the incident is resolved.  One sample a
    person and duty whose shift ended."""
    samples = []
    first: dict[tuple[str, str, str], Event] = {}
    for called in index.of_kind("relief.called"):
        wanted = detail_of(called, RoleDetail)
        first.setdefault((wanted.incident, wanted.role, wanted.person), called)
    for (incident, role, giver), called in first.items():
        done = next(
            (
                e
                for e in index.of_kind("handover.completed")
                if (d := detail_of(e, HandoverDetail)).incident == incident and (d.role, d.giver) == (role, giver)
            ),
            None,
        )
        ended = _first(done, _end(index, called))
        samples.append(seconds(index, Reference(RefKind.PERSON, giver), called, ended))
    return samples


@measure(
    "handover_loss",
    title="Knowledge lost in handovers",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    judged=Judged.MEAN,
    practice="1.2",
    reference="ISO 22320:2018 5.3",
)
def handover_loss(index: TimelineIndex) -> list[Sample]:
    """Of what was only in somebody's head at a handover, the share that did not arrive.  One sample a handover; nothing
    can be lost of what was written down or reported before."""
    samples = []
    for done in index.of_kind("handover.completed"):
        handed = detail_of(done, HandoverDetail)
        share = len(handed.lost) / len(handed.carried) if handed.carried else 0.0
        samples.append(Sample(done.subject, share, (done.seq,)))
    return samples


# Bridges and decisions


@measure(
    "decisions_without_quorum",
    title="Decisions without a quorum",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="4.3",
    reference="ISO 22320:2018 5.3",
)
def decisions_without_quorum(index: TimelineIndex) -> list[Sample]:
    """Decisions that fell while fewer of the roles of their bridge were there than its quorum.  One sample a decision
    on a bridge that has one: 1 without the quorum, 0 with it."""
    decided = [(e, d) for e, d in _decisions(index) if d.quorum is not None]
    return [Sample(e.subject, float(len(d.roles_present) < (d.quorum or 0)), (e.seq,)) for e, d in decided]


@measure(
    "bridge_attendance",
    title="Roles in the room when decisions fell",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="4.3",
    reference="ISO 22320:2018 5.3",
)
def bridge_attendance(index: TimelineIndex) -> list[Sample]:
    """Of the roles of a bridge, the share that was there when a decision fell on it.  One sample a decision."""
    samples = []
    for event, decided in _decisions(index):
        if wanted := len(decided.roles_present) + len(decided.roles_missing):
            joined = (e.seq for e in index.of_kind("bridge.joined") if _is_in(e, event, decided))
            samples.append(Sample(event.subject, len(decided.roles_present) / wanted, (*joined, event.seq)))
    return samples


@measure(
    "decisions_recorded",
    title="Decisions on record",
    unit=Unit.COUNT,
    direction=Direction.HIGHER,
    judged=Judged.TOTAL,
    practice="4.3",
    reference="ISO 22320:2018 5.3",
)
def decisions_recorded(index: TimelineIndex) -> list[Sample]:
    """Decisions that are on record: written down, where somebody has to write them down, else when they fell.  One
    sample a decision: 1 on record, 0 not."""
    written = _written(index)
    return [
        Sample(e.subject, float(not d.to_be_recorded or e.seq in written), _with(e, written.get(e.seq)))
        for e, d in _decisions(index)
    ]


@measure(
    "decision_log_completeness",
    title="Completeness of the decision log",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="5.2",
    reference="ISO 22320:2018 5.3; ITIL 4 incident management (major incidents)",
)
def decision_log_completeness(index: TimelineIndex) -> list[Sample]:
    """Share of decisions that were written down by somebody with what they were chosen from and what they rested on.
    One sample a decision that had to be written down: 1 with options, evidence and a record, else 0."""
    written = _written(index)
    return [
        Sample(e.subject, float(_is_complete(d) and e.seq in written), _with(e, written.get(e.seq)))
        for e, d in _decisions(index)
        if d.to_be_recorded
    ]


@measure(
    "decision_record_delay",
    title="Delay of the decision log",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.MEAN,
    practice="5.2",
    reference="ISO 22320:2018 5.3",
)
def decision_record_delay(index: TimelineIndex) -> list[Sample]:
    """From a decision until it is written down.  One sample a decision that had to be; one that never was is still
    open."""
    written = _written(index)
    return [seconds(index, e.subject, e, written.get(e.seq)) for e, d in _decisions(index) if d.to_be_recorded]


@measure(
    "situation_report_adherence",
    title="Reports on the situation in time",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="2.4",
    reference="ISO 22320:2018 5.3",
)
def situation_report_adherence(index: TimelineIndex) -> list[Sample]:
    """Share of the reports on the situation that were given before the next was due.  One sample a report that fell
    due."""
    given = {cause: e for e in index.of_kind("situation.reported") for cause in e.causes}
    samples = []
    for due in index.of_kind("situation.due"):
        detail, told = detail_of(due, SituationDetail), given.get(due.seq)
        is_open = told is None and index.until_ms < detail.next_due_at_ms
        in_time = told is not None and told.at_ms <= detail.next_due_at_ms
        samples.append(Sample(due.subject, float(in_time or is_open), _with(due, told), censored=is_open))
    return samples


# Activation


@measure(
    "over_escalation",
    title="Major incidents that were none",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="5.1",
    reference="ITIL 4 incident management (major incidents)",
    takes_absence_of=("function.disrupted", "incident.declared"),
)
def over_escalation(index: TimelineIndex) -> list[Sample]:
    """Major incidents declared for nothing.  One sample an incident that stands by itself: 1 when it was declared, and
    neither at that moment nor after it a business function was below its minimum level, data were wrong or a workplace
    was lost by a fault behind the incident; else 0."""
    return [
        Sample(incident.subject, float(_is_needless(index, incident)), (_judged_by(incident).seq,))
        for incident in index.root_incidents
    ]


@measure(
    "under_escalation",
    title="Broken promises that nobody escalated",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="5.1",
    reference="ITIL 4 incident management (major incidents)",
    takes_absence_of=("incident.declared",),
)
def under_escalation(index: TimelineIndex) -> list[Sample]:
    """Disruptions that outlasted their RTO before a major incident was declared for what caused them.  One sample a
    disruption of a function with an RTO: 1 when the RTO ran out first, else 0."""
    samples = []
    for span in index.disruptions:
        rto_ms = span.detail.rto_ms
        if rto_ms is None:
            continue
        behind, due_ms = index.causality.faults_behind(span.begun), span.begun.at_ms + rto_ms
        declared = next((e for i in index.root_incidents if i.faults & behind and (e := _declared_by(i, due_ms))), None)
        missed = declared is None and span.elapsed_ms(index.until_ms) > rto_ms
        evidence = span.evidence() if declared is None else (span.begun.seq, declared.seq)
        samples.append(Sample(span.subject, float(missed), evidence, censored=span.ended is None and not missed))
    return samples


@measure(
    "needless_bridge_time",
    title="Time of people called for nothing",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="5.1",
    reference="ITIL 4 incident management (major incidents)",
    takes_absence_of=("function.disrupted", "incident.declared"),
)
def needless_bridge_time(index: TimelineIndex) -> list[Sample]:
    """How long people were on the bridge of a major incident that was none.  One sample an incident that stands by
    itself: the sum over everybody who joined, each until he left or the incident was resolved; 0 for one that was
    major, or not declared."""
    samples = []
    for incident in index.root_incidents:
        stays = list(_stays(index, incident)) if _is_needless(index, incident) else []
        lasted = [span_seconds(index, stay) for stay in stays]
        evidence = tuple(sorted({_judged_by(incident).seq, *(seq for sample in lasted for seq in sample.evidence)}))
        samples.append(
            Sample(
                incident.subject, math.fsum(s.value for s in lasted), evidence, censored=any(s.censored for s in lasted)
            )
        )
    return samples


def _is_needless(index: TimelineIndex, incident: Incident) -> bool:
    """Whether an incident was declared, and nothing behind it was worth that, then or later."""
    declared = incident.first("incident.declared")
    if declared is None or any(fault.detail.malicious for fault in index.faults_of(incident.faults)):
        return False
    lasting = (s for s in index.disruptions if s.ended is None or s.ended.seq > declared.seq)
    hurt = [span.begun for span in lasting]
    hurt += index.of_kind("data.lost", "data.corruption_found", "data.corruption_carried", "workplace.closed")
    return not any(index.causality.faults_behind(event) & incident.faults for event in hurt)


def _judged_by(incident: Incident) -> Event:
    """What shows whether somebody called it major: the declaration, or that it was opened and nothing more."""
    return incident.first("incident.declared") or incident.opened


def _declared_by(incident: Incident, due_ms: int) -> Event | None:
    declared = incident.first("incident.declared")
    return declared if declared is not None and declared.at_ms <= due_ms else None


def _stays(index: TimelineIndex, incident: Incident) -> Iterable[Span]:
    """Each person's time on the bridges of an incident, the first joining to the last leaving."""
    stays: dict[str, Span] = {}
    over = incident.first("incident.resolved")
    for event in index.of_kind("bridge.joined", "bridge.left"):
        detail = detail_of(event, RoleDetail)
        if detail.incident != incident.subject.id:
            continue
        who = Reference(RefKind.PERSON, detail.person)
        stay = stays.setdefault(detail.person, Span(who, event, over))
        if event.kind == "bridge.left" and (over is None or event.seq < over.seq):
            stay.ended = event
    return stays.values()


def _end(index: TimelineIndex, event: Event) -> Event | None:
    """The end of the incident that an event about a role belongs to."""
    incident = getattr(event.detail, "incident", "")
    found = index.incidents.get(incident)
    return None if found is None else found.first("incident.resolved")


def _first(*events: Event | None) -> Event | None:
    return min((e for e in events if e is not None), key=lambda e: e.seq, default=None)


def _roles(index: TimelineIndex, kind: str, incident: str, role: str) -> list[Event]:
    found = ((e, detail_of(e, RoleDetail)) for e in index.of_kind(kind))
    return [e for e, d in found if (d.incident, d.role) == (incident, role)]


def _decisions(index: TimelineIndex) -> list[tuple[Event, DecisionDetail]]:
    return [(e, detail_of(e, DecisionDetail)) for e in index.of_kind("decision.made")]


def _written(index: TimelineIndex) -> dict[int, Event]:
    """Decisions that were written down, by their event, with the record."""
    found: dict[int, Event] = {}
    for event in index.of_kind("decision.recorded"):
        found.setdefault(detail_of(event, RecordDetail).decision, event)
    return found


def _is_complete(decided: DecisionDetail) -> bool:
    return len(decided.options) > 1 and bool(decided.by) and bool(decided.seen or decided.evidence)


def _is_in(joined: Event, decided: Event, detail: DecisionDetail) -> bool:
    """Whether somebody who was there when a decision fell had joined its bridge with this event."""
    came = detail_of(joined, RoleDetail)
    same = (came.incident, came.bridge) == (detail.incident, detail.bridge)
    return same and joined.seq < decided.seq and came.person in detail.present


def _with(event: Event, other: Event | None) -> tuple[int, ...]:
    return (event.seq,) if other is None else (event.seq, other.seq)
