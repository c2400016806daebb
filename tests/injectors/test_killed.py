"""Whoever is killed at whichever named moment: in the end the target is as it was before.

The fault was felt by an independent probe first (in the runs where it had begun), and what is left is judged by a
snapshot of the target from before: not by what the journal says.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import get_args

import pytest

from injectors.identity import ProcessGone, environment_of, read_pid_file
from injectors.knobs.process import open_files
from injectors.proxy.behaviour import Slot
from injectors.proxy.control import Request, ask
from injectors.undo.journal import UndoJournal
from injectors.undo.points import Point
from injectors.undo.recovering import recover
from tests.injectors.dying import WATCHDOG_POINT, play
from tests.injectors.lab import Lab, until

WAYS = {
    "stopped": "hang",
    "killed": "crash",
    "latency": "slow",
    "open-files-limit": "descriptor-exhaustion",
    "http-status": "bad-deploy",
    "http-headers": "bad-deploy",
    "http-content": "bad-deploy",
    "bad-certificate": "certificate-expiry",
    "fake-clock": "clock-skew",
}
PARAMETERS: dict[str, dict[str, object]] = {"latency": {"delay": "900ms"}, "http-status": {"error_ratio": 1.0}}


def snapshot(lab: Lab) -> dict[str, object]:
    """The target as others see it: its process, its limits, its proxy, its files, our processes about it."""
    try:
        process = read_pid_file(lab.pid_file)
        state = "T" if process.state == "T" else "runs"
        offset = environment_of(process).get("FAKETIME")
        limits = next(
            line for line in Path(f"/proc/{process.pid}/limits").read_text().splitlines() if "open files" in line
        )
    except ProcessGone:
        state, limits, offset = "gone", "", None
    return {
        "state": state,
        "limits": limits,
        "clock": offset,
        "proxy": [ask(lab.control, Request(slot=slot)).value for slot in get_args(Slot)],
        "answers": lab.answers() and lab.answers(proxied=True, seconds=0.6),
        "files": sorted(p.name for p in lab.folder.iterdir() if p.name.startswith(".blackstart")),
        "companions": [p for p in Path("/proc").glob("[0-9]*/cmdline") if b"injectors.companions" in _text(p)],
    }


def _text(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def run(lab: Lab, way: str, who: str, point: str) -> int:
    changes: dict[str, object] = {"http": None} if way == "bad-certificate" else {}
    binding = lab.binding(lab.target(faults={way: PARAMETERS.get(way, {})}, **changes))
    return play(lab.folder, binding, WAYS[way], who, point).wait(60)


def settled(lab: Lab) -> bool:
    """Whether the journal's run is over, one way or another."""
    return UndoJournal(lab.root / "run").finished


EVERY = [pytest.param(way, point, marks=pytest.mark.prove) for way in WAYS for point in Point]
SOME = [("latency", Point.JOURNALLED), ("killed", Point.ACTED), ("stopped", Point.MARKED), ("latency", Point.UNDONE)]
SOME += [("http-status", Point.MARKED), ("bad-certificate", Point.ACTED), ("fake-clock", Point.MARKED)]
"""Of each named moment and of each kind of knob, some in the suite; all of them among the long proofs."""


@pytest.mark.parametrize(("way", "point"), SOME + EVERY)
def test_the_watchdog_restores_what_a_killed_runner_leaves(lab: Lab, way: str, point: Point) -> None:
    before = snapshot(lab)
    assert run(lab, way, "runner", point) == -9
    until(lambda: settled(lab), 20)
    assert snapshot(lab) == before


@pytest.mark.parametrize("way", ["stopped", *(pytest.param(way, marks=pytest.mark.prove) for way in WAYS)])
def test_the_runner_undoes_everything_when_its_watchdog_is_gone(lab: Lab, way: str) -> None:
    before = snapshot(lab)
    assert run(lab, way, "watchdog", Point.MARKED) == 0
    assert settled(lab)
    assert snapshot(lab) == before


@pytest.mark.parametrize(("way", "point"), [*SOME, ("open-files-limit", Point.UNDOING), *EVERY])
def test_a_recovery_restores_what_both_leave_and_does_nothing_twice(lab: Lab, way: str, point: Point) -> None:
    before = snapshot(lab)
    assert run(lab, way, "both", point) == -9
    changed = snapshot(lab) != before
    assert changed == (point in (Point.ACTED, Point.MARKED, Point.UNDOING)), "the fault was there when they died"
    recovered = recover(lab.root)
    assert [u.whole for r in recovered for u in r.undone] == [True]
    assert snapshot(lab) == before
    assert recover(lab.root) == []


@pytest.mark.parametrize("point", [Point.UNDOING, Point.UNDONE])
@pytest.mark.parametrize("way", ["latency", *(pytest.param(way, marks=pytest.mark.prove) for way in WAYS)])
def test_a_recovery_finishes_what_a_killed_watchdog_began(lab: Lab, way: str, point: Point) -> None:
    before = snapshot(lab)
    (lab.folder / WATCHDOG_POINT).write_text(point)
    assert run(lab, way, "runner", Point.MARKED) == -9
    time.sleep(1.0)
    assert not settled(lab)
    recover(lab.root)
    assert settled(lab)
    assert snapshot(lab) == before


def test_open_files_of_the_service_are_counted(lab: Lab) -> None:
    """The limit in these tests is a limit on something: the service has files open."""
    assert open_files(read_pid_file(lab.pid_file)) >= 4
