"""Where incidents gather: which services and failure modes have most, which come back, which are passed on.

A *recurrence* is an incident of a service and failure mode (where modes are unknown: of a service and component) that
begins within a window after another one of them began.  Incidents without a service recur nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

RECURRENCE_WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Bar:
    """One value of a pareto: how many incidents, which share alone and with those before, and how long they lasted."""

    name: str
    incidents: int
    ratio: float
    together_ratio: float
    restore_hours: float | None


@dataclass(frozen=True, slots=True)
class Recurring:
    """What comes back: incidents of a service and mode, and how many of them are recurrences."""

    service: str
    mode: str | None
    incidents: int
    recurrences: int


@dataclass(frozen=True, slots=True)
class Recurrences:
    """How many incidents are recurrences, of how many that could be, and what comes back most."""

    window: timedelta
    considered: int
    recurrences: int
    most: tuple[Recurring, ...]

    @property
    def ratio(self) -> float | None:
        return None if not self.considered else self.recurrences / self.considered


@dataclass(frozen=True, slots=True)
class Reassignments:
    """How often incidents are passed on: of `incidents` whose count is known `some` were; by number of reassignments.

    `counts` has an entry for each number; the last one stands for it and above.
    """

    incidents: int
    some: int
    total: int
    most: int
    counts: tuple[int, ...]


_LONGEST = 10
_MOST = 10


def pareto(history: pl.DataFrame, column: str) -> tuple[Bar, ...]:
    """The values of a column by how many incidents they have; none where the column says nothing."""
    if history[column].null_count() == history.height:
        return ()
    lasted = pl.coalesce("impact_to", "mitigated_at", "resolved_at") - pl.coalesce("impact_from", "opened_at")
    hours = lasted.dt.total_milliseconds() / 3_600_000
    groups = (
        history.select(pl.col(column).fill_null("not stated").alias("name"), hours.alias("hours"))
        .group_by("name")
        .agg(pl.len().alias("incidents"), pl.col("hours").filter(pl.col("hours") >= 0).sum().alias("hours"))
        .sort(["incidents", "name"], descending=[True, False])
    )
    bars, together = [], 0
    for name, incidents, summed in groups.iter_rows():
        together += incidents
        bars.append(Bar(name, incidents, incidents / history.height, together / history.height, summed))
    return tuple(bars)


def recurrences_of(history: pl.DataFrame, window: timedelta = RECURRENCE_WINDOW) -> Recurrences:
    """What comes back within a window."""
    by_mode = history["failure_mode"].null_count() < history.height
    keyed = (
        history.filter(pl.col("service").is_not_null())
        .select(
            "service",
            pl.col("failure_mode" if by_mode else "component").alias("mode"),
            pl.coalesce("impact_from", "opened_at").alias("began_at"),
        )
        .sort("began_at")
    )
    if by_mode:
        keyed = keyed.filter(pl.col("mode").is_not_null())
    since = pl.col("began_at") - pl.col("began_at").shift(1).over("service", "mode")
    marked = keyed.with_columns((since <= window).fill_null(value=False).alias("recurs"))
    groups = (
        marked.group_by("service", "mode")
        .agg(pl.len().alias("incidents"), pl.col("recurs").sum())
        .filter(pl.col("recurs") > 0)
        .sort(["recurs", "service", "mode"], descending=[True, False, False])
    )
    most = tuple(Recurring(*row) for row in groups.head(_MOST).iter_rows())
    return Recurrences(window, marked.height, int(marked["recurs"].sum()), most)


def reassignments_of(history: pl.DataFrame) -> Reassignments | None:
    """How often incidents are passed on; None where no record says it."""
    known = history["reassignments"].drop_nulls()
    if known.is_empty():
        return None
    counted = dict(known.clip(upper_bound=_LONGEST).value_counts().iter_rows())
    last = min(int(known.max() or 0), _LONGEST)  # type: ignore[arg-type]
    return Reassignments(
        incidents=len(known),
        some=int((known > 0).sum()),
        total=int(known.sum()),
        most=int(known.max() or 0),  # type: ignore[arg-type]
        counts=tuple(counted.get(number, 0) for number in range(last + 1)),
    )
