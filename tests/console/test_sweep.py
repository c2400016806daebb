"""`blackstart sweep`, `sweep merge` and `sweep report`, as a user calls them."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from console.main import main
from console.output import Pace

SCENARIO = "corner-lab-crash"
COUNT = 12


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as leaving:
        main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return int(leaving.value.code or 0), printed.out, printed.err


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweep") / "whole"
    with pytest.raises(SystemExit) as leaving:
        main(["sweep", SCENARIO, "-n", str(COUNT), "--jobs", "1", "--quiet", "--out", str(folder)])
    assert leaving.value.code == 0
    return folder


def answer(capsys: pytest.CaptureFixture[str], folder: Path) -> dict[str, Any]:
    status, out, _ = call(capsys, "sweep", "report", folder, "--json")
    assert status == 0
    found: dict[str, Any] = json.loads(out)
    return found


def test_the_answer_has_objectives_and_measures_with_intervals(capsys: pytest.CaptureFixture[str], whole: Path) -> None:
    found = answer(capsys, whole)
    rows = pl.read_parquet(sorted(whole.glob("rows/*/*.parquet")))
    assert found["replications"] == rows.height == COUNT
    for id in ("notice", "restore"):
        objective = found["objectives"][id]
        met = (
            rows.select("objectives").explode("objectives").unnest("objectives").filter(pl.col("id") == id)["met"].sum()
        )
        assert objective["met"] == met
        assert objective["low"] <= objective["p"] == met / COUNT <= objective["high"]
    tasks = found["objectives"]["restore"]["critical_tasks"]
    completed = rows.select("tasks").explode("tasks").unnest("tasks").group_by("task").agg(pl.col("met").sum())
    assert {id: task["met"] for id, task in tasks.items()} == dict(completed.iter_rows())
    assert set(tasks) == {"fail-over", "verify"}
    times = (
        rows.select("figures").explode("figures").unnest("figures").filter(pl.col("id") == "time_to_restore")["value"]
    )
    restore = found["measures"]["time_to_restore"]
    assert restore["p50"] == times.sort()[COUNT // 2 - 1]
    assert restore["low"] <= restore["p50"] <= restore["high"]


def test_a_run_of_the_seed_is_replication_zero(capsys: pytest.CaptureFixture[str], whole: Path, tmp_path: Path) -> None:
    _, out, _ = call(capsys, "run", SCENARIO, "--seed", 1, "--json", "--out", tmp_path / "run")
    measures = {m["id"]: m["value"] for m in json.loads(out)["scores"]["measures"] if m["value"] is not None}
    row = pl.read_parquet(next(whole.glob("rows/*/*.parquet"))).row(0, named=True)
    assert {figure["id"]: figure["value"] for figure in row["figures"]} == measures


def test_shards_on_processes_merge_to_the_same_bytes(
    capsys: pytest.CaptureFixture[str], whole: Path, tmp_path: Path
) -> None:
    for number, jobs in ((1, 1), (2, 2)):
        out = tmp_path / str(number)
        part = ("--shard", f"{number}/2", "--jobs", jobs, "--out", out, "--quiet")
        assert call(capsys, "sweep", SCENARIO, "-n", COUNT, *part)[0] == 0
    assert call(capsys, "sweep", "merge", tmp_path / "2", tmp_path / "1", "--out", tmp_path / "merged")[0] == 0
    merged, once = (
        {p.relative_to(f): p.read_bytes() for p in f.rglob("*.parquet")} for f in (tmp_path / "merged", whole)
    )
    assert merged == once
    assert (tmp_path / "merged" / "study.json").read_bytes() == (whole / "study.json").read_bytes()


def test_the_page_shows_a_figure_for_each_objective(whole: Path) -> None:
    page = (whole / "report.html").read_text()
    assert page.count("<svg") == len(list((whole / "figures").iterdir())) >= 4
    for id in ("objective-notice", "objective-restore"):
        assert (whole / "figures" / f"{id}.svg").is_file()
    assert "The crash is noticed by alerts, not by customers" in page
    assert not (whole / "INCOMPLETE").exists()


def test_scenarios_are_told_apart(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, out, _ = call(
        capsys, "sweep", SCENARIO, "corner-lab-bad-night", "-n", 2, "--jobs", 1, "--json", "--out", tmp_path
    )
    found = json.loads(out)
    assert status == 0
    assert found["replications"] == 4
    assert {name: one["replications"] for name, one in found["scenarios"].items()} == {
        SCENARIO: 2,
        "corner-lab-bad-night": 2,
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((SCENARIO, "--shard", "3/2"), "no shard"),
        ((SCENARIO, "-n", "2", "--shard", "1/3"), "cannot be cut"),
        ((SCENARIO, "--until", "restore"), "how wide"),
        ((SCENARIO, "--until", "restore=0"), "cannot be 0 wide"),
        ((SCENARIO, "--until", "restor=5%"), "restore"),
        ((SCENARIO, "--until", "restore=5%", "--shard", "1/2"), "leave out"),
        ((SCENARIO, SCENARIO), "two scenarios"),
        (("corner-lab-crsh",), "corner-lab-crash"),
        (("merge", "nowhere", "--out", "x"), "no study.json"),
        (("report", "nowhere"), "no study.json"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_written(
    arguments: tuple[str, ...],
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, err = call(capsys, "sweep", *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert not list(tmp_path.iterdir())


def test_the_pace_counts_what_was_done_now() -> None:
    pace = Pace(began_s=100.0, first=50)
    assert pace.words(100.0, 50, 200) == "50 of 200"
    assert pace.words(110.0, 100, 200) == "100 of 200, 5 a second, 20 s left"
    assert pace.words(130.0, 200, 200) == "200 of 200, 5 a second"


def _killed_and_gone_on_with(folder: Path, replications: int, kills: int) -> int:
    """The command killed at random moments of the time that it takes here, then let alone; how often it was killed."""
    program = "from console.main import main; main()"
    command = [sys.executable, "-c", program, "sweep", SCENARIO, "-n", str(replications), "--jobs", "2", "--quiet"]
    begun = time.monotonic()
    subprocess.run([*command, "--out", str(folder.with_name("unharmed"))], check=True)
    takes_s = time.monotonic() - begun
    moments, killed = random.Random(5), 0
    for _ in range(kills):
        process = subprocess.Popen([*command, "--out", str(folder)])
        try:
            process.wait(timeout=moments.uniform(0.1, 0.9) * takes_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
            time.sleep(0.1)  # its lock falls with it
    subprocess.run([*command, "--out", str(folder)], check=True)
    return killed


@pytest.mark.parametrize(("kills", "replications"), [(2, COUNT), pytest.param(12, 400, marks=pytest.mark.prove)])
def test_kills_at_random_moments_change_no_byte(
    kills: int, replications: int, whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _killed_and_gone_on_with(tmp_path / "killed", replications, kills) >= 1
    if replications != COUNT:
        whole = tmp_path / "whole"
        assert call(capsys, "sweep", SCENARIO, "-n", replications, "--quiet", "--out", whole)[0] == 0
    for part in ("rows", "figures"):
        once, again = (
            {p.relative_to(f): p.read_bytes() for p in sorted((f / part).rglob("*")) if p.is_file()}
            for f in (whole, tmp_path / "killed")
        )
        assert once == again
        assert once
    assert not (tmp_path / "killed" / "INCOMPLETE").exists()
