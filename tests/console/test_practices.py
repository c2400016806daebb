"""`blackstart practices` as users meet it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import blackstart
from console.main import main
from reports.practices import PRACTICES
from tests.practices.harness import LIBRARY

OUTAGE = str(LIBRARY / "kiosk" / "outage.yaml")


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as left:
        main(["practices", *map(str, arguments)])
    assert isinstance(left.value.code, int)
    return left.value.code


def document(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> Any:
    assert run(*arguments, "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_every_practice_is_told_with_scenarios_measures_score_and_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "corner-lab-crash", OUTAGE)
    assert list(found) == list(PRACTICES)
    assert found["3.1"]["exercised_by"] == ["corner-lab-crash", "outage"]
    assert "time_to_detect" in found["3.1"]["measures"]
    assert found["4.4"]["exercised_by"] == ["outage"]
    assert (found["5.3"]["exercised_by"], found["5.3"]["score"], found["5.3"]["evidence"]) == ([], None, [])


def test_evidence_names_events_behind_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "corner-lab-crash", "--practice", "3.1", "--seed", "3")
    scores = blackstart.score(blackstart.simulate("corner-lab-crash", seed=3))
    seqs = sorted({seq for m in scores.measures if m.practice == "3.1" for seq in m.evidence})
    assert list(found) == ["3.1"]
    assert found["3.1"]["evidence"] == [f"corner-lab-crash#{seq}" for seq in seqs]


def test_run_folders_are_read_in_place_of_scenarios(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for seed in (1, 2):
        blackstart.run("corner-lab-crash", seed=seed, out=tmp_path / str(seed))
    found = document(capsys, "--runs", tmp_path / "1", "--runs", tmp_path / "2")
    assert found["5.5"]["exercised_by"] == ["corner-lab-crash@1", "corner-lab-crash@2"]
    played = document(capsys, "corner-lab-crash", "--seed", "2")
    assert found["5.5"]["scenarios"]["corner-lab-crash@2"] == played["5.5"]["scenarios"]["corner-lab-crash"]


def test_the_matrix_has_a_line_a_practice_and_a_sign_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("corner-lab-crash", OUTAGE) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = {line.split()[0]: line for line in lines if line[:1].isdigit() and line[3:5] == "  "}
    assert list(rows) == list(PRACTICES)
    assert rows["5.5"].split()[-3:] == ["●", "+", "100"]
    assert rows["5.3"].split()[-3:] == ["·", "·", "-"]
    assert max(map(len, lines)) <= 150
    assert "practices exercised" in lines[-4] + lines[-3] + lines[-2]


def test_the_page_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "corner-lab-crash", "--out", tmp_path / "practices.html")
    page = (tmp_path / "practices.html").read_text(encoding="utf-8")
    good = [row for row in found.values() if row["score"] is not None and row["score"] >= 80]
    assert page.count('class="cell cell-good"') == len(good) > 0
    assert page.count('class="cell cell-nothing"') == sum(not row["exercised_by"] for row in found.values())
    assert all(f'id="p{id}"' in page for id in PRACTICES)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--practice", "9.1"], "no practice '9.1'"),
        (["corner-lab-crsh"], "did you mean 'corner-lab-crash'"),
        (["corner-lab-crash", "--runs", "x"], "either scenarios are played or runs are read"),
        (["--runs", "nowhere"], "is this a run folder?"),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*arguments) == 2
    assert says in capsys.readouterr().err
