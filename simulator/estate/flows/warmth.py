"""How warm a cache is, and how many calls it spares its origin.

Of all look-ups a share `hits = hit_ratio x warmth x level of the cache` finds something; the others call the origin. So
calls over an edge that is `cached_by` it are `(1 - hits) / (1 - hit_ratio)` times those of a warm cache.

A cache fills with what the origin answers: with a time constant T of a third of its warm-up time,

    d warmth / dt = (1 - warmth) x filling / T,      filling = share of the usual look-ups whose call succeeds.

An origin that is too slow to answer fills nothing: that is how a cold cache stays cold (Bronson et al. 2021).
A cache forgets all when its last replica dies, and its share with each of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from simulator.estate.graph import Edge, Node
from simulator.estate.health import felt_share, first_calls
from timeline.instants import SECOND
from topologies.flows import Cache

_COLD = 0.5
_WARM = 0.95
_TIME_CONSTANTS = 3.0
"""After so many, 95 % is there."""
_NEARLY = 1e-3
_NOTICED = 5e-3
"""Calls that change by a smaller share are left as they were."""


@dataclass(slots=True)
class CacheWarmth:
    """One cache and the calls that it spares."""

    node: Node
    spec: Cache
    spares: list[Edge] = field(default_factory=list)
    warmth: float = 1.0
    is_cold: bool = False
    """Whether it is on the timeline as cold: from half its warmth down, until it is warm."""
    _alive: int = 0

    def lose(self, alive: int) -> None:
        """Takes in how many replicas live now."""
        if alive < self._alive:
            self.warmth *= alive / self._alive
        self._alive = alive

    def forget(self) -> None:
        """All that it holds."""
        self.warmth = 0.0

    @property
    def hits(self) -> float:
        return self.spec.hit_ratio * self.warmth * self.node.level

    def spare(self) -> list[Node]:
        """Sets how often origins are called; the nodes for which that is new."""
        self.node.hit_ratio = self.hits
        factor = 1.0 if self._is_usual() else (1 - self.hits) / (1 - self.spec.hit_ratio)
        changed: list[Node] = []
        for edge in self.spares:
            if abs(factor - edge.cache_factor) > _NOTICED * edge.cache_factor or (factor == 1.0 != edge.cache_factor):
                edge.cache_factor = factor
                changed += [edge.dependency, edge.dependent]
        return changed

    def _is_usual(self) -> bool:
        return self.warmth == 1 and self.node.level == 1

    def advance(self, filling: float, step_s: float) -> None:
        """Its warmth after a step with so many look-ups, as a share of usual, that fill it."""
        constant_s = self.spec.warm_up / SECOND / _TIME_CONSTANTS
        cold = (1 - self.warmth) * math.exp(-filling * step_s / constant_s)
        self.warmth = 1.0 if cold < _NEARLY else 1 - cold

    def filling(self) -> float:
        """Share of the usual look-ups that are made, and answered by the origin where it is asked."""
        usual = sum(edge.baseline_rps for edge in self.spares)
        made = sum(first_calls(edge) / edge.cache_factor * felt_share(edge) for edge in self.spares)
        return min(made / usual, 1.0) * self.node.level if usual > 0 else 0.0

    def crosses(self) -> bool:
        """Whether it has just become cold, or warm again."""
        if self.is_cold == (self.warmth < (_WARM if self.is_cold else _COLD)):
            return False
        self.is_cold = not self.is_cold
        return True
