"""Measures of communication on timelines made by hand, and what the report shows of them."""

from __future__ import annotations

from typing import Any

import pytest

from reports.html import html_report
from reports.index import TimelineIndex
from reports.measures import MEASURES
from reports.scoring import score
from tests.reports.building import Story
from timeline.details import PageEntryState, ReachedOver
from timeline.instants import MINUTE
from timeline.journal import Timeline

CUSTOMERS, BOARD = "audience:customers", "audience:board"


def read(measure: str, timeline: Timeline) -> list[tuple[str, float, bool]]:
    return [(str(s.subject), s.value, s.censored) for s in MEASURES[measure].samples(TimelineIndex(timeline))]


def page(state: str) -> tuple[PageEntryState, ...]:
    return (PageEntryState("function:payments", "Payments", state),)


def outage() -> Story:
    """Payments are gone from minute 10 and work in part from 50 to 60; the page knows from 30 and hears of the end at
    70."""
    story = Story(functions=["payments"])
    opened = story.add(0, "status_page.opened", "system:status-page", entries=page("operational"))
    down = story.add(10, "function.disrupted", "function:payments", opened)
    posted = story.add(30, "status_page.posted", "system:status-page", down, entries=page("major outage"))
    story.add(50, "function.restored", "function:payments", down, level_ratio=0.8)
    story.add(50, "function.degraded", "function:payments", down, level_ratio=0.8)
    story.add(60, "function.restored", "function:payments", down, level_ratio=1.0)
    story.add(70, "status_page.posted", "system:status-page", posted, entries=page("operational"))
    return story


def test_the_page_is_accurate_for_the_share_of_the_trouble_in_which_it_is_true() -> None:
    timeline = outage().end(120)
    assert read("status_page_accuracy", timeline) == [("function:payments", 20 / 60, False)]
    assert read("status_page_understated", timeline) == [("function:payments", 20 / 60, False)]
    assert read("status_page_overstated", timeline) == [("function:payments", 20 / 60, False)]


def test_the_lag_runs_from_the_change_until_the_page_is_true_again() -> None:
    assert read("status_page_lag", outage().end(120)) == [
        ("function:payments", 20 * 60, False),
        ("function:payments", 20 * 60, False),
    ]


def test_a_page_that_is_wrong_at_the_end_is_open() -> None:
    story = Story(functions=["payments"])
    story.add(0, "status_page.opened", "system:status-page", entries=page("operational"))
    story.add(10, "function.disrupted", "function:payments")
    assert read("status_page_lag", story.end(40)) == [("function:payments", 30 * 60, True)]


@pytest.mark.parametrize("state", ["partial outage", "degraded"])
def test_a_page_that_says_less_understates(state: str) -> None:
    story = Story(functions=["payments"])
    story.add(0, "status_page.opened", "system:status-page", entries=page(state))
    story.add(0, "function.disrupted", "function:payments")
    assert read("status_page_understated", story.end(40)) == [("function:payments", 1.0, False)]


def test_a_page_that_announces_maintenance_says_nothing_false() -> None:
    story = Story(functions=["payments"])
    story.add(0, "status_page.opened", "system:status-page", entries=page("maintenance"))
    story.add(10, "function.disrupted", "function:payments")
    timeline = story.end(40)
    assert read("status_page_understated", timeline) == [("function:payments", 0.0, False)]
    assert read("status_page_lag", timeline) == []


def test_without_a_page_or_without_trouble_nothing_is_measured() -> None:
    story = Story(functions=["payments"])
    story.add(0, "status_page.opened", "system:status-page")
    assert read("status_page_accuracy", story.end(40)) == []
    assert read("status_page_accuracy", Story().end(40)) == []


def sent(story: Story, minute: float, subject: str = CUSTOMERS, *causes: Any, **fields: Any) -> Any:
    audience = subject.partition(":")[2]
    return story.add(minute, "update.sent", subject, *causes, audience=audience, **fields)


