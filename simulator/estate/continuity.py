"""Business functions: when they are disrupted and restored.

A function is *disrupted* while its level is below its minimum (MBCO); where no minimum is known, only a total loss
counts.  It is *degraded* while it is above that but not whole.  Its RTO clock runs from disruption to restoration.

How their users make themselves heard meanwhile stands in `simulator.estate.reports`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from simulator.estate.graph import Node
from simulator.estate.health import WHOLE
from simulator.estate.reports import Trouble, UserReporting
from simulator.kernel import Kernel
from timeline.details import FunctionDetail
from timeline.events import Event
from timeline.references import ESTATE, function
from topologies.estate import BusinessFunction

_TOTAL_LOSS = 0.01


@dataclass(slots=True)
class _Watch:
    """State of one function."""

    node: Node
    spec: BusinessFunction
    level: float = 1.0
    disrupted: bool = False
    degraded: bool = False
    troubles: int = 0
    cause: int = 0


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
        self._level_of = level_of
        self._reporting = UserReporting(kernel, timezone, on_report)
        self._watches: dict[str, _Watch] = {}
        for id, node in functions.items():
            assert node.function is not None
            self._watches[id] = _Watch(node, node.function)
            self._reporting.add(id, node.function)

    def follow(self, cause_of: Callable[[Node], int | None]) -> None:
        """Compares every function with how it was; `cause_of` gives the event that moved a node."""
        for id, watch in self._watches.items():
            watch.level = self._level_of(id)
            self._change(id, watch, cause_of(watch.node))
            self._reporting.listen(id, self._trouble(watch))

    def listen_by_the_hour(self) -> None:
        """A new knot of time, in which users may be heard otherwise."""
        self._reporting.listen_by_the_hour()

    def _change(self, id: str, watch: _Watch, cause: int | None) -> None:
        level = watch.level
        disrupted = is_disrupted(watch.spec, level)
        degraded = not disrupted and level < WHOLE
        if disrupted == watch.disrupted and degraded == watch.degraded:
            return
        if not watch.disrupted and not watch.degraded:
            watch.troubles += 1
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

    def _trouble(self, watch: _Watch) -> Trouble | None:
        if not watch.disrupted and not watch.degraded:
            return None
        words = "does not work at all" if watch.disrupted else "works badly"
        return Trouble(watch.troubles, watch.level, words, watch.cause)


def is_disrupted(function: BusinessFunction, level: float) -> bool:
    """Whether a level of service lies below the minimum of a function."""
    return level < lowest_level(function)


def lowest_level(function: BusinessFunction) -> float:
    """The level from which on a function counts as served: its minimum, or anything but a total loss."""
    return _TOTAL_LOSS if function.minimum_level is None else function.minimum_level
