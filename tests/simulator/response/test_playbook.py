"""Tasks of a playbook: what they wait for, what they do, and how the runbook leaves things to them."""

from __future__ import annotations

from typing import Any

from tests.simulator.response.building import Rig, facts, organisation, playbook
from timeline.references import task

NEVER = {"when": {"known": {"subject": "component:db", "state": "on fire"}}}
RESTART_DB = {"does": {"action": "restart", "target": "db"}}


def run(tasks: dict[str, dict[str, Any]], org: dict[str, Any] | None = None, **fields: Any) -> Rig:
    authority = [{"action": "restart", "teams": ["crew"], "roles": ["incident-manager"]}]
    return Rig(org=org or organisation(authority=authority), plan=playbook(**tasks), **fields).alert("web").play()


def order(rig: Rig, kind: str) -> list[str]:
    return [event.subject.id for event in rig.of(kind)]


def test_a_task_waits_for_those_before_it() -> None:
    rig = run({"second": {"after": ["first"]}, "first": {"takes": "7m"}})
    assert order(rig, "task.completed") == ["first", "second"]
    assert rig.minutes("task.ready")[1] == rig.minutes("task.completed")[0]


def test_a_condition_is_about_what_the_responders_were_told() -> None:
    rig = run({"react": {"when": {"seen": {"kind": "alert.firing", "subject": "alert:Down"}}}})
    assert order(rig, "task.completed") == ["react"]


def test_a_condition_on_a_state_waits_until_somebody_has_seen_it() -> None:
    rig = run({"react": {"when": {"known": {"subject": "component:db", "state": "down"}}}})
    seen, ready = rig.of("diagnosis.concluded")[0], rig.of("task.ready")[0]
    assert ready.at_ms >= seen.at_ms


def test_a_condition_on_time_becomes_true_without_anything_happening() -> None:
    rig = run({"late": {"when": {"elapsed": {"since": {"kind": "incident.declared"}, "at_least": "3h"}}}})
    assert rig.minutes("task.ready") == [rig.minutes("incident.declared")[0] + 180]


def test_what_never_became_due_is_skipped_at_the_end_with_all_that_follows() -> None:
    rig = run(
        {"never": {"when": {"known": {"subject": "component:db", "state": "on fire"}}}, "then": {"after": ["never"]}}
    )
    assert order(rig, "task.skipped") == ["never", "then"]


def test_a_decision_takes_the_first_option_that_holds_and_others_can_follow_it() -> None:
    options = [{"option": "flee", "when": {"not": {"all": []}}}, {"option": "stay"}, {"option": "ask"}]
    rig = run(
        {
            "decide": {"decides": {"question": "What now?", "options": options}},
            "go": {"after": ["decide"], "when": {"known": {"subject": "task:decide", "state": "flee"}}},
            "remain": {"after": ["decide"], "when": {"known": {"subject": "task:decide", "state": "stay"}}},
        }
    )
    assert order(rig, "task.completed") == ["decide", "remain"]


def test_the_runbook_leaves_to_the_playbook_what_it_will_do() -> None:
    rig = run({"wait": {"takes": "30m"}, "restart": {"after": ["wait"], **RESTART_DB}})
    assert len(rig.estate.commands) == 1
    (completed,) = [e for e in rig.of("task.completed") if e.subject == task("restart")]
    assert rig.timeline[completed.causes[0]].kind == "command.completed"


def test_somebody_acts_when_the_playbook_stands_still() -> None:
    rig = run({"restart": {**NEVER, **RESTART_DB}})
    assert [c.target.id for c in rig.estate.commands] == ["db"]
    assert order(rig, "task.skipped") == ["restart"]


def test_a_task_that_fails_is_tried_as_often_as_it_says() -> None:
    org = organisation(authority=[{"action": "roll-back", "approver": "incident-manager", "refusal": 1.0}])
    task_ = {"does": {"action": "roll-back", "target": "web"}, "attempts": 3, "role": "crew-lead"}
    org["roles"] |= {"crew-lead": {"title": "lead", "policy": "crew"}}
    rig = run({"undo": task_}, org)
    assert len(rig.of("approval.refused")) == 3
    assert order(rig, "task.failed") == ["undo"]


def test_a_task_without_anybody_in_its_role_never_starts() -> None:
    org = organisation()
    org["roles"] |= {"oracle": {"title": "oracle"}}
    rig = run({"ask": {"role": "oracle"}}, org)
    assert (order(rig, "task.started"), order(rig, "task.skipped")) == ([], ["ask"])


def test_a_call_to_a_third_party_ends_when_it_is_there() -> None:
    org = organisation(external=[{"vendor": "smith", "channel": "push"}])
    rig = run({"call": {"calls": "smith"}}, org, documentation=facts(vendors_of={"printer": "smith"}))
    started, completed = rig.minutes("task.started")[0], rig.minutes("task.completed")[0]
    assert completed - started > 30
