"""Health as a fixed point: what a change reaches is recomputed until nothing moves any more.

Two quantities travel along the graph.  *Load* goes down it: a node passes to each dependency

    processed x calls x (1 + f + f^2 + ... + f^retries),      f = 1 - level of the dependency

so failing dependencies are called more often (retry amplification).  *Level*, the share of requests served well, comes
back up:

    level = admitted x (1 - own errors) x product of hard dependencies x product of soft ones
    hard:  1 - min(1, calls) x (1 - seen'),   seen' = 1 - (1 - seen)^(1 + retries)
    soft:  1 - degradation x (1 - seen')
    asynchronous, while more waits than its bound:  1 - degradation
    admitted = min(1, capacity / load)

Waiting before service makes a node slower as its load nears capacity, as in M/M/c with c replicas of which each works
on one request: 1 + C(c, c rho) / (c (1 - rho)) by Erlang's formula; rho is held at 0.99.

Where callers are impatient (a time-out), try again with pauses or within a budget, or where a component has a queue,
what they remember stands in `simulator.estate.flows` and is held constant while health settles.  A call over such a
path succeeds when it is served well *and in time*.

A worklist of nodes is gone through until it is empty; loads and levels within 1e-4 count as unchanged, and a node is
visited at most `_VISITS` times in one settling, so a load that would swing for ever stops at its last value.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from scenarios.faults import Effect
from simulator.estate.flows.waiting import HIGHEST_UTILISATION, erlang_c
from simulator.estate.graph import Edge, Node, Role
from timeline.instants import SECOND

_TOLERANCE = 1e-4
_VISITS = 60
SERVING = 0.5
"""From this level on a node counts as serving: below it, standbys take over and groups do without it."""
WHOLE = 0.99
"""From this level on a node does all that is asked of it."""


@dataclass(frozen=True, slots=True)
class OwnState:
    """What a component is by itself, before its dependencies: from the faults that sit in it."""

    alive: int
    """Replicas that run."""
    errors: float = 0.0
    slowness: float = 1.0
    capacity_factor: float = 1.0


class Felt(NamedTuple):
    """What a dependent feels of a dependency: its level, the share of calls that arrive there, and how much longer
    they take on their way."""

    level: float
    reach: float = 1.0
    slowness: float = 1.0


class Ways(Protocol):
    """What happens to calls on their way; see `simulator.estate.passages`."""

    def any(self) -> bool: ...

    def felt(self, edge: Edge) -> Felt: ...

    def reach_from_outside(self, node: Node) -> float: ...


def own_state(node: Node, effects: Iterable[Effect]) -> OwnState:
    """Faults combine: most replicas lost, errors independent of each other, factors multiplied.

    They hit the first replicas; those are also the ones that a load balancer takes out, and then hurt nobody.
    """
    count = replica_count(node)
    lost, good, slowness, capacity = node.ejected, 1.0, 1.0, 1.0
    for effect in effects:
        hit = count if effect.replicas is None else min(effect.replicas, count)
        share = max(hit - node.ejected, 0) / max(count - node.ejected, 1)
        if effect.down:
            lost = max(lost, hit)
        good *= 1 - effect.error_ratio * share
        slowness *= 1 + (effect.latency_factor - 1) * share
        capacity *= 1 - (1 - effect.capacity_factor) * share
    if node.starting:
        lost = count
    return OwnState(count - lost, 1 - good, slowness, capacity)


def replica_count(node: Node) -> int:
    return (node.component.replicas.count if node.component else 1) + node.extra_replicas


class Settling:
    """Recomputes health and load.

    `effects_of` gives the effects of the faults in a node.  `on_loss` is told of each delayed edge whose dependency
    is now worse than what is felt: the caller lets the loss be felt later.  `on_return` is told of each component
    whose site is back: it may have to start up.  `ways` says what becomes of calls on their way, where anything does.
    """

    def __init__(
        self,
        effects_of: Callable[[Node], list[Effect]],
        on_loss: Callable[[Edge], None],
        on_return: Callable[[Node], None],
        ways: Ways | None = None,
    ) -> None:
        self._effects_of = effects_of
        self._on_loss = on_loss
        self._on_return = on_return
        self._ways = ways
        self._confined = False

    def settle(self, changed: Iterable[Node]) -> list[Node]:
        """Every node that was reached, in the order in which it first was."""
        self._confined = self._ways is not None and self._ways.any()
        queue = deque(dict.fromkeys(changed))
        queued = set(queue)
        visits: Counter[Node] = Counter()
        while queue:
            node = queue.popleft()
            queued.discard(node)
            if visits[node] >= _VISITS:
                continue
            visits[node] += 1
            for neighbour in self._recompute(node):
                if neighbour not in queued:
                    queued.add(neighbour)
                    queue.append(neighbour)
        return list(visits)

    def _recompute(self, node: Node) -> list[Node]:
        before = (node.level, node.slowness, node.load_rps, node.admitted)
        external_rps = node.external_rps
        if self._confined and self._ways is not None:
            external_rps *= self._ways.reach_from_outside(node)
        node.load_rps = external_rps + sum(call_rate(edge) for edge in node.needed_by)
        node.level, node.admitted, node.slowness = self._health(node)
        health_moved = _differs(node.level, before[0]) or _differs(node.slowness, before[1])
        load_moved = _differs(node.load_rps, before[2], scale=True) or _differs(node.admitted, before[3])
        neighbours: list[Node] = []
        if health_moved:
            for edge in self._felt_by(node):
                self._feel(edge)
                neighbours.append(edge.dependent)
                if edge.dependent.role is Role.GROUP:  # which shares its load among those that serve
                    neighbours += [member.dependency for member in edge.dependent.needs]
            neighbours.append(node)  # callers now retry more, or less
        if load_moved or health_moved:
            neighbours += [edge.dependency for edge in node.needs]
        return neighbours

    def _felt_by(self, node: Node) -> list[Edge]:
        """Edges over which a node is felt: through pairs and groups too, where calls fare differently on their way."""
        if not self._confined:
            return node.needed_by
        through = [e.dependent for e in node.needed_by if e.dependent.role in (Role.PAIR, Role.GROUP)]
        return [*node.needed_by, *(edge for virtual in through for edge in self._felt_by(virtual))]

    def feel_anew(self, edges: Iterable[Edge]) -> list[Node]:
        """Lets these edges be felt as calls now fare on their way; nodes for which anything is different."""
        self._confined = self._ways is not None and self._ways.any()
        touched: list[Node] = []
        for edge in edges:
            before = (edge.seen, edge.reach, edge.slowness)
            self._feel(edge)
            if (edge.seen, edge.reach, edge.slowness) != before:
                touched += [edge.dependent, edge.dependency]
        return list(dict.fromkeys(touched))

    def felt(self, edge: Edge) -> Felt:
        """What the dependent would feel without delays."""
        if self._confined and self._ways is not None:
            return self._ways.felt(edge)
        return Felt(edge.dependency.level)

    def _feel(self, edge: Edge) -> None:
        """Lets the dependent feel the dependency: recovery at once, loss after the edge's delay."""
        level, edge.reach, edge.slowness = self.felt(edge)
        if level < edge.seen and edge.spec.after:
            self._on_loss(edge)
            return
        if edge.dependency.role is Role.SITE and edge.seen < SERVING <= level:
            self._on_return(edge.dependent)
        edge.seen = level
        edge.pending = 0

    def _health(self, node: Node) -> tuple[float, float, float]:
        """Level, admitted share and slowness."""
        if node.role is Role.PAIR:
            active = next(edge for edge in node.needs if edge.dependency.id == node.active)
            return active.seen, 1.0, active.dependency.slowness
        if node.role is Role.GROUP:
            return self._group_health(node)
        own = own_state(node, self._effects_of(node))
        admitted, queueing = capacity_limits(node, own)
        level = admitted * (1 - own.errors)
        slowness = own.slowness * queueing
        for edge in node.needs:
            felt = felt_share(edge)
            if edge.spec.type == "hard":
                level *= 1 - min(1.0, edge.spec.calls * edge.cache_factor) * (1 - felt)
                slowness += _slowness_share(edge) * (_endured(edge) - 1)
            elif edge.spec.type == "soft":
                assert edge.spec.degradation is not None
                level *= 1 - edge.spec.degradation * (1 - felt)
            elif edge.late:
                assert edge.spec.degradation is not None
                level *= 1 - edge.spec.degradation
        return level, admitted, slowness

    @staticmethod
    def _group_health(node: Node) -> tuple[float, float, float]:
        assert node.group is not None
        serving = sorted((e for e in node.needs if e.seen >= SERVING), key=lambda e: -e.seen)[: node.group.needed]
        if len(serving) < node.group.needed:
            return 0.0, 1.0, 1.0
        return (
            sum(e.seen for e in serving) / node.group.needed,
            1.0,
            sum(e.dependency.slowness for e in serving) / node.group.needed,
        )


