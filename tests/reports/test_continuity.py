"""Continuity of people and places, read off a timeline: shortages, manual work, backlog, tolerance, order."""

from __future__ import annotations

import pytest

from reports.continuity import continuity_rows
from reports.figures import draw
from reports.impact import achieved_impact
from reports.index import TimelineIndex
from reports.measures import MEASURES, Sample
from reports.measures.analysis import restoration_order
from tests.reports.building import Story
from timeline.details import FunctionAnalysis, ImpactMark
from timeline.instants import HOUR, MINUTE
from timeline.journal import Timeline

PAYMENTS = "function:payments"


def samples(measure: str, timeline: Timeline) -> list[Sample]:
    return MEASURES[measure].read(TimelineIndex(timeline))


def minutes(measure: str, timeline: Timeline) -> list[tuple[float, bool]]:
    return [(sample.value / 60, sample.censored) for sample in samples(measure, timeline)]


def lost_office(**fields: float) -> Story:
    """The office is lost at 0 and a function with it; more happens where a minute is given."""
    story = Story(functions=["payments"])
    fault = story.add(0, "fault.started", "fault:gas")
    closed = story.add(0, "workplace.closed", "site:office", fault)
    short = story.add(0, "staff.short", PAYMENTS, closed)
    down = story.add(0, "function.disrupted", PAYMENTS, short)
    story.add(0, "backlog.growing", PAYMENTS, down)
    if "convened" in fields:
        story.add(fields["convened"], "crisis.convened", "incident:i1", closed)
    if "ordered" in fields:
        story.add(fields["ordered"], "command.submitted", PAYMENTS, down, action="start-fallback", target="payments")
    if "by_hand" in fields:
        story.add(fields["by_hand"], "fallback.started", PAYMENTS, down)
    if "back" in fields:
        reached = story.add(fields["back"], "staff.minimum_reached", PAYMENTS, closed, present=10)
        story.add(fields["back"], "function.restored", PAYMENTS, reached, level_ratio=1.0)
        work = round(fields["back"] * MINUTE)
        story.add(fields["back"], "backlog.catching_up", PAYMENTS, work_ms=work, rate_ratio=-0.5, level_ratio=1.0)
    if "cleared" in fields:
        story.add(fields["cleared"], "backlog.cleared", PAYMENTS, work_ms=0, rate_ratio=0.0, level_ratio=1.0)
    return story


def test_the_minimum_of_people_is_timed_from_the_shortage_to_its_end() -> None:
    assert minutes("minimum_staff_within", lost_office(back=90).end(200)) == [(90, False)]
    assert minutes("minimum_staff_within", lost_office().end(200)) == [(200, True)]


def test_the_crisis_team_is_timed_from_the_loss_of_the_place() -> None:
    assert minutes("crisis_team_convened_within", lost_office(convened=25).end(200)) == [(25, False)]
    assert minutes("crisis_team_convened_within", lost_office().end(200)) == [(200, True)]


def test_manual_work_is_timed_from_the_disruption_once_it_was_ordered() -> None:
    assert minutes("fallback_set_up_within", lost_office(ordered=20, by_hand=70).end(200)) == [(70, False)]
    assert minutes("fallback_set_up_within", lost_office(ordered=20).end(200)) == [(200, True)]
    assert minutes("fallback_set_up_within", lost_office().end(200)) == []


def test_the_catch_up_runs_from_the_moment_in_which_the_function_is_whole() -> None:
    assert minutes("backlog_catch_up_time", lost_office(back=60, cleared=180).end(200)) == [(120, False)]
    assert minutes("backlog_catch_up_time", lost_office(back=60).end(100)) == [(40, True)]
    assert minutes("backlog_catch_up_time", lost_office().end(100)) == [(0, True)]


def test_the_peak_of_a_backlog_that_still_grows_is_that_at_the_end() -> None:
    assert minutes("backlog_peak", lost_office(back=60, cleared=180).end(200)) == [(60, False)]
    assert minutes("backlog_peak", lost_office().end(200)) == [(200, True)]


