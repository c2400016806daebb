"""Playbooks compared with what happened, what runs propose, and what people learn, each read off a timeline."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.conformance import playbook_runs
from reports.conformance.runs import PlaybookRun
from reports.experience import experience_after
from reports.figures import draw
from reports.html import html_report
from reports.index import TimelineIndex
from reports.measures import MEASURES
from reports.playbook_edits import proposed_edits
from reports.scoring import score_index
from scenarios.experience import read_experience
from tests.reports.building import Story
from timeline.events import Event
from timeline.instants import MINUTE
from timeline.journal import Timeline
from timeline.playbooks import PlaybookStep
from topologies.loading.document import parse_document
from topologies.writing import to_yaml


def step(
    id: str, *after: str, expected: float | None = None, within: float | None = None, **fields: object
) -> PlaybookStep:
    def ms(minutes: float | None) -> int | None:
        return None if minutes is None else round(minutes * MINUTE)

    return PlaybookStep(id, f"Do {id}", "lead", after=after, expected_ms=ms(expected), within_ms=ms(within), **fields)  # type: ignore[arg-type]


PLAN = (step("look", expected=10), step("stop", "look", does="fence db"), step("mend", "stop", expected=60))


class Run(Story):
    """An incident with a playbook that begins in minute 10."""

    def __init__(self, *steps: PlaybookStep) -> None:
        super().__init__(functions=["payments"])
        self.opened = self.add(5, "incident.opened", "incident:i1")
        self.playbook = self.add(10, "playbook.started", "incident:i1", self.opened, steps=steps or PLAN, title="P")

    def does(self, id: str, minute: float, kind: str = "task.completed", ready: float | None = None) -> Event:
        at = minute - 2 if ready is None else ready
        began = self.add(at, "task.ready", f"task:{id}", self.playbook)
        begun = self.add(minute - 1 if ready is None else at, "task.started", f"task:{id}", began)
        return self.add(minute, kind, f"task:{id}", begun, title=f"Do {id}")

    def acts(self, minute: float, action: str, target: str) -> Event:
        begun = self.add(
            minute - 1, "command.submitted", f"component:{target}", self.opened, action=action, target=target
        )
        return self.add(minute, "command.completed", f"component:{target}", begun, action=action, target=target)

    def over(self, minute: float = 90) -> Timeline:
        self.add(minute, "incident.resolved", "incident:i1", self.opened)
        return self.end(120)


def whole() -> Run:
    run = Run()
    for id, minute in (("look", 18), ("stop", 25), ("mend", 65)):
        run.does(id, minute)
    return run


def read(measure: str, timeline: Timeline) -> list[tuple[str, float, bool]]:
    samples = MEASURES[measure].samples(TimelineIndex(timeline))
    return [(str(s.subject), pytest.approx(s.value), s.censored) for s in samples]


def only_run(timeline: Timeline) -> PlaybookRun:
    (run,) = playbook_runs(TimelineIndex(timeline))
    return run


def ids(steps: tuple[object, ...]) -> list[str]:
    return [step.id for step in steps]  # type: ignore[attr-defined]


def test_a_plan_that_was_followed_fits_wholly() -> None:
    assert read("playbook_conformance", whole().over()) == [("incident:i1", 1.0, False)]


def test_what_nobody_did_is_skipped_and_costs_one() -> None:
    run = Run()
    run.does("look", 18)
    run.does("mend", 60)
    timeline = run.over()
    assert ids(only_run(timeline).skipped) == ["stop"]
    assert read("playbook_conformance", timeline) == [("incident:i1", 1 - 1 / 5, False)]


def test_what_the_plan_did_not_ask_for_is_added() -> None:
    run = whole()
    restarted = run.acts(70, "restart", "web")
    timeline = run.over()
    (added,) = only_run(timeline).added
    assert (added.id, added.title, added.events) == ("restart web", "restart web", (restarted,))
    assert read("playbook_conformance", timeline) == [("incident:i1", 1 - 1 / 7, False)]


def test_an_action_without_its_task_counts_as_the_task_that_does_it() -> None:
    run = Run()
    run.does("look", 18)
    run.acts(25, "fence", "db")
    run.does("mend", 60)
    assert read("playbook_conformance", run.over()) == [("incident:i1", 1.0, False)]


def test_the_action_of_a_task_is_not_counted_twice() -> None:
    run = Run()
    run.does("look", 18)
    ready = run.add(19, "task.ready", "task:stop", run.playbook)
    started = run.add(20, "task.started", "task:stop", ready)
    asked = run.add(21, "approval.requested", "component:db", started)
    ordered = run.add(22, "command.submitted", "component:db", asked, action="fence", target="db")
    done = run.add(23, "command.completed", "component:db", ordered, action="fence", target="db")
    run.add(23, "task.completed", "task:stop", done)
    run.does("mend", 60)
    assert read("playbook_conformance", run.over()) == [("incident:i1", 1.0, False)]


def test_a_step_out_of_order_is_skipped_and_added() -> None:
    run = Run()
    for id, minute in (("stop", 18), ("look", 25), ("mend", 65)):
        run.does(id, minute)
    found = only_run(run.over())
    assert found.alignment.cost == 2
    assert ids(found.skipped) == ids(found.added)


def test_a_failure_that_the_plan_reckons_with_is_no_deviation_and_another_is() -> None:
    def failed(**fields: object) -> float:
        run = Run(step("look"), step("call", "look", **fields), step("call-again", "look"))
        run.does("look", 18)
        run.does("call", 25, "task.failed")
        run.does("call-again", 30)
        return only_run(run.over()).alignment.cost

    assert failed(on_failure="carry-on") == 0
    assert failed() == 1


def test_while_it_goes_on_only_what_is_overdue_is_missed() -> None:
    run = Run()
    run.does("look", 18)
    assert read("playbook_conformance", run.end(60)) == [("incident:i1", 1.0, True)]
    late = Run()
    late.does("look", 18)
    assert read("playbook_conformance", late.end(100)) == [("incident:i1", 1 - 2 / 4, True)]


def test_late_steps_are_told_with_how_late_they_are() -> None:
    run = Run()
    run.does("look", 25)
    run.does("stop", 30)
    run.does("mend", 65)
    timeline = run.over()
    assert [(s.id, s.late_ms) for s in only_run(timeline).late] == [("look", 5 * MINUTE)]
    assert read("playbook_steps_on_time", timeline) == [("task:look", 0.0, False), ("task:mend", 1.0, False)]


def test_a_time_within_counts_from_when_a_step_is_ready() -> None:
    run = Run(step("look", within=5))
    run.does("look", 40, ready=33)
    assert [(s.id, s.late_ms) for s in only_run(run.over()).late] == [("look", 2 * MINUTE)]


def test_without_a_playbook_there_is_nothing_to_follow() -> None:
    story = Story(functions=["payments"])
    story.add(5, "incident.opened", "incident:i1")
    assert read("playbook_conformance", story.end(60)) == []


def test_the_report_shows_the_run() -> None:
    run = Run()
    run.does("look", 25)
    run.does("mend", 70)
    run.acts(75, "restart", "web")
    index = TimelineIndex(run.over())
    figures = draw(index)
    assert "playbook-1" in [figure.id for figure in figures]
    page = html_report(index, score_index(index), figures)
    section = page.partition('<h2 id="playbooks">')[2].partition("<h2")[0]
    assert "Do stop" in section
    assert "restart web" in section
    assert "5 min" in section


# What runs propose

PLAYBOOK = """\
format: blackstart/playbook/1
title: P   # as it is called
tasks:
  look:
    title: Do look
    role: lead
    takes: 1m
    expected: 10m   # from the last exercise
  stop: {title: Do stop, role: lead, after: [look], takes: 1m, does: {action: fence, target: db}}
  mend:
    title: Do mend
    role: lead
    after: [stop]
    takes: 1m
    expected: 60m
