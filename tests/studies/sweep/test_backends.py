"""Wherever replications are played, and whatever was played before: the same rows, to the bit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from blackstart._sweeps import load_arm
from studies.sweep import InProcess, Processes, Replication, Task
from studies.sweep.backends import WorkerLost, available_bytes

ARM = load_arm("corner-lab-crash")
PLANS = {ARM.record.name: ARM.plan}
TASKS = [Task(ARM.record.name, number) for number in range(9)]


@pytest.fixture(scope="module")
def here() -> list[Replication]:
    with InProcess(PLANS, seed=3) as backend:
        return list(backend.play(TASKS))


def test_processes_give_the_same_rows_in_order(here: list[Replication]) -> None:
    with Processes(PLANS, 3, 2) as backend:
        assert list(backend.play(TASKS)) == here


def test_a_replication_does_not_depend_on_what_was_played_before(here: list[Replication]) -> None:
    with InProcess(PLANS, seed=3) as backend:
        assert list(backend.play(TASKS[::-1])) == here[::-1]


def test_seeds_and_numbers_make_replications_differ(here: list[Replication]) -> None:
    with InProcess(PLANS, seed=4) as backend:
        (other,) = backend.play(TASKS[:1])
    assert len({row.figures for row in [*here, other]}) == len(here) + 1


def test_closing_drops_what_is_under_way_and_the_next_tasks_are_played(here: list[Replication]) -> None:
    with Processes(PLANS, 3, 1) as backend:
        with closing(backend.play(TASKS)) as rows:
            assert next(rows) == here[0]
        assert list(backend.play(TASKS[-1:])) == here[-1:]


def test_a_lost_process_is_said_to_be_lost() -> None:
    with Processes(PLANS, 3, 1) as backend, closing(backend.play(TASKS)) as rows:
        next(rows)
        (worker,) = backend._pool._processes
        os.kill(worker, signal.SIGKILL)
        with pytest.raises(WorkerLost, match="what is finished is kept"):
            list(rows)


def test_processes_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    program = "from console.main import main; main()"
    command = [sys.executable, "-c", program, "sweep", "corner-lab-crash", "-n", "100000", "--jobs", "2", "--out"]
    parent = subprocess.Popen([*command, str(tmp_path / "out")], stderr=subprocess.DEVNULL)
    try:
        _wait_for(lambda: len(_children(parent.pid)) >= 3)  # two workers, and what tracks resources
        children = _children(parent.pid)
    finally:
        parent.kill()
        parent.wait()
    _wait_for(lambda: not any(Path(f"/proc/{pid}").exists() and _alive(pid) for pid in children))


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()]


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _wait_for(condition: object, seconds: float = 60) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_memory_is_read_as_linux_tells_it(tmp_path: Path) -> None:
    told = tmp_path / "meminfo"
    told.write_text("MemTotal:  100 kB\nMemFree:   10 kB\nMemAvailable:   2048 kB\n")
    assert available_bytes(told) == 2048 * 1024
