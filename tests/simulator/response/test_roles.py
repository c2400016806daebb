"""Who takes a role, who may not, and what happens while nobody does."""

from __future__ import annotations

from typing import Any

from tests.simulator.response.building import Rig, organisation, person
from timeline.details import RoleDetail


def with_roles(roles: dict[str, Any], **people: dict[str, Any]) -> dict[str, Any]:
    org = organisation()
    roles = {id: {"title": id, **role} for id, role in roles.items()}
    return {**org, "people": org["people"] | people, "roles": roles}


def holders(rig: Rig) -> dict[str, str]:
    details = [e.detail for e in rig.of("role.assigned") if isinstance(e.detail, RoleDetail)]
    return {detail.role: detail.person for detail in details}


def test_the_first_of_the_policy_to_answer_takes_the_role() -> None:
    assert holders(Rig(org=with_roles({"incident-manager": {"policy": "managers"}})).alert("web").play()) == {
        "incident-manager": "max"
    }


def test_who_is_not_eligible_leaves_it_to_a_deputy() -> None:
    roles = {"incident-manager": {"policy": "managers", "eligible": ["eva"]}}
    assert holders(Rig(org=with_roles(roles, eva=person(None))).alert("web").play()) == {"incident-manager": "eva"}


def test_nobody_holds_two_roles_that_exclude_each_other() -> None:
    roles = {
        "incident-manager": {"policy": "managers", "exclusive_with": ["scribe"]},
        "scribe": {"policy": "managers", "eligible": ["max", "eva"]},
    }
    rig = Rig(org=with_roles(roles, eva=person(None))).alert("web").play()
    assert holders(rig) == {"incident-manager": "max", "scribe": "eva"}


def test_somebody_on_the_bridge_is_asked_before_anybody_is_paged() -> None:
    roles = {"incident-manager": {"policy": "managers"}, "technical-lead": {"policy": "crew", "eligible": ["ann"]}}
    rig = Rig(org=with_roles(roles)).alert("web").play()
    assert holders(rig)["technical-lead"] == "ann"
    assert [e for e in rig.of("page.sent") if "technical-lead" in e.detail.purpose] == []  # type: ignore[attr-defined]


def test_a_role_only_needed_for_graver_incidents_stays_empty() -> None:
    roles = {"incident-manager": {"policy": "managers"}, "crisis-director": {"policy": "managers"}}
    roles["crisis-director"]["required_from"] = "sev0"
    org = with_roles(roles)
    grave = {"severity": "sev0", "title": "all is lost", "functions_disrupted": 9, "major": True}
    org["severities"] = [grave, *org["severities"]]
    assert "crisis-director" not in holders(Rig(org=org).alert("web").play())


def test_an_unfilled_role_is_said_once_and_called_again_until_somebody_answers() -> None:
    roles = {"incident-manager": {"policy": "managers"}, "scribe": {"policy": "late"}}
    org = with_roles(roles, eva=person(None, answer={"missed_day": 0.8}))
    org["policies"]["late"] = {"title": "late", "steps": [{"people": ["eva"], "wait": "5m"}]}
    org["working"] |= {"check": "3h"}
    rigs = [Rig(org=org, seed=seed).alert("web").play() for seed in range(6)]
    assert all(len(rig.of("role.unfilled")) <= 1 for rig in rigs)
    late = [rig for rig in rigs if rig.of("role.unfilled") and "scribe" in holders(rig)]
    assert late, "in some runs somebody answers a later call"


def test_without_a_manager_the_responder_declares() -> None:
    rig = Rig(org=with_roles({})).alert("web").play()
    assert str(rig.of("incident.declared")[0].actor) == "person:ann"
