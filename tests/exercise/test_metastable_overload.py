"""A14: what ends a failure that outlives its trigger, and what does not, on the shipped estate with people in it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

import blackstart
from scenarios.models import Playbook, TaskCommand
from timeline.commands import Action
from timeline.events import Event
from timeline.instants import HOUR, MINUTE

SCENARIO = "metastable-overload"
SEEDS = (1, 2, 3)
TRIGGER_ENDS_MS = 6 * MINUTE + 30_000
SELLING = "function:selling"
NOTHING_TO_SHED = ("estate.components.web.shedding=null", "estate.components.web.recovery.shed-load=null")


@cache
def events(seed: int, playbook: str = "shipped", *settings: str) -> tuple[Event, ...]:
    plan = blackstart.plan_of(blackstart.load(SCENARIO, settings=settings))
    assert plan.playbook is not None
    instead = {"shipped": plan.playbook, "none": None, "restart": restarting(plan.playbook)}[playbook]
    return tuple(blackstart.simulate(replace(plan, playbook=instead), seed=seed))


def restarting(playbook: Playbook) -> Playbook:
    """The same, with a restart of the database where load would be shed."""
    instead = TaskCommand(action=Action.RESTART, target="stock-db")
    tasks = {**playbook.tasks, "shed": playbook.tasks["shed"].model_copy(update={"does": instead})}
    return playbook.model_copy(update={"tasks": tasks})


def disrupted(seed: int, playbook: str = "shipped", *settings: str) -> tuple[int, int | None]:
    """When sales first fell below their minimum, and when they were above it for good; None while they are not."""
    changes = [e for e in events(seed, playbook, *settings) if e.family == "function" and str(e.subject) == SELLING]
    first = next(e.at_ms for e in changes if e.kind == "function.disrupted")
    if changes[-1].kind == "function.disrupted":
        return first, None
    last = max(n for n, e in enumerate(changes) if e.kind == "function.disrupted")
    return first, changes[last + 1].at_ms


@pytest.mark.parametrize("seed", SEEDS)
def test_the_playbook_that_sheds_load_first_meets_the_rto(seed: int) -> None:
    began, ended = disrupted(seed)
    assert ended is not None
    assert ended - began <= HOUR
    shed = next(e for e in events(seed) if e.kind == "flow.load_shed")
    assert TRIGGER_ENDS_MS < shed.at_ms < ended


def found(told: tuple[Event, ...]) -> set[str]:
    return {e.detail.finding for e in told if e.kind == "diagnosis.concluded"}  # type: ignore[attr-defined]


def completed(told: tuple[Event, ...]) -> set[str]:
    return {e.detail.action for e in told if e.kind == "command.completed"}  # type: ignore[attr-defined]


@pytest.mark.parametrize("seed", SEEDS)
def test_without_a_playbook_whoever_is_on_call_finds_the_overload_and_sheds_load(seed: int) -> None:
    told = events(seed, "none")
    assert found(told) == {"overload on stock-db"}
    concluded = next(e for e in told if e.kind == "diagnosis.concluded")
    shed = next(e for e in told if e.kind == "flow.load_shed")
    assert concluded.at_ms < shed.at_ms
    assert disrupted(seed, "none")[1] is not None


@pytest.mark.parametrize("seed", SEEDS)
def test_where_nothing_can_be_done_about_it_it_stays_down(seed: int) -> None:
    told = events(seed, "none", *NOTHING_TO_SHED)
    assert found(told) == {"overload on stock-db"}
    assert completed(told) == set()
    assert disrupted(seed, "none", *NOTHING_TO_SHED)[1] is None


@pytest.mark.parametrize("seed", SEEDS)
def test_where_nobody_may_shed_load_it_stays_down(seed: int) -> None:
    nobody = "organisation.authority=[]"
    told = events(seed, "none", nobody)
    assert completed(told) == set()
    assert any(e.kind == "command.refused" for e in told)
    assert disrupted(seed, "none", nobody)[1] is None


def test_capacity_is_added_where_load_cannot_be_shed() -> None:
    store = "estate.components.stock-db"
    more = (f"{store}.capacity_rps=600", f"{store}.recovery.scale-out=10m", *NOTHING_TO_SHED)
    told = events(1, "none", *more)
    assert completed(told) == {"scale-out"}
    _, ended = disrupted(1, "none", *more)
    assert ended is not None
    assert ended > next(e.at_ms for e in told if e.kind == "command.completed")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_restart_alone_does_not_help(seed: int) -> None:
    assert completed(events(seed, "restart", *NOTHING_TO_SHED)) == {"restart"}
    assert disrupted(seed, "restart", *NOTHING_TO_SHED)[1] is None


def test_a_database_that_refuses_what_would_wait_too_long_fills_the_cache_by_itself() -> None:
    _, ended = disrupted(1, "none", "estate.components.stock-db.queue.shed_above=500ms")
    assert ended is not None
    assert ended - TRIGGER_ENDS_MS < 30 * MINUTE


def test_with_capacity_for_a_cold_cache_customers_notice_nothing() -> None:
    told = events(1, "none", "estate.components.stock-db.capacity_rps=2500")
    assert not any(e.kind == "function.disrupted" for e in told)


def test_every_step_leads_back_to_the_blip() -> None:
    timeline = {e.seq: e for e in events(1)}
    shed = next(e for e in timeline.values() if e.kind == "flow.load_shed")
    seen, frontier = set(), [shed.seq]
    while frontier:
        number = frontier.pop()
        if number not in seen:
            seen.add(number)
            frontier += timeline[number].causes
    assert "fault.started" in {timeline[number].kind for number in seen}
