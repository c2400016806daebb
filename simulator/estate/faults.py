"""Faults while they last: which sit where since when, and what they do to their node."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scenarios.faults import Effect, FaultKind
from simulator.estate.graph import Node
from simulator.estate.instruments import AgedEffect
from timeline.commands import Action


@dataclass(eq=False, slots=True)
class ActiveFault:
    """A fault that has begun and not ended.  `event` is its `fault.started`."""

    id: str
    kind: FaultKind
    node: Node
    effect: Effect
    since_ms: int
    event: int
    description: str = ""


class ActiveFaults:
    """All faults that last now, in the order in which they began."""

    def __init__(self) -> None:
        self._faults: dict[str, ActiveFault] = {}

    def add(self, fault: ActiveFault) -> None:
        self._faults[fault.id] = fault

    def remove(self, fault: ActiveFault) -> None:
        del self._faults[fault.id]

    def __contains__(self, fault: ActiveFault) -> bool:
        return self._faults.get(fault.id) is fault

    def __iter__(self) -> Iterator[ActiveFault]:
        return iter(self._faults.values())

    def on(self, node: Node) -> list[ActiveFault]:
        return [f for f in self._faults.values() if f.node is node]

    def cleared_by(self, action: Action, node: Node) -> list[ActiveFault]:
        return [f for f in self.on(node) if action in f.kind.cleared_by]

    def effects(self, node: Node) -> list[Effect]:
        return [f.effect for f in self._faults.values() if f.node is node]

    def aged_effects(self, node: Node) -> list[AgedEffect]:
        return [AgedEffect(f.effect, f.since_ms) for f in self._faults.values() if f.node is node]
