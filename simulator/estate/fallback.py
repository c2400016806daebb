"""Manual fallback: a business function carried on by hand, from the order until it is not needed or cannot be kept up.

While it is up the function is at the better of two levels: that of its normal way of working, and

    throughput x the least of (people present / people it takes) over its needs

A supply that cannot be reached when the work is to begin stands in its way.  It ends when the normal way is whole
again, or when people or supplies have lasted as long as they do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from simulator.estate.health import WHOLE
from simulator.kernel import Kernel
from timeline.details import FallbackDetail
from timeline.references import ESTATE, function
from topologies.estate import BusinessFunction
from topologies.workforce import ManualFallback

ENDED_BY_SERVICE = "the normal way of working is back"
ENDED_BY_LIMIT = "people or supplies have lasted as long as they do"


@dataclass(frozen=True, slots=True)
class _Running:
    """A fallback that is up since the event `started`."""

    started: int


class Fallbacks:
    """The manual fallbacks of an estate.  `present` gives the people at work of a need of a function."""

    def __init__(
        self,
        kernel: Kernel,
        functions: Mapping[str, BusinessFunction],
        present: Callable[[str, str], int],
        is_open: Callable[[str], bool],
        on_end: Callable[[int], None],
    ) -> None:
        self._kernel = kernel
        self._specs = {id: spec.fallback for id, spec in functions.items() if spec.fallback is not None}
        self._present = present
        self._is_open = is_open
        self._on_end = on_end
        self._running: dict[str, _Running] = {}
        self._last: dict[str, int] = {}

    def obstacle(self, id: str) -> str:
        """Why the fallback of a function cannot begin now; empty when nothing stands in its way."""
        spec = self._specs[id]
        locked = [s.title for s in spec.supplies.values() if s.site is not None and not self._is_open(s.site)]
        if locked:
            return f"{locked[0]} cannot be reached"
        return "" if self._staffed(id, spec) > 0 else "nobody is there to do it"

    def start(self, id: str, cause: int) -> int:
        """The manual work begins; the event that says so."""
        if id in self._running:
            return self._running[id].started
        spec = self._specs[id]
        started = self._emit("started", id, [cause], rests_on=(f"estate.functions.{id}.fallback.throughput",))
        running = self._running[id] = _Running(started)
        if spec.limit_ms is not None:
            self._kernel.call_at(self._kernel.now() + spec.limit_ms, lambda: self._exhausted(id, running))
        return started

    def level(self, id: str) -> float:
        """What is done by hand now, as a share of normal."""
        if id not in self._running:
            return 0.0
        spec = self._specs[id]
        return spec.throughput * self._staffed(id, spec)

    def cause(self, id: str) -> int | None:
        """The last event of the fallback of a function."""
        return self._last.get(id)

    def follow(self, normal_level: Callable[[str], float], trigger: int | None) -> None:
        """Ends what is no longer needed."""
        for id in [id for id in self._running if normal_level(id) >= WHOLE]:
            self._end(id, ENDED_BY_SERVICE, trigger)

    def _staffed(self, id: str, spec: ManualFallback) -> float:
        return min((min(1.0, self._present(id, need) / count) for need, count in spec.staff.items()), default=1.0)

    def _exhausted(self, id: str, running: _Running) -> None:
        if self._running.get(id) is running:
            self._on_end(self._end(id, ENDED_BY_LIMIT, None))

    def _end(self, id: str, reason: str, trigger: int | None) -> int:
        running = self._running.pop(id)
        causes = sorted({running.started, *([] if trigger is None else [trigger])})
        return self._emit("ended", id, causes, reason)

    def _emit(self, what: str, id: str, causes: list[int], reason: str = "", rests_on: tuple[str, ...] = ()) -> int:
        spec = self._specs[id]
        detail = FallbackDetail(spec.title, spec.throughput, spec.limit_ms, reason)
        event = self._kernel.emit(f"fallback.{what}", function(id), ESTATE, detail, causes, rests_on=rests_on)
        self._last[id] = event.seq
        return event.seq