def capacity_limits(node: Node, own: OwnState) -> tuple[float, float]:
    """Share of load admitted, and by how much waiting slows a request."""
    component = node.component
    if component is None:
        return (1.0, 1.0) if own.alive else (0.0, 1.0)
    needed = component.replicas.needed
    if own.alive == 0:
        if node.queue is not None:
            node.queue.clear()
        return 0.0, 1.0
    if component.capacity_rps is None:
        return node.let_in * min(1.0, own.alive / needed), 1.0
    offered, capacity = node.load_rps * node.let_in, capacity_rps(node, own)
    if node.queue is not None:
        servers = own.alive * node.queue.spec.concurrency
        admitted = node.queue.settle(offered, capacity, servers)
        assert component.latency_ms is not None
        return node.let_in * admitted, 1 + node.queue.wait_s * SECOND / component.latency_ms
    utilisation = offered / capacity
    admitted = 1.0 if utilisation <= 1 else 1 / utilisation
    rho = min(utilisation, HIGHEST_UTILISATION)
    return node.let_in * admitted, 1 + erlang_c(own.alive, own.alive * rho) / (own.alive * (1 - rho))


def capacity_rps(node: Node, own: OwnState) -> float:
    """Requests a second that the replicas which run can serve."""
    assert node.component is not None
    assert node.component.capacity_rps is not None
    return node.component.capacity_rps * own.capacity_factor * own.alive / node.component.replicas.needed


