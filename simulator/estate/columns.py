"""Many faults at once: the levels of all nodes as one array, `node x case`.

A *case* is one state of the estate's parts by themselves (`own`): what faults leave of each component before its
dependencies count.  `Columns.settle` brings every case to its steady state: all delays over, nobody has acted yet.  The
rules are those of `simulator.estate.health` for levels; what only load brings about (retries that overload, queues) is
left to an exercise.

Nodes are settled in *stages*, dependencies first: each stage is one array operation over all its edges and cases.
Nodes that need each other share a stage, which is gone through until nothing moves.

A standby pair is served by its standby when its primary is lost and the fail-over is automatic or, with `switched`,
in any case: the state after people have made all the switches there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
import numpy.typing as npt

from simulator.estate.graph import CompiledEstate, Node, Role
from simulator.estate.health import SERVING

Levels = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.intp]

_UNMOVED = 1e-9
_ROUNDS = 10_000
"""At most, for nodes that need each other: levels only fall, and fall by ever less."""


@dataclass(frozen=True, slots=True)
class _Products:
    """Nodes whose level is a product over their edges; edges of one node stand together."""

    nodes: Numbers
    starts: Numbers
    """Where in the edges each node's begin."""
    dependencies: Numbers
    weights: Levels
    """Edge x 1: share of the dependent's level that is lost with the dependency."""
    attempts: npt.NDArray[np.int64]
    """Edge x 1: tries of each call."""


@dataclass(frozen=True, slots=True)
class _Stage:
    products: _Products | None
    chosen: tuple[Node, ...]
    """Pairs and groups."""
    cyclic: bool


class Columns:
    """One estate compiled for many cases."""

    def __init__(self, compiled: CompiledEstate) -> None:
        self.ids: tuple[str, ...] = tuple(compiled.nodes)
        self.number = {id: number for number, id in enumerate(self.ids)}
        self._stages = [self._stage(nodes) for nodes in _stages(compiled)]

    def untouched(self, cases: int) -> Levels:
        """`own` of so many cases in which nothing is wrong: to be lowered where faults sit."""
        return np.ones((len(self.ids), cases))

    def settle(self, own: Levels, *, switched: bool = False) -> Levels:
        """Levels of all nodes (node x case) from what they are by themselves (the same shape, not changed)."""
        levels = own.copy()
        for stage in self._stages:
            if not stage.cyclic:
                self._pass(stage, own, levels, switched=switched)
                continue
            for _ in range(_ROUNDS):
                before = levels.copy()
                self._pass(stage, own, levels, switched=switched)
                if np.abs(levels - before).max() <= _UNMOVED:
                    break
        return levels

    def _stage(self, nodes: Sequence[Node]) -> _Stage:
        chosen = tuple(node for node in nodes if node.role in (Role.PAIR, Role.GROUP))
        products = [n for n in nodes if n not in chosen and any(e.spec.type != "asynchronous" for e in n.needs)]
        return _Stage(self._products(products) if products else None, chosen, len(nodes) > 1 and _cyclic(nodes))

    def _products(self, nodes: Sequence[Node]) -> _Products:
        edges = [[edge for edge in node.needs if edge.spec.type != "asynchronous"] for node in nodes]
        flat = [edge for group in edges for edge in group]
        weights = [min(1.0, e.spec.calls) if e.spec.degradation is None else e.spec.degradation for e in flat]
        return _Products(
            nodes=np.array([self.number[node.id] for node in nodes], dtype=np.intp),
            starts=np.cumsum([0, *(len(group) for group in edges[:-1])]).astype(np.intp),
            dependencies=np.array([self.number[edge.dependency.id] for edge in flat], dtype=np.intp),
            weights=np.array(weights)[:, None],
            attempts=np.array([1 + edge.spec.retries for edge in flat])[:, None],
        )

    def _pass(self, stage: _Stage, own: Levels, levels: Levels, *, switched: bool) -> None:
        if stage.products is not None:
            p = stage.products
            missing = 1 - levels[p.dependencies]
            if (p.attempts > 1).any():
                missing **= p.attempts
            levels[p.nodes] = own[p.nodes] * np.multiply.reduceat(1 - p.weights * missing, p.starts, axis=0)
        for node in stage.chosen:
            members = levels[[self.number[edge.dependency.id] for edge in node.needs]]
            if node.group is not None:
                levels[self.number[node.id]] = _best(members, node.group.needed)
            else:
                levels[self.number[node.id]] = self._served(node, levels, switched=switched)

    def _served(self, node: Node, levels: Levels, *, switched: bool) -> Levels:
        """A pair by its active member, or by the standby once that has taken over."""
        assert node.pair is not None
        primary: Levels = levels[self.number[node.pair.primary]]
        over = node.pair.fail_over
        if node.pair.standby is None or over is None or not (switched or over.mode == "automatic"):
            return primary
        standby = levels[self.number[node.pair.standby]]
        taken: Levels = np.where((primary < SERVING) & (standby >= SERVING), standby, primary)
        return taken


def _best(members: Levels, needed: int) -> Levels:
    """Mean of the best `needed` of those that serve; 0 where fewer do."""
    best = np.sort(members, axis=0)[::-1][:needed]
    level: Levels = np.where(best[-1] >= SERVING, best.mean(axis=0), 0.0)
    return level


def _stages(compiled: CompiledEstate) -> list[list[Node]]:
    """Nodes by how far they stand above what needs nothing; nodes that need each other have a stage of their own."""
    graph: nx.DiGraph[Node] = nx.DiGraph()
    graph.add_nodes_from(compiled.nodes.values())
    graph.add_edges_from((e.dependent, e.dependency) for n in compiled.nodes.values() for e in n.needs)
    strong = nx.condensation(graph)
    depth: dict[int, int] = {}
    plain: dict[int, list[Node]] = {}
    stages: list[tuple[int, list[Node]]] = []
    for component in reversed(list(nx.topological_sort(strong))):
        below = [depth[other] for other in strong.successors(component)]
        depth[component] = 1 + max(below, default=-1)
        members = sorted(strong.nodes[component]["members"], key=lambda node: node.id)
        if len(members) > 1:
            stages.append((depth[component], members))
        else:
            plain.setdefault(depth[component], []).extend(members)
    stages += plain.items()
    return [nodes for _, nodes in sorted(stages, key=lambda stage: (stage[0], [node.id for node in stage[1]]))]


def _cyclic(nodes: Sequence[Node]) -> bool:
    inside = set(nodes)
    return any(edge.dependency in inside for node in nodes for edge in node.needs)