sources: {}
"""


def proposed(*timelines: Timeline) -> list[str]:
    """Lines that change."""
    runs = [run for timeline in timelines for run in playbook_runs(TimelineIndex(timeline))]
    diff = proposed_edits(parse_document(PLAYBOOK, "p.yaml"), runs).splitlines()
    return [line for line in diff if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def late(minutes: float) -> Timeline:
    run = Run()
    run.does("look", 10 + minutes)
    run.does("stop", 40)
    run.does("mend", 65)
    return run.over()


def test_runs_that_keep_to_the_plan_propose_nothing() -> None:
    assert proposed(whole().over()) == []


def test_a_planned_time_that_is_missed_is_moved_and_its_comment_stays() -> None:
    assert proposed(late(17)) == [
        "-    expected: 10m   # from the last exercise",
        "+    expected: 20m   # from the last exercise",
    ]


def test_one_late_run_of_three_proposes_nothing() -> None:
    assert proposed(late(17), late(8), late(9)) == []


def test_a_planned_time_of_which_nobody_uses_half_is_moved_down() -> None:
    run = Run()
    for id, minute in (("look", 16), ("stop", 20), ("mend", 31)):
        run.does(id, minute)
    assert proposed(run.over()) == ["-    expected: 60m", "+    expected: 25m"]


def test_a_skipped_step_is_asked_about() -> None:
    run = Run()
    run.does("look", 18)
    run.does("mend", 65)
    (question,) = proposed(run.over())
    assert question == "+  # skipped in 1 of 1 runs: is it needed, and does whoever leads know it?"


def test_an_added_action_becomes_a_task_that_loads() -> None:
    run = whole()
    run.acts(82, "restart", "web")
    lines = proposed(run.over())
    assert lines[:4] == ["+  restart-web:", "+    title: Restart web", "+    role: lead", "+    after: [mend]"]
    diff = proposed_edits(parse_document(PLAYBOOK, "p.yaml"), [only_run_of(run)])
    applied = PLAYBOOK.replace("sources: {}\n", "\n".join(line[1:] for line in lines) + "\nsources: {}\n")
    assert parse_document(applied, "p.yaml").node(["tasks", "restart-web", "does"]) is not None
    assert diff.startswith("--- p.yaml\n+++ p.yaml (proposed)\n")


def only_run_of(run: Run) -> PlaybookRun:
    return only_run(run.timeline)


# What people learn


def learned() -> Timeline:
    run = Run()
    fault = run.add(11, "fault.started", "fault:f", fault="crash", target="db")
    joined = run.add(12, "bridge.joined", "incident:i1", run.opened, person="boss")
    checked = run.add(13, "diagnosis.concluded", "incident:i1", joined, person="ann", finding="crash on db")
    run.add(14, "diagnosis.concluded", "incident:i1", checked, person="ann", finding="crash on web")
    run.add(15, "fault.ended", "fault:f", fault)
    return run.over()


def test_whoever_took_part_knows_the_playbook_and_the_true_cause() -> None:
    people = experience_after(TimelineIndex(learned())).people
    assert {who: (known.playbooks, known.causes) for who, known in people.items()} == {
        "ann": ({"P": 1}, {"db": 1}),
        "boss": ({"P": 1}, {"db": 1}),
    }


def test_what_was_known_before_stays_and_adds_up(tmp_path: Path) -> None:
    once = experience_after(TimelineIndex(learned()))
    file = tmp_path / "experience.yaml"
    file.write_text(to_yaml(once.model_dump(mode="json")))
    twice = experience_after(TimelineIndex(learned()), read_experience(file))
    assert twice.people["boss"].playbooks == {"P": 2}
    assert twice.people["ann"].causes == {"db": 2}
