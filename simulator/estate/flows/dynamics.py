"""Moves on what has a memory, a second at a time, while something is not at rest.

A *step* holds loads and levels as they have settled, moves each queue, pause, breaker window and cache on by `STEP_MS`,
and lets health settle anew from what moved.  It is told to the world when it matters (a level by a hundredth, a load or
a slowness by a twentieth).  When a step moves nothing, stepping ends until the estate changes again: also a failure
that sustains itself is at rest.  An estate that states no flows has nothing to move.

Breakers, caches, autoscalers, balancers and shedding put what they do on the timeline, with what led to it as cause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from scenarios.faults import Effect
from simulator.estate.flows.calling import BreakerState
from simulator.estate.flows.ejecting import Ejector
from simulator.estate.flows.scaling import Autoscaler
from simulator.estate.flows.warmth import CacheWarmth
from simulator.estate.graph import CompiledEstate, Edge, Node, reference
from simulator.estate.health import (
    OwnState,
    Settling,
    first_calls,
    late,
    own_state,
    replica_count,
    served_share,
    works,
)
from simulator.kernel import Kernel
from timeline.details import FlowDetail
from timeline.instants import SECOND
from timeline.references import ESTATE
from topologies.flows import Shedding

STEP_MS = 1 * SECOND
_STEP_S = STEP_MS / SECOND
_STILL = 1e-3
"""Requests, or requests a second, that are too few to matter."""
_TELLING_LEVEL = 0.01
_TELLING_SHARE = 0.05
_ROUNDS = 20
"""At most, for caches and what they spare to agree with each other."""


class World(Protocol):
    """Whoever lets the world know."""

    def tell(self, reached: Iterable[Node], trigger: int | None) -> None:
        """Nodes whose state may have moved, because of event `trigger`."""
        ...

    def change(self, nodes: Iterable[Node], trigger: int | None) -> None:
        """Settles from `nodes`, then tells."""
        ...

    def last_change(self, id: str) -> int | None:
        """The event of the last change of health of a node."""
        ...


class Flows:
    """Everything in an estate that has a memory of load."""

    def __init__(
        self,
        kernel: Kernel,
        compiled: CompiledEstate,
        settling: Settling,
        effects_of: Callable[[Node], list[Effect]],
        world: World,
    ) -> None:
        self._kernel = kernel
        self._settling = settling
        self._effects_of = effects_of
        self._world = world
        nodes = list(compiled.nodes.values())
        edges = [edge for node in nodes for edge in node.needs]
        self._queued = [node for node in nodes if node.queue is not None and node.queue.spec.limit > 0]
        self._paths = [
            edge
            for edge in edges
            if edge.path is not None and (edge.path.breaker is not None or edge.spec.back_off is not None)
        ]
        self._caches = {
            node: CacheWarmth(node, node.component.cache, [e for e in edges if e.spec.cached_by == node.id])
            for node in nodes
            if node.component is not None and node.component.cache is not None
        }
        self._scalers = {
            node: Autoscaler(node, node.component.autoscaling)
            for node in nodes
            if node.component is not None and node.component.autoscaling is not None
        }
        self._ejectors = {
            node: Ejector(node, node.component.ejection)
            for node in nodes
            if node.component is not None and node.component.ejection is not None
        }
        self._shedding: dict[Node, int] = {}
        """Number of the shedding under way, so that an older one is not taken for it."""
        self._cause: int | None = None
        self._stepping = False
        self._untold: dict[Node, None] = {}
        self._told: dict[Node, tuple[float, float, float]] = {}

    # What the estate asks of it

    def start(self) -> None:
        """Brings replicas to what the load of the beginning asks for, without a word."""
        for cache in self._caches.values():
            cache.lose(self._own(cache.node).alive)
        for _ in range(_ROUNDS):
            short = {s.node: s.wanted(self._own(s.node)) - replica_count(s.node) for s in self._scalers.values()}
            if not any(short.values()):
                break
            for node, more in short.items():
                node.extra_replicas += more
            self.settle(short)

    def settle(self, changed: Iterable[Node]) -> list[Node]:
        """Health settled from `changed`, and from what caches no longer spare; every node that was reached."""
        reached = dict.fromkeys(self._settling.settle(changed))
        for _ in range(_ROUNDS if self._caches else 0):
            for cache in self._caches.values():
                cache.lose(self._own(cache.node).alive)
            spared = [node for cache in self._caches.values() for node in cache.spare()]
            if not spared:
                break
            reached.update(dict.fromkeys(self._settling.settle(spared)))
        return list(reached)

    def follow(self, reached: Iterable[Node], trigger: int | None) -> None:
        """After the world was told of what has moved because of event `trigger`: what goes on from here."""
        self._cause = trigger if trigger is not None else self._cause
        for node in reached:
            self._note_told(node)
            if (scaler := self._scalers.get(node)) is not None:
                self._plan_look(scaler)
            if (ejector := self._ejectors.get(node)) is not None:
                self._plan_ejection(ejector)
        for cache in self._caches.values():
            self._note_cache(cache)
        if not self._stepping and not self._is_at_rest():
            self._plan_step()

    def restarted(self, node: Node) -> None:
        """What it had in memory is gone: requests that waited, and what it held as a cache."""
        if node.queue is not None:
            node.queue.clear()
        if (cache := self._caches.get(node)) is not None:
            cache.forget()

    def shed(self, node: Node, cause: int) -> None:
        """Turns away a share of what arrives at a component, and lets it in again step by step."""
        self._shedding[node] = self._shedding.get(node, 0) + 1
        self._let_in(node, 0, self._shedding[node], cause)

    # Steps

    def _plan_step(self) -> None:
        self._stepping = True
        self._kernel.call_at(self._kernel.now() + STEP_MS, self._step)

    def _step(self) -> None:
        moved = self._advance()
        if moved:
            self._untold.update(dict.fromkeys(self.settle(moved)))
        goes_on = bool(moved) or self._is_waiting()
        if any(map(self._is_telling, self._untold)) or not goes_on:
            untold, self._untold = self._untold, {}
            if untold:
                self._world.tell(untold, self._cause)
        if goes_on:
            self._plan_step()
        else:
            self._stepping = False

    def _advance(self) -> list[Node]:
        """Moves everything on by a step, from how it stands now; nodes to settle from."""
        failing = {edge: 1 - works(edge) for edge in self._paths}
        in_vain_s = {edge: late(edge) * (edge.spec.timeout or 0) / SECOND for edge in self._paths}
        offered = {node: node.load_rps * node.let_in for node in self._queued}
        filling = {cache.node: cache.filling() for cache in self._caches.values()}
        moved: list[Node] = []
        for edge in self._paths:
            if self._advance_path(edge, failing[edge], in_vain_s[edge]):
                moved += [edge.dependency, edge.dependent]
        for node, load in offered.items():
            assert node.queue is not None
            before = node.queue.backlog
            node.queue.advance(load, _STEP_S)
            if node.queue.backlog != before and (abs(node.queue.backlog - before) > _STILL or not node.queue.backlog):
                moved.append(node)
        for node, cache in self._caches.items():
            cache.advance(filling[node], _STEP_S)
            moved += cache.spare()
            self._note_cache(cache)
        return moved

    def _advance_path(self, edge: Edge, failing: float, in_vain_s: float) -> bool:
        """Whether calls over the edge are other than before."""
        path = edge.path
        assert path is not None
        before = path.released_rps
        path.advance(first_calls(edge), failing, in_vain_s, _STEP_S)
        moves = abs(path.released_rps - before) > _STILL
        if not moves and 0 < path.released_rps < _STILL:
            path.empty_pauses()
            moves = True
        if path.breaker is not None and path.breaker.judge(self._kernel.now(), failing):
            self._note_breaker(edge, path.breaker.state, path.breaker.failed_share(self._kernel.now()))
            moves = True
        return moves

    def _is_waiting(self) -> bool:
        """Whether something will move with time alone: a breaker that is not closed or still counts, a cache that
        fills."""
        now = self._kernel.now()
        return any(
            edge.path is not None
            and edge.path.breaker is not None
            and not edge.path.breaker.is_settled(now, 1 - works(edge))
            for edge in self._paths
        ) or any(cache.warmth < 1 and cache.filling() > _STILL for cache in self._caches.values())

    def _is_at_rest(self) -> bool:
        """Whether nothing is overloaded, paused, counted or cold, so that a step would move nothing."""
        pausing = (edge for edge in self._paths if edge.spec.back_off is not None)
        return (
            all(cache.warmth == 1 for cache in self._caches.values())
            and not any(_is_busy(node) for node in self._queued)
            and not any(e.path is not None and (e.path.released_rps > 0 or works(e) < 1 - _STILL) for e in pausing)
            and not self._is_waiting()
        )

    def _is_telling(self, node: Node) -> bool:
        level, slowness, load = self._told[node]
        return (
            abs(served_share(node) - level) > _TELLING_LEVEL
            or abs(node.slowness - slowness) > _TELLING_SHARE * slowness
            or abs(node.load_rps - load) > _TELLING_SHARE * max(load, 1.0)
        )

    def _note_told(self, node: Node) -> None:
        self._untold.pop(node, None)
        if self._queued or self._paths or self._caches:
            self._told[node] = (served_share(node), node.slowness, node.load_rps)

    # What goes onto the timeline

    def _note_breaker(self, edge: Edge, state: BreakerState, failed: float) -> None:
        kind = {BreakerState.OPEN: "opened", BreakerState.CLOSED: "closed", BreakerState.PROBING: "probing"}[state]
        cause = self._world.last_change(edge.dependency.id)
        detail = FlowDetail(edge.dependent.id, edge.dependency.id, ratio=round(failed, 4))
        self._cause = self._emit(f"flow.breaker_{kind}", edge.dependent, detail, cause)

    def _note_cache(self, cache: CacheWarmth) -> None:
        if cache.crosses():
            detail = FlowDetail(cache.node.id, ratio=round(cache.hits, 4))
            kind = "flow.cache_cold" if cache.is_cold else "flow.cache_warm"
            cause = self._world.last_change(cache.node.id) if cache.is_cold else None
            self._cause = self._emit(kind, cache.node, detail, cause)

    def _emit(self, kind: str, node: Node, detail: FlowDetail, cause: int | None, rests_on: str | None = None) -> int:
        """An event because of `cause`, or of what has last happened to the estate."""
        because = self._cause if cause is None else cause
        causes = [] if because is None else [because]
        paths = () if rests_on is None else (f"estate.components.{node.id}.{rests_on}",)
        return self._kernel.emit(kind, reference(node), ESTATE, detail, causes, rests_on=paths).seq

    # Autoscaling

    def _plan_look(self, scaler: Autoscaler) -> None:
        at_ms = scaler.next_look(self._kernel.now(), self._own(scaler.node))
        if at_ms != scaler.looks_at_ms:
            scaler.looks_at_ms = at_ms
            if at_ms is not None:
                self._kernel.call_at(at_ms, lambda: self._look(scaler, at_ms))

    def _look(self, scaler: Autoscaler, planned_ms: int) -> None:
        """The autoscaler looks, where nothing has changed its plan since."""
        if scaler.looks_at_ms != planned_ms:
            return
        scaler.looks_at_ms = None
        more = scaler.wanted(self._own(scaler.node)) - replica_count(scaler.node) - scaler.starting
        if more > 0:
            scaler.orders += 1
            scaler.starting += more
            entity, occasion = f"component/{scaler.node.id}", f"order-{scaler.orders}"
            takes = self._kernel.streams.draw(scaler.spec.start, entity, "scales-out", occasion)
            because = self._world.last_change(scaler.node.id)
            self._kernel.call_at(planned_ms + takes, lambda: self._scaled_out(scaler, more, because))
            self._plan_look(scaler)
        elif more < 0:
            scaler.fewer_since_ms = None
            self._scale(scaler, max(more, -scaler.node.extra_replicas), "flow.scaled_in", None)

    def _scaled_out(self, scaler: Autoscaler, more: int, cause: int | None) -> None:
        scaler.starting -= more
        self._scale(scaler, more, "flow.scaled_out", cause)

    def _scale(self, scaler: Autoscaler, more: int, kind: str, cause: int | None) -> None:
        scaler.node.extra_replicas += more
        detail = FlowDetail(scaler.node.id, replicas=replica_count(scaler.node))
        event = self._emit(kind, scaler.node, detail, cause, "autoscaling")
        self._world.change([scaler.node], event)

    # Ejection

    def _plan_ejection(self, ejector: Ejector) -> None:
        outliers = ejector.outliers(self._effects_of(ejector.node))
        if not outliers and not ejector.node.ejected:
            ejector.times = 0
        if outliers > ejector.node.ejected and not ejector.is_planned:
            ejector.is_planned = True
            self._kernel.call_at(self._kernel.now() + ejector.spec.interval, lambda: self._eject(ejector))

    def _eject(self, ejector: Ejector) -> None:
        ejector.is_planned = False
        outliers = ejector.outliers(self._effects_of(ejector.node))
        if outliers <= ejector.node.ejected:
            return
        if not ejector.node.ejected:
            ejector.times += 1
            back_ms = self._kernel.now() + ejector.spec.returns_after * ejector.times
            self._kernel.call_at(back_ms, lambda: self._return(ejector))
        ejector.node.ejected = outliers
        self._rotation(ejector, "flow.replicas_ejected", outliers)

    def _return(self, ejector: Ejector) -> None:
        back, ejector.node.ejected = ejector.node.ejected, 0
        self._rotation(ejector, "flow.replicas_returned", back)

    def _rotation(self, ejector: Ejector, kind: str, replicas: int) -> None:
        detail = FlowDetail(ejector.node.id, replicas=replicas)
        event = self._emit(kind, ejector.node, detail, self._world.last_change(ejector.node.id), "ejection")
        self._world.change([ejector.node], event)

    # Shedding

    def _let_in(self, node: Node, step: int, number: int, cause: int) -> None:
        """Lets in the share of a step (0: the least), because of event `cause`, and plans the next one."""
        assert node.component is not None
        spec = node.component.shedding or Shedding()
        shares = (spec.to_ratio, *spec.steps, 1.0)
        if shares[step] != node.let_in:
            kind = "flow.load_shed" if shares[step] < node.let_in else "flow.load_admitted"
            node.let_in = shares[step]
            cause = self._emit(kind, node, FlowDetail(node.id, ratio=node.let_in), cause, "shedding")
            self._world.change([node], cause)
        self._kernel.call_at(self._kernel.now() + spec.hold, lambda: self._next_share(node, step, number, cause))

    def _next_share(self, node: Node, step: int, number: int, cause: int) -> None:
        """One step on; back to the least where what stands behind does not bear this one."""
        if self._shedding[node] != number:
            return
        overloaded = any(_is_busy(other) for other in _behind(node) if other.queue is not None)
        if overloaded or node.let_in < 1:
            self._let_in(node, 0 if overloaded else step + 1, number, cause)

    def _own(self, node: Node) -> OwnState:
        return own_state(node, self._effects_of(node))


def _is_busy(node: Node) -> bool:
    """Whether requests wait because more came than fits, or will from now on."""
    queue = node.queue
    assert queue is not None
    return queue.backlog > 0 or (queue.capacity_rps > 0 and node.load_rps * node.let_in > queue.capacity_rps)


def _behind(node: Node) -> list[Node]:
    """A node and everything that it calls, directly or not."""
    found = {node: None}
    frontier = [node]
    while frontier:
        for edge in frontier.pop().needs:
            if edge.dependency not in found:
                found[edge.dependency] = None
                frontier.append(edge.dependency)
    return list(found)
