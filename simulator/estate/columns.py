"""Many faults at once: the levels of all nodes as one array, `node x case`.

A *case* is one state of the estate's parts by themselves (`own`): what faults leave of each component before its
dependencies count.  `Columns.settle` brings every case to its steady state: all delays over, nobody has acted yet.  The
rules are those of `simulator.estate.health` for levels; what only load or memory brings about (retries that overload,
queues, time-outs, budgets, breakers, ejection) is left to an exercise.

Nodes are settled in *stages*, dependencies first: each stage is a few array operations over all its edges and a
*block* of cases, as many as fit into a processor's cache.  Nodes that need each other share a stage, which is gone
through until nothing moves.

A standby pair is served by its standby when its primary is lost and the fail-over is automatic.  With `switched` it is
served by the better of the two: the state after people have made all the switches that help.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np
import numpy.typing as npt

from simulator.estate.graph import CompiledEstate, Edge, Node, Role
from simulator.estate.health import SERVING

Levels = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.intp]

_BLOCK = 64
"""Cases settled together."""
_UNMOVED = 1e-9
_ROUNDS = 10_000
"""At most, for nodes that need each other: levels only fall, and fall by ever less."""


@dataclass(frozen=True, slots=True)
class _Round:
    """One edge of each of the first so many nodes of a stage."""

    dependencies: Numbers
    partial: Numbers
    """Edges whose loss does not simply take the dependent's level with it: the other fields are theirs."""
    weights: Levels
    """Edge x 1: share of the dependent's level that is lost with the dependency."""
    attempts: npt.NDArray[np.int64]
    """Edge x 1: tries of each call."""

    def factors(self, levels: Levels) -> Levels:
        factors = levels.take(self.dependencies, axis=0, mode="clip")  # every number is valid: without a check of each
        if self.partial.size:
            missing = 1 - factors[self.partial]
            if (self.attempts > 1).any():
                missing **= self.attempts
            factors[self.partial] = 1 - self.weights * missing
        return factors


@dataclass(frozen=True, slots=True)
class _Products:
    """Nodes whose level is a product over their edges, those with most edges first: round n takes the n-th edge of all
    that have one."""

    nodes: Numbers
    rounds: tuple[_Round, ...]

    def apply(self, own: Levels, levels: Levels) -> None:
        product = own.take(self.nodes, axis=0)
        for edges in self.rounds:
            product[: edges.dependencies.size] *= edges.factors(levels)
        levels[self.nodes] = product


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Standby pairs that have a way over."""

    nodes: Numbers
    primaries: Numbers
    standbys: Numbers
    automatic: npt.NDArray[np.bool_]
    """Pair x 1."""

    def apply(self, levels: Levels, *, switched: bool) -> None:
        primary, standby = levels[self.primaries], levels[self.standbys]
        if switched:
            levels[self.nodes] = np.maximum(primary, standby)
        else:
            over = self.automatic & (primary < SERVING) & (standby >= SERVING)
            levels[self.nodes] = np.where(over, standby, primary)


@dataclass(frozen=True, slots=True)
class _Group:
    """The mean of the best `needed` of its members that serve; 0 where fewer do."""

    node: int
    members: Numbers
    needed: int

    def apply(self, levels: Levels) -> None:
        best = np.sort(levels[self.members], axis=0)[::-1][: self.needed]
        levels[self.node] = np.where(best[-1] >= SERVING, best.mean(axis=0), 0.0)


@dataclass(frozen=True, slots=True)
class _Stage:
    products: _Products | None
    pairs: _Pairs | None
    groups: tuple[_Group, ...]
    cyclic: bool

    def apply(self, own: Levels, levels: Levels, *, switched: bool) -> None:
        if self.products is not None:
            self.products.apply(own, levels)
        if self.pairs is not None:
            self.pairs.apply(levels, switched=switched)
        for group in self.groups:
            group.apply(levels)


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
        levels = np.empty_like(own)
        for start in range(0, own.shape[1], _BLOCK):
            block = np.ascontiguousarray(own[:, start : start + _BLOCK])
            levels[:, start : start + _BLOCK] = self._settle_block(block, switched=switched)
        return levels

    def _settle_block(self, own: Levels, *, switched: bool) -> Levels:
        levels = own.copy()
        for stage in self._stages:
            stage.apply(own, levels, switched=switched)
            for _ in range(_ROUNDS if stage.cyclic else 0):
                before = levels.copy()
                stage.apply(own, levels, switched=switched)
                if np.abs(levels - before).max() <= _UNMOVED:
                    break
        return levels

    # Compiling

    def _numbers(self, ids: Sequence[str]) -> Numbers:
        return np.array([self.number[id] for id in ids], dtype=np.intp)

    def _stage(self, nodes: Sequence[Node]) -> _Stage:
        products = [n for n in nodes if n.role not in (Role.PAIR, Role.GROUP) and _carrying(n)]
        pairs = [n for n in nodes if n.pair is not None]
        groups = [_Group(self.number[n.id], self._members(n), n.group.needed) for n in nodes if n.group is not None]
        return _Stage(
            self._products(products) if products else None,
            self._pairs(pairs) if pairs else None,
            tuple(groups),
            len(nodes) > 1 and _cyclic(nodes),
        )

    def _members(self, node: Node) -> Numbers:
        return self._numbers([edge.dependency.id for edge in node.needs])

    def _pairs(self, nodes: Sequence[Node]) -> _Pairs:
        pairs = [node.pair for node in nodes if node.pair is not None]
        automatic = [p.fail_over is not None and p.fail_over.mode == "automatic" for p in pairs]
        return _Pairs(
            self._numbers([node.id for node in nodes]),
            self._numbers([pair.primary for pair in pairs]),
            self._numbers([pair.standby or pair.primary for pair in pairs]),
            np.array(automatic)[:, None],
        )

    def _products(self, nodes: Sequence[Node]) -> _Products:
        ordered = sorted(nodes, key=lambda node: -len(_carrying(node)))
        edges = [_carrying(node) for node in ordered]
        rounds = [[mine[turn] for mine in edges if turn < len(mine)] for turn in range(len(edges[0]))]
        return _Products(self._numbers([node.id for node in ordered]), tuple(self._round(turn) for turn in rounds))

    def _round(self, edges: Sequence[Edge]) -> _Round:
        partial = [number for number, edge in enumerate(edges) if _weight(edge) < 1 or edge.spec.retries]
        return _Round(
            dependencies=self._numbers([edge.dependency.id for edge in edges]),
            partial=np.array(partial, dtype=np.intp),
            weights=np.array([_weight(edges[number]) for number in partial])[:, None],
            attempts=np.array([1 + edges[number].spec.retries for number in partial], dtype=np.int64)[:, None],
        )


def _carrying(node: Node) -> list[Edge]:
    """The edges over which a loss is felt at once."""
    return [edge for edge in node.needs if edge.spec.type in ("hard", "soft")]


def _weight(edge: Edge) -> float:
    return min(1.0, edge.spec.calls) if edge.spec.degradation is None else edge.spec.degradation


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
