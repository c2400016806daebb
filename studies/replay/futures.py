"""Simulated futures: a history that has not happened, from a model fitted to one that has (`history fit`).

Weeks have as many incidents as the fitted level says, with its variance beyond chance (a negative binomial); they come
at the fitted hours of the week, of services in their shares.  Each carries a time to acknowledge and to restore from
the fitted distributions, stretched by what the model says of its service: a replay holds the estate against these as
against recorded ones.  Terms of which a future says nothing (priority, load, hour, period) stay at the common incident.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from scipy.stats import nbinom, poisson

from scenarios.history.calibration.model_file import Durations, HistoryModel
from scenarios.history.record import IncidentRecord, TimeBasis
from simulator.randomness import Streams
from studies.replay.fitted import span_ms

_HOURS = 168
SOURCE = "future"


def future(model: HistoryModel, begins: datetime, weeks: int, streams: Streams) -> list[IncidentRecord]:
    """So many weeks from the Monday (UTC) on or after a moment.

    Raises ValueError where the model has no rate of incidents: its history had no calendar, or too few weeks.
    """
    arrivals = model.arrivals
    if arrivals.long_run_a_week is None:
        raise ValueError("the model says nothing about incidents a week: the history it was fitted to is too short")
    monday = begins.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=-begins.weekday() % 7)
    hours = np.cumsum(arrivals.hour_of_week or np.ones(_HOURS))
    names = list(arrivals.services)
    shares = np.cumsum([figure.value for figure in arrivals.services.values()])
    mean, burst = arrivals.long_run_a_week.value, arrivals.burst or 1.0
    made = []
    for week in range(weeks):
        count = _count(mean, burst, streams.uniform(SOURCE, "count", str(week)))
        for number in range(count):
            id = f"week-{week + 1}-{number + 1}"
            place = streams.uniform(SOURCE, "hour", id) * hours[-1]
            hour = int(np.searchsorted(hours, place, side="right"))
            opened = monday + timedelta(weeks=week, hours=hour + streams.uniform(SOURCE, "moment", id))
            where = streams.uniform(SOURCE, "service", id)
            service = names[int(np.searchsorted(shares, where))] if len(names) and where < shares[-1] else None
            made.append(_record(model, id, opened, service, streams))
    return sorted(made, key=lambda record: (record.opened_at, record.id))


def _count(mean: float, burst: float, u: float) -> int:
    """A number of incidents whose variance is `burst` times its mean."""
    if burst <= 1:
        return int(poisson.ppf(u, mean))
    return int(nbinom.ppf(u, mean / (burst - 1), 1 / burst))


def _record(model: HistoryModel, id: str, opened: datetime, service: str | None, streams: Streams) -> IncidentRecord:
    acknowledge = _span(model.acknowledge, "acknowledge", id, service, streams)
    restore = _span(model.restore, "restore", id, service, streams)
    return IncidentRecord(
        id=id,
        service=service,
        opened_at=opened,
        acknowledged_at=None if acknowledge is None else opened + acknowledge,
        resolved_at=None if restore is None else opened + restore,
        time_basis=TimeBasis.CALENDAR,
        source=SOURCE,
        source_line=0,
    )


def _span(
    durations: Durations | None, purpose: str, id: str, service: str | None, streams: Streams
) -> timedelta | None:
    if durations is None:
        return None
    return timedelta(milliseconds=span_ms(durations, purpose, id, service, streams, SOURCE))
