"""What happened within incidents: a second, optional table, one row a step, beside the history.

`history.parquet` has it in `history.steps.parquet`, where the source keeps a log of changes (audit logs, log entries,
updates of a status page, event logs).  A history is complete without it; who needs dwell times, handoffs or the pace
of updates reads both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from pathlib import Path
from typing import Any

import polars as pl

from scenarios.history.parquet import scan_parquet, write_rows

STEPS_VERSION = 1


class StepKind(StrEnum):
    """What a step did."""

    OPENED = "opened"
    ASSIGNED = "assigned"
    ACKNOWLEDGED = "acknowledged"
    STATE = "state"
    UPDATE = "update"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an incident; `before` and `after` are the group or state it changed, `line` that of the source."""

    incident: str
    at: datetime
    kind: StepKind
    before: str | None = None
    after: str | None = None
    actor: str | None = None
    line: int = 0


STEP_COLUMNS: dict[str, Any] = {
    "incident": pl.String,
    "at": pl.Datetime("ms", "UTC"),
    "kind": pl.String,
    "before": pl.String,
    "after": pl.String,
    "actor": pl.String,
    "line": pl.Int64,
}
step_row_of = attrgetter(*STEP_COLUMNS)
"""The values of a step in the order of `STEP_COLUMNS`."""


def steps_path(history: Path) -> Path:
    """Where the steps of a history lie: `history.parquet` has them in `history.steps.parquet`."""
    return history.with_name(f"{history.name.removesuffix('.parquet')}.steps.parquet")


def write_steps(history: Path, steps: Iterable[Step]) -> int:
    """Writes the steps of the history at `history`, whole or not at all.  Returns how many there were."""
    return write_rows(steps_path(history), STEP_COLUMNS, map(step_row_of, steps), STEPS_VERSION)


def steps_frame(history: Path) -> pl.DataFrame:
    """The steps of the history at `history`, by incident, time and line.  Raises InputError where there are none."""
    lazy = scan_parquet(steps_path(history), STEP_COLUMNS, STEPS_VERSION, "table of steps")
    return lazy.sort("incident", "at", "line").collect()


def read_steps(history: Path) -> list[Step]:
    """The steps of the history at `history`, by incident, time and line.  Raises InputError where there are none."""
    rows = steps_frame(history).iter_rows()
    return [Step(incident, at, StepKind(kind), *rest) for incident, at, kind, *rest in rows]
