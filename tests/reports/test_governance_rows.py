"""Rows of the report on service levels and on the time after the incident."""

from __future__ import annotations

from reports.html.governance import action_rows, after_lines, level_rows
from reports.index import TimelineIndex
from tests.reports.building import Story
from timeline.instants import MINUTE


def test_a_promise_is_kept_by_what_happened_and_not_by_when_it_was_judged() -> None:
    story = Story()
    opened = story.add(0, "incident.opened", "incident:i1")
    assigned = story.add(2, "incident.assigned", "incident:i1", opened)
    fields = {"promise": "respond", "due_at_ms": 10 * MINUTE}
    due = story.add(30, "sla.due", "sla:standard.sev1.respond", opened, **fields)
    story.add(30, "sla.met", "sla:standard.sev1.respond", due, assigned, left_ms=8 * MINUTE, **fields)
    (row,) = level_rows(TimelineIndex(story.end(60)))
    assert (row.kept, row.outcome, row.verdict) == (assigned, "8 min left", "good")


def test_actions_are_late_by_the_day_on_which_they_were_done() -> None:
    story = Story()
    for id in ("a", "b", "c"):
        story.add(0, "action.opened", f"action:{id}", due_at_ms=30 * MINUTE)
    done_a = story.add(20, "action.closed", "action:a", due_at_ms=30 * MINUTE)
    done_b = story.add(40, "action.closed", "action:b", due_at_ms=30 * MINUTE)
    rows = action_rows(TimelineIndex(story.end(60)))
    assert [(row.closed, row.verdict) for row in rows] == [(done_a, "good"), (done_b, "bad"), (None, "bad")]


def test_what_came_after_is_told_in_order_without_actions() -> None:
    story = Story()
    story.add(1, "review.due", "incident:i1")
    story.add(2, "action.opened", "action:a")
    story.add(3, "disclosure.published", "audience:customers")
    assert [line.event.kind for line in after_lines(TimelineIndex(story.end(60)))] == [
        "review.due",
        "disclosure.published",
    ]