def utilisation(node: Node, own: OwnState) -> float | None:
    """What is let in of what arrives, as a share of what can be served; None where that is not known."""
    if node.component is None or node.component.capacity_rps is None or not own.alive:
        return None
    return node.load_rps * node.let_in / capacity_rps(node, own)


def first_calls(edge: Edge) -> float:
    """Calls a second that a component (or the users of a function) would make over an edge if none failed."""
    dependent = edge.dependent
    if dependent.function is not None:
        demand = dependent.function.demand
        return dependent.external_rps if demand is not None and demand.entry == edge.dependency.id else 0.0
    alive_share = 0.0 if dependent.starting else dependent.admitted
    return dependent.load_rps * alive_share * edge.spec.calls * edge.calls_factor * edge.cache_factor


def call_rate(edge: Edge) -> float:
    """Requests a second over an edge, retries included; of users, only what they try again (the rest is demand)."""
    dependent = edge.dependent
    if dependent.role is Role.SITE or edge.dependency.role is Role.SITE:
        return 0.0
    if edge.spec.type == "bootstrap":
        return 0.0
    if dependent.role is Role.FUNCTION:
        first = first_calls(edge)
        return 0.0 if edge.path is None else edge.path.calls_rps(first, 1 - works(edge)) - first
    if dependent.role is Role.PAIR:
        return dependent.load_rps if edge.dependency.id == dependent.active else 0.0
    if dependent.role is Role.GROUP:
        serving = [e for e in dependent.needs if e.seen >= SERVING]
        return dependent.load_rps / len(serving) if edge in serving else 0.0
    first = first_calls(edge)
    if edge.path is not None:
        return edge.path.calls_rps(first, 1 - works(edge)) * edge.reach
    failing = 1 - edge.seen
    return first * sum(failing**i for i in range(edge.spec.retries + 1)) * edge.reach


def felt_share(edge: Edge) -> float:
    """Share of calls over an edge that come to a good end, further tries included."""
    if edge.path is None:
        return 1 - (1 - edge.seen) ** (1 + edge.spec.retries)
    return edge.path.succeeds(first_calls(edge), 1 - works(edge))


