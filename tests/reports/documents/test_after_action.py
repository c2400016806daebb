"""The after-action report has the structure of HSEEP, and loses no weakness between its chapters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from reports import critical_path
from reports.documents.after_action import after_action_report
from reports.documents.improvement import LEVERS, OPEN, areas
from reports.documents.model import Document, Heading, Listing, Paragraph, Row, Table
from reports.documents.source import Source
from reports.index import detail_of
from reports.scoring.ratings import Rating
from tests.reports.building import Story, objective, of_every_kind, planned, target
from tests.reports.documents.reading import source_of
from timeline.details import ExerciseDetail
from timeline.journal import Timeline


def failed() -> Source:
    """One objective that failed in a target and in a task, one that was met, one that nothing called for."""
    story = Story(
        objective("back", target("rto_met", at_least=1), tasks=["switch", "report"]),
        objective("told", target("time_to_detect", at_most=600)),
        objective("idle", target("vendor_engaged_within", at_most=60)),
        functions=["payments"],
        tasks=[planned("switch", 30), planned("report", 60)],
    )
    fault = story.add(0, "fault.started", "fault:crash")
    down = story.add(1, "function.disrupted", "function:payments", fault)
    page = story.add(3, "page.delivered", "person:duty-1", down)
    opened = story.add(4, "incident.opened", "incident:i1", page)
    declared = story.add(5, "incident.declared", "incident:i1", opened)
    asked = story.add(10, "approval.requested", "task:switch", declared)
    granted = story.add(80, "approval.granted", "task:switch", asked)
    done = story.add(85, "task.completed", "task:switch", granted, role="technical-lead")
    story.add(90, "function.restored", "function:payments", done)
    return source_of(story.end(120))


@pytest.fixture(scope="module")
def source() -> Source:
    return failed()


@pytest.fixture(scope="module")
def report(source: Source) -> Document:
    return after_action_report(source)


def _tables(document: Document, caption: str) -> list[Table]:
    return [b for b in document.blocks if isinstance(b, Table) and b.caption.startswith(caption)]


def _under(document: Document, heading: str) -> Iterator[object]:
    """The blocks between a heading and the next one."""
    inside = False
    for block in document.blocks:
        if isinstance(block, Heading):
            inside = block.text == heading
        elif inside:
            yield block


def test_chapters_stand_in_the_order_of_hseep(report: Document) -> None:
    chapters = [block.text for block in report.blocks if isinstance(block, Heading) and block.level == 1]
    assert chapters == [
        "Exercise overview",
        "Summary",
        "Course of the exercise",
        "Analysis of objectives",
        "Appendix A: Improvement plan",
        "Appendix B: Participants",
        "Appendix C: What the ratings mean",
        "Appendix D: Events cited",
    ]


def test_ids_of_headings_are_unique(report: Document) -> None:
    ids = [block.id for block in report.blocks if isinstance(block, Heading)]
    assert len(ids) == len(set(ids))


def test_each_area_for_improvement_has_the_four_steps(report: Document) -> None:
    found = _tables(report, "Area for improvement")
    assert len(found) == 3
    for table in found:
        assert [row.cells[0].text for row in table.rows] == ["Observation", "Reference", "Analysis", "Recommendation"]
        assert all(row.cells[1].text for row in table.rows)


def test_every_part_that_was_not_performed_without_challenges_is_an_area_and_in_the_plan(
    source: Source, report: Document
) -> None:
    parts = [p for o in source.scores.objectives for p in (*o.targets, *o.critical_tasks)]
    weak = [p for p in parts if p.rating not in (None, Rating.P)]
    assert len(areas(source.index, source.scores)) == len(weak) == 3
    (plan,) = _tables(report, "Improvement plan")
    assert [row.cells[0].text for row in plan.rows] == ["1.1", "1.2", "1.3"]


def test_the_analysis_names_what_most_of_the_time_went_into_and_the_fault(source: Source) -> None:
    area = areas(source.index, source.scores)[0]
    assert area.analysis.text.startswith("Most of the time went into approval (1 h 15 min)")
    assert "crash on db" in area.analysis.text
    assert area.recommendation.text == f"Reach at least 100 % (now 0 %): {LEVERS['approval'].text}."
    assert area.element == "Planning"


def test_a_task_is_proposed_to_the_role_that_has_it_and_others_stay_open(source: Source) -> None:
    target_area, switch, never = areas(source.index, source.scores)
    assert (target_area.owner, switch.owner, never.owner) == (OPEN, "technical-lead", OPEN)
    assert never.observation.text == "Never came up."
    assert never.observation.evidence == (0,)


def test_what_was_met_is_a_strength_and_what_was_not_called_for_is_neither(report: Document) -> None:
    (strengths,) = _under(report, "Strengths of objective 2")
    assert isinstance(strengths, Listing)
    assert strengths.items[0].tone == "good"
    told = [b.words.text for b in _under(report, "Areas for improvement of objective 3") if isinstance(b, Paragraph)]
    assert told[0] == "None was found."
    assert told[1].startswith("Not exercised")


def test_every_event_that_is_cited_has_its_row_in_the_last_chapter(report: Document) -> None:
    assert set(report.cited()) == report.anchors()
    (events,) = _tables(report, "Events cited")
    assert all(isinstance(row, Row) and row.cells[2].text for row in events.rows)


def test_there_is_a_lever_for_all_that_time_can_be_spent_on() -> None:
    named = {*critical_path._BY_KIND.values(), *critical_path._BY_FAMILY.values()}
    assert set(LEVERS) == named | {critical_path._THIRD_PARTY, critical_path._OTHER}


def test_an_exercise_is_marked_as_one_and_a_simulation_as_no_exercise_of_people(report: Document) -> None:
    assert report.marking == "EXERCISE EXERCISE EXERCISE · Internal"
    assert any("no exercise of people" in words.text for words in report.words())


def test_participants_are_those_who_acted_or_were_called() -> None:
    story = Story()
    story.add(1, "page.sent", "person:duty-1", person="duty-1")
    story.add(2, "page.acknowledged", "person:duty-1", actor="person:duty-1", person="duty-1")
    story.add(3, "role.assigned", "role:incident-manager", person="duty-1")
    story.add(4, "page.sent", "vendor:carrier", person="carrier")
    (table,) = _tables(after_action_report(source_of(story.end(60))), "People who acted")
    told = {row.cells[0].text: (row.cells[1].text, row.cells[2].text) for row in table.rows}
    assert told["duty-1"] == ("person", "incident-manager")
    assert told["carrier"] == ("third party", "called, and never acted")


def test_a_record_of_a_real_incident_is_no_exercise() -> None:
    started, *events = of_every_kind()
    detail = replace(detail_of(started, ExerciseDetail), complete_kinds=("exercise.started",), evidence_class="record")
    report = after_action_report(source_of(Timeline([replace(started, detail=detail), *events])))
    heads = [block.text for block in report.blocks if isinstance(block, Heading)]
    assert heads[0] == "Incident overview"
    assert report.marking == "Internal"
    told = " ".join(words.text for words in report.words())
    assert "simulation" not in told
    assert "Most of the time went into" not in told, "a record does not say what its end waited for"
