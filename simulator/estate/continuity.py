"""Business functions: when they are disrupted and restored, and how their users make themselves heard.

A function is *disrupted* while its level is below its minimum (MBCO); where no minimum is known, only a total loss
counts.  It is *degraded* while it is above that but not whole.  Its RTO clock runs from disruption to restoration.

Users report at a rate of `users x share x activity x (1 - level)` an hour while they are hurt: a non-homogeneous
Poisson process, drawn by its cumulative hazard.  The first five reports of a disruption are events of their own;
later ones arrive in batches that double, so that a long outage does not drown the timeline.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from zoneinfo import ZoneInfo

from simulator.estate.demand import activity
from simulator.estate.graph import Node
from simulator.kernel import Kernel
from timeline.details import FunctionDetail, MessageDetail
from timeline.events import Event
from timeline.instants import HOUR
from timeline.references import ESTATE, USERS, function
from topologies.estate import BusinessFunction

_WHOLE = 0.99
_TOTAL_LOSS = 0.01
_SINGLE_REPORTS = 5


@dataclass(slots=True)
class _Watch:
    """State of one function.  `hazard` is the expected number of reports so far in this trouble."""

    node: Node
    spec: BusinessFunction
    level: float = 1.0
    disrupted: bool = False
    degraded: bool = False
    troubles: int = 0
    cause: int = 0
    hazard: float = 0.0
    rate_per_ms: float = 0.0
    since_ms: int = 0
    reports: int = 0
    next_at_hazard: float = math.inf
    generation: int = 0


class Continuity:
    """Follows every business function."""

    def __init__(
        self,
        kernel: Kernel,
        functions: dict[str, Node],
        timezone: ZoneInfo,
        on_report: Callable[[Event, str], None],
        level_of: Callable[[str], float],
    ) -> None:
        """`level_of` gives the level of a function now: of its services, its people, its manual fallback."""
        self._kernel = kernel
        self._timezone = timezone
        self._level_of = level_of
        self._on_report = on_report
        self._watches: dict[str, _Watch] = {}
        for id, node in functions.items():
            assert node.function is not None
            self._watches[id] = _Watch(node, node.function)

    def follow(self, cause_of: Callable[[Node], int | None]) -> None:
        """Compares every function with how it was; `cause_of` gives the event that moved a node."""
        for id, watch in self._watches.items():
            watch.level = self._level_of(id)
            self._change(id, watch, cause_of(watch.node))
            self._listen_to_users(id, watch)

    def _change(self, id: str, watch: _Watch, cause: int | None) -> None:
        level = watch.level
        disrupted = is_disrupted(watch.spec, level)
        degraded = not disrupted and level < _WHOLE
        if disrupted == watch.disrupted and degraded == watch.degraded:
            return
        if not watch.disrupted and not watch.degraded:
            watch.troubles += 1
            watch.hazard, watch.reports, watch.next_at_hazard = 0.0, 0, 0.0
        causes = [c for c in (cause, watch.cause or None) if c is not None]
        if disrupted and not watch.disrupted:
            watch.cause = self._emit("function.disrupted", id, watch, causes)
        elif watch.disrupted and not disrupted:
            self._emit("function.restored", id, watch, causes)
            if degraded:
                watch.cause = self._emit("function.degraded", id, watch, causes)
        elif degraded:
            watch.cause = self._emit("function.degraded", id, watch, causes)
        else:
            self._emit("function.restored", id, watch, causes)
        watch.disrupted, watch.degraded = disrupted, degraded
        if not disrupted and not degraded:
            watch.cause = 0

    def _emit(self, kind: str, id: str, watch: _Watch, causes: list[int]) -> int:
        spec = watch.spec
        detail = FunctionDetail(
            level_ratio=round(watch.level, 4),
            rto_ms=spec.rto,
            rpo_ms=spec.rpo,
            mtpd_ms=spec.mtpd,
            minimum_level_ratio=spec.minimum_level,
            loss_per_hour=spec.loss_per_hour,
            criticality=spec.criticality,
        )
        return self._kernel.emit(kind, function(id), ESTATE, detail, causes).seq

    def _listen_to_users(self, id: str, watch: _Watch) -> None:
        """Brings the hazard up to now and plans the next report at today's rate."""
        if watch.spec.reports is None:
            return
        now = self._kernel.now()
        watch.hazard += watch.rate_per_ms * (now - watch.since_ms)
        watch.since_ms = now
        watch.rate_per_ms = self._rate_per_ms(watch)
        watch.generation += 1
        if watch.rate_per_ms <= 0:
            return
        if watch.reports == 0 and watch.next_at_hazard == 0.0:
            watch.next_at_hazard = self._further(id, watch, 1)
        wait_ms = max((watch.next_at_hazard - watch.hazard) / watch.rate_per_ms, 0.0)
        generation = watch.generation
        self._kernel.call_at(now + math.ceil(wait_ms), lambda: self._report(id, watch, generation))

    def _rate_per_ms(self, watch: _Watch) -> float:
        reports = watch.spec.reports
        if reports is None or not (watch.disrupted or watch.degraded):
            return 0.0
        demand = watch.spec.demand
        active = activity(demand, self._kernel.wall(), self._timezone) if demand else 1.0
        return reports.users * reports.share * active * (1 - watch.level) / HOUR

    def _further(self, id: str, watch: _Watch, count: int) -> float:
        """Hazard until `count` more reports: exponential for one, its normal approximation for a batch."""
        u = self._kernel.streams.uniform(f"function/{id}", "reports", f"trouble-{watch.troubles}-{watch.reports}")
        if count == 1:
            return -math.log1p(-u)
        return max(count + math.sqrt(count) * NormalDist().inv_cdf(u), 1.0)

    def _report(self, id: str, watch: _Watch, generation: int) -> None:
        if generation != watch.generation:
            return
        count = _batch(watch.reports)
        words = "does not work at all" if watch.disrupted else "works badly"
        event = self._kernel.emit(
            "report.received",
            function(id),
            USERS,
            MessageDetail(
                channel="service-desk",
                sender="users",
                audience="service-desk",
                text=f"{watch.spec.title} {words}",
                count=count,
            ),
            [watch.cause],
            rests_on=(f"estate.functions.{id}.reports",),
        )
        watch.reports += count
        watch.hazard = watch.next_at_hazard
        watch.since_ms = self._kernel.now()
        watch.next_at_hazard += self._further(id, watch, _batch(watch.reports))
        self._on_report(event, id)
        self._listen_to_users(id, watch)


def is_disrupted(function: BusinessFunction, level: float) -> bool:
    """Whether a level of service lies below the minimum of a function."""
    return level < lowest_level(function)


def lowest_level(function: BusinessFunction) -> float:
    """The level from which on a function counts as served: its minimum, or anything but a total loss."""
    return _TOTAL_LOSS if function.minimum_level is None else function.minimum_level


def _batch(reports: int) -> int:
    """Size of the next event when so many have been made: 1, 1, 1, 1, 1, then 5, 10, 20, ..."""
    return 1 if reports < _SINGLE_REPORTS else reports
