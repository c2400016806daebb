"""The verdict in sentences, the critical path behind it, and how numbers are written."""

from __future__ import annotations

import pytest

from reports.critical_path import time_spent
from reports.index import TimelineIndex
from reports.measures import Unit
from reports.quantities import write_seconds, write_value
from reports.scoring import score
from reports.story import story as tell
from reports.verdict import verdict
from tests.reports.building import Story, objective, of_every_kind, planned, target
from timeline.instants import MINUTE
from timeline.journal import Timeline


def said(timeline: Timeline) -> list[str]:
    return [sentence.text for sentence in verdict(TimelineIndex(timeline), score(timeline))]


def recovered(minute: float | None, rto_min: float | None = 60) -> Timeline:
    """payments, down from minute 0, waits 20 min for an approval and then for a fail-over; the end is at 120 min."""
    story = Story(functions=["payments"])
    fault = story.add(0, "fault.started", "fault:f")
    rto_ms = None if rto_min is None else round(rto_min * MINUTE)
    down = story.add(0, "function.disrupted", "function:payments", fault, rto_ms=rto_ms)
    asked = story.add(5, "approval.requested", "component:db", down)
    granted = story.add(25, "approval.granted", "component:db", asked)
    ordered = story.add(25, "command.submitted", "component:db", granted, actor="person:duty-1")
    if minute is not None:
        done = story.add(minute, "command.completed", "component:db", ordered)
        story.add(minute, "function.restored", "function:payments", done)
    return story.end(120)


def test_a_function_that_came_back_late_says_by_how_much_and_what_took_the_time() -> None:
    assert said(recovered(90))[0] == (
        "payments came back after 1 h 30 min, 30 min late: its RTO is 1 h. "
        "Most of that time went into technical action (1 h 5 min) and approval (25 min)."
    )


def test_a_function_that_came_back_in_time_says_so() -> None:
    assert said(recovered(60))[0] == "payments was disrupted and came back within the RTO."


@pytest.mark.parametrize(
    ("rto_min", "words"),
    [
        (60, "its RTO is 1 h and was missed."),
        (180, "its RTO is 3 h, not yet over."),
        (None, "its RTO is not known."),
    ],
)
def test_a_function_that_never_came_back_is_told_whatever_its_rto(rto_min: float | None, words: str) -> None:
    assert said(recovered(None, rto_min))[0] == f"payments was still down at the end, after 2 h; {words}"


def test_a_function_without_an_rto_is_told_without_a_judgement() -> None:
    assert said(recovered(60, None))[0] == "payments was below its minimum level for 1 h; its RTO is not known."


def test_what_had_no_time_to_happen_is_not_held_against_anybody() -> None:
    story = Story(objective("o", tasks=["move"]), functions=["payments"], tasks=[planned("move")])
    story.add(0, "function.disrupted", "function:payments")
    story.add(5, "task.ready", "task:move")
    assert said(story.timeline) == [
        "payments was still down when the timeline broke off, after 5 min; its RTO is 1 h, not yet over."
    ]


def test_an_objective_that_was_not_met_says_what_kept_it_from_being() -> None:
    promise = target("rto_met", at_least=1.0, subject="function:payments")
    story = Story(objective("o", promise, target("alert_recall", at_least=0.0)), functions=["payments"])
    fault = story.add(0, "fault.started", "fault:f")
    down = story.add(0, "function.disrupted", "function:payments", fault)
    story.add(90, "function.restored", "function:payments", down)
    assert "“Objective o” was rated M. RTO met, payments: 0 %; wanted at least 100 %." in said(story.end(120))


def test_what_nobody_was_told_and_what_nobody_did_is_said() -> None:
    story = Story(objective("o", tasks=["move"]), tasks=[planned("move")])
    story.add(0, "fault.started", "fault:f")
    story.add(5, "alert.firing", "alert:Noise")
    assert said(story.end(60)) == [
        "“Objective o” was rated U. Task move: Never came up.",
        "Nobody was ever told of crash on db.",
        "1 of 1 alerts had no fault behind it.",
    ]


def test_every_sentence_names_events_that_exist() -> None:
    timeline = of_every_kind()
    sentences = verdict(TimelineIndex(timeline), score(timeline))
    assert sentences
    assert all(0 <= seq < len(timeline) for sentence in sentences for seq in sentence.evidence)


def test_the_gaps_of_a_critical_path_add_up_to_the_time_between_its_ends() -> None:
    timeline = recovered(90)
    index = TimelineIndex(timeline)
    restored = index.of_kind("function.restored")[0]
    spent = time_spent(index.causality.path_to(restored), 10 * MINUTE)
    assert {s.on: s.ms for s in spent} == {"technical action": 65 * MINUTE, "approval": 15 * MINUTE}


def test_a_path_takes_at_each_step_the_cause_that_came_last() -> None:
    story = Story()
    fault = story.add(0, "fault.started", "fault:f")
    early = story.add(5, "task.completed", "task:early", fault)
    late = story.add(20, "task.completed", "task:late", fault)
    done = story.add(30, "command.completed", "component:db", early, late)
    path = TimelineIndex(story.end(60)).causality.path_to(done)
    assert [event.seq for event in path] == [fault.seq, late.seq, done.seq]


def test_every_kind_of_event_can_be_told() -> None:
    assert all(line.text and "None" not in line.text for line in tell(of_every_kind()))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.25, "0.2 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (754, "12 min 34 s"),
        (7200, "2 h"),
        (7238, "2 h 0 min 38 s"),
        (273_600, "3 d 4 h"),
        (-90, "−1 min 30 s"),
    ],
)
def test_times_are_written_as_people_say_them(seconds: float, words: str) -> None:
    assert write_seconds(seconds) == words


@pytest.mark.parametrize(
    ("value", "unit", "at_least", "words"),
    [
        (1.0, Unit.RATIO, False, "100 %"),
        (0.977, Unit.RATIO, False, "97.7 %"),
        (3.0, Unit.COUNT, False, "3"),
        (2.5, Unit.COUNT, True, "2.5"),
        (469289.4, Unit.CURRENCY, True, "over 469\N{NARROW NO-BREAK SPACE}289"),
        (60, Unit.SECONDS, True, "over 1 min"),
    ],
)
def test_values_are_written_in_their_unit(value: float, unit: Unit, at_least: bool, words: str) -> None:
    assert write_value(value, unit, at_least=at_least) == words
