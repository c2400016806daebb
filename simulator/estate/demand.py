"""Demand from outside: how many requests reach the entry points at a moment.

    requests a second = peak x share of the hour x factor of the day of the week x factors of the peaks of that day

The share of the hour is linear between the middles of the hours; factors change at midnight, or with the
hours of a peak.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from timeline.instants import HOUR, MINUTE
from topologies.estate import Demand
from topologies.flows import Weekday

KNOT_MS = 15 * MINUTE
"""Demand is held constant between knots this far apart."""
_WEEK = tuple(Weekday)
_SATURDAY = 5


def demand_rps(demand: Demand, moment: datetime, timezone: ZoneInfo) -> float:
    """Requests a second at an aware moment."""
    return demand.peak_rps * activity(demand, moment, timezone)


def activity(demand: Demand, moment: datetime, timezone: ZoneInfo) -> float:
    """Share of the peak of a usual day: above 1 at a peak beyond it."""
    local = moment.astimezone(timezone)
    share = by_the_hour(demand.by_hour, local) * _of_weekday(demand, local)
    days_in_month = monthrange(local.year, local.month)[1]
    for peak in demand.peaks.values():
        if peak.covers(local.date(), days_in_month, local.hour):
            share *= peak.factor
    return share


def by_the_hour(shares: Sequence[float], local: datetime) -> float:
    """One of 24 shares, linear between the middles of the hours."""
    position = (local.hour * HOUR + local.minute * MINUTE) / HOUR - 0.5
    before = int(position // 1)
    weight = position - before
    return shares[before % 24] * (1 - weight) + shares[(before + 1) % 24] * weight


def _of_weekday(demand: Demand, local: datetime) -> float:
    usual = demand.weekend if local.weekday() >= _SATURDAY else 1.0
    return demand.weekdays.get(_WEEK[local.weekday()], usual)
