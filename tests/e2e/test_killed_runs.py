"""A run that is killed leaves a timeline that loads and nothing that looks complete."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.commands import blackstart, command, environment
from timeline.findings import InputError
from timeline.store import read_timeline

SCENARIO = "corner-lab-crash"
PATIENCE_S = 60
DOCUMENTS = {"timeline.jsonl", "scores.json", "report.html", "junit.xml", "inputs", "figures", "experience.yaml"}


def kill_when(folder: Path, ripe: Callable[[], bool]) -> int:
    """Starts a run and kills it once `ripe`; its exit status (negative: killed)."""
    process = subprocess.Popen(
        command("run", SCENARIO, "--out", str(folder), "--quiet"),
        cwd=folder.parent,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + PATIENCE_S
    while process.poll() is None and not ripe() and time.monotonic() < deadline:
        time.sleep(0.001)
    process.kill()
    return process.wait()


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else -1


MOMENTS: dict[str, Callable[[Path], bool]] = {
    "folder made": lambda folder: folder.exists(),
    "marker there": lambda folder: (folder / "INCOMPLETE").exists(),
    "inputs kept": lambda folder: (folder / "inputs" / "SHA256SUMS").exists(),
    "timeline open": lambda folder: size(folder / "timeline.jsonl") >= 0,
    "timeline growing": lambda folder: size(folder / "timeline.jsonl") > 0,
    "timeline long": lambda folder: size(folder / "timeline.jsonl") > 20_000,
    "scores there": lambda folder: (folder / "scores.json").exists(),
    "figures begun": lambda folder: (folder / "figures").exists(),
    "report there": lambda folder: (folder / "report.html").exists(),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_any_moment_it_never_looks_complete(tmp_path: Path, moment: str) -> None:
    folder = tmp_path / "run"
    status = kill_when(folder, lambda: MOMENTS[moment](folder))
    if status in (0, 1):
        pytest.skip("the run was over before it could be killed")
    if not (folder / "INCOMPLETE").exists():
        begun = [path.name for path in folder.iterdir() if not path.name.startswith(".INCOMPLETE")]
        assert not begun or looks_complete(folder)
        return
    if not (folder / "timeline.jsonl").exists():
        return
    timeline = read_timeline(folder / "timeline.jsonl")
    rewritten = blackstart("report", str(folder), cwd=tmp_path)
    if not len(timeline):
        assert rewritten.returncode == 2, "without a first event there is nothing to report on"
        return
    assert rewritten.returncode == 0, rewritten.stderr
    ended = any(e.kind == "exercise.ended" for e in timeline)
    assert json.loads((folder / "scores.json").read_text())["complete"] is ended


def looks_complete(folder: Path) -> bool:
    """The marker goes last: once it is gone, everything is there and whole."""
    names = {path.name for path in folder.iterdir()}
    whole = any(e.kind == "exercise.ended" for e in read_timeline(folder / "timeline.jsonl"))
    return whole and names >= DOCUMENTS and not list(folder.rglob(".*.part"))


def test_a_finished_run_has_no_marker(tmp_path: Path) -> None:
    done = blackstart("run", SCENARIO, "--out", str(tmp_path / "run"), cwd=tmp_path)
    assert done.returncode in (0, 1), done.stderr
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert names >= DOCUMENTS
    assert "INCOMPLETE" not in names


def test_a_folder_that_is_no_run_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "run" / "letter.txt"
    precious.parent.mkdir()
    precious.write_text("dear diary")
    done = blackstart("run", SCENARIO, "--out", str(tmp_path / "run"), cwd=tmp_path)
    assert done.returncode == 2
    assert "something else than a run" in done.stderr
    assert [p.name for p in (tmp_path / "run").iterdir()] == ["letter.txt"]


def test_a_damaged_timeline_is_located(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    blackstart("run", SCENARIO, "--out", str(folder), cwd=tmp_path)
    path = folder / "timeline.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:3], *lines[4:]]))
    with pytest.raises(InputError) as caught:
        read_timeline(path)
    assert caught.value.findings[0].place.line == 4
