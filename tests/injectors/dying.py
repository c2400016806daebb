"""Processes that end by SIGKILL at a named moment: `runner` plays a plan, `watchdog` watches one.

    python -m tests.injectors.dying runner LAB KIND WHO POINT
    python -m tests.injectors.dying JOURNAL ROOT        (as the watchdog of such a run)

WHO ends at POINT: runner, watchdog or both, or the runner hangs (`hang`).  The watchdog's own points are given by a
file in the lab's folder.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from injectors.identity import ProcessIdentity
from injectors.live_timeline import LiveClock, live_timeline
from injectors.running import Runner
from injectors.undo.journal import Change
from injectors.undo.points import Point
from injectors.undo.watchdog import READY, watch
from tests.injectors.lab import Lab
from tests.injectors.plans import planned

WATCHDOG_POINT = "watchdog-point"
PARAMETERS: dict[str, dict[str, object]] = {"latency": {"delay": "900ms"}, "held-connections": {"connections": 5}}


def run(lab: Lab, kind: str, way: str, who: str, point: str) -> None:
    journal = lab.root / "run"

    def die(at: Point, _change: Change) -> None:
        if at == point:
            if who == "hang":
                os.kill(os.getpid(), signal.SIGSTOP)
            if who in ("watchdog", "both"):
                ProcessIdentity.model_validate_json((journal / READY).read_bytes()).end()
            if who in ("runner", "both"):
                os.kill(os.getpid(), signal.SIGKILL)

    target = lab.target(faults={way: PARAMETERS.get(way, {})})
    clock = LiveClock()
    with live_timeline(lab.folder / "timeline.jsonl", clock) as timeline:
        plan = planned(lab.binding(target), first={"fault": kind, "duration": "700ms"})
        runner = Runner(plan, lab.root, journal, timeline, clock, die, lease_ms=3_000, watchdog="tests.injectors.dying")
        runner.run()


def watch_and_die(folder: Path, root: Path) -> int:
    point_file = root.parent / WATCHDOG_POINT
    point = point_file.read_text() if point_file.exists() else ""

    def die(at: Point, _change: Change) -> None:
        if at == point:
            os.kill(os.getpid(), signal.SIGKILL)

    return watch(folder, root, die)


if __name__ == "__main__":
    if sys.argv[1] == "runner":
        folder, port, proxied = json.loads(sys.argv[2])
        run(Lab(Path(folder), port, proxied), *sys.argv[3:])
    else:
        sys.exit(watch_and_die(Path(sys.argv[1]), Path(sys.argv[2])))