def works(edge: Edge) -> float:
    """Share of single tries over an edge that are served well and in time."""
    return edge.seen * (1 - late(edge))


def late(edge: Edge) -> float:
    """Share of answers that come after the caller has given up."""
    if edge.spec.timeout is None:
        return 0.0
    serving = _who_answers(edge.dependency)
    takes_ms = usual_latency_ms(serving)
    if takes_ms is None:
        return 0.0
    left_s = (edge.spec.timeout - takes_ms * serving.slowness * edge.slowness) / SECOND
    if serving.queue is None or serving.queue.spec.limit == 0:
        return float(left_s < 0)
    return serving.queue.late(left_s + serving.queue.wait_s)


def throughput_rps(node: Node) -> float:
    """Requests a second that a node has done well with, whether or not anybody still waits for the answer.

    Levels count by arrival; what waits in a queue leaves it later, at the pace of the capacity.
    """
    if node.queue is None or node.admitted <= 0:
        return node.load_rps * node.level
    leaving = (
        node.queue.capacity_rps if node.queue.backlog else min(node.load_rps * node.admitted, node.queue.capacity_rps)
    )
    return leaving * node.level / node.admitted


def answer_ms(node: Node) -> float:
    """How long an answer takes now; nothing where that is not known."""
    usual_ms = usual_latency_ms(node)
    return 0.0 if usual_ms is None else usual_ms * node.slowness


def served_share(node: Node) -> float:
    """Share of requests that are served well and in time for whoever asked.

    A component counts as served what its callers do not wait for any more; its callers do not.
    """
    if node.queue is None:
        return node.level
    asked = list(_callers(node))
    total = sum(rate for _, rate in asked)
    return node.level if total <= 0 else node.level * (1 - sum(late(e) * rate for e, rate in asked) / total)


def _callers(node: Node) -> Iterator[tuple[Edge, float]]:
    """Those who call a node, directly or by the name of a pair or group, with their requests a second."""
    for edge in node.needed_by:
        if edge.dependent.role in (Role.PAIR, Role.GROUP):
            if call_rate(edge) > 0:
                yield from _callers(edge.dependent)
        else:
            yield edge, max(call_rate(edge), first_calls(edge) if edge.dependent.is_function else 0.0)


def _who_answers(node: Node) -> Node:
    """The component that answers for a pair (its active member) or a group (its first member that serves)."""
    if node.role is Role.PAIR:
        return next(_who_answers(e.dependency) for e in node.needs if e.dependency.id == node.active)
    if node.role is Role.GROUP:
        serving = [e.dependency for e in node.needs if e.seen >= SERVING]
        return _who_answers(serving[0] if serving else node.needs[0].dependency)
    return node


def _endured(edge: Edge) -> float:
    """By how much a dependency is slower than usual for a caller who does not wait for ever."""
    slowness, usual_ms = edge.dependency.slowness * edge.slowness, usual_latency_ms(edge.dependency)
    if edge.spec.timeout is None or usual_ms is None:
        return slowness
    return min(slowness, max(edge.spec.timeout / usual_ms, 1.0))


def _slowness_share(edge: Edge) -> float:
    """How much of the dependent's own time is spent in this dependency, where both are known."""
    ours, theirs = usual_latency_ms(edge.dependent), usual_latency_ms(edge.dependency)
    if ours is None or theirs is None:
        return 0.0
    return min(1.0, edge.spec.calls * theirs / ours)


def usual_latency_ms(node: Node) -> float | None:
    """Time of a request when all is well; of a pair, that of its active member; of a group, of its first one."""
    if node.component is not None:
        return node.component.latency_ms
    if node.role is Role.PAIR:
        return next(usual_latency_ms(e.dependency) for e in node.needs if e.dependency.id == node.active)
    return usual_latency_ms(node.needs[0].dependency) if node.role is Role.GROUP else None


def _differs(now: float, before: float, *, scale: bool = False) -> bool:
    return abs(now - before) > _TOLERANCE * (max(abs(before), 1.0) if scale else 1.0)
