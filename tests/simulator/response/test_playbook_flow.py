"""The order of a playbook: when it starts, timers, loops, who does a task, and what comes after a failure."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.experience import FORMAT, PastExercises
from tests.simulator.response.building import Rig, organisation, person, playbook
from timeline.details import TaskDetail

NEVER = {"known": {"subject": "component:db", "state": "on fire"}}
DB_UP = {"known": {"subject": "component:db", "state": "up"}}
REFUSED = {"action": "roll-back", "approver": "incident-manager", "refusal": 1.0}
FAILS = {"does": {"action": "roll-back", "target": "web"}, "role": "crew-lead"}


def run(
    tasks: dict[str, dict[str, Any]],
    org: dict[str, Any] | None = None,
    starts: dict[str, Any] | None = None,
    hours: float = 8,
    **fields: Any,
) -> Rig:
    authority = [{"action": "restart", "teams": ["crew"], "roles": ["incident-manager"]}, REFUSED]
    made = org or organisation(authority=authority)
    made["roles"] |= {"crew-lead": {"title": "lead", "policy": "crew"}}
    return Rig(org=made, plan=playbook(starts, **tasks), **fields).alert("web").play(hours)


def ends(rig: Rig) -> list[str]:
    """`task: how it ended`, in order."""
    kinds = ("task.completed", "task.failed", "task.repeated", "task.escalated")
    return [f"{e.subject.id}: {e.kind.partition('.')[2]}" for e in rig.timeline if e.kind in kinds]


def doers(rig: Rig) -> list[str | None]:
    details = [e.detail for e in rig.of("task.started")]
    return [d.person for d in details if isinstance(d, TaskDetail)]


# When it starts


@pytest.mark.parametrize(
    ("on", "event"),
    [
        ("opened", "incident.opened"),
        ("triaged", "incident.triaged"),
        ("declared", "incident.declared"),
        ("cause-known", "diagnosis.concluded"),
        ("mitigated", "incident.mitigated"),
    ],
)
def test_a_playbook_starts_with_what_it_states(on: str, event: str) -> None:
    rig = run({"look": {}}, starts={"on": on})
    (started,) = rig.of("playbook.started")
    assert rig.timeline[started.causes[0]].kind == event
    assert started.at_ms == rig.of(event)[0].at_ms


def test_a_playbook_needs_no_declaration() -> None:
    org = organisation(severities=[{"severity": "sev3", "title": "all", "otherwise": True}])
    rig = run({"look": {}}, org, starts={"on": "triaged"})
    assert (len(rig.of("incident.declared")), ends(rig)) == (0, ["look: completed"])


def test_it_waits_for_its_condition() -> None:
    rig = run(
        {"look": {}},
        starts={"on": "opened", "when": {"elapsed": {"since": {"kind": "incident.opened"}, "at_least": "2m"}}},
    )
    assert rig.minutes("playbook.started") == [rig.minutes("incident.opened")[0] + 2]


@pytest.mark.parametrize(
    ("starts", "runs"),
    [
        ({"from_severity": "sev1"}, 1),
        ({"from_severity": "sev3"}, 1),
        ({"to_severity": "sev3"}, 0),
        ({"from_severity": "sev3", "to_severity": "sev1"}, 1),
    ],
)
def test_a_range_of_severities(starts: dict[str, Any], runs: int) -> None:
    """The shop is down at triage already: it is sev1 all the time."""
    rig = run({"look": {}}, starts={"on": "triaged", **starts})
    assert len(rig.of("playbook.started")) == runs


def test_the_plan_is_on_the_timeline_where_it_starts() -> None:
    rig = run({"a": {"expected": "5m"}, "b": {"after": ["a"], "within": "3m", "when": NEVER}})
    (started,) = rig.of("playbook.started")
    a, b = started.detail.steps  # type: ignore[attr-defined]
    assert (a.id, a.expected_ms, b.after, b.within_ms) == ("a", 300_000, ("a",), 180_000)
    assert b.guard.form == "open"


# Timers and joins


def test_a_timer_runs_from_when_the_tasks_before_are_done() -> None:
    rig = run({"a": {}, "b": {"after": ["a"], "wait": {"for": "25m"}}})
    assert rig.minutes("task.ready")[1] == rig.minutes("task.completed")[0] + 25


def test_a_timer_waits_for_a_time_of_the_day() -> None:
    rig = run({"a": {"wait": {"until": "13:30"}}})
    assert rig.minutes("task.ready") == [3.5 * 60]


def test_a_time_of_the_day_that_has_passed_is_that_of_tomorrow() -> None:
    assert run({"a": {"wait": {"until": "09:00"}}}, hours=24).minutes("task.ready") == [23 * 60]


def test_branches_come_together_where_one_of_them_is_done() -> None:
    options = [{"option": "flee", "when": NEVER}, {"option": "stay"}]
    rig = run(
        {
            "ask": {"decides": {"question": "?", "options": options}},
            "go": {"after": ["ask"], "when": {"known": {"subject": "task:ask", "state": "flee"}}},
            "remain": {"after": ["ask"], "when": {"known": {"subject": "task:ask", "state": "stay"}}},
            "tell": {"after_any": ["go", "remain"]},
        }
    )
    assert ends(rig) == ["ask: completed", "remain: completed", "tell: completed"]


# Loops


def test_a_task_is_repeated_with_its_pause_until_it_is_so() -> None:
    rig = run({"watch": {"repeat": {"until": DB_UP, "every": "2m", "at_most": 50}}})
    *passes, last = ends(rig)
    assert set(passes) == {"watch: repeated"}
    assert last == "watch: completed"
    repeated, started = rig.minutes("task.repeated"), rig.minutes("task.started")
    assert started[1] == pytest.approx(repeated[0] + 2)


def test_a_pass_does_again_what_lies_between_and_nothing_else() -> None:
    rig = run(
        {
            "mend": {},
            "look": {"after": ["mend"], "repeat": {"until": NEVER, "from": "mend", "at_most": 3}},
            "note": {"after": ["mend"]},
            "tell": {"after": ["look"]},
        }
    )
    done = ends(rig)
    assert done.count("mend: completed") == 3
    assert done.count("note: completed") == 1
    assert [e for e in done if e.startswith("look")] == ["look: repeated", "look: repeated", "look: failed"]
    assert not [e for e in done if e.startswith("tell")]


# Failures


def test_a_failure_goes_to_another_task_that_begins_only_then() -> None:
    rig = run({"undo": {**FAILS, "on_failure": {"go_to": "call"}}, "call": {}, "then": {"after": ["call"]}})
    assert ends(rig) == ["undo: failed", "call: completed", "then: completed"]


def test_what_no_failure_goes_to_never_begins() -> None:
    rig = run({"fine": {"on_failure": {"go_to": "call"}}, "call": {}})
    assert ends(rig) == ["fine: completed"]


def test_a_way_back_is_taken_as_often_as_stated() -> None:
    rig = run({"look": {}, "undo": {"after": ["look"], **FAILS, "on_failure": {"go_to": "look", "at_most": 2}}})
    assert ends(rig) == ["look: completed", "undo: failed"] * 3


def test_a_failure_is_escalated_to_who_holds_another_role() -> None:
    rig = run({"undo": {**FAILS, "on_failure": {"escalate": "incident-manager"}}})
    assert ends(rig) == ["undo: failed", "undo: escalated", "undo: failed"]
    (escalated,) = rig.of("task.escalated")
    assert escalated.detail.person == "max"  # type: ignore[attr-defined]


def test_a_failure_is_passed_over() -> None:
    rig = run({"undo": {**FAILS, "on_failure": {"carry_on": True}}, "then": {"after": ["undo"]}})
    assert ends(rig) == ["undo: failed", "then: completed"]


def test_a_failure_ends_the_playbook() -> None:
    later = {"wait": {"for": "2h"}}
    rig = run({"undo": {**FAILS, "on_failure": {"give_up": True}}, "then": {"after": ["undo"]}, "other": later})
    assert ends(rig) == ["undo: failed"]
    assert len(rig.of("playbook.given_up")) == 1


def test_attempts_have_their_pause() -> None:
    rig = run({"undo": {**FAILS, "attempts": 3, "retry_after": "10m"}})
    first, second, third = rig.minutes("approval.refused")
    assert second - first >= 10
    assert third - second >= 10


# Who


def test_a_task_goes_to_who_knows_its_field() -> None:
    people = {"ann": person(skill=0.9), "max": person(None, skill=0.1)}
    rig = run({"look": {"skill": {"field": "service", "at_least": 0.7}}}, organisation(people=people))
    assert doers(rig) == ["ann"]


def test_somebody_is_called_in_for_a_field_that_nobody_there_knows() -> None:
    people = {"ann": person(skill=0.9), "max": person(None, skill=0.1), "eve": person(None, skill=0.1)}
    people["eve"]["skills"]["database"] = 0.95
    rig = run({"look": {"skill": {"field": "database", "at_least": 0.92}}}, organisation(people=people))
    assert doers(rig) == ["eve"]
    assert "eve" in [e.detail.person for e in rig.of("page.acknowledged")]  # type: ignore[attr-defined]


def test_where_nobody_comes_the_holder_of_the_role_does_it() -> None:
    people = {"ann": person(skill=0.5), "max": person(None, skill=0.1)}
    rig = run({"look": {"skill": {"field": "database", "at_least": 0.92}}}, organisation(people=people))
    assert doers(rig) == ["max"]


# What is known of it


def known(share: float, times: int = 0) -> Rig:
    org = organisation()
    org["working"] |= {"practised": {"steps_known": share}}
    past = PastExercises.model_validate(
        {"format": FORMAT, "people": {"max": {"playbooks": {"test": times}}} if times else {}}
    )
    tasks: dict[str, dict[str, Any]] = {f"t{n}": {"after": [f"t{n - 1}"] if n else []} for n in range(20)}
    return run(tasks, org, past=past)


def test_a_step_that_nobody_thinks_of_is_skipped_and_what_follows_is_done() -> None:
    rig = known(0.5)
    skipped = {e.subject.id for e in rig.of("task.skipped")}
    assert 0 < len(skipped) < 20
    assert {e.subject.id for e in rig.of("task.completed")} == {f"t{n}" for n in range(20)} - skipped


def test_exercises_teach_steps_and_take_none_away() -> None:
    untrained, trained = ({e.subject.id for e in known(0.5, times).of("task.skipped")} for times in (0, 3))
    assert trained < untrained


def test_a_plan_that_is_known_wholly_is_done_wholly() -> None:
    assert not known(1.0).of("task.skipped")
