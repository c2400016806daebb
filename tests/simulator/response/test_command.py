"""The command of an incident: deputies, span of control, relief, bridges, decisions on record, reports, activation."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.response.building import Rig, broken, database_crash, organisation, person, playbook, suffers
from timeline.commands import Observation
from timeline.details import DecisionDetail, HandoverDetail, RoleDetail, SituationDetail, SpanDetail
from timeline.instants import HOUR, MINUTE

DOWN = {"known": {"subject": "function:shop", "state": "down"}}
DECIDES = {"question": "Go on?", "options": [{"option": "yes", "when": DOWN}, {"option": "no"}]}
NEVER = {"answer": {"missed_day": 1.0, "missed_night": 1.0}}


def staffed(
    roles: dict[str, Any] | None = None, command: dict[str, Any] | None = None, **people: dict[str, Any]
) -> dict[str, Any]:
    """Ann searches and has no authority, so that nothing ever ends; `people` are there besides."""
    base = organisation(authority=[])
    named = {id: {"title": id, **role} for id, role in (roles or {}).items()}
    return base | {
        "people": base["people"] | people,
        "roles": base["roles"] | named,
        "command": command or {},
    }


def with_policy(org: dict[str, Any], **policies: list[str]) -> dict[str, Any]:
    steps = {id: {"title": id, "steps": [{"people": people, "wait": "5m"}]} for id, people in policies.items()}
    return org | {"policies": org["policies"] | steps}


def holders(rig: Rig, role: str) -> list[str]:
    details = [e.detail for e in rig.of("role.assigned") if isinstance(e.detail, RoleDetail)]
    return [d.person for d in details if d.role == role]


# Roles


def test_deputies_are_called_in_their_order_where_the_policy_finds_nobody() -> None:
    roles = {"scribe": {"policy": "writers", "eligible": ["una", "vic"], "deputies": ["vic", "una"]}}
    org = with_policy(staffed(roles, una=person(None), vic=person(None), wes=person(None, **NEVER)), writers=["wes"])
    assert holders(Rig(org=org).alert("web").play(2), "scribe") == ["vic"]


def test_a_deputy_need_not_be_among_the_eligible() -> None:
    roles = {"scribe": {"eligible": ["una"], "deputies": ["vic"]}}
    org = staffed(roles, una=person(None, **NEVER), vic=person(None))
    assert holders(Rig(org=org).alert("web").play(2), "scribe") == ["vic"]


def test_exclusive_roles_end_up_in_one_hand_where_nobody_keeps_them_apart() -> None:
    roles = {"scribe": {"policy": "managers", "exclusive_with": ["incident-manager"]}}
    rig = Rig(org=staffed(roles, {"exclusive_roles": False})).alert("web").play(2)
    (scribe,) = (e.detail for e in rig.of("role.assigned") if e.subject.id == "scribe")
    assert isinstance(scribe, RoleDetail)
    assert (scribe.person, scribe.conflicts_with) == ("max", ("incident-manager",))
    kept = Rig(org=staffed(roles)).alert("web").play(2)
    assert holders(kept, "scribe") == []


def test_a_role_on_demand_is_not_called_in_by_a_declaration() -> None:
    roles = {"section-lead": {"eligible": ["una"], "on_demand": True}}
    assert holders(Rig(org=staffed(roles, una=person(None))).alert("web").play(2), "section-lead") == []


def test_who_leads_too_many_gets_a_sub_lead_and_the_time_is_on_record() -> None:
    roles = {
        "technical-lead": {
            "eligible": ["tess"],
            "leads_responders": True,
            "leads_at_most": 1,
            "sub_leads": ["section-lead"],
        },
        "section-lead": {"eligible": ["una"], "on_demand": True, "leads_at_most": 5},
        "writer": {"eligible": ["vic"], "reports_to": "technical-lead"},
    }
    org = staffed(roles, tess=person(None), una=person(None), vic=person(None))
    rig = Rig(org=org).alert("web").play(4)
    (exceeded, *_), (kept, *_) = rig.of("span.exceeded"), rig.of("span.kept")
    assert isinstance(exceeded.detail, SpanDetail)
    assert exceeded.detail.led > exceeded.detail.at_most == 1
    assert "section-lead" in {e.subject.id for e in rig.of("role.assigned") if e.seq < kept.seq}
    assert exceeded.seq in kept.causes


# Shifts


def shifts(**fields: Any) -> dict[str, Any]:
    return {"shifts": {"handover": "20m", **fields}}


def two_managers(command: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Max is on call until noon, Mia from then on."""
    org = staffed(command=command, mia=person(None), **fields)
    layers = [
        {"people": [who], "start": "2026-03-02T00:00:00", "length": "1w", "restrictions": [{"start": a, "end": b}]}
        for who, a, b in (("max", "00:00", "12:00"), ("mia", "12:00", "00:00"))
    ]
    rotation = {"title": "managers", "timezone": "Europe/Vienna", "layers": layers}
    org["rotations"] = {"managers": rotation}
    org["policies"]["managers"] = {"title": "managers", "steps": [{"rotations": ["managers"], "wait": "10m"}]}
    return org


