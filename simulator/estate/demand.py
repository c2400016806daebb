"""Demand from outside: how many requests reach the entry points at a moment, by hour of the day and weekend."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from timeline.instants import HOUR, MINUTE
from topologies.estate import Demand

KNOT_MS = 15 * MINUTE
"""Demand is held constant between knots this far apart."""


def demand_rps(demand: Demand, moment: datetime, timezone: ZoneInfo) -> float:
    """Requests a second at an aware moment, linear between the middles of the hours."""
    return demand.peak_rps * activity(demand, moment, timezone)


def activity(demand: Demand, moment: datetime, timezone: ZoneInfo) -> float:
    """Share of the peak, in [0, 1]."""
    local = moment.astimezone(timezone)
    position = (local.hour * HOUR + local.minute * MINUTE) / HOUR - 0.5
    before = int(position // 1)
    weight = position - before
    shares = demand.by_hour
    share = shares[before % 24] * (1 - weight) + shares[(before + 1) % 24] * weight
    return share * (demand.weekend if local.weekday() >= 5 else 1.0)
