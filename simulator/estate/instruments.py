"""From the state of nodes to signals: what instruments on the estate could measure.

Only what moves is written: a signal that no fault has touched yet reads as usual and stands nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from scenarios.faults import Effect
from simulator.estate.graph import Node, Role
from simulator.estate.health import (
    SERVING,
    OwnState,
    capacity_rps,
    own_state,
    replica_count,
    served_share,
    throughput_rps,
)
from simulator.signals import Key, SignalBoard
from timeline.instants import SECOND
from topologies.estate import ComponentKind
from topologies.signals import USUAL, Signal

_OWN_SUPPLY = (ComponentKind.POWER, ComponentKind.COOLING)
"""Building equipment: its management system answers a scrape even when the equipment itself is dead."""
_IDLE_CPU = 0.15
_BUSY_CPU = 0.70
"""Processor share of a replica: idle, and added at full load."""
_READY_ERRORS = 0.5
"""A replica that fails this share of its requests by its own fault does not pass its readiness probe."""
_OF_PAIRS = frozenset({Signal.REPLICATION_LAG_S})
"""Signals that the pair writes for its members, of which it knows more."""


@dataclass(frozen=True, slots=True)
class AgedEffect:
    """An effect and when it began: signals with a slope count from there."""

    effect: Effect
    since_ms: int

    def reads(self, signal: Signal, at_ms: int) -> tuple[float, float] | None:
        """Value and slope that it gives a signal at a moment; None when it does not move it."""
        moved = self.effect.signals.get(signal)
        if moved is None:
            return None
        value, slope_per_s = moved
        return value + slope_per_s * (at_ms - self.since_ms) / SECOND, slope_per_s

    def hits(self, replica: int) -> bool:
        """Faults hit the first replicas."""
        return self.effect.replicas is None or replica < self.effect.replicas


class Instruments:
    """Writes the signal board.

    `waiting_at` gives what waits at a node and by how much it changes a second, `reach_of` the share of looks from
    outside that arrive at it, `expiry_of` when its certificate ends (ms), where the estate says so.
    """

    def __init__(
        self,
        board: SignalBoard,
        effects_of: Callable[[Node], list[AgedEffect]],
        waiting_at: Callable[[Node], tuple[float, float]],
        reach_of: Callable[[Node], float],
        expiry_of: Mapping[str, int],
    ) -> None:
        self._board = board
        self._effects_of = effects_of
        self._waiting_at = waiting_at
        self._reach_of = reach_of
        self._expiry_of = expiry_of
        self._touched: dict[str, set[Signal]] = {}
        """Signals that faults have moved, by component."""

    def start(self, nodes: Iterable[Node]) -> None:
        """Certificates whose end is known have been running out since before anything happens."""
        begins = self._board.begins_ms
        for node in nodes:
            if node.role is Role.COMPONENT and node.id in self._expiry_of:
                left_s = (self._expiry_of[node.id] - begins) / SECOND
                for replica in range(replica_count(node)):
                    self._put(node, replica, Signal.CERTIFICATE_LEFT_S, begins, left_s, -1.0, None)

    def read(self, nodes: Iterable[Node], at_ms: int, cause: int | None) -> None:
        for node in nodes:
            if node.role is Role.COMPONENT:
                self._component(node, at_ms, cause)
            elif node.role is Role.PAIR:
                self._put(node, 0, Signal.SERVING_RATIO, at_ms, node.level, 0.0, cause)

    def replication_lag(self, standby: Node, at_ms: int, lag_s: float, slope_per_s: float, cause: int | None) -> None:
        """The lag a standby reports: it grows by a second a second while the primary sends nothing."""
        for replica in range(replica_count(standby)):
            self._put(standby, replica, Signal.REPLICATION_LAG_S, at_ms, lag_s, slope_per_s, cause)

    def standby(self, member: Node, at_ms: int, is_standby: bool, cause: int | None) -> None:
        """Which member of a pair follows the other."""
        for replica in range(replica_count(member)):
            self._move(member, replica, Signal.IS_STANDBY, at_ms, float(is_standby), 0.0, cause)

    def attached_standbys(self, primary: Node, at_ms: int, count: int, cause: int | None) -> None:
        """How many standbys a primary feeds."""
        for replica in range(replica_count(primary)):
            self._move(primary, replica, Signal.ATTACHED_STANDBYS, at_ms, float(count), 0.0, cause)

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
        reach = self._reach_of(node)
        if not reach:
            running, has_site = 0, False  # as far as anybody outside can tell
        served = served_share(node) * reach
        waiting, piling = (node.queue.backlog, 0.0) if node.queue is not None else self._waiting_at(node)
        share = node.load_rps / running if running else 0.0
        done = share * node.level if node.queue is None or not running else throughput_rps(node) / running
        saturation = self._saturation(node, own)
        touched = self._touched_by(node, aged)
        put = self._put
        for replica in range(count):
            up = replica >= count - running
            put(node, replica, Signal.UP, at_ms, float(up), 0.0, cause)
            put(node, replica, Signal.SERVING_RATIO, at_ms, served, 0.0, cause)
            put(node, replica, Signal.OK_RPS, at_ms, done * up, 0.0, cause)
            put(node, replica, Signal.FAILED_RPS, at_ms, share * (1 - node.level) * up, 0.0, cause)
            if component.latency_ms is not None:
                put(node, replica, Signal.LATENCY_S, at_ms, component.latency_ms / SECOND * node.slowness, 0.0, cause)
            if saturation is not None:
                put(node, replica, Signal.SATURATION_RATIO, at_ms, saturation, 0.0, cause)
            self._move(node, replica, Signal.QUEUE_DEPTH, at_ms, waiting / count, piling / count, cause)
            here = [a for a in aged if a.hits(replica)]
            ready = up and own.alive > 0 and not any(a.effect.down or _fails(a.effect) for a in here)
            self._move(node, replica, Signal.READY, at_ms, float(ready), 0.0, cause)
            self._processor(node, replica, at_ms, here, saturation or 0.0, cause)
            self._resources(node, replica, at_ms, here, touched, has_site, cause)

    @staticmethod
    def _saturation(node: Node, own: OwnState) -> float | None:
        if node.component is None or node.component.capacity_rps is None or not own.alive:
            return None
        return min(node.load_rps * node.let_in / capacity_rps(node, own), 1.0)

    def _touched_by(self, node: Node, aged: list[AgedEffect]) -> set[Signal]:
        """Signals that have to be looked at: those that faults move now, and those that one has moved before."""
        touched = self._touched.setdefault(node.id, set())
        for a in aged:
            touched.update(a.effect.signals)
        return touched

    def _processor(
        self, node: Node, replica: int, at_ms: int, here: list[AgedEffect], saturation: float, cause: int | None
    ) -> None:
        usual = (_IDLE_CPU + _BUSY_CPU * saturation, 0.0)
        value, slope = max(_moved(here, Signal.CPU_BUSY_RATIO, at_ms) or usual, usual)
        self._put(node, replica, Signal.CPU_BUSY_RATIO, at_ms, value, slope, cause)

    def _resources(
        self,
        node: Node,
        replica: int,
        at_ms: int,
        here: list[AgedEffect],
        touched: set[Signal],
        has_site: bool,
        cause: int | None,
    ) -> None:
        """What faults move, and what they moved and is as usual again.  A host is gone with its place."""
        always = {Signal.HOST_UP, *([Signal.CERTIFICATE_LEFT_S] if node.id in self._expiry_of else [])}
        if node.hit_ratio is not None:
            always.add(Signal.CACHE_HIT_RATIO)
        for signal in sorted(touched | always):
            if signal is Signal.CPU_BUSY_RATIO or (signal in _OF_PAIRS and _in_pair(node)):
                continue
            usual = (USUAL[signal] if signal is not Signal.HOST_UP or has_site else 0.0, 0.0)
            if signal is Signal.CACHE_HIT_RATIO and node.hit_ratio is not None:
                usual = (node.hit_ratio, 0.0)
            if signal is Signal.CERTIFICATE_LEFT_S and node.id in self._expiry_of:
                usual = ((self._expiry_of[node.id] - at_ms) / SECOND, -1.0)
            value, slope = _moved(here, signal, at_ms) or usual
            self._move(node, replica, signal, at_ms, value, slope, cause)

    def _move(
        self, node: Node, replica: int, signal: Signal, at_ms: int, value: float, slope: float, cause: int | None
    ) -> None:
        """Writes a signal that stands nowhere while it has never been anything but usual."""
        if self._board.get(node.id, replica, signal) is None:
            if value == USUAL[signal] and not slope:
                return
            self._put(node, replica, signal, self._board.begins_ms, USUAL[signal], 0.0, None)
        self._put(node, replica, signal, at_ms, value, slope, cause)

    def _put(
        self, node: Node, replica: int, signal: Signal, at_ms: int, value: float, slope: float, cause: int | None
    ) -> None:
        self._board.put(Key(node.id, replica, signal), at_ms, value, slope, cause)


def _moved(here: list[AgedEffect], signal: Signal, at_ms: int) -> tuple[float, float] | None:
    """What the latest fault makes of a signal; None when none moves it."""
    return next((found for a in reversed(here) if (found := a.reads(signal, at_ms)) is not None), None)


def _fails(effect: Effect) -> bool:
    return effect.error_ratio >= _READY_ERRORS


def _in_pair(node: Node) -> bool:
    return any(edge.dependent.role is Role.PAIR for edge in node.needed_by)
