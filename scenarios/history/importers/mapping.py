"""A mapping file: what the columns of a CSV file mean, for exports of tools that are not known here.

    format: blackstart/history-mapping/1
    kind: table                  # one row an incident; `log` is one row an event
    columns:
      id: ticket_no
      opened_at: Created
      resolved_at: Fixed
      priority: Prio
    time:
      zone: Europe/Rome          # of times that name none
      order: day-first           # or month-first, for 02/03/2026

In a *relative* trace (`basis: relative`) times are numbers of `unit` from the start of the trace, without a calendar.
A *log* (case, activity, time) names the columns `id`, `activity` and `at`, and says which activities open, acknowledge,
resolve, reopen and close; without that a case begins with its first event and ends with its last.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from scenarios.history.importers.moments import DateOrder
from scenarios.history.record import TimeBasis
from timeline.findings import nearest
from topologies.fields import Model, TimeZone

TABLE_FIELDS = (
    "id",
    "number",
    "title",
    "service",
    "component",
    "team",
    "priority",
    "cause",
    "failure_mode",
    "opened_at",
    "detected_at",
    "acknowledged_at",
    "mitigated_at",
    "resolved_at",
    "closed_at",
    "impact_from",
    "impact_to",
    "reassignments",
    "reopenings",
    "updates",
    "impact_ratio",
    "data_lost",
    "transactions_affected",
    "parent",
)
LOG_FIELDS = (
    "id",
    "activity",
    "at",
    "group",
    "actor",
    "title",
    "service",
    "component",
    "priority",
    "cause",
)
MOMENT_FIELDS = tuple(name for name in TABLE_FIELDS if name.endswith(("_at", "_from", "_to")))
COUNT_FIELDS = ("reassignments", "reopenings", "updates")
NUMBER_FIELDS = ("impact_ratio", "transactions_affected")
FORMAT_LINE: Literal["blackstart/history-mapping/1"] = "blackstart/history-mapping/1"


class Kind(StrEnum):
    """What a row is."""

    TABLE = "table"
    LOG = "log"


class Unit(StrEnum):
    """Of numbers that are times or lengths of time."""

    MILLISECONDS = "ms"
    SECONDS = "s"
    MINUTES = "m"
    HOURS = "h"

    @property
    def ms(self) -> int:
        return {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000}[self]


class Times(Model):
    """How times are written."""

    basis: TimeBasis = TimeBasis.CALENDAR
    unit: Unit = Unit.SECONDS
    zone: TimeZone | None = None
    order: DateOrder | None = None


class Length(Model):
    """A moment that stands in a column as the length of time since the opening."""

    column: str
    unit: Unit = Unit.SECONDS


class Activities(Model):
    """Which activities of a log mean what; others are changes of state."""

    opened: tuple[str, ...] = ()
    acknowledged: tuple[str, ...] = ()
    resolved: tuple[str, ...] = ()
    reopened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()


def _field_names(columns: dict[str, str]) -> dict[str, str]:
    known = {*TABLE_FIELDS, *LOG_FIELDS}
    for name in columns:
        if name not in known:
            raise ValueError(f"{name!r} is no field of an incident; {nearest(name, known) or ', '.join(sorted(known))}")
    return columns


class Mapping(Model):
    """What the columns of a CSV file mean."""

    format: Literal["blackstart/history-mapping/1"]
    kind: Kind = Kind.TABLE
    columns: Annotated[dict[str, str], AfterValidator(_field_names)]
    since_opening: dict[str, Length] = Field(default_factory=dict)
    time: Times = Times()
    priorities: dict[str, int] = Field(default_factory=dict)
    missing: tuple[str, ...] = ()
    activities: Activities = Activities()
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)

    @model_validator(mode="after")
    def _complete(self) -> Mapping:
        needed = ("opened_at",) if self.kind is Kind.TABLE else ("id", "activity", "at")
        for name in needed:
            if name not in self.columns:
                raise ValueError(f"a {self.kind} needs the column of {name!r}")
        allowed = TABLE_FIELDS if self.kind is Kind.TABLE else LOG_FIELDS
        for name in self.columns:
            if name not in allowed:
                raise ValueError(f"{name!r} is no field of a {self.kind}; its fields are {', '.join(allowed)}")
        for name in self.since_opening:
            if name not in MOMENT_FIELDS or name == "opened_at":
                raise ValueError(f"since_opening: {name!r} is no moment after the opening")
        return self
