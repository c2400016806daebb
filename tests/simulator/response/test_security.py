"""Security is called in when what is known meets a criterion, and traces are secured before they are destroyed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.response.building import Rig, broken, organisation, person
from timeline.instants import MINUTE

ENCRYPTED = {"db": broken("ransomware")}
NOTE = {"note": {"logs": "unknown extension"}}


def secured(
    indicators: dict[str, Any] | None = None, criteria: dict[str, Any] | None = None, **evidence: Any
) -> dict[str, Any]:
    org = organisation()
    org["people"]["eve"] = person("guards")
    org["teams"]["guards"] = {"title": "Guards", "policy": "guards"}
    org["policies"]["guards"] = {"title": "guards", "steps": [{"people": ["eve"], "wait": "5m"}]}
    org["security_response"] = {
        "policy": "guards",
        "indicators": indicators or NOTE,
        "criteria": criteria or {"any": {"indicators": list(indicators or NOTE)}},
        "evidence": {"takes": "20m", **evidence},
    }
    return org


def opened(rig: Rig) -> int:
    return len(rig.of("security.bridge_opened"))


def actions(rig: Rig) -> list[tuple[str, str]]:
    return [(str(c.action), c.target.id) for c in rig.estate.commands]


def test_without_a_policy_nobody_is_called() -> None:
    assert Rig(ENCRYPTED).alert("db").play().kinds("indicator", "security") == []


def test_what_the_log_says_once_the_fault_is_found_calls_security() -> None:
    rig = Rig(ENCRYPTED, secured()).alert("db").play()
    (seen,), (bridge,), (joined,) = (rig.of(k) for k in ("indicator.seen", "security.bridge_opened", "security.joined"))
    assert seen.causes == (rig.of("diagnosis.concluded")[0].seq,)
    assert bridge.causes == (seen.seq,)
    assert str(joined.actor) == "person:eve"
    assert [e.actor.id for e in rig.of("bridge.joined")].count("eve") == 1


@pytest.mark.parametrize(
    ("indicator", "sees"),
    [
        ({"alerts": ["Odd*"]}, True),
        ({"alerts": ["Down"]}, False),
        ({"reports": "IS WRONG"}, True),
        ({"reports": "ransom"}, False),
        ({"logs": "unknown extension"}, False),
    ],
)
def test_an_indicator_is_seen_where_it_says(indicator: dict[str, Any], sees: bool) -> None:
    rig = (
        Rig(org=secured({"sign": indicator}))
        .alert("web", name="OddSignIns")
        .inject("incident-manager", 2 * MINUTE)
        .play()
    )
    assert bool(rig.of("indicator.seen")) is sees


@pytest.mark.parametrize(("at_least", "calls"), [(1, 1), (2, 0)])
def test_a_criterion_may_want_several(at_least: int, calls: int) -> None:
    indicators = {"note": NOTE["note"], "odd": {"alerts": ["Odd*"]}}
    criteria = {"both": {"indicators": ["note", "odd"], "at_least": at_least}}
    assert opened(Rig(ENCRYPTED, secured(indicators, criteria)).alert("db").play()) == calls


def test_two_criteria_call_once() -> None:
    criteria = {"one": {"indicators": ["note"]}, "two": {"indicators": ["note"]}}
    assert opened(Rig(ENCRYPTED, secured(criteria=criteria)).alert("db").play()) == 1


def test_recovery_waits_for_the_traces() -> None:
    rig = Rig(ENCRYPTED, secured()).alert("db").play()
    assert actions(rig) == [("preserve", "db"), ("repair", "db")]
    (joined,) = rig.of("security.joined")
    preserve, repair = rig.of("command.submitted")
    assert preserve.at_ms == joined.at_ms + 20 * MINUTE
    assert str(preserve.actor) == "person:eve"
    assert repair.at_ms >= preserve.at_ms


def test_where_the_organisation_wants_no_wait_recovery_comes_first() -> None:
    rig = Rig(ENCRYPTED, secured(before_recovery=False)).alert("db").play()
    assert actions(rig)[0] == ("repair", "db")


def test_recovery_does_not_wait_for_security_that_nobody_can_reach() -> None:
    org = secured()
    org["people"]["eve"]["answer"] = {"day": "1m", "night": "1m", "missed_day": 1.0, "missed_night": 1.0}
    rig = Rig(ENCRYPTED, org).alert("db").play()
    assert opened(rig) == 1
    assert actions(rig) == [("repair", "db")]


def test_an_incident_without_signs_is_handled_as_before() -> None:
    plain, watched = Rig(org=organisation()).alert("web").play(), Rig(org=secured()).alert("web").play()
    assert [e.kind for e in plain.timeline] == [e.kind for e in watched.timeline]


def test_security_that_is_in_stays_in_when_the_incident_becomes_part_of_another() -> None:
    org = secured({"odd": {"alerts": ["Odd*"]}})
    org["receivers"]["other-pager"] = "other"
    org["policies"]["other"] = {"title": "other", "steps": [{"people": ["ann"], "wait": "5m"}]}
    rig = Rig(org=org).alert("api", receiver="other-pager", name="OddSignIns").alert("web", 2 * MINUTE).play()
    assert len(rig.of("incident.merged")) == 1
    assert opened(rig) == 1
