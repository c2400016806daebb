"""Practice 7.4 in an exercise: the loss of a workplace, and what seats, remote work, staff and the plan do to it."""

from __future__ import annotations

from functools import cache

import blackstart
from reports.scoring import Scores
from timeline.instants import HOUR, SECOND
from timeline.journal import Timeline

SCENARIO = "workplace-denied"
NO_SEATS = "estate.sites.head-office.workplace.alternates=null"
NO_REMOTE = "estate.remote_work.seats=0"
NOBODY_THERE = "scenario.faults.sick-leave.parameters.share=0.95"
LATE_ALARM = "organisation.crisis_team.alarm=2h"


@cache
def timeline(*settings: str) -> Timeline:
    return blackstart.simulate(blackstart.load(SCENARIO, settings=settings), seed=1)


@cache
def scores(*settings: str) -> Scores:
    return blackstart.score(timeline(*settings))


def worst(measure: str, *settings: str) -> float:
    value = scores(*settings).measure(measure).value
    assert value is not None
    return value


def test_people_move_and_the_functions_come_back_though_no_system_failed() -> None:
    kinds = {event.kind for event in timeline()}
    assert {
        "workplace.evacuated",
        "crisis.convened",
        "staff.relocating",
        "fallback.started",
        "backlog.cleared",
    } <= kinds
    assert not [e for e in timeline().of_kind("signal.health_changed") if e.subject.kind == "component"]
    assert {e.subject.id for e in timeline().of_kind("function.disrupted")} >= {"payments", "customer-service"}


def test_without_seats_elsewhere_who_cannot_work_remotely_waits_for_the_building() -> None:
    reopened = next((e.at_ms for e in timeline(NO_SEATS).of_kind("workplace.reopened")), 10 * HOUR)
    assert worst("minimum_staff_within") < 3 * 3600
    assert worst("minimum_staff_within", NO_SEATS) * SECOND >= reopened > 5 * HOUR


def test_without_remote_work_seats_run_out_and_fewer_have_work() -> None:
    def moved(*settings: str) -> int:
        details = [e.detail for e in timeline(*settings).of_kind("staff.relocating")]
        return sum(d.people for d in details if d.to != "head-office")  # type: ignore[attr-defined]

    assert moved(NO_REMOTE) < moved()


def test_where_most_are_ill_too_nothing_reaches_its_minimum() -> None:
    ill = scores(NOBODY_THERE).measure("minimum_staff_within")
    assert any(sample.censored for sample in ill.samples)


def test_a_late_alarm_delays_the_crisis_team_and_not_the_loss() -> None:
    assert worst("crisis_team_convened_within", LATE_ALARM) >= 2 * 3600 > worst("crisis_team_convened_within")
    closed = [[e.at_ms for e in timeline(*s).of_kind("workplace.closed")] for s in ((), (LATE_ALARM,))]
    assert closed[0] == closed[1]
