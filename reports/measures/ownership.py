"""Practice 3.5: an alert goes to whoever owns the system that it points at."""

from __future__ import annotations

from reports.index import Incident, TimelineIndex
from reports.measures.measure import Direction, Judged, Sample, Unit, measure


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
    """Share of incidents opened by an alert that came first to the team that owns what the alert points at, whoever
    took them over later.  One sample an incident that an alert opened about something with an owner: 1 the owner, 0
    another team, or a policy of no team."""
    return [
        Sample(i.subject, float(i.detail.team == i.detail.owner), (i.opened.seq,))
        for i in _opened_by_alerts(index)
        if i.detail.owner is not None
    ]


@measure(
    "alerts_without_owner",
    title="Incidents about what nobody owns",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="3.5",
    reference="Google SRE workbook, on-call; ISO/IEC 20000-1:2018 8.2.6",
)
def alerts_without_owner(index: TimelineIndex) -> list[Sample]:
    """Incidents opened by an alert that points at something without an owner, or at nothing.  One sample an incident
    that an alert opened: 1 without an owner, 0 with one."""
    return [Sample(i.subject, float(i.detail.unowned), (i.opened.seq,)) for i in _opened_by_alerts(index)]


def _opened_by_alerts(index: TimelineIndex) -> list[Incident]:
    """Those of which it is known whether what they are about has an owner: a record of something real does not say."""
    return [i for i in index.incidents.values() if i.detail.owner is not None or i.detail.unowned]
