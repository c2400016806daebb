"""The loss of a data centre in front of the authorities: who knew what when, and what does not change."""

from __future__ import annotations

from functools import cache

import pytest

import blackstart
from timeline.details import ObligationDetail
from timeline.instants import DAY, HOUR
from timeline.journal import Timeline
from timeline.store import encode

CRASH = "corner-lab-crash"
LOSS = "datacentre-loss"


@cache
def timeline(scenario: str, *settings: str) -> Timeline:
    return blackstart.simulate(blackstart.load(scenario, settings=settings), seed=1)


def due(played: Timeline, report: str) -> tuple[int, int]:
    """When the clock of a report began and when it ends."""
    event = next(e for e in played.of_kind("obligation.due") if e.subject.id == report)
    assert isinstance(event.detail, ObligationDetail)
    assert event.detail.due_at_ms is not None
    return event.at_ms, event.detail.due_at_ms


def test_the_clocks_of_the_shipped_exercise_run_as_the_regulation_says() -> None:
    began, ends = due(timeline(LOSS), "dora.initial")
    assert ends - began == 4 * HOUR
    began, ends = due(timeline(LOSS), "dora.intermediate")
    assert ends - began == 3 * DAY


def test_what_is_filed_was_classified_before_and_goes_back_to_the_fault() -> None:
    played = timeline(LOSS)
    filed = next(iter(played.of_kind("obligation.filed")))
    kinds = [e.kind for e in played.ancestors(filed)]
    assert "obligation.classified" in kinds
    assert "fault.started" in kinds


def test_people_do_not_judge_before_anything_reached_them() -> None:
    played = timeline(LOSS)
    first = next(e for e in played if e.kind in ("page.delivered", "report.received"))
    assert all(e.at_ms >= first.at_ms for e in played.of_kind("obligation.classified"))


def test_a_slower_judgement_is_filed_later_and_less_of_the_time_agrees_with_the_truth() -> None:
    slow = timeline(LOSS, "organisation.obligations.dora.classification=3h")
    usual = timeline(LOSS)

    def filed(played: Timeline) -> int:
        return next(e.at_ms for e in played.of_kind("obligation.filed") if e.subject.id == "dora.initial")

    def accuracy(played: Timeline) -> float:
        measure = blackstart.score(played).measure("classification_accuracy")
        return next(s.value for s in measure.samples if str(s.subject) == "obligation:dora")

    assert filed(slow) > filed(usual)
    assert accuracy(slow) < accuracy(usual)


@pytest.mark.parametrize(
    "setting",
    [
        "estate.functions.shop.serves={clients: 4000, member_states: [AT]}",
        "estate.vendors.unused={title: nobody, provides: nothing, response: 1h, exit: {substitute: x, takes: 1d}}",
    ],
)
def test_what_nothing_asks_for_changes_no_byte(setting: str) -> None:
    functions = blackstart.load(CRASH).estate.topology.functions
    changed = timeline(CRASH, setting.replace("shop", next(iter(functions))))
    assert [encode(e) for e in changed] == [encode(e) for e in timeline(CRASH)]


def test_without_obligations_nobody_classifies_not_even_the_truth() -> None:
    families = {event.family for event in timeline(CRASH)}
    assert families.isdisjoint({"impact", "obligation", "loss"})
