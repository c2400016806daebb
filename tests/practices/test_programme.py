"""Module 7: every plan is exercised within the year, and a hole in the programme shows by the name of the function.

The machines are exercised by a bad release that stops the sale alone, the invoices by one that stops them alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import blackstart
from reports.programme.status import document_of
from tests.practices.harness import LIBRARY, shows

DAY = date(2026, 12, 31)
PROGRAMME = f"""\
format: blackstart/programme/1
title: Exercises of the quay in 2026
estate: {LIBRARY / "kiosk"}
period: {{first_day: 2026-01-01, last_day: 2026-12-31}}
policy: {{every: 12 months, counts: [tabletop]}}
exercises:
  machines:
    title: A release stops the machines
    type: tabletop
    scenarios: [{LIBRARY / "kiosk" / "bad-release.yaml"}]
    when: 2026-03
    functions: [selling]
    teams: [front]
    owner: technical-lead
  invoices:
    title: A release stops the invoices
    type: tabletop
    scenarios: [{LIBRARY / "kiosk" / "two-outages.yaml"}]
    when: 2026-04
    functions: [invoicing]
    teams: [back]
    owner: technical-lead
"""
AROUND_THE_TABLE: Mapping[str, Any] = {
    "on": date(2026, 4, 8),
    "type": "tabletop",
    "attended": ["back"],
    "attested_by": "technical-lead",
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    blackstart.run(LIBRARY / "kiosk" / "bad-release.yaml", out=folder / "machines")
    alone = ("scenario.faults.bad-machines=null",)
    blackstart.run(LIBRARY / "kiosk" / "two-outages.yaml", settings=alone, out=folder / "invoices")
    return folder


def status(runs: Path, folder: Path, invoices: Mapping[str, Any] | None) -> dict[str, Any]:
    """How the programme stands at the end of the year, the exercise of the invoices held in this way or not at all."""
    folder.mkdir()
    (folder / "programme.yaml").write_text(PROGRAMME)
    held: Mapping[str, Any] = {**AROUND_THE_TABLE, "on": date(2026, 3, 4), "attended": ["front"]}
    blackstart.record_exercise(folder / "r.sqlite", runs / "machines", exercise="machines", **held)
    if invoices is not None:
        blackstart.record_exercise(folder / "r.sqlite", runs / "invoices", exercise="invoices", **invoices)
    return document_of(blackstart.programme_status(folder / "programme.yaml", folder / "r.sqlite", on=DAY))


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}/{key}")
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for inner in value:
            yield from leaves(inner, f"{path}/{inner.get('exercise')}")
    else:
        yield path, value


INVOICES = (
    "/overdue/",
    "/exercises/invoices/",
    "/coverage/functions/exercised",
    "/coverage/functions/rows/invoicing/",
    "/coverage/teams/exercised",
    "/coverage/teams/rows/back/",
    "/coverage/scenarios/exercised",
    "/coverage/scenarios/rows/two-outages/",
)
"""All that is said of the exercise that is broken, and of what it was to exercise."""
FACTS = ("state", "rehearsals")
REHEARSED = (
    "/rehearsals",
    *(f"/coverage/practices/rows/{m}.{n}/{fact}" for m in range(1, 9) for n in range(1, 7) for fact in FACTS),
    "/coverage/teams/rows/front/rehearsals",
)
"""What a modelled run rehearses besides: practices, by people of both teams."""


@shows("7.1")
@pytest.mark.parametrize(
    ("broken", "state", "may_differ"),
    [
        (None, "not exercised", INVOICES),
        ({"on": date(2026, 4, 8), "type": "tabletop"}, "rehearsed", (*INVOICES, *REHEARSED)),
        ({**AROUND_THE_TABLE, "type": "seminar"}, "discussed", INVOICES),
        ({**AROUND_THE_TABLE, "on": date(2025, 12, 30)}, "not exercised", INVOICES),
    ],
    ids=["left out", "simulated only", "as a seminar", "too long ago"],
)
def test_a_hole_in_the_programme_worsens_coverage_by_the_function_and_nothing_else(
    runs: Path, tmp_path: Path, broken: Mapping[str, Any] | None, state: str, may_differ: tuple[str, ...]
) -> None:
    whole = status(runs, tmp_path / "whole", AROUND_THE_TABLE)
    other = status(runs, tmp_path / "other", broken)
    assert whole["overdue"] == {"exercises": [], "functions": []}
    assert other["overdue"] == {"exercises": ["invoices"], "functions": ["invoicing"]}
    assert (whole["coverage"]["functions"]["exercised"], other["coverage"]["functions"]["exercised"]) == (2, 1)
    assert other["coverage"]["functions"]["rows"]["invoicing"]["state"] == state
    assert other["coverage"]["teams"]["rows"]["front"]["state"] == "exercised"
    before, after = dict(leaves(whole)), dict(leaves(other))
    differing = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    assert {path for path in differing if not path.startswith(may_differ)} == set()


@shows("7.1")
def test_a_simulation_alone_exercises_no_practice(runs: Path, tmp_path: Path) -> None:
    other = status(runs, tmp_path / "other", {"on": date(2026, 4, 8), "type": "tabletop"})
    practices = other["coverage"]["practices"]
    assert practices["exercised"] == 0
    assert sum(row["state"] == "rehearsed" for row in practices["rows"].values()) > 5
