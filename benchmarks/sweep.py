"""Sweeps: replications a second on 1 and 2 processes, what a process needs of memory, and whether that grows.

    python benchmarks/sweep.py [--quick]

For each scenario the same replications are played here and by processes; rows are compared before any rate is printed.
Start-up (a fresh Python that imports everything) is told apart from the rate: a process is started once a sweep.  Then
one process plays on, and its peak of memory is told after each quarter.
Ends with 1 when rows differ, or when the last quarter needed more than a twentieth more memory than the first.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from contextlib import closing
from typing import Any

from blackstart._sweeps import load_arm
from studies.sweep import InProcess, Processes, Replication, Task

GROWTH_ALLOWED = 1.05
WORKER = """
import json, sys
from blackstart._sweeps import load_arm
from studies.sweep import InProcess, Task

name, each = sys.argv[1], int(sys.argv[2])
with InProcess({name: load_arm(name).plan}, seed=1) as backend:
    for quarter in range(4):
        for _ in backend.play(Task(name, quarter * each + number) for number in range(each)):
            pass
        with open("/proc/self/status") as status:
            print(next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM")), flush=True)
"""


def timed(backend: InProcess | Processes, tasks: list[Task]) -> tuple[list[Replication], float, float]:
    """Rows, seconds to the first of them, and replications a second after it."""
    begin = time.perf_counter()
    with backend, closing(backend.play(tasks)) as playing:
        rows = [next(playing)]
        first_s = time.perf_counter() - begin
        rows += playing
        rate = (len(tasks) - 1) / (time.perf_counter() - begin - first_s)
    return rows, first_s, rate


def measure(name: str, replications: int) -> dict[str, Any]:
    plans = {name: load_arm(name).plan}
    tasks = [Task(name, number) for number in range(replications)]
    here, _, rate_here = timed(InProcess(plans, seed=1), tasks)
    found: dict[str, Any] = {
        "scenario": name,
        "replications": replications,
        "in process, a second": round(rate_here, 2),
    }
    for jobs in (1, 2):
        rows, first_s, rate = timed(Processes(plans, 1, jobs), tasks)
        if rows != here:
            raise SystemExit(f"{name}: rows of {jobs} processes differ from those played here")
        found[f"{jobs} processes, a second"] = round(rate, 2)
        found[f"{jobs} processes, seconds to the first row"] = round(first_s, 1)
    command = [sys.executable, "-c", WORKER, name, str(max(replications // 4, 1))]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    found["peak MiB after each quarter"] = [round(float(mib)) for mib in told]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the small scenario only, fewer replications")
    quick = parser.parse_args().quick
    results = []
    for name, replications in (
        (("corner-lab-crash", 60),) if quick else (("corner-lab-crash", 400), ("datacentre-loss", 8))
    ):
        results.append(measure(name, replications))
        load = os.getloadavg()[0]
        print(json.dumps({**results[-1], "processors": os.cpu_count(), "load average": round(load, 1)}, indent=2))
    peaks = [result["peak MiB after each quarter"] for result in results]
    return int(any(last > GROWTH_ALLOWED * first for first, *_, last in peaks))


if __name__ == "__main__":
    sys.exit(main())
