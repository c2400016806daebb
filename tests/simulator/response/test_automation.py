"""Automations act when their condition turns true, as themselves, and cannot go on for ever."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.response.building import Rig, organisation, playbook
from tests.simulator.response.test_lifecycle import AUDIENCES, CHANNELS, with_stages
from timeline.instants import MINUTE
from timeline.references import automation
from timeline.workflow_details import WorkflowDetail

DECLARED = {"seen": {"kind": "incident.declared"}}
OPENED = {"seen": {"kind": "incident.opened"}}


def rule(*do: dict[str, Any], when: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    return {"title": "test", "when": when or DECLARED, "do": list(do), **fields}


def acted(rig: Rig, kind: str = "automation.acted") -> list[tuple[str, str, str]]:
    details = [e.detail for e in rig.of(kind)]
    return [(d.rule, d.action, d.target) for d in details if isinstance(d, WorkflowDetail)]


def test_it_acts_once_its_condition_holds_and_says_who_it_is() -> None:
    rig = Rig(automations={"note": rule({"ticket": {}})}).alert("web").play()
    (declared,), (done,) = rig.of("incident.declared"), rig.of("automation.acted")
    assert done.at_ms == declared.at_ms
    assert done.actor == automation("note")
    assert declared.seq in [e.seq for e in rig.timeline.ancestors(done)]


def test_where_its_condition_never_holds_nothing_is_different() -> None:
    never = {"never": rule({"ticket": {}}, when={"seen": {"kind": "crisis.convened"}})}
    plain, watched = Rig().alert("web").play(), Rig(automations=never).alert("web").play()
    assert list(plain.timeline) == list(watched.timeline)


def test_time_alone_may_make_it_true() -> None:
    late = {"elapsed": {"since": {"kind": "incident.opened"}, "at_least": "7m"}}
    rig = Rig(automations={"late": rule({"ticket": {}}, when=late)}).alert("web").play()
    (opened,), (done,) = rig.of("incident.opened"), rig.of("automation.acted")
    assert done.at_ms == opened.at_ms + 7 * MINUTE


def test_its_actions_come_in_order_and_bring_about_the_usual_events() -> None:
    org = organisation(channels=CHANNELS, audiences=AUDIENCES, problems={"major": False, "work": WORK})
    do = (
        {"page": {"policy": "managers"}},
        {"notify": {"audience": "customers", "text": "we know"}},
        {"set": {"field": "category", "value": "network"}},
        {"task": {"title": "call the others", "role": "incident-manager", "takes": "3m"}},
        {"problem": {}},
        {"bridge": {}},
    )
    rig = Rig(org=org, automations={"all": rule(*do)}).alert("web").play()
    assert [action for _, action, _ in acted(rig)] == ["page", "notify", "set", "task", "problem", "bridge"]
    assert [e for e in rig.of("page.sent") if e.detail.purpose.startswith("crew-1/all/")]  # type: ignore[attr-defined]
    assert [e.detail.text for e in rig.of("update.sent")] == ["we know"]  # type: ignore[attr-defined]
    assert len(rig.of("task.completed")) == 1
    assert [e.detail.reason for e in rig.of("problem.opened")] == ["asked"]  # type: ignore[attr-defined]
    assert "ann" in [e.actor.id for e in rig.of("bridge.joined")]


WORK = {"analysis": "10m", "workaround": "5m"}


def test_a_field_that_one_sets_is_what_another_waits_for() -> None:
    waits = {"known": {"subject": "field:category", "state": "security"}}
    rules = {
        "classify": rule({"set": {"field": "category", "value": "security"}}, when=OPENED),
        "call": rule({"page": {"policy": "managers"}}, when=waits),
    }
    assert [name for name, _, _ in acted(Rig(automations=rules).alert("web").play())] == ["classify", "call"]


def test_a_playbook_sees_the_field_as_well() -> None:
    waits = {"known": {"subject": "field:category", "state": "security"}}
    plan = playbook(look={"when": waits})
    rules = {"classify": rule({"set": {"field": "category", "value": "security"}})}
    assert Rig(plan=plan, automations=rules).alert("web").play().of("task.completed")
    assert not Rig(plan=plan).alert("web").play().of("task.completed")


def circle(at_most: int) -> dict[str, Any]:
    """Each sets the field to what the other waits for."""

    def known(value: str) -> dict[str, Any]:
        return {"known": {"subject": "field:x", "state": value}}

    def set_to(value: str) -> dict[str, Any]:
        return {"set": {"field": "x", "value": value}}

    return {
        "ping": rule(set_to("pong"), when={"any": [known("ping"), {"not": {"any": [known("ping"), known("pong")]}}]}),
        "pong": rule(set_to("ping"), when=known("pong")),
    } | {"a": rule({"ticket": {}}, at_most=at_most)}


@pytest.mark.parametrize("latency", ["0s", "30s"])
def test_a_circle_is_stopped_after_so_many_runs_and_says_so_once(latency: str) -> None:
    channels = CHANNELS | {"itsm": {"title": "itsm", "latency": latency, "failure": 0.0}}
    rules = {id: spec | {"at_most": 3, "channel": "itsm"} for id, spec in circle(3).items()}
    rig = Rig(org=organisation(channels=channels), automations=rules).alert("web").play()
    runs = [name for name, _, _ in acted(rig)]
    assert (runs.count("ping"), runs.count("pong")) == (3, 3)
    assert [name for name, _, _ in acted(rig, "automation.stopped")] == ["ping"]


def test_over_a_channel_that_is_down_it_fails() -> None:
    rules = {"note": rule({"ticket": {}}, channel="itsm")}
    rig = Rig(org=organisation(channels=CHANNELS), automations=rules, dead_channels=("itsm",)).alert("web").play()
    assert acted(rig) == []
    assert [name for name, _, _ in acted(rig, "automation.failed")] == ["note"]


@pytest.mark.parametrize(("stages", "acts"), [([], 1), (["mitigating"], 1), (["closed"], 0), (["detected"], 0)])
def test_it_may_be_for_some_stages_only(stages: list[str], acts: int) -> None:
    """What has been seen stays seen, also when the incident comes to the stage only later."""
    rules = {"note": rule({"ticket": {}}, stages=stages)}
    rig = Rig(org=with_stages(), automations=rules)
    rig.alert("web").play(0.25 if stages == ["closed"] else 8)
    assert len(acted(rig)) == acts
