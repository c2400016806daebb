"""The measures of practice 8.4 on timelines made by hand."""

from __future__ import annotations

import pytest

from reports.index import TimelineIndex
from reports.measures import MEASURES
from reports.workload.pages import pages_of
from tests.reports.building import Story
from timeline.journal import Timeline

ANN, BEN = "person:ann", "person:ben"


def read(measure: str, timeline: Timeline) -> list[tuple[str, float, bool]]:
    return [(str(s.subject), s.value, s.censored) for s in MEASURES[measure].read(TimelineIndex(timeline))]


def night() -> Story:
    """Ann is paged for two incidents, the first over two channels and once more after a lap; Ben once."""
    story = Story()
    for minute, who, incident, channel, attempt, asleep in (
        (0, "ann", "i1", "push", 0, True),
        (2, "ann", "i1", "call", 0, True),
        (20, "ann", "i1", "push", 1, True),
        (60, "ann", "i2", "push", 0, False),
        (70, "ben", "i2", "push", 0, False),
    ):
        fields = {"incident": incident, "person": who, "channel": channel, "attempt": attempt, "sleep_hours": asleep}
        story.add(minute, "page.delivered", f"incident:{incident}", **fields)
    return story


def test_channels_of_one_attempt_are_one_page() -> None:
    assert read("pages_per_person", night().end(90)) == [(ANN, 3.0, False), (BEN, 1.0, False)]


def test_incidents_are_counted_once_and_within_twelve_hours() -> None:
    story = night()
    story.add(12 * 60 + 1, "page.delivered", "incident:i3", person="ann", incident="i3", sleep_hours=False)
    assert read("incidents_per_shift", story.end(1000)) == [(ANN, 2.0, False), (BEN, 1.0, False)]


def test_pages_in_the_hours_of_sleep() -> None:
    assert read("sleep_hour_pages", night().end(90)) == [(ANN, 2.0, False), (BEN, 0.0, False)]


def test_a_timeline_that_does_not_know_the_hours_of_sleep_says_nothing_about_them() -> None:
    story = Story()
    story.add(0, "page.delivered", "incident:i1", person="ann")
    assert read("sleep_hour_pages", story.end(10)) == []


@pytest.mark.parametrize(
    ("closed", "expected"), [(45, (ANN, 2400.0, False)), (None, (ANN, 5100.0, True))], ids=["closed", "still open"]
)
def test_a_page_takes_time_until_its_incident_is_closed(
    closed: float | None, expected: tuple[str, float, bool]
) -> None:
    story = Story()
    story.add(0, "incident.opened", "incident:i1")
    story.add(0, "page.delivered", "incident:i1", incident="i1", person="ann", channel="push")
    story.add(3, "page.delivered", "incident:i1", incident="i1", person="ben", channel="push")
    story.add(5, "page.acknowledged", "incident:i1", incident="i1", person="ann", channel="push")
    if closed is not None:
        story.add(closed, "incident.closed", "incident:i1")
    assert read("interruption_time", story.end(90)) == [expected]


def test_a_page_of_a_merged_incident_takes_time_until_the_major_one_is_closed() -> None:
    story = Story()
    for id in ("i1", "i2"):
        story.add(0, "incident.opened", f"incident:{id}")
    story.add(0, "page.delivered", "incident:i2", incident="i2", person="ann")
    story.add(1, "page.acknowledged", "incident:i2", incident="i2", person="ann")
    story.add(2, "incident.merged", "incident:i2", parent="i1")
    story.add(31, "incident.closed", "incident:i1")
    assert read("interruption_time", story.end(60)) == [(ANN, 1800.0, False)]


def test_inequality_is_that_of_the_people_paged() -> None:
    assert read("page_inequality", night().end(90)) == [("exercise:test", 0.25, False)]
    alone = Story()
    alone.add(0, "page.delivered", "incident:i1", person="ann")
    assert read("page_inequality", alone.end(10)) == []


def test_a_third_party_is_nobody_of_ours() -> None:
    story = night()
    story.add(80, "page.delivered", "vendor:carrier", person="carrier")
    assert read("pages_per_person", story.end(90)) == read("pages_per_person", night().end(90))


def test_a_page_leads_to_its_events() -> None:
    story = night()
    story.add(72, "page.acknowledged", "incident:i2", incident="i2", person="ben", channel="push")
    *_, last = pages_of(TimelineIndex(story.end(90)))
    assert last.evidence == (5, 6)
