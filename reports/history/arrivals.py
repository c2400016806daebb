"""When incidents come: by hour of the week, by weekday and month, and how the rate changed over the years.

An incident comes when its disruption begins (`IncidentRecord.began_at`).  Hours and days are those of a time zone.
Relative traces have no calendar: only their rate and its changes are shown, in days from the start of the trace.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

from reports.history.change_points import change_points, dispersion

LEVEL = 0.95
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Season:
    """The rate of a weekday or month: incidents a day of it, with the exact Poisson interval; `days` were observed."""

    name: str
    incidents: int
    days: int
    per_day: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Segment:
    """A time of constant rate."""

    begins: date
    ends: date
    """Exclusive."""
    incidents: int
    per_day: float


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How incidents come.  `hour_of_week` is weekday x hour, Monday first; `daily` counts from `first_day` on.

    The first three are empty for a relative trace.  `dispersion` is 1 where incidents come independently.
    """

    hour_of_week: npt.NDArray[np.int64] | None
    weekdays: tuple[Season, ...]
    months: tuple[Season, ...]
    first_day: date
    daily: npt.NDArray[np.int64]
    dispersion: float
    segments: tuple[Segment, ...]


def arrivals_of(history: pl.DataFrame, zone: ZoneInfo, *, relative: bool) -> Arrivals:
    """The arrivals of a history that is not empty."""
    local = history.select(pl.coalesce("impact_from", "opened_at").dt.convert_time_zone(zone.key).alias("at"))
    days = local.select(pl.col("at").dt.date().alias("day")).group_by("day").len().sort("day")
    first_day, last_day = days["day"][0], days["day"][-1]
    daily = np.zeros((last_day - first_day).days + 1, dtype=np.int64)
    daily[((days["day"] - first_day).dt.total_days()).to_numpy()] = days["len"].to_numpy()
    hour_of_week = None if relative else _hour_of_week(local)
    dates = [first_day + timedelta(days=number) for number in range(len(daily))]
    return Arrivals(
        hour_of_week=hour_of_week,
        weekdays=() if relative else _seasons(WEEKDAYS, [day.weekday() for day in dates], daily),
        months=() if relative else _seasons(MONTHS, [day.month - 1 for day in dates], daily),
        first_day=first_day,
        daily=daily,
        dispersion=dispersion(daily),
        segments=_segments(daily, first_day),
    )


def _hour_of_week(local: pl.DataFrame) -> npt.NDArray[np.int64]:
    counted = local.select(
        (pl.col("at").dt.weekday().cast(pl.Int64) - 1).alias("weekday"), pl.col("at").dt.hour().alias("hour")
    )
    table = np.zeros((7, 24), dtype=np.int64)
    for weekday, hour, count in counted.group_by("weekday", "hour").len().iter_rows():
        table[weekday, hour] = count
    return table


def _seasons(names: tuple[str, ...], season_of: list[int], daily: npt.NDArray[np.int64]) -> tuple[Season, ...]:
    of_day = np.asarray(season_of)
    found = []
    for number, name in enumerate(names):
        chosen = of_day == number
        days, incidents = int(chosen.sum()), int(daily[chosen].sum())
        low, high = _poisson_interval(incidents)
        rates = (incidents / days, low / days, high / days) if days else (None, None, None)
        found.append(Season(name, incidents, days, *rates))
    return tuple(found)


def _poisson_interval(count: int) -> tuple[float, float]:
    """The exact interval of Garwood (1936) for the mean of a count."""
    from scipy.stats import chi2

    tail = (1 - LEVEL) / 2
    low = float(chi2.ppf(tail, 2 * count)) / 2 if count else 0.0
    return low, float(chi2.ppf(1 - tail, 2 * count + 2)) / 2


def _segments(daily: npt.NDArray[np.int64], first_day: date) -> tuple[Segment, ...]:
    bounds = [0, *change_points(daily), len(daily)]
    return tuple(
        Segment(
            first_day + timedelta(days=start),
            first_day + timedelta(days=end),
            int(daily[start:end].sum()),
            float(daily[start:end].mean()),
        )
        for start, end in pairwise(bounds)
    )
