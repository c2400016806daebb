"""The canonical incident record: what every export of incidents is brought into, and the Parquet file that holds it.

A history is one file with one row an incident (`IncidentRecord`); `history.parquet` can be read on its own, by
anything that reads Parquet.  What happened within incidents, where the source says so, lies beside it
(`scenarios.history.steps`).

When is a field known?  A model that predicts at some moment may only use what was known then, and exports are written
afterwards.  Each field says it (`FIELDS`, `Known`):

- `OPENING`: stands in the record when it is opened.  Where a source keeps only the last state (no log of changes) it
  is the last value that stands here, which may have been corrected later: the module of each format says it.
- `MOMENT`: a moment, known once it has come: `acknowledged_at` at that very time, not before.
- `AFTERWARDS`: counts and judgements over the whole incident; known when it is over, never an input.

Moments are aware, in UTC, with milliseconds.  In a *relative* trace only distances mean anything: its moments count
from 1970-01-01, and neither hours of the week nor seasons may be read off them (`TimeBasis`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from pathlib import Path
from typing import Any

import polars as pl

from scenarios.history.parquet import scan_parquet, write_rows

SCHEMA_VERSION = 1


class TimeBasis(StrEnum):
    """What the moments of an incident are."""

    CALENDAR = "calendar"
    RELATIVE = "relative"


class Known(StrEnum):
    """When the value of a field is known, at the earliest."""

    OPENING = "opening"
    MOMENT = "moment"
    AFTERWARDS = "afterwards"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRecord:
    """One incident.  None is "the source does not say", never "none" or "no"."""

    id: str
    number: str | None = None
    title: str | None = None
    service: str | None = None
    component: str | None = None
    team: str | None = None
    priority: str | None = None
    priority_rank: int | None = None
    cause: str | None = None
    failure_mode: str | None = None
    failure_rule: str | None = None
    opened_at: datetime
    detected_at: datetime | None = None
    acknowledged_at: datetime | None = None
    mitigated_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    impact_from: datetime | None = None
    impact_to: datetime | None = None
    time_basis: TimeBasis = TimeBasis.CALENDAR
    reassignments: int | None = None
    reopenings: int | None = None
    updates: int | None = None
    impact_ratio: float | None = None
    data_lost: str | None = None
    transactions_affected: float | None = None
    parent: str | None = None
    source: str
    source_line: int

    @property
    def began_at(self) -> datetime:
        """Start of the disruption: of what customers noticed where that is known, else the opening."""
        return self.impact_from or self.opened_at

    @property
    def restored_at(self) -> datetime | None:
        """End of the disruption: of what customers noticed, else mitigation, else resolution."""
        return self.impact_to or self.mitigated_at or self.resolved_at

    @property
    def acknowledge_time(self) -> timedelta | None:
        """From opening to acknowledgement; None where unknown, or where the moments contradict each other."""
        return _span(self.opened_at, self.acknowledged_at)

    @property
    def restore_time(self) -> timedelta | None:
        """From the start of the disruption to its end; None where open, or where the moments contradict each other.

        A record that was opened after the fact (its end lies before `opened_at`) has one where its impact is known.
        """
        return _span(self.began_at, self.restored_at)


def _span(start: datetime, end: datetime | None) -> timedelta | None:
    return None if end is None or end < start else end - start


_MOMENT = pl.Datetime("ms", "UTC")
_TYPES: dict[str, Any] = {
    "str": pl.String,
    "str | None": pl.String,
    "int": pl.Int64,
    "int | None": pl.Int64,
    "float | None": pl.Float64,
    "datetime": _MOMENT,
    "datetime | None": _MOMENT,
    "TimeBasis": pl.String,
}
COLUMNS: dict[str, Any] = {f.name: _TYPES[str(f.type)] for f in fields(IncidentRecord)}
"""The columns of `history.parquet` with their types, in order."""
FIELDS: dict[str, tuple[Known, str]] = {
    "id": (Known.OPENING, "unique within the history"),
    "number": (Known.OPENING, "what people call it by; need not be unique"),
    "title": (Known.OPENING, "short text, as written"),
    "service": (Known.OPENING, "service, product or category that is affected"),
    "component": (Known.OPENING, "part of it: configuration item, component of a page"),
    "team": (Known.OPENING, "first group that it was assigned to"),
    "priority": (Known.OPENING, "priority, urgency, severity or impact, as written"),
    "priority_rank": (Known.OPENING, "the same in order, 1 is most urgent"),
    "cause": (Known.AFTERWARDS, "cause, close code or resolution, as written"),
    "failure_mode": (Known.AFTERWARDS, "class of failure, by `history classify`"),
    "failure_rule": (Known.AFTERWARDS, "the rule that said so"),
    "opened_at": (Known.OPENING, "the record was opened"),
    "detected_at": (Known.MOMENT, "a person was first told"),
    "acknowledged_at": (Known.MOMENT, "a person took it on"),
    "mitigated_at": (Known.MOMENT, "the harm was stopped, the cause perhaps not"),
    "resolved_at": (Known.MOMENT, "last resolution"),
    "closed_at": (Known.MOMENT, "the record was closed"),
    "impact_from": (Known.AFTERWARDS, "start of what customers noticed; often set later"),
    "impact_to": (Known.AFTERWARDS, "its end"),
    "time_basis": (Known.OPENING, "calendar, or relative: then only distances mean anything"),
    "reassignments": (Known.AFTERWARDS, "changes of the group or person that it is assigned to"),
    "reopenings": (Known.AFTERWARDS, "returns from resolved or closed"),
    "updates": (Known.AFTERWARDS, "updates or changes that were recorded"),
    "impact_ratio": (Known.AFTERWARDS, "share of the service that was affected, 0 to 1"),
    "data_lost": (Known.AFTERWARDS, "data that was lost, as written"),
    "transactions_affected": (Known.AFTERWARDS, "number of transactions that failed or were lost"),
    "parent": (Known.AFTERWARDS, "incident or problem that it belongs to, or duplicates"),
    "source": (Known.OPENING, "format that it was imported from"),
    "source_line": (Known.OPENING, "line of the file, from 1"),
}
"""When each field is known, and what it means."""

row_of = attrgetter(*COLUMNS)
"""The values of a record in the order of `COLUMNS`."""


def write_history(path: Path, records: Iterable[IncidentRecord]) -> int:
    """Writes a history, whole or not at all; holds a part of the records at a time.  Returns how many there were."""
    return write_rows(path, COLUMNS, map(row_of, records), SCHEMA_VERSION)


def read_history(path: Path) -> list[IncidentRecord]:
    """All records of a history by `opened_at`, then id.

    Raises InputError where the file is missing, no history, or of a newer version.
    """
    return list(iterate_records(history_frame(path)))


def scan_history(path: Path) -> pl.LazyFrame:
    """A history as a lazy frame of `COLUMNS`, in the order of the file.  Raises InputError as `read_history` does."""
    return scan_parquet(path, COLUMNS, SCHEMA_VERSION, "incident history")


def history_frame(path: Path) -> pl.DataFrame:
    """A history as a frame of `COLUMNS`, by `opened_at`, then id.  Raises InputError as `read_history` does."""
    return scan_history(path).sort("opened_at", "id").collect()


def iterate_records(frame: pl.DataFrame) -> Iterator[IncidentRecord]:
    """The rows of a frame of `COLUMNS` as records."""
    for row in frame.select(list(COLUMNS)).iter_rows(named=True):
        yield IncidentRecord(**{**row, "time_basis": TimeBasis(row["time_basis"])})
