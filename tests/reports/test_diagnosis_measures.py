"""The search for the cause: its time, log lines on tickets, and what handoffs carry and repeat."""

from __future__ import annotations

import pytest

from reports.index import TimelineIndex
from reports.measures import MEASURES
from tests.reports.building import Story
from timeline.events import Event
from timeline.journal import Timeline

I1 = "incident:i1"


class Searched(Story):
    """A crash of db, an incident because of it, and a search from minute 5 on."""

    def __init__(self) -> None:
        super().__init__(functions=["payments"])
        fault = self.add(0, "fault.started", "fault:f", fault="crash", target="db")
        fired = self.add(1, "alert.firing", "alert:A", fault)
        sent = self.add(1, "notification.sent", "receiver:team", fired)
        self.opened = self.add(2, "incident.opened", I1, sent)
        self.last = self.add(5, "diagnosis.started", I1, self.opened, checked=None, finding=None)

    def check(self, minute: float, node: str, finding: str = "nothing wrong") -> Event:
        self.last = self.add(minute, "diagnosis.checked", I1, self.last, checked=node, finding=finding)
        return self.last

    def hand_off(self, minute: float, carried: float | None) -> Event:
        self.last = self.add(minute, "diagnosis.handed_off", I1, self.last, person="eve", carried_ratio=carried)
        return self.last

    def conclude(self, minute: float, finding: str = "crash on db") -> Event:
        self.last = self.add(minute, "diagnosis.concluded", I1, self.last, checked="db", finding=finding)
        return self.last


def read(measure: str, timeline: Timeline) -> list[tuple[str, float, bool]]:
    samples = MEASURES[measure].samples(TimelineIndex(timeline))
    return [(str(s.subject), pytest.approx(s.value), s.censored) for s in samples]


def test_a_search_lasts_until_it_names_a_true_cause() -> None:
    story = Searched()
    story.conclude(9, "crash on web")
    story.conclude(20)
    assert read("diagnosis_time", story.end(60)) == [(I1, 15 * 60, False)]


def test_a_search_that_names_none_is_still_open() -> None:
    story = Searched()
    story.conclude(9, "crash on web")
    assert read("diagnosis_time", story.end(60)) == [(I1, 55 * 60, True)]


def test_a_ticket_is_enriched_by_lines_and_not_by_a_failed_search() -> None:
    story = Searched()
    story.add(6, "ticket.enriched", I1, story.opened, lines=(), reason="the log platform does not answer")
    assert read("tickets_enriched", story.end(60)) == [(I1, 0.0, False)]
    story = Searched()
    story.add(6, "ticket.enriched", I1, story.opened)
    assert read("tickets_enriched", story.end(60)) == [(I1, 1.0, False)]


def test_what_was_checked_before_a_handoff_and_again_after_it_is_repeated_work() -> None:
    story = Searched()
    story.check(8, "web")
    story.check(12, "api", "inconclusive")
    story.hand_off(15, 0.5)
    story.check(18, "web")
    story.check(22, "api")
    story.conclude(30)
    timeline = story.end(60)
    assert read("handoffs", timeline) == [(I1, 1.0, False)]
    assert read("context_carried", timeline) == [(I1, 0.5, False)]
    assert read("repeated_work", timeline) == [(I1, 3 * 60, False)], "api had told nothing before"


def test_a_handoff_before_which_nothing_was_ruled_out_carries_nothing_to_count() -> None:
    story = Searched()
    story.hand_off(8, None)
    story.conclude(30)
    timeline = story.end(60)
    assert read("context_carried", timeline) == []
    assert read("repeated_work", timeline) == [(I1, 0.0, False)]


def test_another_search_of_the_same_things_is_not_repeated_work() -> None:
    story = Searched()
    story.check(8, "web")
    story.hand_off(10, 1.0)
    story.add(20, "diagnosis.exhausted", I1, story.last, checked=None, finding=None)
    story.last = story.add(30, "diagnosis.started", I1, story.opened, checked=None, finding=None)
    story.check(33, "web")
    assert read("repeated_work", story.end(60)) == [(I1, 0.0, False)]


def test_without_a_handoff_none_is_counted() -> None:
    story = Searched()
    story.conclude(9)
    timeline = story.end(60)
    assert read("handoffs", timeline) == [(I1, 0.0, False)]
    assert read("repeated_work", timeline) == []
