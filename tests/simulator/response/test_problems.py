"""Problems are opened as the policy says, outlive their incident, and help with the next one through knowledge only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from simulator.response.diagnosis import Search
from simulator.response.room import KnownError
from tests.simulator.response.building import Rig, broken, database_crash, facts, organisation, person
from timeline.instants import HOUR, MINUTE
from timeline.workflow_details import ProblemDetail

WORK = {"analysis": "10m", "workaround": "5m"}


def keeping(**policy: Any) -> dict[str, Any]:
    work = {**WORK, **policy.pop("work", {})}
    return organisation(problems={**policy, "work": work})


def details(rig: Rig, kind: str) -> list[ProblemDetail]:
    return [e.detail for e in rig.of(kind) if isinstance(e.detail, ProblemDetail)]


def again(rig: Rig, at_ms: int = 3 * HOUR) -> Rig:
    """The database crashes once more, and opens another incident."""
    rig.kernel.call_at(at_ms, lambda: rig.estate.shows.update(database_crash()))
    return rig.alert("web").resolved("web", HOUR).alert("web", at_ms)


def test_without_a_policy_there_are_no_problems() -> None:
    assert Rig().alert("web").play().kinds("problem") == []


def test_a_major_incident_opens_one_which_outlives_it() -> None:
    rig = Rig(org=keeping()).alert("web").play()
    (declared,), (opened,), (resolved,) = (
        rig.of(k) for k in ("incident.declared", "problem.opened", "incident.resolved")
    )
    assert opened.causes == (declared.seq,)
    (found,), (known,) = rig.of("problem.root_cause_found"), rig.of("problem.known_error")
    assert found.at_ms >= resolved.at_ms + 10 * MINUTE, "after the incident, with the time that it takes"
    assert known.at_ms == found.at_ms + 5 * MINUTE
    assert details(rig, "problem.known_error")[0].cause == "crash on db"
    assert details(rig, "problem.known_error")[0].workaround == "restart db"
    assert rig.of("problem.resolved") == [], "nobody has removed the cause"


def test_a_fix_resolves_it_and_nothing_is_known_to_be_wrong_any_more() -> None:
    rig = Rig(org=keeping(work={"fix": "1h"})).alert("web").play()
    (known,), (fixed,) = rig.of("problem.known_error"), rig.of("problem.resolved")
    assert fixed.at_ms == known.at_ms + HOUR
    assert rig.response._room.known_errors == {}


def test_in_parallel_it_begins_at_once_but_incidents_go_first() -> None:
    org = keeping(work={"begins": "in-parallel", "analysis": "1m"})
    org["people"]["bob"] = person()
    rig = Rig(org=org).alert("web").play()
    (opened,), (resolved,) = rig.of("problem.opened"), rig.of("incident.resolved")
    assert opened.at_ms < rig.of("problem.root_cause_found")[0].at_ms < resolved.at_ms


def test_who_does_not_know_the_field_gives_up_after_the_stated_sessions() -> None:
    org = keeping(work={"team": "laymen", "sessions": 3})
    org["people"]["zoe"] = person("laymen", skill=0.0)
    org["teams"]["laymen"] = {"title": "Laymen"}
    rig = Rig(org=org).alert("web").play()
    assert len(rig.of("problem.analysed")) == 3
    assert rig.of("problem.root_cause_found") == []


def test_an_incident_that_nobody_explained_leaves_a_problem_that_can_find_nothing() -> None:
    """Service is back before anybody has found out why, and nothing is left to be seen."""
    org = keeping(major=True, work={"sessions": 2})
    org["working"]["check"] = "50m"
    rig = Rig(org=org).alert("web")
    rig.kernel.call_at(20 * MINUTE, rig.estate.shows.clear)
    rig.resolved("web", 21 * MINUTE).play()
    assert rig.of("diagnosis.concluded") == []
    assert len(rig.of("problem.opened")) == 1
    assert len(rig.of("problem.analysed")) == 2


@pytest.mark.parametrize(("within", "opened"), [("1h", 0), ("5h", 1)])
def test_a_failure_that_comes_again_within_the_time_is_a_problem(within: str, opened: int) -> None:
    rig = again(Rig(org=keeping(major=False, recurrence={"times": 2, "within": within}))).play()
    assert len(rig.of("incident.opened")) == 2
    assert [d.reason for d in details(rig, "problem.opened")] == ["recurrence"] * opened


@pytest.mark.parametrize(
    ("past", "opened"),
    [
        ({"component": "db", "at": "2026-03-01T10:00:00+01:00"}, 1),
        ({"component": "db", "fault": "crash", "at": "2026-03-01T10:00:00+01:00"}, 1),
        ({"component": "db", "fault": "hang", "at": "2026-03-01T10:00:00+01:00"}, 0),
        ({"component": "api", "at": "2026-03-01T10:00:00+01:00"}, 0),
        ({"component": "db", "at": "2026-01-01T10:00:00+01:00"}, 0),
        ({"component": "db", "at": "2026-04-01T10:00:00+02:00"}, 0),
    ],
)
def test_history_counts_where_it_tells_of_the_same_failure(past: dict[str, str], opened: int) -> None:
    policy = keeping(major=False, recurrence={"times": 2, "within": "30d"}, past=[past])
    assert len(Rig(org=policy).alert("web").play().of("problem.opened")) == opened


def test_the_next_incident_of_the_same_failure_is_linked_and_opens_nothing() -> None:
    rig = again(Rig(org=keeping(recurrence={"times": 2, "within": "5h"}))).play()
    assert len(rig.of("problem.opened")) == 1
    (linked,) = details(rig, "problem.incident_linked")
    assert linked.incidents == ("crew-1", "crew-2")


# What a known error does


def test_a_known_error_is_looked_at_before_everything_else_that_could_explain() -> None:
    symptoms = ["web"]
    assert Search(facts(), list(symptoms)).next() == "web"
    assert Search(facts(), list(symptoms), known={"db": KnownError("crash")}).next() == "db"
    assert Search(facts(), list(symptoms), known={"printer": KnownError("crash")}).next() == "web", "it cannot explain"


def checks_until_found(rig: Rig) -> list[int]:
    """Checks in vain before each conclusion."""
    counted, since = [], 0
    for kind in rig.kinds("diagnosis"):
        since += kind == "diagnosis.checked"
        if kind == "diagnosis.concluded":
            counted.append(since)
            since = 0
    return counted


def test_the_second_time_the_cause_is_found_at_once_and_never_faster_than_one_check() -> None:
    first, second = checks_until_found(again(Rig(org=keeping())).play())
    assert (first, second) == (2, 0)
    assert checks_until_found(again(Rig()).play()) == [2, 2], "without problem management it is searched again"


def test_one_that_misleads_costs_a_check() -> None:
    org = keeping(major=False, known_errors=[{"component": "api", "fault": "hang"}])
    plain = Rig().alert("web").play()
    misled = Rig(org=org, shows=database_crash() | {"api": replace(database_crash()["api"], suffers_from=("db",))})
    misled.alert("web").play()
    assert misled.of("diagnosis.checked")[0].detail.checked == "api"  # type: ignore[attr-defined]
    assert plain.of("diagnosis.checked")[0].detail.checked == "web"  # type: ignore[attr-defined]


def test_the_workaround_of_a_known_error_is_tried_first() -> None:
    """Against a bad configuration the runbook rolls back first; what helped the last time was to disable."""
    shows = {"db": broken("bad-configuration")}
    rig = Rig(shows, keeping(major=False))
    rig.response._room.known_errors["db"] = KnownError("bad-configuration", None)
    assert rig.alert("db").play(3).estate.commands[0].action == "roll-back"
    from timeline.commands import Action

    org = keeping(major=False)
    org["authority"].append({"action": "disable", "teams": ["crew"]})
    known = Rig(shows, org)
    known.response._room.known_errors["db"] = KnownError("bad-configuration", Action.DISABLE)
    assert known.alert("db").play(3).estate.commands[0].action == "disable"
