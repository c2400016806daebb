"""An incident is not over before its critical tasks are; trouble that comes back reopens it; no playbook runs twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.simulator.response.building import (
    Rig,
    broken,
    database_crash,
    facts,
    organisation,
    person,
    playbook,
    suffers,
)
from timeline.commands import DataFinding
from timeline.instants import HOUR, MINUTE
from topologies.estate import BusinessFunction

CHECK = {"title": "compare once more", "role": "checker", "takes": "2h", "critical": True}
NOT_CRITICAL = CHECK | {"critical": False}


def with_bob(org: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """Bob checks things, and does nothing else."""
    org = org or organisation()
    org["people"]["bob"] = person(None, **fields)
    org["policies"]["checkers"] = {"title": "checkers", "steps": [{"people": ["bob"], "wait": "5m"}]}
    org["roles"]["checker"] = {"title": "Checker", "policy": "checkers", "eligible": ["bob"]}
    return org


def reopening(within: str | None = "3h", **sections: Any) -> dict[str, Any]:
    return organisation(event_management={"reopen_within": within} if within else {}, **sections)


def relapse(rig: Rig, at_ms: int = 2 * HOUR) -> Rig:
    """The database crashes again, and the same alert fires."""
    bad = dict(rig.estate.shows)
    rig.kernel.call_at(at_ms, lambda: rig.estate.shows.update(bad))
    return rig.resolved("web", at_ms=HOUR).alert("web", at_ms=at_ms)


def states(rig: Rig) -> list[str]:
    return [kind.removeprefix("incident.") for kind in rig.kinds("incident")]


# Not over yet


@pytest.mark.parametrize(("critical", "waits"), [(True, True), (False, False)])
def test_an_incident_waits_for_its_critical_tasks_and_for_no_others(critical: bool, waits: bool) -> None:
    rig = Rig(org=with_bob(), plan=playbook(check=CHECK | {"critical": critical})).alert("web").play()
    assert (rig.minutes("incident.resolved") > rig.minutes("task.completed")) is waits
    assert rig.minutes("incident.mitigated") < rig.minutes("task.completed"), "service is back all the same"


def test_a_critical_task_whose_moment_never_comes_holds_nothing_up() -> None:
    never = CHECK | {"when": {"known": {"subject": "component:db", "state": "on fire"}}}
    assert Rig(org=with_bob(), plan=playbook(check=never)).alert("web").play().of("incident.resolved")


def test_a_critical_task_that_nobody_takes_keeps_the_incident_open() -> None:
    rig = Rig(org=with_bob(answer={"missed_day": 1.0}), plan=playbook(check=CHECK)).alert("web").play()
    assert rig.of("task.ready")
    assert rig.of("incident.mitigated")
    assert not rig.of("incident.resolved")


def test_audiences_are_informed_until_it_is_over() -> None:
    severities = organisation()["severities"]
    severities[0]["update_every"] = {"customers": "30m"}
    audience = {"title": "Customers", "channel": "push", "role": "incident-manager", "writing": "1m"}
    org = with_bob(organisation(severities=severities, audiences={"customers": audience}))
    rig = Rig(org=org, plan=playbook(check=CHECK))
    rig.alert("web").play()
    assert len(rig.of("update.sent")) == 4


# The same trouble again


def test_trouble_that_comes_back_reopens_the_incident_and_is_worked_on_again() -> None:
    rig = relapse(Rig(org=reopening()).alert("web")).play()
    assert states(rig) == [
        *("opened", "assigned", "triaged", "declared", "mitigated", "resolved", "closed"),
        *("reopened", "assigned", "triaged", "mitigated", "resolved", "closed"),
    ]
    assert len(rig.of("diagnosis.concluded")) == len(rig.of("command.completed")) == 2
    (reopened,) = rig.of("incident.reopened")
    assert {rig.timeline[cause].kind for cause in reopened.causes} == {"notification.sent", "incident.closed"}


@pytest.mark.parametrize("within", [None, "30m"], ids=["where nothing is stated", "after the stated time"])
def test_otherwise_it_is_another_incident(within: str | None) -> None:
    rig = relapse(Rig(org=reopening(within)).alert("web")).play()
    assert [e.subject.id for e in rig.of("incident.opened")] == ["crew-1", "crew-2"]
    assert not rig.of("incident.reopened")


def test_trouble_elsewhere_is_another_incident() -> None:
    rig = Rig(org=reopening()).alert("web").resolved("web", at_ms=HOUR)
    rig.kernel.call_at(2 * HOUR, lambda: rig.estate.shows.update(printer=broken("crash")))
    rig.alert("printer", at_ms=2 * HOUR).play()
    assert [e.subject.id for e in rig.of("incident.opened")] == ["crew-1", "crew-2"]


def test_an_alert_that_resolves_reopens_nothing() -> None:
    rig = Rig(org=reopening()).alert("web").resolved("web", at_ms=2 * HOUR).play()
    assert not rig.of("incident.reopened")


def test_users_who_report_the_same_again_reopen_it() -> None:
    desk = {"team": "crew", "reports_to_open": 3, "handling": "5m"}
    rig = Rig(org=reopening(service_desk=desk)).alert("web").reports(3, at_ms=2 * HOUR)
    bad = dict(rig.estate.shows)
    rig.kernel.call_at(2 * HOUR - 1, lambda: rig.estate.shows.update(bad))
    rig.play()
    assert rig.minutes("incident.reopened") == [125]
    assert len(rig.of("incident.opened")) == 1


def test_data_that_turn_out_to_be_wrong_after_all_reopen_it() -> None:
    rig = Rig(org=reopening()).alert("web")
    wrong = DataFinding("db", corrupt=True)
    rig.kernel.call_at(2 * HOUR, lambda: rig.response._cases[0].learn_of_data(wrong))
    rig.play()
    assert rig.minutes("incident.reopened") == [120]
    assert len(rig.of("incident.resolved")) == 1, "not over while the data are wrong"


def test_data_are_looked_after_no_longer_than_stated() -> None:
    rig = Rig(org=reopening("1h")).alert("web")
    rig.kernel.call_at(4 * HOUR, lambda: rig.response._cases[0].learn_of_data(DataFinding("db", corrupt=True)))
    assert not rig.play().of("incident.reopened")


def test_a_role_that_nobody_had_taken_is_called_again() -> None:
    rig = relapse(Rig(org=with_bob(reopening(), answer={"missed_day": 1.0}), plan=playbook(check=NOT_CRITICAL)))
    rig.alert("web").play()
    called = {e.detail.purpose: e.at_ms for e in rig.of("page.sent") if "checker" in e.detail.purpose}  # type: ignore[attr-defined]
    (resolved, _), (reopened,) = rig.of("incident.resolved"), rig.of("incident.reopened")
    assert any(at_ms > reopened.at_ms for at_ms in called.values())
    assert not any(resolved.at_ms < at_ms < reopened.at_ms for at_ms in called.values())


def test_audiences_are_informed_anew() -> None:
    severities = organisation()["severities"]
    severities[0]["update_every"] = {"customers": "5m"}
    audience = {"title": "Customers", "channel": "push", "role": "incident-manager", "writing": "1m"}
    org = reopening(severities=severities, audiences={"customers": audience})
    rig = relapse(Rig(org=org).alert("web")).play()
    (again,) = rig.of("incident.reopened")
    due = [e.detail.due_at_ms for e in rig.of("update.due") if e.seq > again.seq]  # type: ignore[attr-defined]
    assert due
    assert all(moment > again.at_ms for moment in due), "nothing is due for the time in which it was closed"


def test_the_same_seed_gives_the_same_bytes_when_it_is_reopened() -> None:
    def run() -> list[object]:
        org = reopening(working=dict.fromkeys(organisation()["working"], "lognormal(median=3m, p90=5m)"))
        return [(e.at_ms, e.kind) for e in relapse(Rig(org=org).alert("web")).play().timeline]

    first = run()
    assert "incident.reopened" in {kind for _, kind in first}
    assert first == run()


# One playbook


def test_a_playbook_goes_on_where_it_was() -> None:
    late = {"when": {"seen": {"kind": "incident.reopened"}}}
    rig = relapse(Rig(org=reopening(), plan=playbook(first={}, again=late)).alert("web")).play()
    assert [e.subject.id for e in rig.of("task.completed")] == ["first", "again"]
    assert rig.minutes("task.ready")[1] == rig.minutes("incident.reopened")[0]


def test_what_the_playbook_did_before_the_relapse_is_no_remedy_for_it() -> None:
    does = {"does": {"action": "restart", "target": "db"}}
    org = reopening(authority=[{"action": "restart", "teams": ["crew"], "roles": ["incident-manager"]}])
    rig = relapse(Rig(org=org, plan=playbook(restart=does)).alert("web")).play()
    assert len(rig.of("command.completed")) == 2
    assert len(rig.of("task.completed")) == 1


def test_a_second_major_incident_shares_the_run_that_is_under_way() -> None:
    """Two teams, two functions, nothing in common but the playbook."""
    documented = facts((*(("function:shop", "web"), ("web", "api"), ("api", "db")), ("function:prints", "printer")))
    prints = {"title": "Prints", "owner": "crew", "supported_by": {"printer": {"type": "hard"}}}
    functions = {**documented.functions, "prints": BusinessFunction.model_validate(prints)}
    org = with_bob(organisation(authority=[]))
    org["people"]["pat"] = person()
    org["policies"]["printers"] = {"title": "printers", "steps": [{"people": ["pat"], "wait": "5m"}]}
    org["receivers"]["printer-pager"] = "printers"
    shows = database_crash() | {"printer": broken("crash"), "function:prints": suffers("printer")}
    rig = Rig(shows=shows, org=org, plan=playbook(check=CHECK), documentation=replace(documented, functions=functions))
    rig.alert("web").alert("printer", at_ms=20 * MINUTE, receiver="printer-pager", name="Jam").play()
    assert len(rig.of("incident.declared")) == 2
    assert len(rig.of("task.ready")) == 1
