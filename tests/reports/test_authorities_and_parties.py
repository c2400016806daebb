"""Measures of external parties and of reports to authorities, read off small timelines."""

from __future__ import annotations

from typing import Any

import pytest

from reports.html.clocks import clock_rows, promise_rows
from reports.index import TimelineIndex
from reports.measures import read_measures
from reports.measures.measure import Sample
from tests.reports.building import Story
from timeline.details import CreditStep
from timeline.instants import HOUR, MINUTE
from timeline.journal import Timeline

STEPS = (
    CreditStep("respond", 0, 0.02),
    CreditStep("respond", HOUR, 0.1),
    CreditStep("restore", 0, 0.3),
)


def samples(timeline: Timeline, measure: str) -> list[tuple[str, float, bool]]:
    found: list[Sample] = read_measures(TimelineIndex(timeline))[measure]
    return [(str(s.subject), s.value, s.censored) for s in found]


def called(
    answered_min: float | None, fault_ends_min: float | None = None, end_min: float = 480, **contract: Any
) -> Timeline:
    """A fault at 0, a call at 10 with half an hour to respond and two hours to restore, counted from the start."""
    story = Story()
    fault = story.add(0, "fault.started", "fault:f")
    opened = story.add(2, "incident.opened", "incident:i1", fault)
    declared = story.add(5, "incident.declared", "incident:i1", opened)
    sent = story.add(9, "page.sent", "vendor:cloud", declared, person="cloud")
    fields = {"respond_by_ms": 40 * MINUTE, "restore_by_ms": 130 * MINUTE, "monthly_fee": 1000.0, "credits": STEPS}
    story.add(10, "vendor.obliged", "vendor:cloud", sent, **fields | contract)
    moments = [(answered_min, "page.acknowledged"), (fault_ends_min, "fault.ended")]
    for minute, kind in sorted((m, k) for m, k in moments if m is not None):
        story.add(minute, kind, "vendor:cloud" if kind == "page.acknowledged" else "fault:f", sent)
    return story.end(end_min)


@pytest.mark.parametrize(
    ("answered", "restored", "end", "breaches"),
    [
        (40, 130, 480, [(0.0, False), (0.0, False)]),  # exactly in time
        (40.01, 130.01, 480, [(1.0, False), (1.0, False)]),
        (30, None, 480, [(0.0, False), (1.0, False)]),  # never restored: broken
        (30, None, 120, [(0.0, False), (0.0, True)]),  # not yet due: open
        (None, None, 30, [(0.0, True), (0.0, True)]),
        (None, None, 60, [(1.0, False), (0.0, True)]),
    ],
)
def test_promises_are_broken_kept_or_open(
    answered: float | None, restored: float | None, end: float, breaches: list[tuple[float, bool]]
) -> None:
    found = samples(called(answered, restored, end), "vendor_sla_breaches")
    assert [(value, censored) for _, value, censored in found] == breaches


@pytest.mark.parametrize(
    ("answered", "restored", "owed"),
    [
        (40, 130, [0, 0]),
        (41, 130, [20, 0]),
        (100, 130, [20, 0]),  # one hour late is not over one hour
        (101, 130, [100, 0]),
        (101, 131, [100, 300]),
    ],
)
def test_the_largest_step_that_was_reached_counts(answered: float, restored: float, owed: list[float]) -> None:
    assert [value for _, value, _ in samples(called(answered, restored), "credits_owed")] == owed


def test_credits_of_one_vendor_end_at_a_month() -> None:
    steps = (CreditStep("respond", 0, 0.8), CreditStep("restore", 0, 0.9))
    found = samples(called(50, 200, credits=steps), "credits_owed")
    assert [value for _, value, _ in found] == pytest.approx([800, 200])


def test_without_a_fee_nothing_is_owed_that_could_be_counted() -> None:
    assert samples(called(100, 200, monthly_fee=None), "credits_owed") == []


def test_a_party_in_whose_things_nothing_is_broken_restores_nothing() -> None:
    timeline = called(30, 200, provides=("other",))
    assert len(samples(timeline, "vendor_sla_breaches")) == 1
    assert samples(timeline, "vendor_needed_until_engaged") == []


def test_need_begins_with_the_fault_and_the_bridge_with_the_declaration() -> None:
    timeline = called(30)
    assert samples(timeline, "vendor_needed_until_engaged") == [("vendor:cloud", 30 * 60, False)]
    assert samples(timeline, "parties_bridged_within") == [("vendor:cloud", 25 * 60, False)]
    assert samples(called(None), "parties_bridged_within") == [("vendor:cloud", 475 * 60, True)]


