"""How fast a log of incidents is imported, whether memory depends on its length, and how fast a year is replayed.

    .venv/bin/python benchmarks/history.py [ROWS]      by default a million rows, and half of them
    .venv/bin/python benchmarks/history.py replay      only the replay

A log in the form of ServiceNow's audit log is generated: 36 columns, six rows an incident, rows of an incident apart
from each other, one row in a thousand broken.  The importer reads it in a process of its own; printed are seconds of
one core (and on the wall), rows a second and the peak of memory.  Before that it is checked that every row is used or
refused and every incident is there.  The lower bound in the same run is polars, which only reads the columns of the
same file as text and counts them by incident: no times, no states, no reasons; it uses all cores.
Ends with 1 when memory grows with the number of rows: by more than a fifth of what the file grows.

Then a year of 300 incidents a day is replayed on a generated estate of 1,000 services with 60 responders in 15 teams,
by one core: mapping, the plan, one replication, and what is told of it.  The records are the first notice here (to try
1,000 services under modelled monitoring takes an hour and is done once for an estate, not for a replay).  Before the
time counts, every record must be replayed and nobody may have worked on two things at once.  Ends with 1 as well when
that takes a minute or longer.
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
REPLAY_LIMIT_S = 60.0
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

REPLAY = """
import json, resource, time
from datetime import UTC, datetime, timedelta
from random import Random
from scenarios.history.record import IncidentRecord
from simulator.monitoring.side import MonitoringFiles
from studies.coverage import Subject
from studies.replay import Asked, DetectionSource, place, propose, replay_history
from studies.replay.running import run
from simulator.randomness import Streams
from topologies.canonical import canonical
from topologies.estate import Estate
from topologies.organisation import Organisation
from topologies.synthetic import generate
DAYS, A_DAY, SERVICES, TEAMS = 365, 300, 1000, 14
made, people = generate(SERVICES), generate(10 * TEAMS).organisation
def team(id):
    return id if id == "platform" else f"domain-{int(id.split('-')[1]) % TEAMS + 1}"
for part in ("components", "standby_pairs", "functions"):
    for thing in made.topology[part].values():
        thing["owner"] = team(thing["owner"])
estate = canonical(Estate.model_validate(made.topology))
organisation = canonical(Organisation.model_validate(people))
draw, services = Random(1), [id for id in estate.components if "service" in id]
modes = ["upgrade", "bug", "configuration", "load", "halt", "late", None]
records, opened = [], datetime(2026, 2, 2, tzinfo=UTC)
for number in range(DAYS * A_DAY):
    opened += timedelta(seconds=draw.expovariate(A_DAY / 86_400))
    taken = opened + timedelta(minutes=draw.lognormvariate(1.5, 0.8))
    records.append(IncidentRecord(
        id=f"I{number}", service=draw.choice(services), failure_mode=draw.choice(modes), opened_at=opened,
        priority_rank=draw.randint(1, 4), acknowledged_at=taken, source="csv", source_line=number + 1,
        resolved_at=taken + timedelta(minutes=draw.lognormvariate(3.0, 0.9)),
    ))
subject = Subject("synthetic", estate, organisation, {}, MonitoringFiles([], None, {}))
asked = Asked(epoch=records[0].opened_at, source=DetectionSource.RECORDED, replications=1)
begun = time.perf_counter(), time.process_time()
placed = place(records, propose(records, estate), estate)
done = replay_history(records, placed, subject, asked)
wall, seconds = time.perf_counter() - begun[0], time.process_time() - begun[1]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
assert len(placed.incidents) == len(records) and not placed.unmapped
plan = done.base.plan
again = run(placed.incidents, organisation, plan.facts, plan.detector, plan.routes, plan.remedies, Streams(1))
last = {}
for who, start, end in sorted(again.spans, key=lambda span: span[1:]):
    assert start >= last.get(who, start), f"{who} works on two things at once"
    last[who] = end
busiest = next(m.estimate.value for m in done.base.measured if m.measure.id == "busiest")
responders = sum(p.team is not None for p in organisation.people.values())
print(json.dumps([len(records), len(estate.components), responders, seconds, wall, peak, busiest]))
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


def replay_year() -> bool:
    """Replays the year, prints what it took, and tells whether that was less than a minute."""
    done = subprocess.run(
        [sys.executable, "-c", REPLAY], check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1]
    )
    incidents, components, responders, seconds, wall_s, peak_mib, busiest = json.loads(done.stdout)
    print(
        f"replay of a year: {incidents:,} incidents on {components:,} components, {responders} responders"
        f" (the busiest works {busiest:.0%} of the time): {seconds:.1f} s ({wall_s:.1f} s on the wall),"
        f" {incidents / seconds:,.0f} incidents a second, peak {peak_mib:.0f} MiB",
        flush=True,
    )
    return bool(seconds < REPLAY_LIMIT_S)


def main() -> int:
    if sys.argv[1:] == ["replay"]:
        return 0 if replay_year() else 1
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
    in_time = replay_year()
    return 1 if growth > MOST_GROWTH or not in_time else 0


if __name__ == "__main__":
    sys.exit(main())
