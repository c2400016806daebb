"""How soon and how well incidents are sorted, on timelines put together by hand."""

from __future__ import annotations

import pytest

from reports.index import TimelineIndex
from reports.measures import MEASURES, Sample
from reports.story import story
from tests.reports.building import Story
from timeline.journal import Timeline


def samples(measure: str, timeline: Timeline) -> list[Sample]:
    return MEASURES[measure].samples(TimelineIndex(timeline))


def values(measure: str, timeline: Timeline) -> list[float]:
    return [sample.value for sample in samples(measure, timeline)]


def test_the_first_response_is_the_bots_answer_or_the_triage_of_a_person() -> None:
    told = Story()
    for number in range(4):
        told.add(number, "incident.opened", f"incident:i{number}")
    told.add(5, "triage.abstained", "incident:i0", mode=None)
    told.add(6, "incident.triaged", "incident:i0")
    told.add(6, "triage.answered", "incident:i1")
    told.add(7, "incident.triaged", "incident:i1")
    told.add(8, "incident.merged", "incident:i2", parent="i0")
    found = samples("initial_response_time", told.end(63))
    assert [(s.subject.id, s.value, s.censored) for s in found] == [
        ("i0", 360.0, False),
        ("i1", 300.0, False),
        ("i3", 3600.0, True),
    ]


def answered(mode: str, *signs_of: str) -> Timeline:
    """An answer after signs of these faults; `-` is a false alert."""
    told = Story(modes={"disk-full": "storage", "packet-loss": "network"})
    kinds = {"d": "disk-full", "p": "packet-loss"}
    faults = {x: told.add(0, "fault.started", f"fault:{x}", fault=kinds[x]) for x in sorted({*signs_of} - {"-"})}
    signs = []
    for n, x in enumerate(signs_of, 1):
        causes = [faults[x]] if x in faults else []
        signs.append(told.add(n, "alert.firing", f"alert:{n}", *causes, fingerprint=str(n)))
    opened = told.add(9, "incident.opened", "incident:i1", *signs[:1])
    told.add(10, "triage.answered", "incident:i1", *signs, opened, mode=mode)
    return told.end(60)


@pytest.mark.parametrize(
    ("mode", "signs", "right"),
    [
        ("storage", "d", 1.0),
        ("network", "d", 0.0),
        ("storage", "ddp", 1.0),
        ("network", "ddp", 0.0),
        ("network", "dp", 1.0),
        ("storage", "-", 0.0),
    ],
)
def test_an_answer_is_right_by_the_fault_behind_most_of_what_the_bot_was_told(
    mode: str, signs: str, right: float
) -> None:
    assert values("triage_accuracy", answered(mode, *signs)) == [right]


def test_an_abstention_counts_when_no_answer_followed() -> None:
    told = Story()
    told.add(1, "triage.abstained", "incident:i1", mode=None)
    told.add(2, "triage.answered", "incident:i1")
    told.add(3, "triage.abstained", "incident:i2", mode=None)
    told.add(4, "triage.abstained", "incident:i2", mode=None)
    assert values("triage_abstentions", told.end(60)) == [0.0, 1.0]


def test_the_time_to_the_correct_cause_counts_from_the_first_sign_in_any_incident_to_the_true_one() -> None:
    told = Story()
    fault = told.add(0, "fault.started", "fault:f")
    told.add(0, "fault.started", "fault:unseen", fault="hang")
    alert = told.add(1, "alert.firing", "alert:A", fault)
    told.add(2, "incident.opened", "incident:i1", alert)
    told.add(5, "incident.alert_attached", "incident:i1", alert)
    told.add(9, "diagnosis.concluded", "incident:i1", alert, finding="overload on db")
    told.add(12, "diagnosis.concluded", "incident:i1", alert, finding="crash on db")
    found = samples("time_to_correct_cause", told.end(60))
    assert [(s.subject.id, s.value, s.censored) for s in found] == [("f", 600.0, False)]


def test_answers_and_abstentions_are_told() -> None:
    told = Story()
    told.add(1, "triage.abstained", "incident:i1", mode=None)
    told.add(2, "triage.answered", "incident:i1", suspects=("db", "web"), runbook="r1")
    lines = [line.text for line in story(told.end(3)) if line.event.family == "triage"]
    assert lines == [
        "The triage bot cannot tell what i1 is",
        "The triage bot takes i1 for storage (90% sure): disk-words, suspects db, web, and knows the runbook r1",
    ]
