"""Practice 3.5: an alert goes to whoever owns the system that it points at."""

from __future__ import annotations

from collections.abc import Iterator

from reports.index import TimelineIndex, detail_of
from reports.measures.measure import Direction, Judged, Sample, Unit, measure
from timeline.details import IncidentDetail
from timeline.events import Event


@measure(
    "ownership_accuracy",
    title="Alerts that went to the owner",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="3.5",
    reference="Google SRE workbook, on-call; ITIL 4 monitoring and event management",
)
def ownership_accuracy(index: TimelineIndex) -> list[Sample]:
    """Share of alerts that were sent to the team that owns what they point at, whoever was on call and whoever took
    over later.  One sample each time alerts opened or joined an incident, for each owner of what they point at: 1 it
    was sent to the owner, 0 to another team, or to a policy of no team."""
    return [
        Sample(event.subject, float(owner == detail.addressed), (event.seq,))
        for event, detail in _addressed(index)
        for owner in detail.owners
        if owner
    ]


@measure(
    "alerts_without_owner",
    title="Alerts about what nobody owns",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="3.5",
    reference="Google SRE workbook, on-call; ISO/IEC 20000-1:2018 8.2.6",
)
def alerts_without_owner(index: TimelineIndex) -> list[Sample]:
    """How often alerts opened or joined an incident that point at something without an owner, or at nothing: 1 without
    an owner, 0 with one.  One sample each time."""
    return [Sample(event.subject, float("" in detail.owners), (event.seq,)) for event, detail in _addressed(index)]


def _addressed(index: TimelineIndex) -> Iterator[tuple[Event, IncidentDetail]]:
    """What alerts opened or joined, where it is known to whom they were sent: a real record may not say."""
    for event in index.of_kind("incident.opened", "incident.alert_attached"):
        detail = detail_of(event, IncidentDetail)
        if detail.addressed:
            yield event, detail
