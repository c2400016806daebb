"""`score --record`, `--propose` and `new scenario --from-incident`, as a user runs them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import blackstart
from console.main import main
from scenarios.history.incident import read_incident
from tests.scenarios.history.incident.building import SAMPLE, copy_of_sample


def status_of(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    return int(left.value.code or 0)


def test_a_record_leaves_a_run_folder_that_scores_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    assert status_of("score", "--record", str(SAMPLE), "--out", str(out), "--json") == 1
    scores = json.loads(capsys.readouterr().out)
    assert scores["evidence_class"] == "record"
    names = {path.name for path in out.iterdir()}
    assert names == {"timeline.jsonl", "scores.json", "report.html", "junit.xml", "inputs", "figures", "sources.jsonl"}
    assert (out / "inputs/pages.csv").read_bytes() == (SAMPLE / "pages.csv").read_bytes()
    assert status_of("score", str(out), "--json") == 1
    assert json.loads(capsys.readouterr().out) == scores


def test_refused_rows_are_told_with_line_and_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status_of("score", "--record", str(SAMPLE), "--out", str(tmp_path / "run"))
    told = capsys.readouterr().err
    assert "pages.csv:8: 'this afternoon' is not a moment" in told
    assert "pages.csv (pages): 7 rows: 6 used, 0 context, 1 refused" in told


def test_a_gate_judges_a_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gate = tmp_path / "gate.yaml"
    gate.write_text("format: blackstart/gate/1\ntargets:\n  - {measure: time_to_detect, at_most: 5m}\n")
    arguments = ("score", "--record", str(SAMPLE), "--out", str(tmp_path / "run"), "--gate", str(gate))
    assert status_of(*arguments) == 0, capsys.readouterr().err


def test_with_pseudonyms_no_name_is_left_in_the_run_folder(tmp_path: Path) -> None:
    key, out = tmp_path / "key", tmp_path / "run"
    key.write_text("secret")
    status_of("score", "--record", str(SAMPLE), "--out", str(out), "--pseudonyms", str(key), "--quiet")
    whole = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    assert b"Lead Two" not in whole
    assert b"U0MGR" not in whole
    assert [path.name for path in (out / "inputs").iterdir()] == ["SHA256SUMS"]


def test_the_report_of_a_record_claims_nothing_that_it_does_not_show(tmp_path: Path) -> None:
    folder = copy_of_sample(tmp_path)
    text = (folder / "incident.yaml").read_text()
    (folder / "incident.yaml").write_text(text[: text.index("faults:")])
    run = blackstart.score_record(folder, out=tmp_path / "run").run
    page = (run.folder / "report.html").read_text()
    for claim in ("false alert", "Nobody was ever told", "seed 0", "not reached", "critical path", "no fault behind"):
        assert claim not in page, claim
    assert page.count("not known") >= 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "either a run folder or a record"),
        (("run", "--record", str(SAMPLE)), "either a run folder or a record"),
        (("run", "--pseudonyms", "key"), "are for records"),
        (("--record", "nowhere"), "there is no such folder"),
        (("--record", str(SAMPLE / "slack")), "--propose"),
    ],
)
def test_what_cannot_be_meant_ends_with_2(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of("score", *arguments) == 2
    assert said in capsys.readouterr().err


def test_a_proposal_can_be_read_once_it_is_looked_through(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copy_of_sample(tmp_path)
    (folder / "incident.yaml").unlink()
    assert status_of("score", "--record", str(folder), "--propose") == 0
    proposal = capsys.readouterr().out
    (folder / "incident.yaml").write_text(proposal)
    manifest = read_incident(folder).manifest
    kinds = {name: (str(stated.kind), stated.format) for name, stated in manifest.files.items()}
    assert kinds == {
        "alerts.json": ("monitoring", None),
        "pages.csv": ("pages", None),
        "slack": ("chat", None),
        "status.json": ("status-page", None),
        "tickets.csv": ("tickets", "servicenow-log"),
    }
    assert manifest.incident == "INC900001"
    assert "U0LEAD" in manifest.people["lead-two"].names


def test_a_draft_scenario_loads_and_its_model_stands_beside_the_record(tmp_path: Path) -> None:
    draft = tmp_path / "draft.yaml"
    assert status_of("new", "scenario", "orders-stop", "--from-incident", str(SAMPLE), "-o", str(draft), "--quiet") == 0
    assert status_of("check", str(draft), "--quiet") == 0
    loaded = blackstart.load(draft)
    assert [(inject.at // 60_000, inject.channel) for inject in loaded.scenario.injects.values()] == [
        (7, "ticket"),
        (18, "news"),
        (26, "chat"),
        (30, "news"),
        (55, "news"),
    ]
    recorded = {name: moment.at.strftime("%H:%M:%S") for name, moment in loaded.scenario.recorded.items()}
    assert recorded["detected"] == "10:03:05"
    assert recorded["alerted"] == "10:02:00"
    timeline = blackstart.simulate(loaded)
    record = blackstart.score(timeline).record
    assert record is not None
    assert record.compared >= 3


def test_a_draft_without_an_estate_says_that_it_needs_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, draft = copy_of_sample(tmp_path), tmp_path / "draft.yaml"
    text = (folder / "incident.yaml").read_text().replace("estate: corner-lab\n", "")
    (folder / "incident.yaml").write_text(text.replace("fault: crash", "fault: bad-luck"))
    status_of("new", "scenario", "x", "--from-incident", str(folder), "-o", str(draft), "--json")
    told = json.loads(capsys.readouterr().out)["open"]
    assert any(one.startswith("estate:") for one in told)
    assert "faults.dead-primary: 'bad-luck' is no kind of the catalogue" in told
    assert re.search(r'^estate: "\?\?\?"$', draft.read_text(), re.MULTILINE)
    named = draft.read_text().replace('"???"\nstarts', "corner-lab\nstarts")
    draft.write_text(named)
    assert status_of("check", str(draft), "--quiet") == 0


def test_a_record_is_checked_with_its_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = copy_of_sample(tmp_path)
    assert status_of("check", str(folder / "incident.yaml")) == 0
    (folder / "pages.csv").write_text("at,who,event\n")
    assert status_of("check", str(folder / "incident.yaml")) == 2
    assert "there is no column 'person'" in capsys.readouterr().out


def test_a_draft_holds_no_name_where_names_are_hidden(tmp_path: Path) -> None:
    folder, key, draft = copy_of_sample(tmp_path), tmp_path / "key", tmp_path / "draft.yaml"
    key.write_text("secret")
    text = (folder / "incident.yaml").read_text()
    (folder / "incident.yaml").write_text(
        text.replace("database dies\nincident", "database dies under Lead Two\nincident").replace(
            "The primary of", "Lead Two finds that the primary of"
        )
    )
    arguments = ("new", "scenario", "x", "--from-incident", str(folder), "-o", str(draft), "--pseudonyms", str(key))
    assert status_of(*arguments) == 0
    assert "Lead Two" not in draft.read_text()
    assert "under person-" in draft.read_text()