def test_the_report_says_what_became_of_each_promise() -> None:
    respond, restore = promise_rows(TimelineIndex(called(41, None)))
    assert (respond.verdict, respond.outcome, respond.credit) == ("bad", "1 min late", 20)
    assert (restore.verdict, restore.kept) == ("bad", None)


# Authorities


def owed(filed_min: float | None, end_min: float = 480, *, moved_to_min: float | None = None) -> Timeline:
    story = Story()
    fault = story.add(0, "fault.started", "fault:f")
    story.add(20, "impact.classified", "obligation:dora", fault)
    judged = story.add(60, "obligation.classified", "obligation:dora", fault)
    due = story.add(60, "obligation.due", "obligation:dora.initial", judged, due_at_ms=300 * MINUTE)
    if moved_to_min is not None:
        moved = round(moved_to_min * MINUTE)
        due = story.add(70, "obligation.due", "obligation:dora.initial", judged, due_at_ms=moved)
    if filed_min is not None:
        story.add(filed_min, "obligation.filed", "obligation:dora.initial", due)
    return story.end(end_min)


@pytest.mark.parametrize(
    ("filed", "end", "value", "censored"),
    [
        (300, 480, 1.0, False),
        (300.01, 480, 0.0, False),
        (None, 480, 0.0, False),
        (None, 299, 1.0, True),
        (None, 300, 1.0, True),
        (None, 300.01, 0.0, False),
    ],
)
def test_reports_are_in_time_late_or_open(filed: float | None, end: float, value: float, censored: bool) -> None:
    found = samples(owed(filed, end), "notifications_in_time")
    assert found == [("obligation:dora.initial", value, censored)]


def test_the_margin_is_what_was_left_and_negative_when_late() -> None:
    assert samples(owed(240), "notification_margin") == [("obligation:dora.initial", 3600.0, False)]
    assert samples(owed(310), "notification_margin") == [("obligation:dora.initial", -600.0, False)]
    assert samples(owed(None, 330), "notification_margin") == [("obligation:dora.initial", -1800.0, True)]
    assert samples(owed(None, 200), "notification_margin") == []


def test_a_clock_that_moved_counts_as_it_was_last() -> None:
    assert samples(owed(310, moved_to_min=320), "notifications_in_time")[0][1] == 1.0


def test_the_same_report_filed_again_does_not_count_twice() -> None:
    story = Story()
    due = story.add(1, "obligation.due", "obligation:dora.initial", due_at_ms=60 * MINUTE)
    story.add(30, "obligation.filed", "obligation:dora.initial", due)
    story.add(90, "obligation.filed", "obligation:dora.initial", due, number=2, due_at_ms=None)
    assert samples(story.end(120), "notifications_in_time") == [("obligation:dora.initial", 1.0, False)]


def test_the_clock_rows_say_what_is_left() -> None:
    (row,) = clock_rows(TimelineIndex(owed(240)))
    assert (row.margin, row.verdict) == ("1 h before its time", "good")
    assert clock_rows(TimelineIndex(owed(None, 200)))[0].margin == "not yet filed, 1 h 40 min left at the end"


def said(*judged: tuple[float, bool | None], true_min: float | None = 20, end_min: float = 120) -> Timeline:
    story = Story()
    fault = story.add(0, "fault.started", "fault:f")
    words = [(minute, "obligation.classified", applies) for minute, applies in judged]
    words += [(10.0, "impact.classified", None)]
    words += [(true_min, "impact.classified", True)] if true_min is not None else []
    for minute, kind, applies in sorted(words, key=lambda word: word[0]):
        story.add(minute, kind, "obligation:dora", fault, applies=applies)
    return story.end(end_min)


@pytest.mark.parametrize(
    ("judged", "true_min", "seconds", "share"),
    [
        ([(50, True)], 20, 30 * 60, 80 / 110),
        ([(30, None), (50, True)], 20, 30 * 60, 80 / 110),
        ([(15, True)], 20, 0, 105 / 110),
        ([], 20, 100 * 60, 10 / 110),
        ([(50, None)], None, None, 1.0),
        ([(50, True)], None, None, 40 / 110),
    ],
)
def test_what_was_judged_beside_what_was_so(
    judged: list[tuple[float, bool | None]], true_min: float | None, seconds: float | None, share: float
) -> None:
    timeline = said(*judged, true_min=true_min)
    assert [s[1] for s in samples(timeline, "time_to_classify")] == ([] if seconds is None else [seconds])
    assert [s[1] for s in samples(timeline, "classification_accuracy")] == pytest.approx([share])
