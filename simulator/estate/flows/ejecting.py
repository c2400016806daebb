"""Replicas that fail are taken out of the balancer's rotation, and try again after a while.

The rule is that of Envoy's outlier detection: out for `returns_after` times the number of times in a row, never more
than a share of all at once.  The others carry the load meanwhile.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from scenarios.faults import Effect
from simulator.estate.graph import Node
from simulator.estate.health import replica_count
from topologies.flows import Ejection


@dataclass(slots=True)
class Ejector:
    """The outlier detection in front of one component."""

    node: Node
    spec: Ejection
    times: int = 0
    """How often in a row replicas were taken out."""
    is_planned: bool = False

    def outliers(self, effects: Iterable[Effect]) -> int:
        """Replicas that fail while others do not, as many as may be out."""
        count = replica_count(self.node)
        failing = [
            e.replicas
            for e in effects
            if e.replicas is not None and e.replicas < count and not e.down and e.error_ratio >= self.spec.threshold
        ]
        return min(max(failing, default=0), math.floor(self.spec.max_ratio * count))
