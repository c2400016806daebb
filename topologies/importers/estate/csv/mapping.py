"""Which column is what, which kind a word means, how a relationship is to be read: proposed from the tables, written
as YAML for a person to edit, and read back.

    format: blackstart/estate-mapping/1
    tables:
      nodes.csv: {holds: nodes, columns: {id: CI, name: Name, kind: Class, owner: Team}}
      edges.csv: {holds: edges, columns: {source: From, target: To, type: Relation}}
    kinds: {Web server: service, Oracle instance: database, Business service: function}
    relations: {depends on: hard, sends to: asynchronous, hosts: hard-reversed, documents: left-out}
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from timeline.findings import Finding, InputError, Severity, nearest
from topologies.estate import ComponentKind
from topologies.fields import Model
from topologies.importers.estate.csv.table import Table, normal
from topologies.importers.estate.draft import Part
from topologies.importers.estate.kinds import guess, named_kind
from topologies.importers.estate.relations import Reading, reading_of
from topologies.loading.document import read_document
from topologies.loading.validation import validate
from topologies.writing import to_yaml

FORMAT = "blackstart/estate-mapping/1"
_MANY = 200
"""More different words than this in a column of kinds are names, not kinds."""


class NodeColumn(StrEnum):
    """What a column of a table of nodes says."""

    ID = "id"
    NAME = "name"
    KIND = "kind"
    OWNER = "owner"
    SITE = "site"
    REPLICAS = "replicas"
    CRITICALITY = "criticality"


class EdgeColumn(StrEnum):
    """What a column of a table of edges says."""

    SOURCE = "source"
    TARGET = "target"
    TYPE = "type"
    CALLS = "calls"
    DEGRADATION = "degradation"


_NODE_WORDS: dict[NodeColumn, str] = {
    NodeColumn.ID: "id identifier key ci ciid nodeid componentid assetid appid applicationid serviceid sysid code "
    "cinumber uid uuid",
    NodeColumn.NAME: "name title label displayname ciname nodename component service application hostname host node",
    NodeColumn.KIND: "kind type class category citype ciclass classname nodetype componenttype",
    NodeColumn.OWNER: "owner team ownerteam owningteam ownedby supportgroup assignmentgroup responsible squad",
    NodeColumn.SITE: "site location datacenter datacentre region place room",
    NodeColumn.REPLICAS: "replicas instances count nodes copies",
    NodeColumn.CRITICALITY: "criticality businesscriticality importance tier",
}
_EDGE_WORDS: dict[EdgeColumn, str] = {
    EdgeColumn.SOURCE: "source from parent client caller consumer dependent src upstreamof sourceid fromid sourcenode "
    "fromnode sourceci parentci component service application",
    EdgeColumn.TARGET: "target to child server callee dependson dependency dst destination provider targetid toid "
    "targetnode tonode targetci childci",
    EdgeColumn.TYPE: "type relation relationship kind relationtype relationshiptype edgetype dependencytype label",
    EdgeColumn.CALLS: "calls callsperrequest",
    EdgeColumn.DEGRADATION: "degradation",
}
HEADER_WORDS = frozenset(
    word for words in (*_NODE_WORDS.values(), *_EDGE_WORDS.values()) for word in words.split() if len(word) > 1
)


class MappedTable(Model):
    """What one file holds, and which of its columns says what."""

    holds: Literal["nodes", "edges"]
    columns: dict[str, str]
    """By what it says; the name of the column."""

    @model_validator(mode="after")
    def _columns_suffice(self) -> MappedTable:
        known: type[StrEnum] = NodeColumn if self.holds == "nodes" else EdgeColumn
        for name in self.columns:
            if name not in set(known):
                raise ValueError(f"a table of {self.holds} has no {name!r}; {nearest(name, map(str, known))}")
        if self.holds == "edges" and not {"source", "target"} <= self.columns.keys():
            raise ValueError("a table of edges names the columns of source and target")
        if self.holds == "nodes" and not {"id", "name"} & self.columns.keys():
            raise ValueError("a table of nodes names the column of id or of name")
        return self


Kind = ComponentKind | Literal["group", "site", "function"]


class EstateMapping(Model):
    """A mapping, as its file states it."""

    format: Literal["blackstart/estate-mapping/1"]
    tables: dict[str, MappedTable] = Field(default_factory=dict)
    """By the name of the file; formats whose columns are settled need none."""
    kinds: dict[str, Kind] = Field(default_factory=dict)
    relations: dict[str, Reading] = Field(default_factory=dict)

    def for_table(self, table: Table) -> MappedTable | None:
        return self.tables.get(Path(table.name).name)


def read_mapping(path: Path) -> EstateMapping:
    """Raises InputError with everything that is wrong in it."""
    return validate(read_document(path), EstateMapping)


def check_columns(mapping: EstateMapping, tables: Sequence[Table]) -> None:
    """Raises InputError for tables that are not mapped and for columns that no table has."""
    findings = []
    for table in tables:
        mapped = mapping.for_table(table)
        if mapped is None:
            hint = nearest(Path(table.name).name, mapping.tables)
            message = "the mapping does not say what this file holds"
            findings.append(Finding("estate.mapping", Severity.ERROR, table.place(), message, hint))
            continue
        for says, column in mapped.columns.items():
            if column not in table.columns:
                message = f"there is no column {column!r}, which the mapping takes for {says}"
                hint = nearest(column, table.columns)
                findings.append(Finding("estate.mapping", Severity.ERROR, table.place(), message, hint))
    if findings:
        raise InputError(findings)


def propose(tables: Sequence[Table]) -> EstateMapping:
    """A mapping from the names of the columns and the words in them.

    Raises InputError for a table that is neither of nodes nor of edges.
    """
    mapped, findings = {}, []
    for table in tables:
        proposed = _proposed(table)
        if proposed is None:
            message = f"these columns are neither of nodes nor of edges: {', '.join(table.columns)}"
            hint = "name columns source and target, or id and name; or say which they are with --mapping"
            findings.append(Finding("estate.mapping", Severity.ERROR, table.place(), message, hint))
        else:
            mapped[Path(table.name).name] = proposed
    if findings:
        raise InputError(findings)
    kinds = _words_in(tables, mapped, "nodes", "kind")
    relations = _words_in(tables, mapped, "edges", "type")
    return EstateMapping(
        format=FORMAT,
        tables=mapped,
        kinds={word: kind_of(word) for word in kinds} if len(kinds) <= _MANY else {},
        relations={word: reading_of(word) or Reading.HARD for word in relations} if len(relations) <= _MANY else {},
    )


def kind_of(word: str) -> Kind:
    """The kind or part that a word in a column of kinds means."""
    said = normal(word)
    if said in ("group", "cluster", "pool"):
        return "group"
    if said in ("site", "datacenter", "datacentre", "location", "region", "room"):
        return "site"
    if said in ("function", "businessfunction", "businessservice", "businesscapability", "businessprocess"):
        return "function"
    return named_kind(word) or guess(word).kind


def parts_of(kind: Kind) -> Part:
    """What a node of a kind becomes."""
    return Part.COMPONENT if isinstance(kind, ComponentKind) else Part(kind)


def mapping_text(mapping: EstateMapping) -> str:
    """The mapping as a file for a person to edit."""
    kinds = ", ".join([*ComponentKind, "group", "site", "function"])
    head = [
        "How the tables are read; edit it and give it with --mapping.",
        f"columns of nodes: {', '.join(NodeColumn)}",
        f"columns of edges: {', '.join(EdgeColumn)}; the source depends on the target",
        f"kinds: {kinds}",
        f"relations: {', '.join(Reading)}",
    ]
    return "".join(f"# {line}\n" for line in head) + to_yaml(mapping.model_dump(mode="json"))


def _proposed(table: Table) -> MappedTable | None:
    edges = _columns(table, _EDGE_WORDS)
    if {"source", "target"} <= edges.keys():
        return MappedTable(holds="edges", columns=edges)
    if not table.has_header and len(table.columns) in (2, 3):
        numbered = dict(zip(("source", "target", "type"), table.columns, strict=False))
        return MappedTable(holds="edges", columns=numbered)
    nodes = _columns(table, _NODE_WORDS)
    if {"id", "name"} & nodes.keys():
        return MappedTable(holds="nodes", columns=nodes)
    return None


def _columns(table: Table, words: dict[NodeColumn, str] | dict[EdgeColumn, str]) -> dict[str, str]:
    """What each column says; the earlier a word stands in its list, the better it fits."""
    found: dict[str, str] = {}
    by_name = {normal(column): column for column in reversed(table.columns)}
    for says, known in words.items():
        fitting = (by_name[word] for word in known.split() if word in by_name)
        column = next((column for column in fitting if column not in found.values()), None)
        if column is not None:
            found[str(says)] = column
    return found


def _words_in(tables: Sequence[Table], mapped: dict[str, MappedTable], holds: str, says: str) -> list[str]:
    found: set[str] = set()
    for table in tables:
        how = mapped[Path(table.name).name]
        if how.holds == holds and says in how.columns:
            found |= {row.cells.get(how.columns[says], "") for row in table.rows}
    return sorted(found - {""})
