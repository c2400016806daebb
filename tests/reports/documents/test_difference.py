"""Two runs as lines for a code review: only what differs, the same lines each time, and where the timelines part."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reports.documents.difference import Change, difference
from tests.reports.building import Story, objective, planned, target
from timeline.journal import Timeline


def outage(back_min: float, *, asked: float = 60) -> Timeline:
    """A function that is down from minute 2 until `back_min`, with an objective of an hour."""
    story = Story(
        objective("back", target("recovery_time_achieved", at_most=asked * 60), tasks=["switch"]),
        functions=["payments"],
        tasks=[planned("switch", 30)],
    )
    fault = story.add(0, "fault.started", "fault:crash")
    down = story.add(2, "function.disrupted", "function:payments", fault)
    story.add(back_min, "function.restored", "function:payments", down)
    return story.end(240)


def test_a_run_does_not_differ_from_itself() -> None:
    found = difference(outage(30), outage(30))
    assert not found
    assert found.lines() == []


def test_the_first_event_that_is_not_the_same_is_named_with_both_sides() -> None:
    parting = difference(outage(30), outage(90)).parting
    assert parting is not None
    assert parting.seq == 3
    assert parting.before == "+00:30:00 (02:40:00) function.restored function:payments by system:test"
    assert parting.after == "+01:30:00 (03:40:00) function.restored function:payments by system:test"


def test_a_timeline_that_ends_earlier_parts_at_its_end() -> None:
    whole = outage(30)
    cut = Timeline(whole[:-1])
    parting = difference(whole, cut).parting
    assert parting is not None
    assert (parting.seq, parting.after) == (4, None)
    assert parting.lines()[2] == "  + ends here"
    assert difference(cut, whole).parting == replace(parting, before=None, after=parting.before)


def test_objectives_targets_and_measures_that_differ_are_told_with_their_direction() -> None:
    lines = difference(outage(30), outage(92)).lines()
    assert "objective back: U 50 -> U 20 (worse)" in lines
    told = "28 min; wanted at most 1 h. -> M, 1 h 30 min; wanted at most 1 h."
    assert f"objective back, target recovery_time_achieved: P, {told}" in lines
    assert "measure recovery_time_achieved: 28 min of 1 -> 1 h 30 min of 1 (+1 h 2 min, worse)" in lines
    back = difference(outage(92), outage(30)).lines()
    assert "measure recovery_time_achieved: 1 h 30 min of 1 -> 28 min of 1 (−1 h 2 min, better)" in back


def test_what_is_the_same_is_not_told() -> None:
    paths = [change.path for change in difference(outage(30), outage(31)).measures]
    assert "measure recovery_time_achieved" in paths
    assert "measure rto_met" not in paths
    assert "measure time_to_detect" not in paths


def test_event_0_states_the_run_and_is_no_parting() -> None:
    found = difference(outage(30), outage(30, asked=20))
    assert found.parting is None
    assert [change.path for change in found.objectives] == [
        "objective back",
        "objective back, target recovery_time_achieved",
    ]


def test_what_only_one_run_has_stands_beside_none() -> None:
    bare = Story(functions=["payments"]).end(240)
    lines = difference(outage(30), bare).lines()
    assert any(line.startswith("objective back: ") and line.endswith(" -> none") for line in lines)
    assert "measure recovery_time_achieved: 28 min of 1 -> none" in lines


def test_the_same_two_runs_give_the_same_lines() -> None:
    assert difference(outage(30), outage(90)).lines() == difference(outage(30), outage(90)).lines()


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (Change("seed", "1", "2"), "seed: 1 -> 2"),
        (Change("score", "99", "85", "worse"), "score: 99 -> 85 (worse)"),
        (Change("objective o", None, "P 100"), "objective o: none -> P 100"),
    ],
)
def test_a_change_is_one_line(change: Change, line: str) -> None:
    assert change.line() == line


def test_moments_are_milliseconds_apart_and_still_told() -> None:
    story = [replace(e, at_ms=e.at_ms + 1) if e.kind == "function.restored" else e for e in outage(30)]
    found = difference(outage(30), Timeline(story))
    assert found.parting is not None
    assert any(change.path == "measure recovery_time_achieved" for change in found.measures)
