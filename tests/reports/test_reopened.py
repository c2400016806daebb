"""An incident that was reopened was not over when it was resolved."""

from __future__ import annotations

from reports.index import TimelineIndex
from reports.measures import MEASURES
from reports.milestones import Milestone, of_exercise
from tests.reports.building import Story
from timeline.journal import Timeline

INCIDENT, OTHER = "incident:i1", "incident:i2"


def story(*, again: bool) -> Timeline:
    """Resolved at 30 min; where it came back, reopened at 40 and resolved for good at 70."""
    told = Story()
    fault = told.add(0, "fault.started", "fault:f")
    alert = told.add(2, "alert.firing", "alert:A", fault)
    opened = told.add(3, "incident.opened", INCIDENT, alert)
    resolved = told.add(30, "incident.resolved", INCIDENT, opened)
    closed = told.add(31, "incident.closed", INCIDENT, resolved)
    if again:
        reopened = told.add(40, "incident.reopened", INCIDENT, closed, alert)
        told.add(70, "incident.resolved", INCIDENT, reopened)
    told.add(72, "incident.opened", OTHER)
    told.add(73, "incident.merged", OTHER, parent="i1")
    told.add(74, "incident.resolved", OTHER)
    return told.end(90)


def samples(timeline: Timeline) -> list[tuple[str, float]]:
    return [(str(s.subject), s.value) for s in MEASURES["reopened_incidents"].read(TimelineIndex(timeline))]


def test_each_time_that_it_was_opened_again_counts_and_parts_do_not() -> None:
    assert samples(story(again=True)) == [(INCIDENT, 1.0)]
    assert samples(story(again=False)) == [(INCIDENT, 0.0)]


def test_it_is_resolved_once_that_lasts() -> None:
    index = TimelineIndex(story(again=True))
    resolved = of_exercise(index, Milestone.RESOLVED)
    assert resolved is not None
    assert resolved.at_ms == 70 * 60_000
    assert index.incidents["i1"].first("incident.resolved") == resolved
    assert index.incidents["i1"].first("incident.closed") is None


def test_without_a_reopening_the_first_resolution_is_the_one() -> None:
    resolved = of_exercise(TimelineIndex(story(again=False)), Milestone.RESOLVED)
    assert resolved is not None
    assert resolved.at_ms == 30 * 60_000


def test_the_sign_that_reopened_it_belongs_to_it() -> None:
    told = Story()
    first, second = told.add(0, "fault.started", "fault:f"), told.add(0, "fault.started", "fault:g")
    told.add(3, "incident.opened", INCIDENT, told.add(2, "alert.firing", "alert:A", first))
    told.add(40, "incident.reopened", INCIDENT, told.add(39, "alert.firing", "alert:B", second))
    index = TimelineIndex(told.end(60))
    assert [fault.begun for fault in index.faults_of(index.incidents["i1"].faults)] == [first, second]
