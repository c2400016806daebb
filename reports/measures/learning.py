"""Module 6, learning: the times that every organisation compares itself by.

They count from the beginning of a fault; of one that lay silent, from when it was found or first hurt a business
function (`milestones.showed`): nobody could have acted before.
"""

from __future__ import annotations

from reports.index import TimelineIndex
from reports.measures.measure import Direction, Judged, Sample, Unit, measure, since_showing
from reports.milestones import Milestone, hurt_by, of_fault


@measure(
    "time_to_acknowledge",
    title="Time to acknowledge (MTTA)",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="6.5",
    reference="ITIL 4 incident management",
)
def time_to_acknowledge(index: TimelineIndex) -> list[Sample]:
    """From the beginning of a fault that hurt a business function (of one that lay silent, from when it showed) until
    somebody acknowledges a page that follows from it."""
    return _since_fault(index, Milestone.ACKNOWLEDGED)


@measure(
    "time_to_find_cause",
    title="Time to find the cause",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="6.1",
    reference="ITIL 4 problem management",
)
def time_to_find_cause(index: TimelineIndex) -> list[Sample]:
    """From the beginning of a fault that hurt a business function (of one that lay silent, from when it showed) until
    the diagnosis names it."""
    return _since_fault(index, Milestone.CAUSE_FOUND)


@measure(
    "time_to_mitigate",
    title="Time to mitigate",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="6.5",
    reference="NIST SP 800-61r2 3.3",
)
def time_to_mitigate(index: TimelineIndex) -> list[Sample]:
    """From the beginning of a fault that hurt a business function (of one that lay silent, from when it showed) until
    responders have verified that service is back, whatever has become of the fault itself."""
    return _since_fault(index, Milestone.MITIGATED)


@measure(
    "time_to_restore",
    title="Time to restore (MTTR)",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="6.5",
    reference="ITIL 4 incident management",
)
def time_to_restore(index: TimelineIndex) -> list[Sample]:
    """From the beginning of a fault (of one that lay silent, from when it showed) until every business function that it
    hurt is whole again."""
    return _since_fault(index, Milestone.RESTORED)


def _since_fault(index: TimelineIndex, milestone: Milestone) -> list[Sample]:
    hurting = (fault for fault in index.faults if hurt_by(index, fault))
    return since_showing(index, ((fault, of_fault(index, fault, milestone)) for fault in hurting))
