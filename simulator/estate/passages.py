"""What of a call gets through: effects that are confined to calls between two sides.

A *passage* is what calls of one node to another suffer: the share that arrives, the share of those that is answered
well, and by how much longer they take.  Where no confined fault lasts every passage is whole, and nobody asks.

Pairs and groups stand nowhere: what a caller feels of one is felt of its members, each over its own passage.  Nobody in
particular (users, whoever watches from outside) is on no side: cut off only from what is cut off from everybody.
"""

from __future__ import annotations

from typing import NamedTuple

from simulator.estate.faults import ActiveFault, ActiveFaults
from simulator.estate.graph import Edge, Node, Role
from simulator.estate.health import SERVING, Felt, replica_count


class Passage(NamedTuple):
    """Shares in [0, 1]; slowness 1 when calls take as long as usual."""

    arrives: float = 1.0
    answered: float = 1.0
    slowness: float = 1.0


WHOLE = Passage()


class Passages:
    """Asked by whoever settles health, and by instruments for what can be seen from outside."""

    def __init__(self, faults: ActiveFaults) -> None:
        self._faults = faults

    def any(self) -> bool:
        """Whether any call suffers from a confined fault now."""
        return bool(self._faults.confined())

    def between(self, caller: Node | None, callee: Node) -> Passage:
        """Over everything that lasts; `caller` None: nobody in particular."""
        arrives, answered, slowness = WHOLE
        for fault in self._faults.confined():
            if not _concerns(fault, caller, callee):
                continue
            effect = fault.confined
            assert effect is not None
            share = _share(fault, callee)
            if effect.down:
                arrives *= 1 - share
            answered *= 1 - effect.error_ratio * share
            slowness *= 1 + (effect.latency_factor - 1) * share
        return Passage(arrives, answered, slowness)

    def reach_from_outside(self, node: Node) -> float:
        """Share of the requests of users, and of looks of instruments, that arrive."""
        return self.between(None, node).arrives

    def cutting(self, edge: Edge) -> list[str]:
        """Targets of the faults that calls over an edge suffer from."""
        leaves = _leaves(edge.dependency)
        found = [f.target for f in self._faults.confined() if any(_concerns(f, edge.dependent, n) for n in leaves)]
        return list(dict.fromkeys(found))

    def felt(self, edge: Edge) -> Felt:
        """What the dependent feels of the dependency, delays aside."""
        if Role.SITE in (edge.dependent.role, edge.dependency.role):
            return Felt(edge.dependency.level)
        return self._felt(edge.dependent, edge.dependency)

    def _felt(self, caller: Node, callee: Node) -> Felt:
        if callee.role is Role.PAIR:
            return self._felt(caller, next(e.dependency for e in callee.needs if e.dependency.id == callee.active))
        if callee.role is Role.GROUP:
            assert callee.group is not None
            members = [self._felt(caller, edge.dependency) for edge in callee.needs]
            best = sorted((m for m in members if m.level >= SERVING), key=lambda m: -m.level)[: callee.group.needed]
            if len(best) < callee.group.needed:
                return Felt(0.0, max(m.reach for m in members))
            count = len(best)
            return Felt(sum(m.level for m in best) / count, 1.0, sum(m.slowness for m in best) / count)
        arrives, answered, slowness = self.between(caller, callee)
        return Felt(callee.level * arrives * answered, arrives, slowness)


def _leaves(node: Node) -> list[Node]:
    if node.role in (Role.PAIR, Role.GROUP):
        return [leaf for edge in node.needs for leaf in _leaves(edge.dependency)]
    return [node]


def _concerns(fault: ActiveFault, caller: Node | None, callee: Node) -> bool:
    assert fault.confined is not None
    between = fault.confined.between
    assert between is not None
    from_inside, to_inside = _within(fault, caller), _within(fault, callee)
    if from_inside and to_inside:
        return False
    inward = between.inward and to_inside and _among(between.peers, caller)
    return inward or (between.outward and from_inside and _among(between.peers, callee))


def _within(fault: ActiveFault, node: Node | None) -> bool:
    return node is not None and any(node is target or _stands_at(node, target.id) for target in fault.sits)


def _among(peers: tuple[str, ...], node: Node | None) -> bool:
    return not peers or (node is not None and (node.id in peers or any(_stands_at(node, peer) for peer in peers)))


def _stands_at(node: Node, site: str) -> bool:
    return node.component is not None and node.component.site == site


def _share(fault: ActiveFault, callee: Node) -> float:
    """Of the calls: as many as meet the replicas that are hit."""
    hit = fault.confined.replicas if fault.confined is not None else None
    return 1.0 if hit is None or callee not in fault.sits else min(hit / replica_count(callee), 1.0)