def test_whoever_is_on_call_next_takes_the_role_over_when_the_turn_ends() -> None:
    rig = Rig(org=two_managers(shifts(follow_rotations=True))).alert("web").play(6)
    assert holders(rig, "incident-manager") == ["max", "mia"]
    called, done = rig.of("relief.called")[0], rig.of("handover.completed")[0]
    assert called.at_ms == 2 * HOUR
    assert done.at_ms - called.at_ms >= 20 * MINUTE
    left = [str(e.actor) for e in rig.of("bridge.left") + rig.of("role.left")]
    assert left == ["person:max", "person:max"]


def test_after_long_hours_a_deputy_relieves_and_without_one_the_holder_stays() -> None:
    roles = {"incident-manager": {"policy": "managers", "deputies": ["mia"]}}
    relieved = Rig(org=staffed(roles, shifts(on_duty_at_most="3h"), mia=person(None))).alert("web").play(6)
    assert holders(relieved, "incident-manager") == ["max", "mia"]
    alone = Rig(org=staffed(roles, shifts(on_duty_at_most="3h"), mia=person(None, **NEVER))).alert("web").play(6)
    assert holders(alone, "incident-manager") == ["max"]
    calls = [e for e in alone.of("relief.called") if e.subject.id == "incident-manager"]
    assert len(calls) > 1, "it is tried again"
    assert alone.of("handover.completed") == []


def test_nobody_is_relieved_where_no_shifts_are_stated() -> None:
    assert Rig(org=two_managers({})).alert("web").play(12).kinds("relief", "handover") == []


def test_what_is_in_a_head_is_lost_item_by_item() -> None:
    """Decisions that nobody writes down, at a handover that keeps none, some, or all of them."""

    def handed(keeps: float, *, kept: bool = False) -> HandoverDetail:
        log = {"scribe": "scribe", "writing": "1m", "kept": kept}
        org = two_managers(shifts(follow_rotations=True) | {"decision_log": log}, una=person(None))
        org["roles"] |= {"scribe": {"title": "s", "eligible": ["una"]}}
        org["working"] |= {"handoff_keeps": keeps}
        tasks = {f"t{n}": {"decides": DECIDES} for n in range(12)}
        rig = Rig(org=org, plan=playbook(**tasks)).alert("web").play(4)
        (done,) = (e.detail for e in rig.of("handover.completed") if e.subject.id == "incident-manager")
        assert isinstance(done, HandoverDetail)
        return done

    assert handed(1.0).lost == ()
    assert handed(0.0).lost == handed(0.0).carried != ()
    some = handed(0.5)
    assert 0 < len(some.lost) < len(some.carried) == 13
    assert set(handed(0.2).lost) > set(handed(0.8).lost), "the same draws, item by item"
    assert handed(0.0, kept=True).carried == (), "what is written down is in nobody's head"


def test_the_search_goes_on_without_what_was_forgotten() -> None:
    org = staffed(command=shifts(on_duty_at_most="1h"), bob=person())
    org["policies"]["crew"]["steps"] = [{"people": ["ann"], "wait": "5m"}, {"people": ["bob"], "wait": "5m"}]
    org["working"] |= {"handoff_keeps": 0.0, "check": "40m"}
    rig = Rig(org=org).alert("web").play(3)
    done = next(e for e in rig.of("handover.completed") if e.subject.id == "responder")
    assert isinstance(done.detail, HandoverDetail)
    assert done.detail.carried == done.detail.lost != ()
    left = {e.seq: e.detail.candidates_left for e in rig.of("diagnosis.checked") + rig.of("diagnosis.concluded")}  # type: ignore[attr-defined]
    before, after = max(seq for seq in left if seq < done.seq), min(seq for seq in left if seq > done.seq)
    assert left[after] == left[before] - 1 + len(done.detail.lost), "one was checked, and what is lost is open again"
    assert str(rig.of("incident.reassigned")[0].actor) == "person:bob"


# Bridges and decisions

BRIDGES = {
    "technical": {"title": "t", "roles": ["scribe"], "responders": True},
    "management": {"title": "m", "roles": ["incident-manager", "direction"], "quorum": 2, "waits": "30m"},
}
DIRECTED = {"direction": {"policy": "directors"}, "scribe": {"eligible": ["una"]}}


