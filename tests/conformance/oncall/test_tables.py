"""Schedules against what others say: tables of hand-overs and of who is on call, each with its source.

Exports of other tools are written to a file as the tools write them and go through the importers.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from simulator.response.oncall import OnCall
from timeline.instants import from_wall
from topologies.importers.oncall import FORMATS, Window, import_roster
from topologies.loading.document import read_document
from topologies.roster import Roster

HERE = Path(__file__).parent
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def table(name: str) -> list[dict[str, Any]]:
    data = read_document(HERE / name).data
    assert isinstance(data, list)
    return data


HANDOVERS, HOLDERS = table("handovers.yaml"), table("holders.yaml")


def moment(text: str) -> int:
    return from_wall(datetime.fromisoformat(text), EPOCH)


@pytest.mark.parametrize("case", HANDOVERS, ids=lambda case: case["source"])
def test_hands_over_at_these_moments_and_no_others(case: dict[str, Any]) -> None:
    layer = {"people": ["a", "b"], **{key: case[key] for key in ("start", "length", "months") if key in case}}
    rotation = {"title": "r", "timezone": case["zone"], "layers": [layer]}
    oncall = OnCall(Roster.model_validate({"title": "r", "rotations": {"r": rotation}}), EPOCH)
    expected = [moment(at) for at in case["at"]]
    shifts = oncall.shifts("r", expected[0] - 1, expected[-1] + 1)
    assert [start for start, _, _ in shifts[1:]] == expected
    assert all(one != two for (_, _, one), (_, _, two) in pairwise(shifts))


def oncall_of(case: dict[str, Any], tmp_path: Path) -> tuple[OnCall, str]:
    """The schedule of a case: ours, or the first of an export."""
    if "rotation" in case:
        names = {letter: {"title": letter, **fields} for letter, fields in case.get("people", {}).items()}
        roster = Roster.model_validate({"title": "r", "people": names, "rotations": {"r": case["rotation"]}})
        return OnCall(roster, EPOCH), "r"
    format = next(format for format in FORMATS if format in case)
    file = tmp_path / ("schedule.ics" if format == "ics" else "schedule.json")
    file.write_text(case[format].replace("\n", "\r\n") if format == "ics" else json.dumps(case[format]))
    moments = [datetime.fromisoformat(at) for at in case["holders"]]
    window = Window(min(moments) - timedelta(days=31), max(moments) + timedelta(days=31))
    imported = import_roster(file, window)
    assert imported.format == format, "recognised by its content"
    schedules = [
        id for id in imported.roster.rotations if id not in ("day", "night") and (format != "goalert" or id == "s")
    ]
    return OnCall(imported.roster, EPOCH), schedules[0]


@pytest.fixture(scope="module")
def schedules() -> dict[str, tuple[OnCall, str]]:
    """Each case is read once."""
    return {}


@pytest.mark.parametrize(
    ("case", "at"),
    [pytest.param(case, at, id=f"{case['id']}, {at}") for case in HOLDERS for at in case["holders"]],
)
def test_these_people_are_on_call(
    case: dict[str, Any], at: str, schedules: dict[str, tuple[OnCall, str]], tmp_path: Path
) -> None:
    if case["id"] not in schedules:
        schedules[case["id"]] = oncall_of(case, tmp_path)
    oncall, rotation = schedules[case["id"]]
    assert sorted(oncall.holders(rotation, moment(at))) == sorted(case["holders"][at])


def test_the_tables_are_large_enough_and_often_expect_nobody_or_somebody_else() -> None:
    expected = [people for case in HOLDERS for people in case["holders"].values()]
    assert len(expected) + sum(len(case["at"]) for case in HANDOVERS) >= 60
    assert sum(people == "" for people in expected) >= 40
