"""Weak spots of duty: each check finds the weakness it is for, and nothing in a sound organisation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from simulator.response.oncall.findings import DUTY_CHECKS, Duty, check_duty
from tests.simulator.response.building import organisation, person
from timeline.findings import Finding, Place
from topologies.organisation import Organisation
from topologies.rotations import Shift

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def rotation(*people: str, start: str = "2026-01-05T09:00", **fields: Any) -> dict[str, Any]:
    layer = {"people": list(people), "start": start, "length": "1w", **fields}
    return {"title": "a rotation", "timezone": "Europe/Vienna", "layers": [layer]}


def sound() -> dict[str, Any]:
    steps = [{"rotations": ["first"], "wait": "5m"}, {"rotations": ["second"], "wait": "5m"}]
    return organisation(
        people={"ann": person(), "ben": person(), "max": person(None)},
        rotations={"first": rotation("ann", "ben"), "second": rotation("ben", "ann")},
        policies={
            "crew": {"title": "crew", "steps": steps},
            "managers": {"title": "managers", "steps": [{"people": ["max"], "wait": "5m"}]},
        },
    )


def findings(data: dict[str, Any], **fields: Any) -> list[Finding]:
    roster = Organisation.model_validate(data)
    return check_duty(
        Duty(roster, lambda path: Place("/".join(map(str, path))), MONDAY, {"crew": frozenset({"database"})}, **fields)
    )


def gap(data: dict[str, Any]) -> None:
    data["rotations"]["first"]["layers"][0]["until"] = "2026-03-10T09:00"


def same_person(data: dict[str, Any]) -> None:
    data["rotations"]["second"] = rotation("ben", "max", "ann")


def night(data: dict[str, Any]) -> None:
    data["rotations"]["first"] = rotation("ann", "ben", start="2026-01-05T03:00")
    data["rotations"]["second"] = rotation("ben", "ann", start="2026-01-05T03:00")


def unused_rotation(data: dict[str, Any]) -> None:
    data["rotations"]["third"] = rotation("max")


def unused_policy(data: dict[str, Any]) -> None:
    data["policies"]["third"] = {"title": "third", "steps": [{"people": ["max"], "wait": "5m"}]}


def on_leave(data: dict[str, Any]) -> None:
    data["people"]["max"]["leave"] = [{"start": "2026-03-09", "end": "2026-03-16"}]
    data["rotations"]["first"]["overrides"] = [
        {"start": "2026-03-15T20:00", "end": "2026-03-16T08:00", "person": "max"}
    ]


def unskilled(data: dict[str, Any]) -> None:
    data["people"]["ben"]["skills"] = {"database": 0.2, "*": 1.0}
    data["policies"]["crew"]["steps"] = [{"rotations": ["first"], "wait": "5m"}]


WEAKNESSES = [
    ("rotation.gap", gap, "rotations/first", "Tue 2026-03-10 09:00"),
    ("policy.same-person", same_person, "policies/crew", "'ann'"),
    ("person.double-booked", same_person, "rotations/second", "'ann' for"),
    ("rotation.handover-at-night", night, "rotations/first", "Mon 03:00 (Europe/Vienna)"),
    ("rotation.unused", unused_rotation, "rotations/third", "'third'"),
    ("policy.unused", unused_policy, "policies/third", "'third'"),
    ("override.on-leave", on_leave, "rotations/first/overrides/0", "'max'"),
    ("team.skill-not-on-call", unskilled, "teams/crew", "Mon 2026-03-02 00:00 UTC"),
]


def test_a_sound_organisation_has_no_findings() -> None:
    assert findings(sound()) == []


@pytest.mark.parametrize(("id", "weaken", "place", "words"), WEAKNESSES, ids=[id for id, *_ in WEAKNESSES])
def test_weakness_is_found_at_its_place(id: str, weaken: Any, place: str, words: str) -> None:
    data = sound()
    weaken(data)
    found = [finding for finding in findings(data) if finding.id == id]
    assert found
    assert found[0].place.file == place
    assert words in found[0].message


@pytest.mark.parametrize(("people", "differs"), [(("ben",), False), (("ann",), True)])
def test_what_the_exporting_tool_computed_is_compared(people: tuple[str, ...], differs: bool) -> None:
    """Ann's turn is the week of 2 March from 08:00 UTC on; until then it is Ben's."""
    said = Shift(start=MONDAY, end=MONDAY.replace(day=3), people=people)
    found = [finding.id for finding in findings(sound(), rendered={"first": [said]})]
    assert ("rotation.differs-from-export" in found) is differs


def test_every_check_has_a_weakness_here() -> None:
    assert {id for id, *_ in WEAKNESSES} | {"rotation.differs-from-export"} == set(DUTY_CHECKS)
