"""Standard, normal and emergency changes; delegates and hours; what is approved in retrospect, and what by nobody."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.response.building import Rig, database_crash, organisation, person
from timeline.details import ApprovalDetail
from timeline.events import Event
from timeline.instants import HOUR, MINUTE

BOARD = {"roles": ["change-manager", "direction", "incident-manager"], "quorum": 2, "decision": "10m"}
OFFICE = {"timezone": "Europe/Vienna", "start": "09:00", "end": "17:00"}
ROLES = {
    "incident-manager": {"title": "m", "policy": "managers"},
    "change-manager": {"title": "c", "eligible": ["cleo"], "on_demand": True},
    "direction": {"title": "d", "eligible": ["dora"], "on_demand": True},
}


def run(rule: dict[str, Any], changes: dict[str, Any] | None = None, **people: dict[str, Any]) -> Rig:
    """Ann, who has no authority of her own, wants to restart the database at ten on a Tuesday."""
    base = organisation()
    staff = base["people"] | {"cleo": person(None), "dora": person(None)} | people
    rules = [{"action": "restart", **rule}]
    org = base | {"people": staff, "roles": ROLES, "authority": rules, "changes": changes or {}}
    return Rig(org=org).alert("web").play(24)


def detail(event: Event) -> ApprovalDetail:
    assert isinstance(event.detail, ApprovalDetail)
    return event.detail


def test_a_standard_change_waits_for_nobody_and_its_approval_is_on_record() -> None:
    rig = run({"change": "standard"})
    (granted,), (order,) = rig.of("approval.granted"), rig.of("command.submitted")
    assert granted.at_ms == order.at_ms
    assert granted.seq in order.causes
    assert detail(granted).change == "standard"


def test_a_normal_change_is_left_to_the_next_meeting_of_the_board() -> None:
    board = {"days": ["thursday"], "start": "14:00", "timezone": "Europe/Vienna"}
    rig = run({"change": "normal"}, {"board": board})
    assert "on 2026-03-12 at 14:00" in detail(rig.of("approval.refused")[0]).reason
    assert rig.estate.commands == []


def test_a_normal_change_is_raised_as_an_emergency_once_a_major_incident_is_declared() -> None:
    rig = run({"change": "normal"}, {"emergency": BOARD})
    (granted,) = rig.of("approval.granted")
    assert detail(granted).change == "emergency"
    assert rig.of("incident.declared")[0].seq < granted.seq


def test_the_emergency_board_sits_with_its_quorum_and_takes_the_time_of_all_of_it() -> None:
    rig = run({"change": "emergency"}, {"emergency": BOARD})
    (convened,), (granted,) = rig.of("board.convened"), rig.of("approval.granted")
    assert granted.at_ms - convened.at_ms >= 10 * MINUTE
    assert {str(page.detail.person) for page in rig.of("page.sent")} >= {"cleo", "dora"}  # type: ignore[attr-defined]


def test_an_emergency_that_nobody_decides_on_is_refused_at_once() -> None:
    rig = run({"change": "emergency"})
    assert rig.kinds("approval") == []
    assert "nobody may approve" in str(rig.of("command.refused")[0].detail)


def test_without_a_quorum_in_time_the_change_is_refused() -> None:
    away = person(None, answer={"missed_day": 1.0, "missed_night": 1.0})
    rig = run({"change": "emergency"}, {"emergency": BOARD | {"quorum": 3}}, cleo=away)
    assert detail(rig.of("approval.refused")[0]).reason == "the board has no quorum: 2 of 3"


def test_one_person_in_two_roles_is_one_vote() -> None:
    roles = {**ROLES, "direction": {"title": "d", "eligible": ["cleo"], "on_demand": True}}
    base = organisation()
    org = base | {
        "people": base["people"] | {"cleo": person(None)},
        "roles": roles,
        "authority": [{"action": "restart", "change": "emergency"}],
        "changes": {"emergency": BOARD | {"roles": ["change-manager", "direction"]}},
    }
    assert "no quorum: 1 of 2" in detail(Rig(org=org).alert("web").play().of("approval.refused")[0]).reason


@pytest.mark.parametrize(("night", "asked"), [(False, "cleo"), (True, "dora")])
def test_out_of_hours_somebody_else_decides(night: bool, asked: str) -> None:
    hours = {"timezone": "Europe/Vienna", "start": "20:00" if night else "09:00", "end": "22:00" if night else "17:00"}
    rig = run({"approver": "change-manager", "out_of_hours": "direction"}, {"business_hours": hours})
    assert str(rig.of("approval.granted")[0].actor) == f"person:{asked}"


def test_a_delegate_decides_when_the_approver_has_not_been_reached_in_time() -> None:
    late = person(None, answer={"day": "3h"})
    rule = {"approver": "change-manager", "delegate": "direction", "delegate_after": "20m"}
    rig = run(rule, cleo=late)
    (requested,), (delegated,) = rig.of("approval.requested"), rig.of("approval.delegated")
    (granted,) = rig.of("approval.granted")
    assert delegated.at_ms - requested.at_ms <= 20 * MINUTE
    assert str(granted.actor) == "person:dora"
    assert requested.seq in granted.causes


def test_a_refusal_has_a_reason_and_goes_to_a_higher_authority() -> None:
    reasons = ["no way back is known", "the store is being copied"]
    rig = run({"approver": "change-manager", "refusal": 1.0, "higher": "direction", "reasons": reasons})
    refused = rig.of("approval.refused")
    assert [str(event.actor) for event in refused[:2]] == ["person:cleo", "person:dora"]
    assert {detail(event).reason for event in refused} <= set(reasons)
    assert rig.estate.commands == []


def test_the_impatient_act_without_an_answer_and_against_one() -> None:
    hasty = {"impatience": {"after": "10m", "chance": 1.0}}
    waited = run({"approver": "change-manager", "decision": "1h"}, hasty)
    (requested,), (bypassed,) = waited.of("approval.requested"), waited.of("approval.bypassed")
    assert bypassed.at_ms - requested.at_ms == 10 * MINUTE
    assert waited.of("command.submitted")[0].causes == (bypassed.seq,)
    refused = run({"approver": "change-manager", "refusal": 1.0}, hasty)
    assert detail(refused.of("approval.bypassed")[0]).reason == "refused by the approver"
    patient = run({"approver": "change-manager", "decision": "1h"}, {"impatience": {"after": "10m", "chance": 0.0}})
    assert patient.of("approval.bypassed") == []
    assert patient.of("command.submitted")[0].at_ms > patient.of("approval.granted")[0].at_ms - 1


def test_an_emergency_change_is_approved_in_retrospect_once_service_is_back() -> None:
    after = {"role": "change-manager", "within": "24h", "review": "15m", "hours": OFFICE}
    rig = run({"approver": "change-manager", "change": "emergency"}, {"retrospective": after})
    (due,), (given,) = rig.of("approval.retrospective_due"), rig.of("approval.retrospective_given")
    assert detail(due).due_at_ms == due.at_ms + 24 * HOUR
    assert given.at_ms >= rig.of("incident.mitigated")[0].at_ms + 15 * MINUTE


def test_in_retrospect_waits_for_the_office_to_open() -> None:
    after = {"role": "change-manager", "within": "24h", "review": "15m", "hours": OFFICE | {"start": "16:00"}}
    rig = run({"approver": "change-manager", "change": "emergency"}, {"retrospective": after})
    assert rig.of("approval.retrospective_given")[0].at_ms == 6 * HOUR + 15 * MINUTE


def test_what_is_forgotten_stays_due() -> None:
    after = {"role": "change-manager", "within": "2h", "review": "15m", "forgotten": 1.0}
    rig = run({"approver": "change-manager", "change": "emergency"}, {"retrospective": after})
    assert len(rig.of("approval.retrospective_due")) == 1
    assert rig.of("approval.retrospective_given") == []


def test_the_estate_is_left_alone_while_no_approval_was_given() -> None:
    """Whatever the path, an order has a grant or a bypass among its causes."""
    for rule, changes in (
        ({"change": "emergency"}, {"emergency": BOARD | {"refusal": 0.5}}),
        ({"approver": "change-manager", "refusal": 0.5, "higher": "direction"}, {}),
        ({"approver": "change-manager", "decision": "30m"}, {"impatience": {"after": "5m", "chance": 0.5}}),
    ):
        for seed in range(6):
            base = organisation()
            people = base["people"] | {"cleo": person(None), "dora": person(None)}
            rules = [{"action": "restart", **rule}]  # type: ignore[dict-item]
            org = base | {"people": people, "roles": ROLES, "authority": rules, "changes": changes}
            rig = Rig(database_crash(), org, seed=seed).alert("web").play(4)
            for order in rig.of("command.submitted"):
                assert {rig.timeline[c].kind for c in order.causes} & {"approval.granted", "approval.bypassed"}
