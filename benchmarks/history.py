"""How fast a log of incidents is imported, and whether memory depends on its length.

    .venv/bin/python benchmarks/history.py [ROWS]      by default a million rows, and half of them

A log in the form of ServiceNow's audit log is generated: 36 columns, six rows an incident, rows of an incident apart
from each other, one row in a thousand broken.  The importer reads it in a process of its own; printed are seconds of
one core (and on the wall), rows a second and the peak of memory.  Before that it is checked that every row is used or
refused and every incident is there.  The lower bound in the same run is polars, which only reads the columns of the
same file as text and counts them by incident: no times, no states, no reasons; it uses all cores.
Ends with 1 when memory grows with the number of rows: by more than a fifth of what the file grows.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

ROWS = 1_000_000
ROWS_EACH = 6
BROKEN_EACH = 1_000
MOST_GROWTH = 0.2
HEADER = (
    "number,incident_state,active,reassignment_count,reopen_count,sys_mod_count,made_sla,caller_id,opened_by,opened_at,"
    "sys_created_by,sys_created_at,sys_updated_by,sys_updated_at,contact_type,location,category,subcategory,u_symptom,"
    "cmdb_ci,impact,urgency,priority,assignment_group,assigned_to,knowledge,u_priority_confirmation,notify,problem_id,"
    "rfc,vendor,caused_by,closed_code,resolved_by,resolved_at,closed_at"
)
STATES = ("New", "Active", "Active", "Awaiting User Info", "Active", "Resolved", "Closed")
IMPORT = """
import json, resource, sys, time
from pathlib import Path
from scenarios.history.importers import IMPORTERS
from scenarios.history.importers.importing import import_history
from scenarios.history.importers.intake import Intake, Reading
from simulator.collection import rarely_collecting
begun = time.perf_counter(), time.process_time()
with rarely_collecting():
    summary = import_history(IMPORTERS["servicenow-log"], Intake(Path(sys.argv[1]), Reading()), Path(sys.argv[2]))
wall, seconds = time.perf_counter() - begun[0], time.process_time() - begun[1]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([summary.incidents, summary.rows, len(summary.refused), seconds, wall, peak]))
"""
POLARS = """
import json, resource, sys, time
import polars as pl
begun = time.perf_counter(), time.process_time()
counted = (
    pl.scan_csv(sys.argv[1], infer_schema=False, truncate_ragged_lines=True)
    .group_by("number").agg(pl.all().exclude("number").count()).collect(engine="streaming")
)
wall, seconds = time.perf_counter() - begun[0], time.process_time() - begun[1]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([counted.height, 0, 0, seconds, wall, peak]))
"""


@dataclass(frozen=True)
class Measured:
    """One run; `seconds` of processor, memory in MiB of resident set."""

    incidents: int
    rows: int
    refused: int
    seconds: float
    wall_s: float
    peak_mib: float


def lines(rows: int) -> Iterator[str]:
    """A log of incidents that are worked on side by side."""
    draw = Random(1)
    begin = datetime(2024, 1, 1)
    for number in range(rows):
        incident, change = _change(number)
        opened = begin + timedelta(minutes=7 * incident)
        updated = opened + timedelta(minutes=37 * change + draw.randrange(30))
        resolved, closed = opened + timedelta(hours=4), opened + timedelta(days=5)
        when = "31-31-2024 00:00" if number % BROKEN_EACH == BROKEN_EACH - 1 else f"{updated:%d-%m-%Y %H:%M}"
        yield (
            f"INC{incident:07d},{STATES[change % len(STATES)]},TRUE,{change // 3},0,{change},TRUE,"
            f"Caller {incident % 997},Opened by {incident % 57},{opened:%d-%m-%Y %H:%M},"
            f"Created by 6,{opened:%d-%m-%Y %H:%M},"
            f"Updated by {draw.randrange(171)},{when},Phone,Location {incident % 85},Category {incident % 32},"
            f"Subcategory {incident % 108},Symptom {incident % 134},?,2 - Medium,2 - Medium,3 - Moderate,"
            f"Group {(incident + change // 3) % 62},Resolver {draw.randrange(123)},TRUE,FALSE,Do Not Notify,?,?,?,?,"
            f"code {incident % 15},Resolved by {incident % 117},{resolved:%d-%m-%Y %H:%M},{closed:%d-%m-%Y %H:%M}\n"
        )


def _change(number: int) -> tuple[int, int]:
    """Incident and change of a row: a hundred incidents take turns."""
    block, within = divmod(number, 100 * ROWS_EACH)
    change, place = divmod(within, 100)
    return block * 100 + place, change


def run(script: str, *arguments: str) -> Measured:
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    return Measured(*json.loads(done.stdout))


def measure(rows: int, folder: Path) -> tuple[Measured, Measured, float]:
    """The import, what polars needs to read the same file, and the size of the file in MiB."""
    path = folder / f"{rows}.csv"
    with path.open("w") as file:
        file.write(HEADER + "\n")
        file.writelines(lines(rows))
    imported = run(IMPORT, str(path), str(folder / f"{rows}.parquet"))
    expected = len({_change(number)[0] for number in range(rows)})
    refused = rows // BROKEN_EACH
    if (imported.incidents, imported.rows, imported.refused) != (expected, rows, refused):
        raise AssertionError(f"expected {expected} incidents, {rows} rows and {refused} refused: {imported}")
    read = run(POLARS, str(path))
    if read.incidents != expected:
        raise AssertionError(f"polars finds {read.incidents} incidents of {expected}")
    return imported, read, path.stat().st_size / 2**20


def main() -> int:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    peaks, sizes = [], []
    with tempfile.TemporaryDirectory(prefix="blackstart-history-") as folder:
        for number in (rows // 2, rows):
            imported, read, size_mib = measure(number, Path(folder))
            peaks.append(imported.peak_mib)
            sizes.append(size_mib)
            print(
                f"{number:,} rows, {size_mib:.0f} MiB, {imported.incidents:,} incidents, {imported.refused:,} refused:"
                f" {imported.seconds:.1f} s ({imported.wall_s:.1f} s on the wall),"
                f" {number / imported.seconds:,.0f} rows a second, peak {imported.peak_mib:.0f} MiB;"
                f" polars only reads and counts: {read.seconds:.1f} s ({read.wall_s:.1f} s),"
                f" peak {read.peak_mib:.0f} MiB",
                flush=True,
            )
    growth = (peaks[1] - peaks[0]) / (sizes[1] - sizes[0])
    print(f"memory grows by {growth:.3f} MiB for each MiB of log")
    return 1 if growth > MOST_GROWTH else 0


if __name__ == "__main__":
    sys.exit(main())
