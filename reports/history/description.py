"""A history at a glance: everything that `blackstart history describe` shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from reports.history.arrivals import Arrivals, arrivals_of
from reports.history.concentration import (
    Bar,
    Reassignments,
    Recurrences,
    pareto,
    reassignments_of,
    recurrences_of,
)
from reports.history.spans import Spans, Target, spans_of
from scenarios.history.record import COLUMNS, TimeBasis
from timeline.findings import InputError

_MOMENTS = [name for name, kind in COLUMNS.items() if kind == pl.Datetime("ms", "UTC")]
NEEDED = [
    *_MOMENTS,
    *("priority", "priority_rank", "service", "component", "failure_mode", "reassignments", "time_basis"),
]
"""The columns of a history that are looked at."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a history shows.  `first` and `last` are its earliest and latest moments; open incidents end at `last`."""

    incidents: int
    first: datetime
    last: datetime
    relative: bool
    zone: ZoneInfo
    arrivals: Arrivals
    spans: dict[Target, list[Spans]]
    services: tuple[Bar, ...]
    modes: tuple[Bar, ...]
    recurrences: Recurrences
    reassignments: Reassignments | None


def describe(history: pl.DataFrame, name: str, zone: ZoneInfo, window: timedelta) -> Description:
    """Describes a history by its columns `NEEDED`, in any order of rows.  Raises InputError where it is empty."""
    if history.is_empty():
        raise InputError.single("history.file", name, "this history has no incidents")
    relative = bool((history["time_basis"] == TimeBasis.RELATIVE).any())
    first, last = history.select(
        pl.min_horizontal(pl.col(_MOMENTS).min()).alias("first"),
        pl.max_horizontal(pl.col(_MOMENTS).max()).alias("last"),
    ).row(0)
    return Description(
        incidents=history.height,
        first=first,
        last=last,
        relative=relative,
        zone=zone,
        arrivals=arrivals_of(history, zone, relative=relative),
        spans={target: spans_of(history, target, last) for target in Target},
        services=pareto(history, "service"),
        modes=pareto(history, "failure_mode"),
        recurrences=recurrences_of(history, window),
        reassignments=reassignments_of(history),
    )
