"""Processes that end by SIGKILL at a named moment: `runner` plays a plan, `watchdog` watches one.

    python -m tests.injectors.dying runner BINDING KIND WHO POINT
    python -m tests.injectors.dying JOURNAL ROOT        (as the watchdog of such a run)

WHO ends at POINT: runner, watchdog or both, or the runner hangs (`hang`).  The watchdog's own points are given by a
file in the folder of the binding.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from injectors.binding import Binding
from injectors.identity import ProcessIdentity
from injectors.live_timeline import LiveClock, live_timeline
from injectors.running import Runner
from injectors.undo.journal import Change
from injectors.undo.points import Point
from injectors.undo.watchdog import READY, watch
from tests.injectors.plans import planned

WATCHDOG_POINT = "watchdog-point"
BINDING = "binding.json"


def run(binding: Path, kind: str, who: str, point: str) -> None:
    root = binding.parent / "journals"
    journal = root / "run"

    def die(at: Point, _change: Change) -> None:
        if at == point:
            if who == "hang":
                os.kill(os.getpid(), signal.SIGSTOP)
            if who in ("watchdog", "both"):
                ProcessIdentity.model_validate_json((journal / READY).read_bytes()).end()
            if who in ("runner", "both"):
                os.kill(os.getpid(), signal.SIGKILL)

    clock = LiveClock()
    with live_timeline(binding.parent / "timeline.jsonl", clock) as timeline:
        bound = Binding.model_validate_json(binding.read_bytes())
        plan = planned(bound, first={"fault": kind, "duration": "700ms"})
        runner = Runner(plan, root, journal, timeline, clock, die, lease_ms=3_000, watchdog="tests.injectors.dying")
        runner.run()


def play(folder: Path, binding: Binding, kind: str, who: str, point: str) -> subprocess.Popen[bytes]:
    """Starts a runner whose `who` ends at `point`; its journals lie in `folder`."""
    (folder / BINDING).write_text(binding.model_dump_json())
    command = [sys.executable, "-m", "tests.injectors.dying", "runner", str(folder / BINDING), kind, who, point]
    return subprocess.Popen(command)


def watch_and_die(folder: Path, root: Path) -> int:
    point_file = root.parent / WATCHDOG_POINT
    point = point_file.read_text() if point_file.exists() else ""

    def die(at: Point, _change: Change) -> None:
        if at == point:
            os.kill(os.getpid(), signal.SIGKILL)

    return watch(folder, root, die)


if __name__ == "__main__":
    if sys.argv[1] == "runner":
        run(Path(sys.argv[2]), *sys.argv[3:])
    else:
        sys.exit(watch_and_die(Path(sys.argv[1]), Path(sys.argv[2])))
