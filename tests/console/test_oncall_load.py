"""`blackstart oncall load` and `optimise`, as a user calls them."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import blackstart
from console.main import main

TEAM = """
    format: blackstart/organisation/1
    title: Three people
    people:
      ann: {title: Engineer, timezone: Europe/Vienna, answer: {day: 1m, night: 5m}, contact: [push]}
      ben: {title: Engineer, timezone: Europe/Vienna, answer: {day: 1m, night: 5m}, contact: [push]}
      chi: {title: Engineer, timezone: Asia/Singapore, answer: {day: 1m, night: 5m}, contact: [push]}
    teams: {}
    channels: {push: {title: Push, latency: 5s, failure: 0}}
    rotations:
      first:
        title: First call
        timezone: Europe/Vienna
        layers: [{people: [ann, ben, chi], start: 2026-01-05T08:00:00, length: 1d}]
    severities: [{severity: any, title: Any, otherwise: true}]
    working:
      {triage: 5m, validation: 5m, check: 5m, check_unskilled: 5m, decision: 5m, verification: 5m, fatigue: {}}
"""
PAGES = """
    at,rotation,incident,minutes
    2026-01-05T23:10,first,i1,40
    2026-01-06T03:30,first,i2,40
    2026-01-06T04:30,first,i3,20
    2026-01-07T14:10,first,i4,25
