"""Service levels, read off small timelines."""

from __future__ import annotations

from reports.index import TimelineIndex
from reports.measures import read_measures
from reports.measures.measure import Sample
from tests.reports.building import Story
from timeline.events import Event
from timeline.instants import MINUTE


class Ticket:
    """A fault that hurts payments (RTO one hour) and its incident, opened with it."""

    def __init__(self) -> None:
        self.story = Story(functions=["payments"])
        fault = self.story.add(0, "fault.started", "fault:f")
        self.story.add(0, "function.disrupted", "function:payments", fault)
        self.opened = self.story.add(0, "incident.opened", "incident:i1", fault)

    def due(self, minute: float, due_min: float | None, promise: str = "resolve") -> Event:
        due_ms = None if due_min is None else round(due_min * MINUTE)
        subject = f"sla:standard.sev1.{promise}"
        return self.story.add(minute, "sla.due", subject, self.opened, due_at_ms=due_ms, promise=promise)

    def met(self, minute: float, due: Event, left_min: float, promise: str = "resolve") -> None:
        subject = f"sla:standard.sev1.{promise}"
        left_ms = round(left_min * MINUTE)
        self.story.add(minute, "sla.met", subject, due, left_ms=left_ms, promise=promise)

    def read(self, id: str, ends: float = 300) -> list[Sample]:
        return read_measures(TimelineIndex(self.story.end(ends)))[id]


def values(samples: list[Sample]) -> list[tuple[str, float, bool]]:
    return [(str(s.subject), s.value, s.censored) for s in samples]


def test_a_promise_is_kept_broken_or_still_open() -> None:
    ticket = Ticket()
    ticket.met(10, ticket.due(5, 30, "respond"), -5, "respond")
    ticket.met(100, ticket.due(10, 120), 20)
    assert values(ticket.read("sla_attainment")) == [
        ("sla:standard.sev1.respond", 0.0, False),
        ("sla:standard.sev1.resolve", 1.0, False),
    ]
    late = Ticket()
    late.due(5, 120)
    assert values(late.read("sla_attainment")) == [("sla:standard.sev1.resolve", 0.0, False)]
    early = Ticket()
    early.due(5, 120)
    assert values(early.read("sla_attainment", ends=60)) == [("sla:standard.sev1.resolve", 1.0, True)]


def test_the_last_word_on_when_it_is_due_counts() -> None:
    ticket = Ticket()
    ticket.met(50, ticket.due(5, 120), 70)
    ticket.due(60, 90)  # reopened
    assert values(ticket.read("sla_attainment")) == [("sla:standard.sev1.resolve", 0.0, False)]


def test_nothing_is_kept_or_broken_where_nothing_is_promised_any_more() -> None:
    ticket = Ticket()
    ticket.due(5, 120)
    ticket.due(20, None)
    assert ticket.read("sla_attainment") == []


def test_time_left_is_that_of_the_clock_and_below_zero_when_late() -> None:
    ticket = Ticket()
    ticket.met(10, ticket.due(5, 30, "respond"), -5, "respond")
    ticket.due(10, 120)
    assert values(ticket.read("sla_time_left", ends=100)) == [
        ("sla:standard.sev1.respond", -300.0, False),
        ("sla:standard.sev1.resolve", 1200.0, True),
    ]


def test_a_promise_beyond_the_rto_of_what_is_hurt_does_not_fit_it() -> None:
    for due_min, fits in ((60, 1.0), (61, 0.0)):
        ticket = Ticket()
        ticket.due(5, due_min)
        assert values(ticket.read("sla_within_rto")) == [("function:payments", fits, False)]


def test_what_became_part_of_another_incident_has_no_promise_of_its_own() -> None:
    ticket = Ticket()
    ticket.due(5, 120)
    other = ticket.story.add(6, "incident.opened", "incident:i2")
    ticket.story.add(7, "incident.merged", "incident:i1", other, parent="i2")
    assert ticket.read("sla_attainment") == []
