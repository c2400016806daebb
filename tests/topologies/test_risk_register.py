"""Risk registers: columns found or mapped, rows that cannot be used by their line, results written back."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest

from reports.risk_results import results, written_back
from reports.scoring import score
from scenarios.loading import load_scenario
from tests.reports.building import Story, objective, target
from timeline.findings import InputError
from topologies.risk_register import read_register

TABLE = """Ref,Risk description,Risk owner,Comment
power,"Loss of power, all of it",Facilities,"two
lines"
people,Nobody is there,,
"""


def test_columns_are_found_by_their_usual_names_and_by_a_mapping() -> None:
    found = read_register(TABLE, "risks.csv", {})
    assert found.risks["power"].title == "Loss of power, all of it"
    assert found.risks["people"].owner == ""
    mapped = read_register(TABLE, "risks.csv", {"title": "Comment"})
    assert mapped.risks["power"].title == "two\nlines"


@pytest.mark.parametrize(
    ("change", "place", "id"),
    [
        (("people,", "power,"), "risks.csv:4", "risks.twice"),
        (("people,", "no body,"), "risks.csv:4", "risks.id"),
        (("people,", ","), "risks.csv:4", "risks.id"),
        (("there,,", "there,,,"), "risks.csv:4", "risks.row"),
        (("Ref", "What"), "risks.csv:1", "risks.column"),
        (('"two', 'tw"o"'), "risks.csv:3", "risks.row"),
    ],
)
def test_what_cannot_be_used_is_told_by_its_line(change: tuple[str, str], place: str, id: str) -> None:
    with pytest.raises(InputError) as caught:
        read_register(TABLE.replace(*change), "risks.csv", {})
    first = caught.value.findings[0]
    assert (str(first.place), first.id) == (place, id)


def test_results_are_written_beside_what_is_there() -> None:
    story = Story(objective("o", target("time_to_detect", at_most=60.0)), functions=["shop"])
    story.add(0, "fault.started", "fault:f")
    scores = score(story.end(60))
    register = read_register(TABLE, "risks.csv", {})
    found = results(register, ["power"], scores, date(2026, 3, 15))
    power, people = csv.DictReader(io.StringIO(written_back(register, found)))
    assert power["Comment"] == "two\nlines"
    assert (power["last_tested"], power["tested_by"]) == ("2026-03-15", "test, seed 1")
    assert people["last_tested"] == ""
    with pytest.raises(InputError, match="tries a risk 'powr'"):
        results(register, ["powr"], scores, date(2026, 3, 15))


def test_results_come_in_again_as_a_register() -> None:
    story = Story(objective("o", target("time_to_detect", at_most=60.0)), functions=["shop"])
    register = read_register(TABLE, "risks.csv", {})
    written = written_back(register, results(register, ["power"], score(story.end(60)), date(2026, 3, 15)))
    again = read_register(written, "risks.csv", {})
    assert again.risks["power"].last_tested == date(2026, 3, 15)


def test_a_scenario_names_risks_that_the_register_knows(tmp_path: Path) -> None:
    (tmp_path / "risks.csv").write_text("id,title\ndatabase-los,Loss of the database\n")
    link = f"organisation.risk_register={{file: {tmp_path / 'risks.csv'}}}"
    with pytest.raises(InputError) as caught:
        load_scenario("corner-lab-crash", settings=[link])
    (finding,) = caught.value.findings
    assert (finding.id, finding.hint) == ("risks.unknown", "did you mean 'database-los'?")
    assert finding.place.line > 0