"""
ARRIVALS = """
    format: blackstart/arrivals/1
    per_week: 14
    by_hour: [3, 3, 3, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
"""
LEAVE = """
    format: blackstart/leave/1
    leave: {ann: [{from: 2026-01-10, to: 2026-01-10}], ben: [{from: 2026-01-10, to: 2026-01-11}]}
"""
SPAN = ("--from", "2026-01-05T08:00", "--to", "2026-01-19T08:00")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {"team.yaml": TEAM, "pages.csv": PAGES, "arrivals.yaml": ARRIVALS, "leave.yaml": LEAVE}
    for name, text in files.items():
        (tmp_path / name).write_text(dedent(text).lstrip())
    return tmp_path


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    output = capsys.readouterr()
    assert isinstance(left.value.code, int)
    return left.value.code, output.out, output.err


def answer(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    status, out, err = call(capsys, *arguments, "--json")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


def test_load_of_a_schedule_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "oncall", "load", folder / "team.yaml", *SPAN)
    people = {row["person"]: row for row in found["people"]}
    assert people["ann"]["on_call_hours"] == 120
    assert people["ben"]["on_call_hours"] == 120
    assert people["chi"]["on_call_hours"] == 96
    assert people["ann"]["pages"] is None
    assert found["gini"]["on_call_hours"] == pytest.approx(48 / (3 * 336))
    assert {f["id"] for f in found["findings"]} == {"oncall.too-much-time"}
    assert [f["line"] for f in found["findings"]] == [4, 5, 6]


def test_load_of_past_pages_names_who_has_too_many(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--pages", folder / "pages.csv", "--on-call-share", "1", "--fail-on", "warning")
    status, out, _ = call(capsys, "oncall", "load", folder / "team.yaml", *SPAN, *options)
    assert status == 1
    assert "ann was paged for 3 incidents within twelve hours; 2 are the limit [oncall.too-many-incidents]" in out
    assert call(capsys, "oncall", "load", folder / "team.yaml", *SPAN, *options, "--incidents-per-shift", "3")[0] == 0


def test_without_a_span_the_days_of_the_pages_are_looked_at(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, "oncall", "load", folder / "team.yaml", "--pages", folder / "pages.csv")
    assert found["spans"] == [{"from": "2026-01-04T23:00:00+00:00", "to": "2026-01-07T23:00:00+00:00"}]
    assert [row["interrupted_minutes"] for row in found["people"]] == [100, 0, 25]


def test_load_of_a_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = blackstart.run("corner-lab-crash", out=folder / "run")
    found = answer(capsys, "oncall", "load", "corner-lab", run.folder, "--out", folder / "figures")
    delivered = {(e.detail.person, e.detail.purpose) for e in run.timeline.of_kind("page.delivered")}  # type: ignore[attr-defined]
    assert {row["person"] for row in found["people"] if row["pages"]} == {person for person, _ in delivered}
    measured = run.scores.measure("pages_per_person")
    assert {f"person:{row['person']}": row["pages"] for row in found["people"] if row["pages"]} == {
        sample.subject: sample.value for sample in measured.samples
    }
    assert sorted(p.name for p in (folder / "figures").iterdir()) == ["duty.svg", "hours.svg", "pages.svg"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--rotation", "frist"), "did you mean 'first'"),
        (("--from", "2026-01-06", "--to", "2026-01-05"), "does not lie after"),
        (("run", "--from", "2026-01-06"), "runs bring their own"),
        (("--pages", "missing.csv"), "there is no such file"),
        (("no-run",), "is this a run folder"),
    ],
)
def test_load_refuses(folder: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], words: str) -> None:
    status, out, err = call(capsys, "oncall", "load", folder / "team.yaml", *options)
    assert (status, out) == (2, "")
    assert words in err


def optimise(folder: Path, *options: object) -> tuple[object, ...]:
    pytest.importorskip("ortools")
    return ("oncall", "optimise", folder / "team.yaml", *SPAN, "--seconds", "2", *options)


def test_a_proposal_is_fairer_and_its_file_can_be_put_into_the_organisation(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--arrivals", folder / "arrivals.yaml", "--replications", "20", "-o", folder / "rota.yaml")
    found = answer(capsys, *optimise(folder, *options))
    assert found["bound"] <= found["cost"] < found["cost_today"]
    difference = found["comparison"]["sleep_hour_pages"]
    assert difference["pairs"] == 20
    assert difference["high"] < 0
    lines = [line for line in (folder / "rota.yaml").read_text().splitlines() if line.startswith("      - ")]
    layers = "length: 1d}]"
    team = (folder / "team.yaml").read_text()
    (folder / "new.yaml").write_text(team.replace(layers, "\n".join((layers, "    overrides:", *lines))))
    status, out, _ = call(capsys, "oncall", "show", folder / "new.yaml", *SPAN, "--json")
    assert status == 0
    shown = [(row["from"], row["people"]) for row in json.loads(out)]
    assert shown == [(line.split("start: ")[1][:25], [line.split("person: ")[1].rstrip("}")]) for line in lines]


def test_a_conflict_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    skill = (folder / "team.yaml").read_text().replace("chi: {title", "chi: {skills: {database: 0.1}, title")
    (folder / "team.yaml").write_text(skill.replace("ann: {title", "ann: {skills: {database: 1}, title"))
    command = optimise(folder, "--leave", folder / "leave.yaml", "--skill", "database=0.5", "--rest", "0s")
    status, out, _ = call(capsys, *command)
    assert status == 1
    assert "ann is not on call while on leave" in out
    assert "chi has the skills: database 0.5" in out
    assert "nobody is left from 2026-01-09T07:00:00+00:00" in out
    status, out, _ = call(capsys, *command, "--json")
    assert status == 1
    assert json.loads(out)["status"] == "impossible"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--rotation", "frist"), "did you mean 'first'"),
        (("--with", "bem"), "did you mean 'ben'"),
        (("--policy", "x"), "there is no policy"),
        (("--skill", "database"), "name=number"),
        (("--weight", "night=2"), "did you mean 'nights'"),
        (("--slot", "5m"), "an hour at least"),
        (("--slot", "soon"), "not a duration"),
        (("--pages", "a", "--arrivals", "b"), "said twice"),
        (("--leave", "missing.yaml"), "there is no such file"),
        (("-o", "no/folder/rota.yaml"), "there is no folder"),
    ],
)
def test_optimise_refuses(
    folder: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], words: str
) -> None:
    status, out, err = call(capsys, *optimise(folder, *options))
    assert (status, out) == (2, "")
    assert words in err


@pytest.mark.parametrize("id", ["oncall.too-many-incidents", "rota.no-solver", "input.row", "sleep_hour_pages"])
def test_findings_and_measures_are_explained(id: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(capsys, "explain", id)[0] == 0