def test_texts_count_by_where_their_words_come_from() -> None:
    story = Story()
    sent(story, 1, template="a", approval="template")
    sent(story, 2, approval="approved")
    sent(story, 3, approval="unapproved")
    story.add(4, "status_page.posted", "system:status-page", template="b", approval="template")
    timeline = story.end(10)
    assert [value for _, value, _ in read("templated_updates_share", timeline)] == [1, 0, 0, 1]
    assert [value for _, value, _ in read("unapproved_text_sent", timeline)] == [0, 0, 1, 0]


def test_what_a_text_gave_away_counts_once_and_only_outside() -> None:
    story = Story()
    first = sent(story, 1, approval="unapproved", stakeholders="customers")
    story.add(1, "text.disclosed", CUSTOMERS, first)
    sent(story, 2, approval="unapproved", stakeholders="executives")
    flagged = story.add(3, "text.flagged", CUSTOMERS)
    sent(story, 4, CUSTOMERS, flagged, approval="approved", stakeholders="customers")
    timeline = story.end(10)
    assert [value for _, value, _ in read("disclosures_posted", timeline)] == [1, 0]
    assert [value for _, value, _ in read("disclosures_flagged", timeline)] == [0, 1]


def declared() -> Story:
    story = Story()
    story.add(0, "incident.opened", "incident:i1")
    story.add(10, "incident.declared", "incident:i1")
    return story


def test_executives_are_told_with_the_first_briefing_or_update() -> None:
    story = declared()
    sent(story, 15, stakeholders="customers")
    story.add(25, "briefing.held", BOARD, audience="board", stakeholders="executives")
    sent(story, 30, BOARD, stakeholders="executives")
    assert read("time_to_first_executive_brief", story.end(60)) == [("incident:i1", 15 * 60, False)]


def test_executives_who_never_hear_are_open_and_unknown_ones_are_not_measured() -> None:
    story = declared()
    story.add(10, "update.owed", BOARD, audience="board", stakeholders="executives", due_at_ms=40 * MINUTE)
    assert read("time_to_first_executive_brief", story.end(60)) == [("incident:i1", 50 * 60, True)]
    assert read("time_to_first_executive_brief", declared().end(60)) == []


def owed(within: int) -> Story:
    story = declared()
    due_ms = (10 + within) * MINUTE
    story.add(10, "update.owed", CUSTOMERS, audience="customers", due_at_ms=due_ms)
    return story


@pytest.mark.parametrize(("minute", "in_time"), [(30, 1.0), (30.5, 0.0)])
def test_a_first_message_is_in_time_until_it_is_due(minute: float, in_time: float) -> None:
    story = owed(20)
    sent(story, minute)
    assert read("communications_plan_coverage", story.end(60)) == [(CUSTOMERS, in_time, False)]


def test_the_page_that_an_audience_reads_counts_as_told() -> None:
    story = owed(20)
    story.add(20, "status_page.posted", "system:status-page")
    assert read("communications_plan_coverage", story.end(60)) == [(CUSTOMERS, 1.0, False)]


def test_a_message_to_others_does_not_count_and_what_is_not_due_yet_is_open() -> None:
    story = owed(20)
    sent(story, 20, BOARD)
    sent(story, 20, incident="i2")
    assert read("communications_plan_coverage", story.end(60)) == [(CUSTOMERS, 0.0, False)]
    assert read("communications_plan_coverage", owed(20).end(25)) == [(CUSTOMERS, 1.0, True)]


def cadence(*, promised: float | None, answered: float) -> Timeline:
    """An update at minute 20 promises the next one, which is due at 30 and comes at `answered`; another follows."""
    story = declared()
    first = story.add(15, "update.due", CUSTOMERS, audience="customers", due_at_ms=20 * MINUTE)
    sent(story, 20, CUSTOMERS, first, next_at_ms=None if promised is None else round(promised * MINUTE))
    second = story.add(25, "update.due", CUSTOMERS, audience="customers", due_at_ms=30 * MINUTE)
    sent(story, answered, CUSTOMERS, second)
    third = story.add(45, "update.due", CUSTOMERS, audience="customers", due_at_ms=50 * MINUTE)
    sent(story, 50, CUSTOMERS, third)
    return story.end(60)


