"""The loss of a workplace as the response meets it: an alarm, a crisis team, people who are out or absent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.simulator.response.building import Rig, facts, organisation, person, playbook
from timeline.commands import Observation
from timeline.details import WorkplaceDetail
from timeline.instants import MINUTE
from timeline.references import SCENARIO, site

TEAM = {"policy": "crew", "alarm": "5m", "roles": ["incident-manager", "director"], "quorum": 2}
ROLES = {
    "incident-manager": {"title": "Incident manager", "policy": "managers"},
    "director": {"title": "Director", "eligible": ["dee"], "policy": "directors"},
}
LOST = {"severity": "sev1", "title": "a workplace is lost", "workplace_lost": True, "major": True}


def bank(**sections: Any) -> dict[str, Any]:
    plain = organisation()
    return organisation(
        people={**plain["people"], "dee": person(None)},
        policies={**plain["policies"], "directors": {"title": "d", "steps": [{"people": ["dee"], "wait": "5m"}]}},
        roles=ROLES,
        severities=[LOST, *plain["severities"]],
        authority=[*plain["authority"], {"action": "relocate", "roles": ["director"]}],
        **{"crisis_team": TEAM, **sections},
    )


def rig(org: dict[str, Any] | None = None, **fields: Any) -> Rig:
    documented = replace(facts(), workplaces={"office": frozenset({"shop"})})
    documented.graph.add_node("office")
    shows = {"office": Observation("down", "workplace-denied", ())}
    built = Rig(shows, org or bank(), documentation=documented, **fields)

    def close() -> None:
        closed = built.kernel.emit("workplace.closed", site("office"), SCENARIO, WorkplaceDetail(10, "gas"), [0])
        built.response.place_lost(closed, "office")

    built.kernel.call_at(MINUTE, close)
    return built


def test_the_wardens_call_and_an_incident_is_opened() -> None:
    played = rig().play()
    assert played.minutes("alarm.raised") == [6]
    (opened,) = played.of("incident.opened")
    assert opened.subject.id == "office-1"


def test_the_team_is_convened_once_its_quorum_is_there() -> None:
    (convened,) = rig().play().of("crisis.convened")
    assert convened.detail.roles == ("incident-manager", "director")  # type: ignore[attr-defined]


def test_it_is_not_convened_while_too_few_answer() -> None:
    played = rig(out={"dee": None}).play(hours=2)
    assert played.of("crisis.convened") == []
    assert [e.subject.id for e in played.of("role.unfilled")] == ["director"]


def test_who_is_out_for_a_while_answers_afterwards() -> None:
    soon, late = rig().play(), rig(out={"dee": 3 * MINUTE}).play()
    assert late.minutes("crisis.convened") == [pytest.approx(soon.minutes("crisis.convened")[0] + 3)]


def test_a_lost_workplace_is_a_major_incident_before_any_function_is_known_to_be_down() -> None:
    (declared,) = rig().play().of("incident.declared")
    assert declared.detail.severity == "sev1"  # type: ignore[attr-defined]


def test_the_director_orders_the_relocation_by_the_playbook() -> None:
    plan = playbook(move={"role": "director", "does": {"action": "relocate", "target": "office"}})
    played = rig(plan=plan).play()
    assert [(c.action, str(c.target)) for c in played.estate.commands if c.action == "relocate"] == [
        ("relocate", "site:office")
    ]


def test_it_is_convened_with_the_alarm_where_its_roles_are_held_already() -> None:
    """Users had reported; those who lead were on the bridge before the second place was lost."""
    built = rig()

    def close_again() -> None:
        closed = built.kernel.emit("workplace.closed", site("office"), SCENARIO, WorkplaceDetail(10, "gas"), [0])
        built.response.place_lost(closed, "office")

    built.kernel.call_at(60 * MINUTE, close_again)
    assert built.play().minutes("crisis.convened")[1] == 65


def test_without_a_crisis_team_nobody_is_called_for_the_place() -> None:
    org = bank()
    del org["crisis_team"]
    assert rig(org).play().kinds("alarm", "incident", "crisis") == []
