"""Replicas by load: how many an autoscaler wants.

    wanted = ceil(replicas x busy / target),      busy = load / capacity, at most 1

as Kubernetes' HorizontalPodAutoscaler has it, with its tolerance: within a tenth of the target nothing is done.  A
replica cannot be more than busy, so an overload of ten times asks for no more than 1 / target times the replicas at one
look.  None is wanted beyond `max` or below the count of the file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from simulator.estate.graph import Node
from simulator.estate.health import OwnState, capacity_rps, replica_count
from topologies.flows import Autoscaling

_TOLERANCE = 0.1


@dataclass(slots=True)
class Autoscaler:
    """The autoscaler of one component."""

    node: Node
    spec: Autoscaling
    starting: int = 0
    """Replicas that were ordered and do not serve yet."""
    orders: int = 0
    fewer_since_ms: int | None = None
    """Since when fewer replicas would have been enough."""
    looks_at_ms: int | None = None
    """When it looks next; None while there is nothing to decide."""

    def wanted(self, own: OwnState) -> int:
        """Replicas, starting ones included."""
        assert self.node.component is not None
        now = replica_count(self.node) + self.starting
        if not own.alive:
            return now
        busy = min(self.node.load_rps * self.node.let_in / capacity_rps(self.node, own), 1.0)
        if abs(busy / self.spec.target_ratio - 1) <= _TOLERANCE:
            return now
        raw = math.ceil(own.alive * busy / self.spec.target_ratio - 1e-9)
        if busy > self.spec.target_ratio:
            raw = max(raw, now)
        return min(max(raw, self.node.component.replicas.count), self.spec.max)

    def next_look(self, now_ms: int, own: OwnState) -> int | None:
        """When there is something to decide: at its next look for more, after the cool-down for fewer."""
        wanted, there = self.wanted(own), replica_count(self.node) + self.starting
        if wanted >= there:
            self.fewer_since_ms = None
        if wanted > there:
            return (now_ms // self.spec.interval + 1) * self.spec.interval
        if wanted < there:
            self.fewer_since_ms = now_ms if self.fewer_since_ms is None else self.fewer_since_ms
            return self.fewer_since_ms + self.spec.cool_down
        return None