def directed(answers_after: str, **command: Any) -> Rig:
    org = staffed(
        DIRECTED, {"bridges": BRIDGES, **command}, dan=person(None, answer={"day": answers_after}), una=person(None)
    )
    org["policies"]["directors"] = {"title": "d", "steps": [{"people": ["dan"], "wait": "3h"}]}
    return Rig(org=org, plan=playbook(go={"decides": DECIDES})).alert("web").play(4)


def decision(rig: Rig) -> DecisionDetail:
    (made,) = (e.detail for e in rig.of("decision.made") if e.detail.question == "Go on?")  # type: ignore[attr-defined]
    assert isinstance(made, DecisionDetail)
    return made


def test_everybody_is_on_the_bridge_of_his_role_and_responders_on_theirs() -> None:
    rig = directed("5m")
    joined = {(e.detail.person, e.detail.bridge) for e in rig.of("bridge.joined")}  # type: ignore[attr-defined]
    assert joined == {("max", "management"), ("dan", "management"), ("una", "technical"), ("ann", "technical")}


@pytest.mark.parametrize(("answers_after", "present"), [("10m", ("max", "dan")), ("1h", ("max",))])
def test_a_decision_waits_for_its_quorum_but_not_for_ever(answers_after: str, present: tuple[str, ...]) -> None:
    made = decision(directed(answers_after))
    assert made.present == present
    assert made.quorum == 2
    assert (made.roles_missing == ()) == (len(present) == 2)


def test_a_decision_is_written_down_by_the_scribe_with_what_it_rests_on() -> None:
    rig = directed("5m", decision_log={"scribe": "scribe", "writing": "3m"})
    made, recorded = rig.of("decision.made"), rig.of("decision.recorded")
    assert {cause for e in recorded for cause in e.causes} == {e.seq for e in made}
    assert {str(e.actor) for e in recorded} == {"person:una"}
    kinds = {rig.timeline[seq].kind for seq in decision(rig).seen}
    assert {"alert.firing"} <= kinds <= {"alert.firing", "diagnosis.concluded"}


def test_nobody_writes_while_nobody_is_scribe() -> None:
    org = staffed(
        {"scribe": {"eligible": ["una"]}},
        {"decision_log": {"scribe": "scribe", "writing": "1m"}},
        una=person(None, **NEVER),
    )
    rig = Rig(org=org).alert("web").play(4)
    assert rig.of("decision.made")
    assert rig.of("decision.recorded") == []


# The situation


def test_the_manager_reports_after_asking_everybody_and_that_takes_his_attention() -> None:
    rules = {"role": "incident-manager", "every": "30m", "asking": "4m", "writing": "5m"}
    roles = {f"r{n}": {"eligible": [f"p{n}"], "reports_to": "incident-manager"} for n in range(3)}
    people = {f"p{n}": person(None) for n in range(3)}
    rig = Rig(org=staffed(roles, {"situation_reports": rules}, **people)).alert("web").play(3)
    due, told = rig.of("situation.due")[0], rig.of("situation.reported")[0]
    assert isinstance(told.detail, SituationDetail)
    assert due.at_ms == rig.of("incident.declared")[0].at_ms + 30 * MINUTE
    assert (told.detail.asked, told.detail.by) == (3, "max")
    assert told.at_ms - due.at_ms >= (3 * 4 + 5) * MINUTE


# Activation


def slight() -> dict[str, Observation]:
    return {"web": suffers("printer"), "printer": broken("crash")}


def test_without_validation_a_nuisance_is_declared() -> None:
    rig = Rig(slight(), staffed(command={"validates": False})).alert("web").play(2)
    (made,) = rig.of("decision.made")
    assert isinstance(made.detail, DecisionDetail)
    assert "presumed to be down: shop" in made.detail.evidence
    assert rig.of("incident.declared")
    assert Rig(slight(), staffed()).alert("web").play(2).of("incident.declared") == []


def test_what_no_function_stands_on_is_not_declared_either_way() -> None:
    rig = Rig({"printer": broken("crash")}, staffed(command={"validates": False})).alert("printer").play(2)
    assert rig.of("incident.declared") == []


def test_a_briefing_keeps_the_one_who_joins_and_the_one_who_leads_from_other_work() -> None:
    def first_task(briefing: dict[str, str]) -> int:
        org = staffed({"scribe": {"eligible": ["una"]}}, briefing, una=person(None))
        plan = playbook(write={"role": "scribe", "takes": "1m"})
        return Rig(database_crash(), org, plan=plan).alert("web").play(3).of("task.started")[0].at_ms

    assert first_task({"briefing": "15m"}) - first_task({}) >= 14 * MINUTE