@pytest.mark.parametrize(("promised", "answered", "in_time"), [(35, 35, 1), (35, 36, 0), (None, 36, 1), (None, 40, 1)])
def test_what_an_update_promised_is_held_against_the_next(
    promised: float | None, answered: float, in_time: int
) -> None:
    values = [value for _, value, _ in read("update_cadence_adherence", cadence(promised=promised, answered=answered))]
    assert values == [1, in_time, 1]


def called_out() -> Story:
    story = declared()
    shared = {"due_at_ms": 60 * MINUTE}
    story.add(10, "callout.due", "callout:all", **shared)
    story.add(20, "callout.reached", "callout:all", reached=4.0, over=(ReachedOver("phone", 4.0),), **shared)
    both = (ReachedOver("phone", 5.0), ReachedOver("mail", 3.0))
    story.add(50, "callout.reached", "callout:all", reached=8.0, over=both, **shared)
    return story


def test_the_share_reached_is_that_at_the_time_of_the_target() -> None:
    story = called_out()
    story.add(60, "callout.assessed", "callout:all", reached=8.0)
    last = (ReachedOver("phone", 5.0), ReachedOver("mail", 5.0))
    story.add(75, "callout.reached", "callout:all", reached=10.0, over=last)
    timeline = story.end(90)
    assert read("share_reached_within", timeline) == [("callout:all", 0.8, False)]
    assert read("time_to_reach_90", timeline) == [("callout:all", 65 * 60, False)]
    assert read("reached_by_channel", timeline) == [("channel:all.phone", 0.5, False), ("channel:all.mail", 0.5, False)]


def test_a_callout_that_is_not_over_is_open() -> None:
    timeline = called_out().end(55)
    assert read("share_reached_within", timeline) == [("callout:all", 0.8, True)]
    assert read("time_to_reach_90", timeline) == [("callout:all", 45 * 60, True)]


def test_updates_reach_what_their_channel_reaches_and_nobody_when_they_fail() -> None:
    story = Story()
    first = story.add(1, "update.due", CUSTOMERS, audience="customers")
    sent(story, 2, CUSTOMERS, first, reach_ratio=0.6)
    second = story.add(10, "update.due", CUSTOMERS, audience="customers")
    story.add(11, "update.failed", CUSTOMERS, second, audience="customers")
    story.add(20, "update.due", CUSTOMERS, audience="customers")
    assert [value for _, value, _ in read("audience_reach", story.end(30))] == [0.6, 0.0]


def test_time_spent_is_added_up_over_texts_changes_and_briefings() -> None:
    story = Story()
    sent(story, 1, effort_ms=5 * MINUTE)
    story.add(2, "status_page.posted", "system:status-page", effort_ms=2 * MINUTE)
    story.add(3, "briefing.held", BOARD, effort_ms=10 * MINUTE)
    figure = MEASURES["responder_time_on_updates"].figure(
        MEASURES["responder_time_on_updates"].samples(TimelineIndex(story.end(9)))
    )
    assert figure is not None
    assert figure.value == 17 * 60


def test_the_report_shows_who_was_told_and_what_was_given_away() -> None:
    story = owed(20)
    first = sent(story, 40, approval="unapproved", stakeholders="customers", text="core-db-1 is down")
    story.add(40, "text.disclosed", CUSTOMERS, first)
    timeline = story.end(90)
    page_text = html_report(TimelineIndex(timeline), score(timeline), [])
    assert "10 min late" in page_text
    assert "Gives away: core-db-1" in page_text
    assert "approved by nobody" in page_text


def test_where_nothing_was_said_the_report_has_no_such_section() -> None:
    timeline = declared().end(60)
    assert 'id="communication"' not in html_report(TimelineIndex(timeline), score(timeline), [])
