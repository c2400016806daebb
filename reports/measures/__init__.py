"""Measures: functions that read samples off a timeline, one module for each module of the practices.

`MEASURES` holds all of them by id; `read_measures` reads them all.  A new measure is one function in the module of its
practice.  Nothing here knows anything but the timeline.
"""

from __future__ import annotations

from reports.index import TimelineIndex
from reports.measures import (  # noqa: F401  (each registers its measures)
    access,
    after_incident,
    analysis,
    authorities,
    automation,
    catalogue,
    changes,
    command,
    communication,
    continuity,
    coordination,
    correlation,
    detection,
    diagnosis,
    governance,
    learning,
    lifecycle,
    major_incidents,
    ownership,
    parties,
    playbooks,
    problems,
    recovery,
    security,
    service_levels,
    severity,
    triage,
    waiting,
    workflows,
    workplaces,
)
from reports.measures.measure import MEASURES, Direction, Figure, Judged, Measure, Sample, Unit

__all__ = ["MEASURES", "Direction", "Figure", "Judged", "Measure", "Sample", "Unit", "read_measures"]


def read_measures(index: TimelineIndex) -> dict[str, list[Sample]]:
    """The samples of every measure, by id."""
    return {id: measure.samples(index) for id, measure in MEASURES.items()}
