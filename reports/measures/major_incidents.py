"""Module 5, major incidents: declared in time, roles filled, decisions on record."""

from __future__ import annotations

from reports.index import TimelineIndex, detail_of
from reports.measures.measure import Direction, Judged, Sample, Unit, measure, seconds
from reports.milestones import impact_of
from timeline.details import ON_DEMAND, RoleDetail
from timeline.events import Event
from timeline.references import Reference, RefKind


@measure(
    "time_to_declare",
    title="Time to declare a major incident",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="5.1",
    reference="ITIL 4 incident management (major incidents)",
)
def time_to_declare(index: TimelineIndex) -> list[Sample]:
    """From the first suffering of a business function until the major incident behind it is declared.  One sample an
    incident that stands by itself and has an impact; one that was resolved without a declaration has none."""
    samples = []
    for incident in index.root_incidents:
        impact = impact_of(index, incident)
        if impact is None:
            continue
        declared, resolved = incident.first("incident.declared"), incident.first("incident.resolved")
        if declared is not None:
            begun = min(impact, declared, key=lambda e: e.seq)
            samples.append(seconds(index, incident.subject, begun, declared))
        elif resolved is None:
            samples.append(seconds(index, incident.subject, impact, None))
    return samples + [seconds(index, span.subject, span.begun, None) for span in index.unanswered]


@measure(
    "roles_filled_within",
    title="Time until roles are filled",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="1.2",
    reference="ISO 22320:2018 5.2; ICS",
)
def roles_filled_within(index: TimelineIndex) -> list[Sample]:
    """From the declaration of a major incident until a role of its command has somebody.  One sample a role that was
    filled or whose people could not be reached, without those called only on demand; one filled before the declaration
    took no time, one that was never filled is still open.  Where functions were disrupted and nothing was ever
    declared, no role was called in at all: then each disruption is a sample that is still open."""
    samples = []
    for declared in index.of_kind("incident.declared"):
        for role, taken in _roles(index, declared.subject.id).items():
            begun = declared if taken is None or declared.seq < taken.seq else taken
            samples.append(seconds(index, Reference(RefKind.ROLE, role), begun, taken))
    if not index.of_kind("incident.declared"):
        samples += [seconds(index, span.subject, span.begun, None) for span in index.disruptions]
    return samples


def _roles(index: TimelineIndex, incident: str) -> dict[str, Event | None]:
    """Each role that an incident called for, with the event in which it was first taken."""
    roles: dict[str, Event | None] = {}
    for event in index.of_kind("role.assigned", "role.unfilled"):
        detail = detail_of(event, RoleDetail)
        if detail.incident == incident and detail.reason != ON_DEMAND:
            taken = event if event.kind == "role.assigned" else None
            roles[detail.role] = roles.get(detail.role) or taken
    return roles
