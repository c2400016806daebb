"""The loss of a workplace on the modelled estate: who stops, who moves, what functions feel, what is done by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from tests.simulator.estate.building import Rig, hard, service
from timeline.commands import Action, Command
from timeline.details import IncidentDetail
from timeline.instants import MINUTE
from timeline.references import SCENARIO, Reference, function, incident, site

OFFICE = {"title": "office", "kind": "workplace", "timezone": "Europe/Zurich"}
DENIED = {"fault": "workplace-denied", "target": "main", "at": "10m"}
NEED = {"title": "work", "needed": 10, "minimum": 4}


def office(
    *,
    workforce: dict[str, Any] | None = None,
    seats: int = 6,
    remote: float = 0.0,
    remote_seats: int = 0,
    hours: float = 6,
    workplace: dict[str, Any] | None = None,
    **fields: Any,
) -> Rig:
    """Ten people at `main`; the alternate has seats for six; evacuation takes 5 minutes, travel 30."""
    groups = {"g": {"site": "main", "count": 10, "remote": remote}}
    return Rig(
        hours=hours,
        sites={
            "main": {
                **OFFICE,
                "workplace": {
                    "evacuation": "5m",
                    "alternates": [{"site": "other", "travel": "30m"}],
                    **(workplace or {}),
                },
            },
            "other": {**OFFICE, "seats": seats, "workplace": {"set_up": "10m"}},
        },
        components={"web": service(), "vpn": service(recovery={"restart": "1m"})},
        functions={
            "f": {
                "title": "f",
                "minimum_level": 0.5,
                "supported_by": {"web": hard()},
                "workforce": {"work": {**NEED, "groups": groups}} if workforce is None else workforce,
                **fields,
            }
        },
        remote_work={"seats": remote_seats, "through": ["vpn"], "set_up": "60m"},
    )


def order(rig: Rig, action: Action, target: Reference, at_min: float) -> None:
    """Somebody submits a command at a moment."""

    def submit() -> None:
        cause = rig.kernel.emit("incident.opened", incident("i"), SCENARIO, IncidentDetail("detected")).seq
        rig.estate.submit(Command(action, target, SCENARIO, cause, occasion="test"))

    rig.kernel.call_at(round(at_min * MINUTE), submit)


def told(rig: Rig, *kinds: str) -> list[tuple[str, float]]:
    """(kind, minutes) of events of these kinds, in order."""
    return [(e.kind, e.at_ms / MINUTE) for e in rig.timeline if e.kind in kinds]


def levels(rig: Rig, kinds: Iterable[str] = ("disrupted", "degraded", "restored")) -> list[tuple[str, float, float]]:
    return [
        (e.kind.partition(".")[2], e.at_ms / MINUTE, e.detail.level_ratio)  # type: ignore[attr-defined]
        for e in rig.timeline
        if e.kind in [f"function.{kind}" for kind in kinds]
    ]


def test_work_stops_at_once_and_people_wait_until_somebody_orders_the_relocation() -> None:
    rig = office().play(loss=DENIED)
    assert told(rig, "workplace.closed", "workplace.evacuated", "staff.short", "staff.minimum_reached") == [
        ("workplace.closed", 10),
        ("staff.short", 10),
        ("workplace.evacuated", 15),
    ]
    assert levels(rig) == [("disrupted", 10, 0.0)]
    assert [event.subject for event in rig.closed] == [site("main")]


def test_the_systems_of_a_place_that_nobody_may_enter_go_on() -> None:
    assert office().play(loss=DENIED).history("site:main") == []


def test_who_is_relocated_works_again_after_travel_and_set_up_as_far_as_seats_go() -> None:
    rig = office()
    order(rig, Action.RELOCATE, site("main"), 20)
    rig.play(loss=DENIED)
    assert told(rig, "staff.relocating", "staff.minimum_reached") == [
        ("staff.relocating", 20),
        ("staff.minimum_reached", 60),
    ]
    assert levels(rig)[-2:] == [("restored", 60, 0.5), ("degraded", 60, 0.5)]
    assert rig.estate.function_level("f") == pytest.approx(0.6)


def test_nobody_leaves_for_elsewhere_before_the_evacuation_is_over() -> None:
    rig = office(workplace={"evacuation": "25m", "alternates": [{"site": "other", "travel": "30m"}]})
    order(rig, Action.RELOCATE, site("main"), 20)
    rig.play(loss=DENIED)
    assert told(rig, "staff.relocating") == [("staff.relocating", 35)]


def test_a_relocation_of_a_place_that_is_open_comes_to_nothing() -> None:
    rig = office()
    order(rig, Action.RELOCATE, site("main"), 5)
    rig.play()
    (failed,) = rig.timeline.of_kind("command.failed")
    assert failed.detail.reason == "people may work there again"  # type: ignore[attr-defined]


def test_who_still_waits_goes_back_when_the_place_is_open_again() -> None:
    rig = office(workplace={"evacuation": "5m", "set_up": "7m"}).play(loss={**DENIED, "duration": "1h"})
    assert told(rig, "workplace.reopened", "staff.minimum_reached") == [
        ("workplace.reopened", 70),
        ("staff.minimum_reached", 77),
    ]
    assert levels(rig)[-1] == ("restored", 77, 1.0)


def test_remote_work_needs_seats_and_stops_with_the_remote_access() -> None:
    rig = office(remote=1.0, remote_seats=5, seats=0, workplace={"alternates": []})
    order(rig, Action.RELOCATE, site("main"), 20)
    rig.play(loss=DENIED, crash={"fault": "crash", "target": "vpn", "at": "2h", "duration": "30m"})
    assert levels(rig) == [
        ("disrupted", 10, 0.0),
        ("restored", 80, 0.5),
        ("degraded", 80, 0.5),
        ("disrupted", 120, 0.0),
        ("restored", 150, 0.5),
        ("degraded", 150, 0.5),
    ]


def test_a_function_that_runs_by_itself_for_a_while_feels_the_loss_later() -> None:
    groups = {"g": {"site": "main", "count": 10}}
    rig = office(workforce={"work": {**NEED, "after": "45m", "groups": groups}}).play(loss=DENIED)
    assert levels(rig) == [("disrupted", 55, 0.0)]


def test_a_loss_that_was_shorter_than_that_is_never_felt() -> None:
    groups = {"g": {"site": "main", "count": 10}}
    rig = office(workforce={"work": {**NEED, "after": "45m", "groups": groups}}, workplace={"alternates": []})
    assert levels(rig.play(loss={**DENIED, "duration": "30m"})) == []


def test_outside_the_hours_of_the_work_nobody_is_missed() -> None:
    """The exercise begins at 10; work ends at 11 and nobody is missed from then on."""
    groups = {"g": {"site": "main", "count": 10}}
    hours = {"start": "08:00", "end": "11:00"}
    rig = office(workforce={"work": {**NEED, "hours": hours, "groups": groups}}, hours=2).play(loss=DENIED)
    assert levels(rig) == [("disrupted", 10, 0.0), ("restored", 60, 1.0)]


def test_below_the_minimum_of_any_skill_nothing_is_done() -> None:
    both = {
        "many": {**NEED, "groups": {"g": {"site": "other", "count": 10}}},
        "few": {"title": "few", "needed": 2, "minimum": 1, "groups": {"g": {"site": "main", "count": 2}}},
    }
    assert levels(office(workforce=both, seats=20).play(loss=DENIED)) == [("disrupted", 10, 0.0)]


def test_absent_staff_is_drawn_head_by_head_and_comes_back() -> None:
    absence = {"fault": "staff-absence", "target": "main", "at": "10m", "duration": "1h", "parameters": {"share": 0.5}}
    rig = office().play(ill=absence)
    (first, *_, last) = [e.detail for e in rig.timeline if e.kind.startswith("staff.")]
    assert 0 < first.absent < 10  # type: ignore[attr-defined]
    assert first.present + first.absent == 10  # type: ignore[attr-defined]
    assert last.present == 10  # type: ignore[attr-defined]


@pytest.mark.parametrize(("team", "absent"), [("ours", 10), ("theirs", 0)])
def test_absence_of_a_team_hits_the_functions_that_it_owns(team: str, absent: int) -> None:
    spec = {"fault": "staff-absence", "target": "main", "at": "10m", "parameters": {"share": 1.0, "teams": [team]}}
    rig = office(owner="ours").play(ill=spec)
    assert rig.estate.workplaces.present("f", "work") == 10 - absent


MANUAL = {"title": "by hand", "throughput": 0.6, "set_up": "20m"}


def test_manual_work_brings_a_function_back_while_its_systems_are_down() -> None:
    rig = office(fallback=MANUAL)
    order(rig, Action.START_FALLBACK, function("f"), 30)
    rig.play(crash={"fault": "crash", "target": "web", "at": "10m", "duration": "3h"})
    assert levels(rig) == [
        ("disrupted", 10, 0.0),
        ("restored", 50, 0.6),
        ("degraded", 50, 0.6),
        ("restored", 190, 1.0),
    ]
    assert rig.history("function:f") == [(600, "down"), (190 * 60, "up")]
    assert told(rig, "fallback.started", "fallback.ended") == [("fallback.started", 50), ("fallback.ended", 190)]


def test_manual_work_lasts_as_long_as_its_supplies() -> None:
    supplies = {"forms": {"title": "forms", "lasts": "40m"}, "cash": {"title": "cash", "lasts": "2h"}}
    rig = office(fallback={**MANUAL, "supplies": supplies})
    order(rig, Action.START_FALLBACK, function("f"), 30)
    rig.play(crash={"fault": "crash", "target": "web", "at": "10m"})
    assert levels(rig)[-1] == ("disrupted", 90, 0.0)


def test_manual_work_without_people_or_supplies_comes_to_nothing() -> None:
    locked = {"forms": {"title": "the forms", "site": "main", "lasts": "4h"}}
    for fallback, reason in (
        ({**MANUAL, "staff": {"work": 2}}, "nobody is there to do it"),
        ({**MANUAL, "supplies": locked}, "the forms cannot be reached"),
    ):
        rig = office(fallback=fallback)
        order(rig, Action.START_FALLBACK, function("f"), 30)
        rig.play(loss=DENIED)
        (failed,) = rig.timeline.of_kind("command.failed")
        assert failed.detail.reason == reason  # type: ignore[attr-defined]


def test_with_fewer_people_than_it_takes_manual_work_is_slower_in_proportion() -> None:
    groups = {"g": {"site": "other", "count": 3}, "h": {"site": "main", "count": 7}}
    rig = office(workforce={"work": {**NEED, "groups": groups}}, seats=3, fallback={**MANUAL, "staff": {"work": 6}})
    order(rig, Action.START_FALLBACK, function("f"), 30)
    rig.play(loss=DENIED)
    assert rig.estate.function_level("f") == pytest.approx(0.3)


def test_the_backlog_is_never_negative_and_ends_at_nothing() -> None:
    rig = office(backlog={"extra_capacity": 0.5})
    rig.play(crash={"fault": "crash", "target": "web", "at": "10m", "duration": "1h"})
    course = [(e.kind, e.at_ms / MINUTE, e.detail.work_ms / MINUTE) for e in rig.timeline if e.family == "backlog"]  # type: ignore[attr-defined]
    assert course == [("backlog.growing", 10, 0), ("backlog.catching_up", 70, 60), ("backlog.cleared", 190, 0)]


def test_an_estate_that_states_people_but_loses_none_runs_as_one_that_states_none() -> None:
    crash = {"fault": "crash", "target": "web", "at": "10m", "duration": "1h"}
    with_people, without = office().play(crash=crash), office(workforce={}).play(crash=crash)
    assert list(with_people.timeline) == list(without.timeline)
