"""How long it takes to acknowledge and to restore: distributions with percentiles and intervals, by priority.

Not a mean: a few long incidents make it.  Incidents that are still open are no short ones either: they are *censored*
at the last moment of the history, and the distribution is that of Kaplan and Meier (JASA 53, 1958).  A percentile is
where that curve reaches it; its interval is where the pointwise log-log band does (Brookmeyer and Crowley, Biometrics
38, 1982).  A bound beyond the longest time is unknown, and None.

What is restored is the impact on customers where it is known, else mitigation or resolution (`IncidentRecord`).  An
incident that was closed without any of these was restored at an unknown moment: it is left out, and counted.  One that
was resolved without an acknowledgement is censored for it at its resolution.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from scenarios.history.survival import product_limit

LEVEL = 0.95
_Z = 1.959963984540054


class Target(StrEnum):
    """What is waited for."""

    ACKNOWLEDGE = "acknowledge"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class Percentile:
    """A time in seconds with its interval; None where it lies beyond what was seen."""

    ratio: float
    value_s: float | None
    low_s: float | None
    high_s: float | None


@dataclass(frozen=True, slots=True)
class Spans:
    """The times of a group of incidents.

    `times_s` and `reached_ratio` are the steps of the distribution: the share that was done within each time.
    """

    group: str
    incidents: int
    censored: int
    unknown: int
    median: Percentile
    p90: Percentile
    times_s: npt.NDArray[np.float64]
    reached_ratio: npt.NDArray[np.float64]


def spans_of(history: pl.DataFrame, target: Target, until: datetime) -> list[Spans]:
    """The times of all incidents, then by priority, most urgent first; none where no incident has that moment.

    `until` is the last moment of the history: what was not done by then is censored there.
    """
    timed = history.select(
        pl.col("priority").fill_null("not stated"),
        pl.col("priority_rank"),
        _begin(target).alias("begin"),
        _end(target).alias("end"),
        _seen_until(target, until).alias("seen_until"),
    )
    if timed["end"].null_count() == timed.height:
        return []
    groups = [("all", timed), *_by_priority(timed)]
    return [_spans(name, group) for name, group in groups]


def _begin(target: Target) -> pl.Expr:
    opened_at = pl.col("opened_at")
    return opened_at if target is Target.ACKNOWLEDGE else pl.coalesce("impact_from", opened_at)


def _end(target: Target) -> pl.Expr:
    if target is Target.ACKNOWLEDGE:
        return pl.col("acknowledged_at")
    return pl.coalesce("impact_to", "mitigated_at", "resolved_at")


def _seen_until(target: Target, until: datetime) -> pl.Expr:
    """Until when an incident was seen without being done; None where it is over, and nobody knows since when."""
    last = pl.lit(until, pl.Datetime("ms", "UTC"))
    if target is Target.ACKNOWLEDGE:
        return pl.coalesce("resolved_at", "closed_at", last)
    return pl.when(pl.col("closed_at").is_null()).then(last)


def _by_priority(timed: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    ranked = (
        timed.group_by("priority").agg(pl.col("priority_rank").min()).sort("priority_rank", "priority", nulls_last=True)
    )
    if ranked.height < 2:
        return
    for name in ranked["priority"]:
        yield name, timed.filter(pl.col("priority") == name)


def _spans(name: str, timed: pl.DataFrame) -> Spans:
    seconds = timed.select(
        ((pl.coalesce("end", "seen_until") - pl.col("begin")).dt.total_milliseconds() / 1000).alias("seconds"),
        pl.col("end").is_null().alias("is_censored"),
    ).filter(pl.col("seconds") >= 0)
    times_s, reached, low, high = _distribution(seconds["seconds"].to_numpy(), seconds["is_censored"].to_numpy())
    return Spans(
        group=name,
        incidents=timed.height,
        censored=int(seconds["is_censored"].sum()),
        unknown=timed.height - seconds.height,
        median=_percentile(0.5, times_s, reached, low, high),
        p90=_percentile(0.9, times_s, reached, low, high),
        times_s=times_s,
        reached_ratio=reached,
    )


def _distribution(seconds: npt.NDArray[np.float64], is_censored: npt.NDArray[np.bool_]) -> tuple[Any, Any, Any, Any]:
    """Times, and the share that was done within them: estimate, lower and upper bound."""
    if not len(seconds) or is_censored.all():
        return (np.empty(0),) * 4
    curve = product_limit(seconds, ~is_censored)
    least_open, most_open = curve.log_log_band(_Z)
    reached = 1 - curve.open_ratio
    low, high = 1 - most_open, 1 - least_open
    return curve.times, reached, np.nan_to_num(low, nan=0.0), np.where(np.isnan(high), reached, high)


def _percentile(
    ratio: float,
    times_s: npt.NDArray[np.float64],
    reached: npt.NDArray[np.float64],
    low: npt.NDArray[np.float64],
    high: npt.NDArray[np.float64],
) -> Percentile:
    """The upper bound of the curve reaches a percentile first, the lower bound last."""
    return Percentile(ratio, *(_first(times_s, curve >= ratio - 1e-12) for curve in (reached, high, low)))


def _first(times_s: npt.NDArray[np.float64], is_reached: npt.NDArray[np.bool_]) -> float | None:
    where = np.flatnonzero(is_reached)
    return float(times_s[where[0]]) if len(where) else None
