"""`blackstart search`, as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from console.main import main
from tests.studies.search.planted import put_together

OPTIONS = ("--kinds", "crash", "--absent", "none", "--start", "none", "--order", "2")


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as leaving:
        main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return int(leaving.value.code or 0), printed.out, printed.err


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    return put_together("control-plane", tmp_path)


def answer_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "search.json").read_text())
    return found


def test_findings_are_scenarios_that_break_under_their_seed(
    capsys: pytest.CaptureFixture[str], scenario: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    status, printed, _ = call(capsys, "search", scenario, *OPTIONS, "--jobs", 1, "--out", folder)
    assert status == 1
    assert "crash of db-a + crash of witness" in printed
    assert not (folder / "INCOMPLETE").exists()
    findings = answer_of(folder)["findings"]
    assert len(findings) == 2
    for number, finding in enumerate(findings, start=1):
        file = folder / f"finding-{number}.yaml"
        assert call(capsys, "check", file)[0] == 0
        status, out, _ = call(
            capsys, "run", file, "--seed", finding["seed"], "--json", "--out", tmp_path / f"r{number}"
        )
        assert status == 1, out
        scores = json.loads((tmp_path / f"r{number}" / "scores.json").read_text())
        assert [objective["met"] for objective in scores["objectives"]] == [False]


def test_one_that_was_stopped_goes_on_to_the_same_answer_with_any_number_of_processes(
    capsys: pytest.CaptureFixture[str], scenario: Path, tmp_path: Path
) -> None:
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    call(capsys, "search", scenario, *OPTIONS, "--jobs", 2, "--out", whole, "--quiet")
    status, printed, _ = call(
        capsys, "search", scenario, *OPTIONS, "--jobs", 1, "--out", stopped, "--exercises", 25, "--json"
    )
    assert (status, json.loads(printed)["complete_to_order"]) == (0, 1)
    kept = (stopped / "trials.jsonl").read_text()
    (stopped / "trials.jsonl").write_text(kept[:-9])  # a kill cut the last line off
    call(capsys, "search", scenario, *OPTIONS, "--jobs", 1, "--out", stopped, "--quiet")
    assert answer_of(stopped) == answer_of(whole)
    assert sorted((stopped / "trials.jsonl").read_text().splitlines()) == sorted(
        (whole / "trials.jsonl").read_text().splitlines()
    )


def test_nothing_found_is_said_with_how_far_it_went(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    scenario = put_together("nothing-weak", tmp_path)
    status, printed, _ = call(capsys, "search", scenario, *OPTIONS, "--jobs", 1, "--out", tmp_path / "out")
    assert status == 0
    assert "Nothing was found that breaks an objective." in printed
    assert "complete to order 2" in printed


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--objective", "servise"], "service"),
        (["--kinds", "crush"], "crash"),
        (["--targets", "dba"], "db-a"),
        (["--absent", "an"], "ann"),
        (["--share", "all"], "write one like 50%"),
        (["--when", "week", "--by", "rto_met"], "less is better"),
    ],
)
def test_what_is_not_there_is_refused(
    capsys: pytest.CaptureFixture[str], scenario: Path, tmp_path: Path, options: list[str], told: str
) -> None:
    status, _, errors = call(capsys, "search", scenario, *options, "--out", tmp_path / "out")
    assert status == 2
    assert told in errors
    assert not (tmp_path / "out").exists()


def test_a_folder_of_something_else_is_left_alone(
    capsys: pytest.CaptureFixture[str], scenario: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.txt").write_text("dear")
    status, _, errors = call(capsys, "search", scenario, "--out", tmp_path / "out")
    assert status == 2
    assert "search.folder" in errors
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["letter.txt"]
