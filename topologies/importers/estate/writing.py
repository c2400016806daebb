"""An import as files: `topology.yaml`, which loads like any other, and `import.json`, the account of every record."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from timeline.findings import InputError
from topologies.estate import FORMAT
from topologies.importers.estate.draft import Meaning, Node, Part
from topologies.importers.estate.naming import slug
from topologies.importers.estate.resolving import Imported, KeptEdge
from topologies.importers.estate.unknowns import Unknown, unknowns
from topologies.loading.document import MAX_BYTES
from topologies.shipped import TOPOLOGY
from topologies.writing import to_yaml

ACCOUNT = "import.json"
_SECTIONS = {Part.COMPONENT: "components", Part.GROUP: "groups", Part.SITE: "sites", Part.FUNCTION: "functions"}
_SOURCES_ELSEWHERE = f"# Where each kind and dependency comes from would make this file too long: see {ACCOUNT}.\n"
_RANK = ("low", "medium", "high")

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Head:
    """What the importing person states."""

    title: str
    timezone: str | None = None


def estate_files(imported: Imported, head: Head, max_length: int = MAX_BYTES) -> dict[str, str]:
    """The text of each file, by its name.

    Where the topology would be longer than what loads, its `sources` are left to the account; raises InputError where
    it is too long without them.
    """
    unknown = unknowns(imported, timezone_given=head.timezone is not None)
    data = topology(imported, head)
    sources = data.pop("sources", None)
    text = _comment(imported, unknown) + to_yaml(data)
    if len(text) > max_length:
        message = f"{len(imported.nodes)} things and {len(imported.edges)} dependencies are more than one estate holds"
        raise InputError.single(
            "estate.too-large", TOPOLOGY, message, "import a part: a location, a class, a namespace"
        )
    listed = to_yaml({"sources": sources}) if sources else ""
    return {
        TOPOLOGY: text + listed if len(text) + len(listed) <= max_length else f"{text}{_SOURCES_ELSEWHERE}",
        ACCOUNT: json.dumps(account(imported, unknown), ensure_ascii=False, indent=1) + "\n",
    }


def topology(imported: Imported, head: Head) -> Data:
    """The estate in the shape of its file; what is not known is not in it."""
    needs: dict[str, Data] = {id: {} for id in imported.nodes}
    for edge in imported.edges:
        if edge.meaning in (Meaning.HARD, Meaning.SOFT, Meaning.ASYNCHRONOUS):
            needs[edge.source][edge.target] = _dependency(edge)
    members: dict[str, list[str]] = {id: [] for id in imported.nodes}
    for edge in imported.edges:
        if edge.meaning is Meaning.MEMBER:
            members[edge.source].append(edge.target)
    timezone = head.timezone or "UTC"
    sections: dict[str, Data] = {name: {} for name in ("sites", "components", "groups", "functions")}
    for id, node in imported.nodes.items():
        sections[_SECTIONS[node.part]][id] = _thing(node, needs[id], members[id], timezone)
    sources = dict(_sources(imported))
    return {
        "format": FORMAT,
        "title": head.title,
        "timezone": timezone,
        "description": f"Imported ({imported.format}). What the source does not say is left out; {ACCOUNT} accounts "
        "for every record.",
        **{name: things for name, things in sections.items() if things or name == "components"},
        **({"sources": sources} if sources else {}),
    }


def account(imported: Imported, unknown: list[Unknown]) -> Data:
    """Every record that was read, what became of it and why; the same in the same order for the same files."""
    return {
        "format": imported.format,
        "nodes": asdict(imported.node_counts),
        "edges": asdict(imported.edge_counts),
        "things": {
            id: {
                "part": str(node.part),
                "name": node.title,
                "key": node.key,
                **({"called": node.title_of_kind} if node.title_of_kind else {}),
                "kind": str(node.kind.kind),
                "rule": node.kind.rule,
                "confidence": node.kind.confidence,
                "place": str(node.place),
            }
            for id, node in imported.nodes.items()
        },
        "dependencies": [
            {
                "from": edge.source,
                "to": edge.target,
                "meaning": str(edge.meaning),
                "evidence": [
                    {"says": e.says, "place": str(e.place), "basis": e.basis, "confidence": e.confidence}
                    for e in edge.evidence
                ],
            }
            for edge in imported.edges
        ],
        "left_out": [
            {"what": record.what, "name": record.name, "reason": record.reason, "place": str(record.place)}
            for record in imported.left_out
        ],
        "unknown": [{"fact": u.fact, "of": list(u.of), "instead": u.instead} for u in unknown],
        "remarks": [remark.to_json() for remark in imported.remarks],
    }


def reasons(imported: Imported) -> list[tuple[str, str, int]]:
    """What was left out (node or edge) and why, with how many records each reason took; the commonest first."""
    counted = Counter((record.what, record.reason) for record in imported.left_out)
    return [(what, reason, count) for (what, reason), count in counted.most_common()]


def _thing(node: Node, needs: Data, members: list[str], timezone: str) -> Data:
    if node.part is Part.SITE:
        return {"title": node.title, "kind": "datacentre", "timezone": timezone, **_some(depends_on=needs)}
    if node.part is Part.GROUP:
        return {"title": node.title, "members": members, "needed": len(members), **_some(owner=_team(node))}
    if node.part is Part.FUNCTION:
        return {
            "title": node.title,
            **_some(owner=_team(node), criticality=node.criticality),
            "supported_by": needs,
        }
    replicas = None
    if node.replicas is not None and node.replicas >= 1:
        replicas = {"count": node.replicas, "needed": min(node.needed or node.replicas, node.replicas)}
    return {
        "title": node.title,
        "kind": str(node.kind.kind),
        **_some(site=node.site, owner=_team(node), replicas=replicas, depends_on=needs),
    }


def _team(node: Node) -> str | None:
    """The owner as an organisation would call the team."""
    return slug(node.owner) if node.owner else None


def _some(**fields: Any) -> Data:
    return {name: value for name, value in fields.items() if value}


def _dependency(edge: KeptEdge) -> Data:
    return {
        "type": str(edge.meaning),
        **({"degradation": edge.degradation} if edge.meaning is Meaning.SOFT else {}),
        **({} if edge.calls is None else {"calls": edge.calls}),
    }


def _sources(imported: Imported) -> Iterator[tuple[str, Data]]:
    """Where kinds, figures and dependencies come from, by the path that `--set` uses; without line numbers, which
    change with every edit of the source and say nothing about the estate."""
    for id, node in imported.nodes.items():
        if node.part is Part.COMPONENT:
            basis = "expert" if node.kind.confidence == "high" else "assumed"
            source = {"source": node.kind.rule, "basis": basis, "confidence": node.kind.confidence}
            yield f"components.{id}.kind", source
            if (node.replicas or 1) > 1 and node.needed is None:
                careful = {"source": "not stated: all of them", "basis": "assumed", "confidence": "low"}
                yield f"components.{id}.replicas.needed", careful
    for edge in imported.edges:
        part = imported.nodes[edge.source].part
        if edge.meaning in (Meaning.HARD, Meaning.SOFT, Meaning.ASYNCHRONOUS):
            field = "supported_by" if part is Part.FUNCTION else "depends_on"
            yield f"{_SECTIONS[part]}.{edge.source}.{field}.{edge.target}", _source(edge)


def _source(edge: KeptEdge) -> Data:
    best = max(edge.evidence, key=lambda e: (e.basis == "measured", _RANK.index(e.confidence)))
    said = sorted({f"{Path(e.place.file).name}: {e.says}" for e in edge.evidence})
    return {"source": "; ".join(said), "basis": best.basis, "confidence": best.confidence}


def _comment(imported: Imported, unknown: list[Unknown]) -> str:
    nodes, edges = imported.node_counts, imported.edge_counts
    lines = [
        f"Imported ({imported.format}): {nodes.read} things read, {nodes.merged} merged, {nodes.left_out} left out;",
        f"{edges.read} dependencies read, {edges.merged} merged, {edges.left_out} left out;",
        f"every one is in {ACCOUNT}.",
        "",
        "Nobody has stated yet:",
        *(f"- {fact}" for fact in unknown),
    ]
    return "".join(f"# {line}".rstrip() + "\n" for line in lines)
