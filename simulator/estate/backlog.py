"""Work that waits: it piles up while its consumer is away, and drains at what the consumer has to spare.

Over an asynchronous dependency `load x calls` arrive a second.  Of that, the share that the consumer does not serve
piles up.  Once it serves all, what waits drains at

    capacity of the consumer - its load

shared equally by all who wait for it, so a backlog of B is gone after B / (capacity - load); half of what arrives where
the capacity is not known.  Nothing drains from a consumer that has nothing to spare.  A queue whose own consumers fall
behind (a fault) keeps what they leave in the same way.

A dependency may state a `bound`: while more than that waits, its dependent loses the stated share of its service.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from scenarios.faults import Effect
from simulator.estate.graph import Edge, Node, Role
from simulator.estate.health import OwnState, capacity_rps, own_state
from simulator.kernel import Kernel
from timeline.instants import SECOND

_ALIKE = 1e-6
"""Amounts that differ by this share are alike."""
_DRAIN_SHARE = 0.5
"""Of what arrives, where the capacity of the consumer is not known."""


@dataclass(slots=True)
class _Waiting:
    """`amount` waits since a moment and changes by `rate_per_s`; below zero there is none."""

    amount: float = 0.0
    rate_per_s: float = 0.0
    since_ms: int = 0

    def at(self, at_ms: int) -> float:
        return max(self.amount + self.rate_per_s * (at_ms - self.since_ms) / SECOND, 0.0)

    def passes(self, bound: float) -> int | None:
        """When it next passes a bound or is empty, if it goes on like this."""
        if not self.rate_per_s:
            return None
        ahead = [(level - self.amount) / self.rate_per_s for level in (bound, 0.0) if abs(level - self.amount) > _ALIKE]
        left_s = min((s for s in ahead if s > 0), default=None)
        return None if left_s is None else self.since_ms + math.ceil(left_s * SECOND)

    def goes_on(self, at_ms: int, rate_per_s: float) -> None:
        self.amount, self.rate_per_s, self.since_ms = self.at(at_ms), rate_per_s, at_ms


class Backlogs:
    """What waits anywhere.  `arriving` gives the load of a node, `effects_of` the effects of the faults in it;
    `on_passing` is told of a node where what waits has just passed its bound, up or down, or is worked off."""

    def __init__(
        self,
        kernel: Kernel,
        arriving: Callable[[Node], float],
        effects_of: Callable[[Node], list[Effect]],
        on_passing: Callable[[Node], None],
    ) -> None:
        self._kernel = kernel
        self._arriving = arriving
        self._effects_of = effects_of
        self._on_passing = on_passing
        self._behind: dict[Edge, _Waiting] = {}
        self._unconsumed: dict[Node, _Waiting] = {}

    def of(self, node: Node) -> tuple[float, float]:
        """What waits at a node now, and by how much it changes a second."""
        now = self._kernel.now()
        parts = [self._behind[edge] for edge in node.needs if edge in self._behind]
        parts += [self._unconsumed[node]] if node in self._unconsumed else []
        changing = [part for part in parts if part.at(now) or part.rate_per_s > 0]
        return sum(part.at(now) for part in changing), sum(part.rate_per_s for part in changing)

    def follow(self, nodes: Iterable[Node]) -> None:
        """Brings what waits at these nodes, and for them, up to now."""
        edges = [e for n in nodes for e in (*n.needs, *n.needed_by) if e.spec.type == "asynchronous"]
        for edge in dict.fromkeys(edges):
            self._follow_edge(edge)
        for node in nodes:
            self._follow_consumers(node)

    def _follow_edge(self, edge: Edge) -> None:
        arriving = self._arriving(edge.dependent) * edge.spec.calls
        stuck = arriving * (1 - edge.seen)
        waiting = self._behind.get(edge)
        if waiting is None:
            if not stuck:
                return
            waiting = self._behind[edge] = _Waiting(since_ms=self._kernel.now())
        now = self._kernel.now()
        drains = 0.0 if stuck or waiting.at(now) <= _ALIKE else self._spare(edge, arriving)
        waiting.goes_on(now, stuck - drains)
        self._watch_bound(edge, waiting)

    def _follow_consumers(self, node: Node) -> None:
        load = node.load_rps
        stuck = sum(load * (1 - effect.consumed_ratio) for effect in self._effects_of(node))
        waiting = self._unconsumed.get(node)
        if waiting is None:
            if not stuck:
                return
            waiting = self._unconsumed[node] = _Waiting(since_ms=self._kernel.now())
        now = self._kernel.now()
        waiting.goes_on(now, stuck if stuck or not waiting.at(now) else -_DRAIN_SHARE * load)
        if (at_ms := waiting.passes(0.0)) is not None:
            self._kernel.call_at(at_ms, lambda: self._emptied(node, now))

    def _spare(self, edge: Edge, arriving: float) -> float:
        """What the consumer can do for this edge beside its load, a second."""
        spare = self._spare_of(edge.dependency)
        if spare is None:
            return _DRAIN_SHARE * arriving
        now = self._kernel.now()
        sharing = [e for e in edge.dependency.needed_by if e in self._behind and self._behind[e].at(now)]
        return spare / max(len(sharing), 1)

    def _spare_of(self, consumer: Node) -> float | None:
        if consumer.role is Role.PAIR:
            return self._spare_of(next(e.dependency for e in consumer.needs if e.dependency.id == consumer.active))
        if consumer.role is Role.GROUP:
            parts = [self._spare_of(edge.dependency) for edge in consumer.needs]
            return None if None in parts else sum(part for part in parts if part is not None)
        if consumer.component is None or consumer.component.capacity_rps is None:
            return None
        own: OwnState = own_state(consumer, self._effects_of(consumer))
        return max(capacity_rps(consumer, own) - consumer.load_rps, 0.0)

    def _watch_bound(self, edge: Edge, waiting: _Waiting) -> None:
        """Lets the dependent feel that a bound is passed, and plans for when the next one will be."""
        bound = edge.spec.bound
        if bound is not None:
            at_it = abs(waiting.amount - bound) <= _ALIKE * max(bound, 1.0)
            late = waiting.rate_per_s > 0 if at_it else waiting.amount > bound
            if late != edge.late:
                edge.late = late
                self._on_passing(edge.dependent)
        since = waiting.since_ms
        if (at_ms := waiting.passes(0.0 if bound is None else bound)) is not None:
            self._kernel.call_at(at_ms, lambda: self._passed(edge, since))

    def _passed(self, edge: Edge, since_ms: int) -> None:
        if self._behind[edge].since_ms == since_ms:  # else something has changed, and another moment was planned
            self._follow_edge(edge)
            self._on_passing(edge.dependent)

    def _emptied(self, node: Node, since_ms: int) -> None:
        if self._unconsumed[node].since_ms == since_ms:
            self._follow_consumers(node)
            self._on_passing(node)
