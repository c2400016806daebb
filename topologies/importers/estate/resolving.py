"""From a draft to what goes into the estate: ids, parts, edges that lead somewhere; and the account of every record.

What an estate cannot hold is decided here once for all formats:

- a business function that others depend on becomes a component: only components can be depended on;
- a group keeps its members only where it has no dependency of its own; else it is a component that needs them all;
- an edge to a place says where its source stands; a component stands in one place;
- what a place has as a member, stands there; a place that things name and one of a record that is called so are one;
- an edge of a thing to itself, or between places, says nothing that an estate holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from timeline.findings import Finding
from topologies.importers.estate.draft import DIFFERENT, DOUBTFUL, Draft, Edge, Evidence, LeftOut, Meaning, Node, Part
from topologies.importers.estate.naming import assign_ids

_STRONGEST = (Meaning.MEMBER, Meaning.HARD, Meaning.SOFT, Meaning.ASYNCHRONOUS, Meaning.PLACED)


@dataclass(frozen=True, slots=True)
class KeptEdge:
    """An edge of the estate, by ids, with everything that speaks for it."""

    source: str
    target: str
    meaning: Meaning
    calls: float | None
    degradation: float | None
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """The account of one sort of record: `read` is the sum of `kept`, `merged` and `left_out`; `mentioned` come on
    top: nodes that no record describes."""

    read: int
    kept: int
    merged: int
    left_out: int
    mentioned: int = 0


@dataclass(frozen=True)
class Imported:
    """What an import found, resolved: ready to be written.  Nodes by id, in the order of their ids."""

    format: str
    nodes: Mapping[str, Node]
    edges: tuple[KeptEdge, ...]
    left_out: tuple[LeftOut, ...]
    remarks: tuple[Finding, ...]
    node_counts: Counts
    edge_counts: Counts


def resolve(draft: Draft) -> Imported:
    """Everything that the draft holds, with ids; what has no place is left out with its reason."""
    _settle_places(draft)
    draft.edges = [_from_place(edge, draft.nodes) for edge in draft.edges]
    draft.nodes = _parts_settled(draft)
    ids = assign_ids({key: node.names for key, node in draft.nodes.items()})
    merged, left_out = _judged(draft)
    site_of = {e.source: e.target for e in merged.values() if e.meaning is Meaning.PLACED}
    nodes = {
        ids[key]: replace(node, site=ids.get(site_of.get(key, node.site or "")))
        for key, node in sorted(draft.nodes.items(), key=lambda item: ids[item[0]])
    }
    evidence = _evidence(draft, merged, left_out)
    edges = [
        KeptEdge(ids[e.source], ids[e.target], e.meaning, e.calls, e.degradation, tuple(evidence[e.source, e.target]))
        for e in merged.values()
    ]
    edges_left = len(left_out) + sum(record.what == "edge" for record in draft.left_out)
    edges_read = len(draft.edges) + edges_left - len(left_out)
    nodes_left = sum(record.what == "node" for record in draft.left_out)
    return Imported(
        draft.format,
        nodes,
        tuple(sorted(edges, key=lambda edge: (edge.source, edge.target))),
        (*draft.left_out, *left_out.values()),
        tuple(draft.remarks),
        Counts(
            draft.nodes_read,
            len(draft.nodes) - len(draft.mentioned),
            draft.nodes_merged,
            nodes_left,
            len(draft.mentioned),
        ),
        Counts(edges_read, len(merged), edges_read - len(merged) - edges_left, edges_left),
    )


def _settle_places(draft: Draft) -> None:
    """A place that things only name, and a place with a record of its own that is called so, are one."""
    recorded = {
        node.title.casefold(): key
        for key, node in draft.nodes.items()
        if node.part is Part.SITE and key not in draft.mentioned
    }
    named = {key: draft.nodes[key] for key in draft.mentioned if draft.nodes[key].part is Part.SITE}
    same = {key: recorded[node.title.casefold()] for key, node in named.items() if node.title.casefold() in recorded}
    for key in same:
        del draft.nodes[key]
        draft.mentioned.discard(key)
    draft.nodes = {key: replace(node, site=same.get(node.site or "", node.site)) for key, node in draft.nodes.items()}


def _from_place(edge: Edge, nodes: Mapping[str, Node]) -> Edge:
    """What a place has as a member, stands there."""
    source = nodes.get(edge.source)
    if edge.meaning is Meaning.MEMBER and source is not None and source.part is Part.SITE:
        return replace(edge, source=edge.target, target=edge.source, meaning=Meaning.PLACED)
    return edge


def _parts_settled(draft: Draft) -> dict[str, Node]:
    needed = {edge.target for edge in draft.edges if edge.source != edge.target}
    outgoing = defaultdict(set)
    for edge in draft.edges:
        if edge.target in draft.nodes and edge.source != edge.target:
            outgoing[edge.source].add(edge.meaning)
    settled = {}
    for key, node in draft.nodes.items():
        if node.part is Part.FUNCTION and key in needed:
            message = f"{node.title!r} supports others, so it is a component here and not a business function"
            draft.remark(DIFFERENT, node.place, message)
            node = replace(node, part=Part.COMPONENT)
        if node.part is Part.GROUP and outgoing[key] - {Meaning.PLACED} != {Meaning.MEMBER}:
            node = replace(node, part=Part.COMPONENT)
        settled[key] = node
    return settled


def _judged(draft: Draft) -> tuple[dict[tuple[str, str], Edge], dict[int, LeftOut]]:
    """Edges that an estate can hold, merged by their ends; and those left out, by their index in the draft."""
    merged: dict[tuple[str, str], Edge] = {}
    left_out: dict[int, LeftOut] = {}
    places: dict[str, str] = {key: node.site for key, node in draft.nodes.items() if node.site is not None}
    for index, edge in enumerate(draft.edges):
        reason, meaning = _judge(edge, draft.nodes)
        if reason is None and meaning is Meaning.PLACED:
            known = places.setdefault(edge.source, edge.target)
            if known != edge.target:
                reason = f"it stands in {draft.nodes[known].title!r} already, and a component has one place"
        if reason is not None:
            left_out[index] = LeftOut("edge", _named(edge, draft.nodes), reason, edge.evidence.place)
            continue
        if meaning is Meaning.SOFT and edge.degradation is None:
            message = f"{_named(edge, draft.nodes)} is soft, but not by how much: it is taken for hard"
            draft.remark(DOUBTFUL, edge.evidence.place, message, "state its degradation, a share from 0 to 1")
            meaning = Meaning.HARD
        ends = (edge.source, edge.target)
        edge = replace(edge, meaning=meaning)
        merged[ends] = _stronger(merged[ends], edge) if ends in merged else edge
    return merged, left_out


def _judge(edge: Edge, nodes: Mapping[str, Node]) -> tuple[str | None, Meaning]:
    """Why an edge cannot be kept, or None, and what it means between these two."""
    source, target = nodes.get(edge.source), nodes.get(edge.target)
    if source is None or target is None:
        missing = edge.source if source is None else edge.target
        return f"{missing!r} is not among the nodes", edge.meaning
    if edge.source == edge.target:
        return "a dependency of a thing on itself", edge.meaning
    if target.part is Part.SITE:
        if source.part is not Part.COMPONENT:
            return f"a {source.part} does not stand in a place", edge.meaning
        return None, Meaning.PLACED
    if edge.meaning is Meaning.PLACED or (edge.meaning is Meaning.MEMBER and source.part is not Part.GROUP):
        return None, Meaning.HARD
    return None, edge.meaning


def _stronger(first: Edge, second: Edge) -> Edge:
    """Two records of one edge: the stronger meaning, the larger figures, in either order the same."""
    meaning = min(first.meaning, second.meaning, key=_STRONGEST.index)
    calls = [edge.calls for edge in (first, second) if edge.calls is not None]
    shares = [edge.degradation for edge in (first, second) if edge.degradation is not None]
    return replace(first, meaning=meaning, calls=max(calls, default=None), degradation=max(shares, default=None))


def _evidence(
    draft: Draft, merged: Mapping[tuple[str, str], Edge], left_out: Mapping[int, LeftOut]
) -> dict[tuple[str, str], list[Evidence]]:
    found: dict[tuple[str, str], list[Evidence]] = {ends: [] for ends in merged}
    for index, edge in enumerate(draft.edges):
        if index not in left_out:
            found[edge.source, edge.target].append(edge.evidence)
    return found


def _named(edge: Edge, nodes: Mapping[str, Node]) -> str:
    source, target = (nodes[key].title if key in nodes else key for key in (edge.source, edge.target))
    return f"{source} -> {target}"
