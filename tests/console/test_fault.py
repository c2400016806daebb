"""`blackstart fault`, as a user calls it, against a service of the test on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.main import main
from injectors.identity import read_pid_file
from tests.injectors.lab import Lab, running_lab
from timeline.store import read_timeline

SCENARIO = """
format: blackstart/scenario/1
title: A hang of the order API
purpose: A test of the commands.
estate: corner-lab
starts_at: 2026-03-10T10:00:00+01:00
duration: 10m
faults:
  stuck: {fault: hang, target: api, at: 0s, duration: 1s}
  lost: {fault: crash, target: db-a, at: 1s, duration: 1s}
"""


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with running_lab(tmp_path) as made:
        (tmp_path / "scenario.yaml").write_text(SCENARIO)
        yield made


def binding(lab: Lab, says: str = "lab", more: str = "") -> Path:
    path = lab.folder / "binding.yaml"
    path.write_text(
        f"""
format: blackstart/binding/1
title: The lab of a test
environment: lab
targets:
  api-1:
    component: api
    process: {{pid_file: service.pid}}
    http: http://127.0.0.1:{lab.port}
    proof: {{environment: BLACKSTART_ENVIRONMENT, says: {says}}}
    {more}
steady_state:
  - {{title: answers, http: "http://127.0.0.1:{lab.port}/"}}
"""
    )
    return path


def call(capsys: pytest.CaptureFixture[str], lab: Lab, *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as leaving:
        main(["fault", *(str(argument) for argument in arguments), "--journals", str(lab.root)])
    printed = capsys.readouterr()
    return int(leaving.value.code or 0), printed.out, printed.err


def test_a_plan_shows_what_would_be_turned_and_turns_nothing(capsys: pytest.CaptureFixture[str], lab: Lab) -> None:
    options = (lab.folder / "scenario.yaml", "--binding", binding(lab))
    status, out, _ = call(capsys, lab, "plan", *options, "--json")
    shown = json.loads(out)
    assert status == 0
    (fault,) = shown["faults"]
    assert (fault["id"], fault["way"], fault["duration_ms"]) == ("stuck@api-1", "stopped", 1000)
    assert fault["knobs"][0]["becomes"] == "stopped"
    assert shown["left_out"] == [
        {"fault": "crash", "target": "db-a", "reason": "the binding has no target for it"},
    ]
    status, out, _ = call(capsys, lab, "plan", *options)
    assert status == 0
    assert "hang on api-1 for 1s" in out
    assert "undone: they continue" in out
    assert not lab.root.exists()
    assert read_pid_file(lab.pid_file).state != "T"


def test_a_run_leaves_a_timeline_and_nothing_else(capsys: pytest.CaptureFixture[str], lab: Lab) -> None:
    out = lab.folder / "run"
    status, printed, _ = call(
        capsys, lab, "run", lab.folder / "scenario.yaml", "--binding", binding(lab), "--out", out, "--json"
    )
    assert status == 0
    assert json.loads(printed) == {
        "run": str(out),
        "done": ["stuck@api-1"],
        "refused": [],
        "left": [],
        "steady_after": True,
    }
    events = read_timeline(out / "timeline.jsonl")
    assert [event.kind for event in events] == ["exercise.started", "fault.started", "fault.ended", "exercise.ended"]
    assert [event.causes for event in events[1:3]] == [(), (1,)]
    assert all(event.live is not None and len(event.live.prev_hash) == 64 for event in events)
    status, printed, _ = call(capsys, lab, "status", "--json")
    assert status == 0
    assert [(row["state"], row["open"]) for row in json.loads(printed)] == [("finished", [])]
    status, printed, _ = call(capsys, lab, "recover")
    assert (status, printed.strip()) == (0, "Nothing is left behind.")


def test_a_target_that_does_not_prove_itself_ends_with_3(capsys: pytest.CaptureFixture[str], lab: Lab) -> None:
    out = lab.folder / "run"
    options = (lab.folder / "scenario.yaml", "--binding", binding(lab, says="test"), "--out", out)
    status, _, error = call(capsys, lab, "run", *options)
    assert status == 3
    assert "says 'lab', not 'test'" in error
    assert not out.exists()


def test_an_approval_is_written_and_asked_for(capsys: pytest.CaptureFixture[str], lab: Lab) -> None:
    options = (lab.folder / "scenario.yaml", "--binding", binding(lab, more="approval: true"))
    status, _, error = call(capsys, lab, "run", *options, "--out", lab.folder / "run")
    assert status == 3
    assert "second person" in error
    approval = lab.folder / "approval.json"
    status, _, _ = call(capsys, lab, "plan", *options, "--approve-as", "the other one", "--out", approval, "--quiet")
    assert status == 0
    status, _, _ = call(capsys, lab, "run", *options, "--approval", approval, "--out", lab.folder / "run", "--quiet")
    assert status == 0


@pytest.mark.parametrize(
    ("more", "says", "hint"),
    [
        ("faults: {stoped: {}}", "there is no live fault 'stoped'", "did you mean 'stopped'?"),
        ("faults: {stopped: {colour: red}}", "Extra inputs are not permitted", ""),
        ("prooff: 1", "prooff", "proof"),
    ],
)
def test_a_binding_that_is_wrong_is_told_with_its_place(
    capsys: pytest.CaptureFixture[str], lab: Lab, more: str, says: str, hint: str
) -> None:
    status, _, error = call(capsys, lab, "plan", lab.folder / "scenario.yaml", "--binding", binding(lab, more=more))
    assert status == 2
    assert says in error
    assert hint in error
    assert "Traceback" not in error


def test_live_faults_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["list", "faults", "--live", "--json"])
    rows = json.loads(capsys.readouterr().out)
    assert {"id", "kind", "title", "needs", "undone", "reversible"} == set(rows[0])
    assert {"stopped", "killed", "latency", "ballast"} <= {row["id"] for row in rows}
