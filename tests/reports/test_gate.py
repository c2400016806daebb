"""The gate of a build: each condition holds or does not, and says why."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

import blackstart
from console.main import main

GATE = """\
format: blackstart/gate/1
score_at_least: {score}
objectives: {objectives}
targets:
  - {{measure: time_to_detect, at_most: {detect}}}
  - {{measure: rto_met, subject: "function:{function}", at_least: 1}}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seed 1 is detected after 56 s and scores 100."""
    return blackstart.run("corner-lab-crash", out=tmp_path_factory.mktemp("gate") / "run").folder


def judged(
    run: Path,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    *options: str,
    text: str | None = None,
    **values: object,
) -> tuple[int, str]:
    usual = {"score": 90, "objectives": "all", "detect": "1m", "function": "ordering"}
    gate = folder / "gate.yaml"
    gate.write_text(text or GATE.format(**usual | values))
    with pytest.raises(SystemExit) as end:
        main(["score", str(run), "--gate", str(gate), *options])
    return int(end.value.code or 0), capsys.readouterr().out


def test_a_run_that_fulfils_every_condition_passes(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, text = judged(run, tmp_path, capsys)
    assert status == 0
    assert text.splitlines()[-1] == "5 passed, 0 failed"


@pytest.mark.parametrize(
    ("values", "failed"),
    [
        ({"score": 100}, []),
        ({"detect": "55s"}, ["time_to_detect"]),
        # A near miss of an objective's target is none of a gate's: it holds or it does not.
        ({"detect": "52s"}, ["time_to_detect"]),
        # Nothing in the exercise called for it: that shows nothing.
        ({"function": "billing"}, ["rto_met of function:billing"]),
        ({"objectives": "[notice]"}, []),
    ],
)
def test_each_condition_fails_by_itself(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], values: dict[str, object], failed: list[str]
) -> None:
    status, text = judged(run, tmp_path, capsys, "--json", **values)
    answer = json.loads(text)
    assert [c["name"] for c in answer["conditions"] if not c["holds"]] == failed
    assert (status, answer["failed"]) == (int(bool(failed)), len(failed))


def test_a_run_that_was_cut_off_fails_every_condition(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "cut"
    cut.mkdir()
    lines = (run / "timeline.jsonl").read_text().splitlines(keepends=True)
    (cut / "timeline.jsonl").write_text("".join(lines[:80]))
    status, text = judged(cut, tmp_path, capsys)
    assert status == 1
    assert text.splitlines()[-1] == "0 passed, 5 failed"


def test_junit_shows_each_condition_as_a_test(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "gate.xml"
    judged(run, tmp_path, capsys, "--junit", str(file), detect="10s")
    suite = ElementTree.parse(file).getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("5", "1")
    (failed,) = [case.get("name") for case in suite if case.find("failure") is not None]
    assert failed == "time_to_detect"


@pytest.mark.parametrize(
    "text",
    [
        "format: blackstart/gate/1\n",
        "format: blackstart/gate/1\nscore_at_least: 101\n",
        "format: blackstart/gate/1\nobjectives: [restored]\n",
        "format: blackstart/gate/1\ntargets:\n  - {measure: time_to_detekt, at_most: 5m}\n",
        "format: blackstart/gate/2\nscore_at_least: 1\n",
    ],
)
def test_a_gate_that_cannot_be_meant_is_refused(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    assert judged(run, tmp_path, capsys, text=text)[0] == 2
