"""Backlogs: work of a business function that was not done and has to be done later, as a fluid queue.

    d(backlog)/dt = waits x activity x (1 - level)     while the function is not whole
                  = -extra_capacity                    once it is whole, until nothing is left

in units of normal work at the peak; *activity* is the share of the peak that arrives at this hour (1 where no demand is
stated).  Work that a manual fallback does counts in the level, so it does not pile up.

Example: a function is out for 4 hours; after one of them a fallback does 40 %.  The backlog is 1 + 3 x 0.6 = 2.8 hours
of work.  With an extra capacity of 0.25 it is caught up 11.2 hours after the function is whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from simulator.estate.demand import KNOT_MS, activity
from simulator.estate.health import WHOLE
from simulator.kernel import Kernel
from timeline.details import BacklogDetail
from timeline.references import ESTATE, function
from topologies.estate import BusinessFunction
from topologies.workforce import Backlog

_RATE_STEP = 0.1
"""A change of the rate by this much is an event."""


@dataclass(slots=True)
class FluidQueue:
    """Work that waits, in ms of normal work; changes by `rate` for each ms since `since_ms`, and is never negative."""

    work_ms: float = 0.0
    rate: float = 0.0
    since_ms: int = 0

    def advance(self, now_ms: int) -> None:
        self.work_ms = max(self.work_ms + self.rate * (now_ms - self.since_ms), 0.0)
        self.since_ms = now_ms

    def empty_at_ms(self) -> int | None:
        """When nothing is left at this rate; None when it does not shrink."""
        return self.since_ms + math.ceil(self.work_ms / -self.rate) if self.rate < 0 else None


def backlog_rate(spec: Backlog, level: float, arriving: float, work_ms: float) -> float:
    """How fast a backlog changes at a level of the function while this share of the peak arrives."""
    if level < WHOLE:
        return spec.waits * arriving * (1 - level)
    return -spec.extra_capacity if work_ms > 0 else 0.0


@dataclass(slots=True)
class _Watch:
    spec: BusinessFunction
    backlog: Backlog
    queue: FluidQueue
    told_rate: float = 0.0
    told: int | None = None
    planned_ms: int | None = None


class UndoneWork:
    """Follows the backlog of every function that states one; `level_of` gives the level of a function now."""

    def __init__(
        self,
        kernel: Kernel,
        functions: Mapping[str, BusinessFunction],
        timezone: ZoneInfo,
        level_of: Callable[[str], float],
        cause_of: Callable[[str], int | None],
    ) -> None:
        self._kernel = kernel
        self._timezone = timezone
        self._level_of = level_of
        self._cause_of = cause_of
        self._watches = {
            id: _Watch(spec, spec.backlog, FluidQueue(since_ms=kernel.now()))
            for id, spec in functions.items()
            if spec.backlog is not None
        }

    def work_ms(self, id: str) -> float:
        """What waits now, as ms of normal work at the peak."""
        watch = self._watches[id]
        watch.queue.advance(self._kernel.now())
        return watch.queue.work_ms

    def follow(self) -> None:
        """Brings every backlog up to now and goes on at the present rate."""
        for id, watch in self._watches.items():
            self._follow(id, watch)

    def _follow(self, id: str, watch: _Watch) -> None:
        queue, level = watch.queue, self._level_of(id)
        queue.advance(self._kernel.now())
        if queue.rate < 0 and queue.work_ms < 1:
            queue.work_ms = 0.0
        queue.rate = backlog_rate(watch.backlog, level, self._arriving(watch), queue.work_ms)
        self._tell(id, watch, level)
        self._plan(id, watch, level)

    def _arriving(self, watch: _Watch) -> float:
        demand = watch.spec.demand
        return 1.0 if demand is None else activity(demand, self._kernel.wall(), self._timezone)

    def _tell(self, id: str, watch: _Watch, level: float) -> None:
        rate, before = watch.queue.rate, watch.told_rate
        same_way = (rate > 0) == (before > 0) and (rate < 0) == (before < 0)
        if same_way and abs(rate - before) < _RATE_STEP:
            return
        if rate == 0 and watch.queue.work_ms > 0:
            return
        kind = "growing" if rate > 0 else "catching_up" if rate < 0 else "cleared"
        detail = BacklogDetail(round(watch.queue.work_ms), round(rate, 4), round(level, 4))
        causes = {c for c in (watch.told, self._cause_of(id)) if c is not None}
        event = self._kernel.emit(
            f"backlog.{kind}",
            function(id),
            ESTATE,
            detail,
            sorted(causes),
            rests_on=(f"estate.functions.{id}.backlog",),
        )
        watch.told_rate, watch.told = rate, None if kind == "cleared" else event.seq

    def _plan(self, id: str, watch: _Watch, level: float) -> None:
        """Looks again when it is empty, or when what arrives may have changed."""
        if watch.queue.rate == 0 and level >= WHOLE:
            watch.planned_ms = None
            return
        empty = watch.queue.empty_at_ms()
        planned = empty if empty is not None else self._kernel.now() + KNOT_MS
        if planned != watch.planned_ms:
            watch.planned_ms = planned
            self._kernel.call_at(planned, lambda: self._look_again(id, watch, planned))

    def _look_again(self, id: str, watch: _Watch, planned: int) -> None:
        if watch.planned_ms == planned:
            watch.planned_ms = None
            self._follow(id, watch)