def within(outage: float | None, backlog: float | None, story: Story, end: float) -> list[tuple[float, bool]]:
    """Whether the tolerance (in minutes) was kept."""
    analysis = FunctionAnalysis(
        "payments",
        tolerated_outage_ms=None if outage is None else round(outage * MINUTE),
        tolerated_backlog_ms=None if backlog is None else round(backlog * MINUTE),
    )
    stated = Story(functions=["payments"], analyses=[analysis])
    for event in list(story.timeline)[1:]:
        stated.timeline.emit(event.at_ms, event.kind, event.subject, event.actor, event.detail, event.causes)
    return [(s.value, s.censored) for s in samples("impact_tolerance_kept", stated.end(end))]


@pytest.mark.parametrize(
    ("outage", "backlog", "expected"),
    [(60, None, 1.0), (59, None, 0.0), (None, 60, 1.0), (None, 59, 0.0), (60, 59, 0.0), (None, None, None)],
)
def test_a_tolerance_is_kept_in_time_and_in_volume(
    outage: float | None, backlog: float | None, expected: float | None
) -> None:
    found = within(outage, backlog, lost_office(back=60, cleared=180), 200)
    assert found == ([] if expected is None else [(expected, False)])


def test_a_tolerance_that_is_kept_so_far_is_open() -> None:
    assert within(300, None, lost_office(), 200) == [(1.0, True)]
    assert within(100, None, lost_office(), 200) == [(0.0, False)]


def two_down(first_back: float, other_back: float, rto_min: float = 60) -> Timeline:
    story = Story(functions=["payments", "letters"])
    rto_ms = round(rto_min * MINUTE)
    first = {"criticality": "critical", "rto_ms": rto_ms, "mtpd_ms": 8 * HOUR}
    other = {"criticality": "standard", "rto_ms": 8 * HOUR, "mtpd_ms": 48 * HOUR}
    story.add(0, "function.disrupted", PAYMENTS, **first)
    story.add(0, "function.disrupted", "function:letters", **other)
    for minute, subject in sorted([(first_back, PAYMENTS), (other_back, "function:letters")]):
        story.add(minute, "function.restored", subject, level_ratio=1.0)
    return story.end(400)


@pytest.mark.parametrize(
    ("first_back", "other_back", "inversions"),
    [(90, 120, 0), (120, 90, 1), (50, 40, 0)],
    ids=["in order", "the other first", "the other first, but within the RTO of the first"],
)
def test_an_inversion_is_a_stricter_function_that_came_back_later_and_too_late(
    first_back: float, other_back: float, inversions: int
) -> None:
    timeline = two_down(first_back, other_back)
    assert [(s.subject.id, s.value) for s in samples("priority_inversions", timeline)] == [("payments", inversions)]


def test_the_order_asked_for_stands_beside_the_order_achieved() -> None:
    order = restoration_order(TimelineIndex(two_down(120, 90)))
    assert [(subject.id, asked, achieved) for subject, asked, achieved in order] == [
        ("payments", 1, 2),
        ("letters", 2, 1),
    ]


def test_mtpd_is_judged_as_the_rto_is() -> None:
    assert [s.value for s in samples("mtpd_met", two_down(120, 90))] == [1.0, 1.0]


def test_impact_is_read_at_the_length_of_the_disruption() -> None:
    analysis = FunctionAnalysis(
        "payments",
        (
            ImpactMark("customer", HOUR, "minor"),
            ImpactMark("customer", 4 * HOUR, "major"),
            ImpactMark("financial", 2 * HOUR, amount=100.0),
            ImpactMark("financial", 4 * HOUR, amount=500.0),
        ),
    )

    def read(hours: float) -> list[str | float | None]:
        return [i.level if i.amount is None else i.amount for i in achieved_impact(analysis, round(hours * HOUR))]

    assert read(0.5) == [None, 25.0]
    assert read(3) == ["minor", 300.0]
    assert read(5) == ["major", 700.0]


def test_the_report_adds_continuity_only_where_there_is_something_to_tell() -> None:
    quiet = Story(functions=["payments"])
    quiet.add(0, "function.disrupted", PAYMENTS)
    assert continuity_rows(TimelineIndex(quiet.end(100))) == []
    index = TimelineIndex(lost_office(ordered=20, by_hand=40, back=60, cleared=180).end(200))
    (row,) = continuity_rows(index)
    assert (row.people, row.by_hand) == ("clerk: 4 after 1 h", "40% for 2 h 40 min")
    assert "caught up 2 h after it was whole" in row.backlog
    assert "continuity" in [figure.id for figure in draw(index)]
