"""Scores of whole timelines: targets, tasks, completeness, what results rest on, and the record of a real incident."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reports.scoring import Outcome, Rating, Scores, score
from tests.reports.building import Story, objective, planned, recorded, target
from timeline.details import ObjectiveDetail, RecordedMoment
from timeline.findings import InputError
from timeline.instants import MINUTE
from timeline.journal import Timeline
from timeline.store import TimelineFile, read_timeline


def detected_after(minutes: float | None, *objectives: ObjectiveDetail, complete: bool = True) -> Timeline:
    """A fault at 0 min that is detected by a page, or never; the end is at 60 min."""
    story = Story(*objectives)
    fault = story.add(0, "fault.started", "fault:f", rests_on=["scenario.faults.f"])
    if minutes is not None:
        sent = story.add(minutes, "page.sent", "person:duty-1", fault, rests_on=["organisation.policies.p"])
        story.add(minutes, "page.delivered", "person:duty-1", sent, rests_on=["organisation.channels.push.latency"])
    return story.end(60) if complete else story.timeline


def only(scores: Scores) -> tuple[Outcome, Rating | None]:
    """Outcome and rating of the only target."""
    found = scores.objectives[0].targets[0]
    return found.outcome, found.rating


WITHIN_FIVE = objective("o", target("time_to_detect", at_most=300.0))


@pytest.mark.parametrize(
    ("minutes", "outcome", "rating"),
    [(5, Outcome.MET, Rating.P), (5.4, Outcome.NEAR_MISS, Rating.S), (7, Outcome.MISSED, Rating.M)],
)
def test_a_target_is_held_against_its_figure(minutes: float, outcome: Outcome, rating: Rating) -> None:
    assert only(score(detected_after(minutes, WITHIN_FIVE))) == (outcome, rating)


def test_what_never_happened_is_missed_and_still_open() -> None:
    scores = score(detected_after(None, WITHIN_FIVE))
    assert only(scores) == (Outcome.BROKEN_AND_OPEN, Rating.U)
    assert scores.score == 0
    assert not scores.objectives_met


def test_a_promise_that_the_exercise_did_not_see_kept_is_undecided_and_not_met() -> None:
    scores = score(detected_after(None, objective("o", target("time_to_detect", at_most=7200.0))))
    assert only(scores) == (Outcome.UNDECIDED, Rating.U)


def test_a_subject_restricts_a_target() -> None:
    story = Story(objective("o", target("alert_recall", at_least=1.0, subject="fault:seen")))
    seen = story.add(0, "fault.started", "fault:seen")
    story.add(0, "fault.started", "fault:unseen")
    story.add(1, "alert.firing", "alert:A", seen)
    assert only(score(story.end(60))) == (Outcome.MET, Rating.P)


def test_an_objective_that_nothing_called_for_is_not_rated_and_not_met() -> None:
    scores = score(Story(objective("o", target("time_to_detect", at_most=60.0))).end(60))
    assert only(scores) == (Outcome.NOT_EXERCISED, None)
    assert (scores.objectives[0].rating, scores.score, scores.objectives_met) == (None, None, False)


def test_a_target_names_a_measure_or_the_error_names_the_nearest() -> None:
    with pytest.raises(InputError, match="time_to_detect"):
        score(detected_after(1, objective("o", target("time_to_detct", at_most=1.0))))


def declared_and_done(at_min: float | None, *, skipped: bool = False, failed_at: float | None = None) -> Timeline:
    """A critical task planned for 20 min after the declaration at 10 min."""
    story = Story(objective("o", tasks=["move"]), tasks=[planned("move", 20)])
    opened = story.add(5, "incident.opened", "incident:i1")
    declared = story.add(10, "incident.declared", "incident:i1", opened)
    story.add(10, "task.ready", "task:move", declared)
    if failed_at is not None:
        story.add(failed_at, "task.failed", "task:move", declared)
    if at_min is not None:
        story.add(at_min, "task.completed", "task:move", declared)
    if skipped:
        story.add(59, "task.skipped", "task:move", declared, reason="its moment never came")
    return story.end(60)


@pytest.mark.parametrize(
    ("timeline", "rating", "delay_s", "words"),
    [
        (declared_and_done(30), Rating.P, 0, "Completed"),
        (declared_and_done(31), Rating.S, 60, "1 min later than planned"),
        (declared_and_done(45), Rating.M, 900, "15 min later than planned"),
        (declared_and_done(25, failed_at=12), Rating.S, -300, "after 1 failed try"),
        (declared_and_done(None), Rating.U, None, "Never started"),
        (declared_and_done(None, skipped=True), Rating.U, None, "Skipped: its moment never came"),
    ],
)
def test_a_critical_task_is_held_against_its_planned_time(
    timeline: Timeline, rating: Rating, delay_s: float | None, words: str
) -> None:
    task = score(timeline).objectives[0].critical_tasks[0]
    assert (task.rating, task.delay_s) == (rating, delay_s)
    assert words in task.explanation


def test_a_result_rests_on_the_parameters_behind_its_events_and_their_causes() -> None:
    found = score(detected_after(3, WITHIN_FIVE)).objectives[0].targets[0]
    assert found.rests_on == (
        "organisation.channels.push.latency",
        "organisation.policies.p",
        "scenario.faults.f",
    )


def test_results_carry_the_evidence_class_of_the_exercise() -> None:
    story = Story(WITHIN_FIVE, evidence_class="tabletop")
    scores = score(story.end(60))
    assert {scores.evidence_class, scores.objectives[0].evidence_class, scores.measures[0].evidence_class} == {
        "tabletop"
    }


def test_a_timeline_without_an_end_is_neither_rated_nor_met() -> None:
    scores = score(detected_after(3, WITHIN_FIVE, complete=False))
    assert (scores.complete, scores.objectives_met, scores.score) == (False, False, None)
    assert scores.objectives[0].rating is None
    assert scores.measure("time_to_detect").value == 180.0


@pytest.mark.parametrize("complete", [True, False])
def test_a_run_without_objectives_has_met_them_when_it_reached_its_end(complete: bool) -> None:
    assert score(detected_after(3, complete=complete)).objectives_met is complete


@pytest.mark.parametrize("timeline", [Timeline(), Timeline(Story().end(1)[1:1])])
def test_a_timeline_without_a_beginning_cannot_be_judged(timeline: Timeline) -> None:
    with pytest.raises(InputError, match=r"exercise\.started"):
        score(timeline)


def test_scores_read_back_and_are_the_same_bytes_each_time() -> None:
    scores = score(detected_after(3, WITHIN_FIVE))
    assert Scores.model_validate_json(scores.to_json()) == scores
    assert scores.to_json() == score(detected_after(3, WITHIN_FIVE)).to_json()


def test_scores_of_a_timeline_on_disk_are_those_of_the_one_in_memory(tmp_path: Path) -> None:
    timeline = detected_after(3, WITHIN_FIVE)
    with TimelineFile(tmp_path / "timeline.jsonl") as file:
        for event in timeline:
            file(event)
    assert score(read_timeline(tmp_path / "timeline.jsonl")) == score(timeline)


def test_scores_are_plain_json_with_the_name_of_their_format() -> None:
    assert json.loads(score(detected_after(3, WITHIN_FIVE)).to_json())["format"] == "blackstart/scores/1"


def test_model_and_record_are_compared_where_they_speak_of_the_same_and_fitted_moments_do_not_count() -> None:
    record = [
        recorded("began", 0),
        recorded("detected", 5),
        recorded("restored", 40, fitted=True),
        recorded("tweet", 7),
    ]
    story = Story(functions=["payments"], record=record)
    fault = story.add(1, "fault.started", "fault:f")
    story.add(8, "page.delivered", "person:duty-1", fault)
    down = story.add(8, "function.disrupted", "function:payments", fault)
    story.add(30, "function.restored", "function:payments", down)
    found = score(story.end(60)).record
    assert found is not None
    assert [(m.milestone, m.difference_s) for m in found.moments] == [
        ("began", 60.0),
        ("detected", 180.0),
        ("tweet", None),
        ("restored", -600.0),
    ]
    assert (found.compared, found.median_absolute_difference_s, found.largest_absolute_difference_s) == (
        2,
        120.0,
        180.0,
    )


def test_a_moment_that_the_model_never_reached_is_shown_without_a_difference() -> None:
    story = Story(record=[recorded("declared", 5)])
    story.add(0, "fault.started", "fault:f")
    found = score(story.end(60)).record
    assert found is not None
    assert (found.moments[0].modelled_at_ms, found.compared) == (None, 0)


def test_a_moment_is_compared_with_the_first_event_that_shows_it() -> None:
    moment = RecordedMoment("ledger_opened", 5 * MINUTE, "public report", False, "task.completed", "task:open-*")
    story = Story(record=[moment])
    story.add(0, "fault.started", "fault:f")
    story.add(6, "task.completed", "task:close-ledger")
    story.add(8, "task.completed", "task:open-ledger")
    story.add(9, "task.completed", "task:open-branches")
    found = score(story.end(60)).record
    assert found is not None
    assert [(m.milestone, m.difference_s) for m in found.moments] == [("ledger_opened", 180.0)]


def test_the_objective_weights_the_score() -> None:
    light = objective("light", target("time_to_detect", at_most=60.0), weight=1)
    heavy = objective("heavy", target("time_to_detect", at_most=300.0), weight=3)
    assert score(detected_after(3, light, heavy)).score == pytest.approx(75.0)


def test_nothing_is_lost_before_the_beginning_of_the_exercise() -> None:
    story = Story(begins_min=-30)
    fault = story.add(-20, "fault.started", "fault:slow")
    story.add(10, "page.delivered", "person:duty-1", fault)
    sample = score(story.end(60)).measure("time_to_detect").samples[0]
    assert sample.value * 1000 == 30 * MINUTE


def test_the_planned_time_of_a_task_runs_from_a_playbook_that_needed_no_declaration() -> None:
    story = Story(objective("o", tasks=["move"]), tasks=[planned("move", 20)])
    opened = story.add(1, "incident.opened", "incident:i1")
    begun = story.add(10, "playbook.started", "incident:i1", opened)
    started = story.add(12, "task.started", "task:move", begun)
    story.add(35, "task.completed", "task:move", started)
    (task,) = score(story.end(60)).objectives[0].critical_tasks
    assert task.delay_s == 5 * 60
