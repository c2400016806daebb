"""From the state of nodes to signals: what instruments on the estate could measure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from scenarios.faults import Effect
from simulator.estate.graph import Node, Role
from simulator.estate.health import SERVING, capacity_rps, own_state, replica_count
from simulator.signals import Key, Signal, SignalBoard
from timeline.instants import DAY, SECOND
from topologies.estate import ComponentKind

_OWN_SUPPLY = (ComponentKind.POWER, ComponentKind.COOLING)
"""Building equipment: its management system answers a scrape even when the equipment itself is dead."""
_IDLE_CPU = 0.15
_BUSY_CPU = 0.70
"""Processor share of a replica: idle, and added at full load."""
_DRAIN_SHARE = 0.5
"""Once consumers are back they work off a backlog at this share of the arrival rate, beside new work."""
_USUAL_DISK_FREE = 0.6
_USUAL_CERTIFICATE_S = 60 * DAY / SECOND


@dataclass(frozen=True, slots=True)
class AgedEffect:
    """An effect and when it began: signals with a slope count from there."""

    effect: Effect
    since_ms: int


class Instruments:
    """Writes the signal board."""

    def __init__(self, board: SignalBoard, effects_of: Callable[[Node], list[AgedEffect]]) -> None:
        self._board = board
        self._effects_of = effects_of

    def read(self, nodes: Iterable[Node], at_ms: int, cause: int | None) -> None:
        for node in nodes:
            if node.role is Role.COMPONENT:
                self._component(node, at_ms, cause)
            elif node.role is Role.PAIR:
                self._put(node, 0, Signal.SERVING_RATIO, at_ms, node.level, 0.0, cause)

    def replication_lag(self, standby: Node, at_ms: int, lag_s: float, slope_per_s: float, cause: int | None) -> None:
        """The lag a standby reports: it grows by a second a second while the primary sends nothing."""
        self._put(standby, 0, Signal.REPLICATION_LAG_S, at_ms, lag_s, slope_per_s, cause)

    def on_battery(self, component: str, at_ms: int, on: bool, cause: int | None) -> None:
        self._board.put(Key(component, 0, Signal.ON_BATTERY), at_ms, float(on), 0.0, cause)

    def _component(self, node: Node, at_ms: int, cause: int | None) -> None:
        component = node.component
        assert component is not None
        aged = self._effects_of(node)
        own = own_state(node, [a.effect for a in aged])
        count = replica_count(node)
        has_site = all(e.seen >= SERVING for e in node.needs if e.dependency.role is Role.SITE)
        running = own.alive if has_site else 0
        if component.kind in _OWN_SUPPLY:
            running = count
        share = node.load_rps / running if running else 0.0
        saturation = None
        if component.capacity_rps is not None and own.alive:
            saturation = min(node.load_rps / capacity_rps(node, own), 1.0)
        moved = {name: a for a in aged for name in a.effect.signals}
        for replica in range(count):
            up = replica >= count - running
            put = self._put
            put(node, replica, Signal.UP, at_ms, float(up), 0.0, cause)
            put(node, replica, Signal.SERVING_RATIO, at_ms, node.level, 0.0, cause)
            put(node, replica, Signal.OK_RPS, at_ms, share * node.level * up, 0.0, cause)
            put(node, replica, Signal.FAILED_RPS, at_ms, share * (1 - node.level) * up, 0.0, cause)
            if component.latency_ms is not None:
                put(node, replica, Signal.LATENCY_S, at_ms, component.latency_ms / SECOND * node.slowness, 0.0, cause)
            if saturation is not None:
                put(node, replica, Signal.SATURATION_RATIO, at_ms, saturation, 0.0, cause)
            self._resource(
                node, replica, Signal.CPU_BUSY_RATIO, at_ms, moved, _IDLE_CPU + _BUSY_CPU * (saturation or 0), cause
            )
            self._resource(node, replica, Signal.DISK_FREE_RATIO, at_ms, moved, _USUAL_DISK_FREE, cause)
            self._resource(node, replica, Signal.CERTIFICATE_LEFT_S, at_ms, moved, _USUAL_CERTIFICATE_S, cause)

            self._put(node, replica, Signal.QUEUE_DEPTH, at_ms, *self._backlog(node, replica, at_ms), cause)

    def _backlog(self, node: Node, replica: int, at_ms: int) -> tuple[float, float]:
        """Work that waits for asynchronous dependencies: value and slope.  Below zero it reads as empty."""
        waiting = max(self._board.value(node.id, replica, Signal.QUEUE_DEPTH, at_ms) or 0.0, 0.0)
        edges = [e for e in node.needs if e.spec.type == "asynchronous"]
        arriving = sum(node.load_rps * e.spec.calls for e in edges) / replica_count(node)
        stuck = sum(node.load_rps * e.spec.calls * (1 - e.seen) for e in edges) / replica_count(node)
        if stuck > 0:
            return waiting, stuck
        return waiting, -_DRAIN_SHARE * arriving if waiting else 0.0

    def _resource(
        self,
        node: Node,
        replica: int,
        signal: Signal,
        at_ms: int,
        moved: dict[str, AgedEffect],
        usual: float,
        cause: int | None,
    ) -> None:
        aged = moved.get(signal)
        if aged is None:
            self._put(node, replica, signal, at_ms, usual, 0.0, cause)
            return
        value, slope = aged.effect.signals[signal]
        elapsed_s = (at_ms - aged.since_ms) / SECOND
        self._put(node, replica, signal, at_ms, value + slope * elapsed_s, slope, cause)

    def _put(
        self, node: Node, replica: int, signal: Signal, at_ms: int, value: float, slope: float, cause: int | None
    ) -> None:
        self._board.put(Key(node.id, replica, signal), at_ms, value, slope, cause)
