"""`review`, `review compare`, `programme actions` and `score --risks`, as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import blackstart
from console.main import main


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    for seed in (1, 2):
        blackstart.run("corner-lab-crash", seed=seed, out=folder / str(seed))
    return folder


def status_of(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return int(left.value.code or 0)


def test_a_review_is_begun_compared_and_its_actions_followed_up(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chart, whys, register = tmp_path / "chart", tmp_path / "whys", tmp_path / "register.sqlite"
    assert status_of("review", runs / "1", "--out", chart) == 0
    assert {path.name for path in chart.iterdir()} == {"review.md", "review.html", "review.json", "edits"}
    assert status_of("review", runs / "1", "--out", whys, "--method", "five-whys", "--by", "Platform", "-q") == 0
    capsys.readouterr()
    assert status_of("review", "compare", chart, whys, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["causes"]["ratio"] == 1
    assert found["second"] == "Platform, five-whys"
    actions = ("programme", "actions")
    assert status_of(*actions, "add", chart, "--run", runs / "1", "-r", register, "--on", "2026-03-11", "--json") == 0
    added = json.loads(capsys.readouterr().out)
    assert {action["scenario"] for action in added} == {"corner-lab-crash"}
    assert status_of(*actions, "list", "-r", register, "--on", "2026-03-12", "-q") == 0
    assert status_of(*actions, "list", "-r", register, "--on", "2027-03-12", "--json") == 1
    listed = json.loads(capsys.readouterr().out)
    assert listed["counts"]["overdue"] == len(added)
    assert status_of(*actions, "close", added[0]["id"], "-r", register, "-q") == 0
    assert status_of(*actions, "verify", runs / "2", "-r", register, "--json") in (0, 1)
    verdicts = json.loads(capsys.readouterr().out)
    assert {verdict["action"] for verdict in verdicts} == {a["id"] for a in added if a["measure"]}
    table = tmp_path / "actions.csv"
    assert status_of(*actions, "export", "-o", table, "-r", register, "-q") == 0
    assert status_of(*actions, "import", table, "-r", tmp_path / "other.sqlite", "-q") == 0


def test_a_review_never_replaces_something_else(runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert status_of("review", runs / "1", "--out", tmp_path) == 2
    assert "something else than a review" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_actions_of_another_run_are_refused(runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status_of("review", runs / "1", "--out", tmp_path / "r", "-q")
    arguments = ("programme", "actions", "add", tmp_path / "r", "--run", runs / "2", "-r", tmp_path / "x.sqlite")
    assert status_of(*arguments) == 2
    assert "and not of that run" in capsys.readouterr().err
    assert not (tmp_path / "x.sqlite").exists()


def test_results_go_into_a_copy_of_the_risk_register(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    register, out = tmp_path / "risks.csv", tmp_path / "out.csv"
    register.write_text("id,title\ndatabase-loss,Loss of the database\n")
    status_of("score", runs / "1", "--risks", register, "--risks-out", out, "--on", "2026-03-11", "-q")
    assert 'database-loss,Loss of the database,"corner-lab-crash, seed 1"' in out.read_text()
    assert status_of("score", runs / "1", "--risks", register, "--risks-out", out) == 2
    assert "exists already" in capsys.readouterr().err
