"""A draft: what a format's reader finds, record by record, with the place and the reason of everything.

Terms.  A *record* is what the file states once: a row, a service, an edge of a trace graph.  Each record of a node or
of an edge is *kept*, *merged* into one that says the same, or *left out* with a reason; so what was read always adds
up, and nothing is lost silently.  A *mention* is a node that no record describes, but that an edge names.

A *node* has a key of its format (a `sys_id`, a name with its namespace) and becomes a component, a place, a business
function or a k-of-n group.  An *edge* runs from who depends to what it depends on.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

from timeline.findings import Finding, Place, Severity
from topologies.importers.estate.kinds import Guess, guess

DIFFERENT = "estate.no-equal"
"""The file says something that has no equal in an estate; the remark says what is done instead."""
DOUBTFUL = "estate.doubtful"
"""The file contradicts itself, or names something that is not there."""


class Part(StrEnum):
    """What a node becomes in the estate."""

    COMPONENT = "component"
    GROUP = "group"
    SITE = "site"
    FUNCTION = "function"


class Meaning(StrEnum):
    """What an edge says of its source: it needs the target (or a share of it), hands work to it, has it as a member, or
    stands there."""

    HARD = "hard"
    SOFT = "soft"
    ASYNCHRONOUS = "asynchronous"
    MEMBER = "member"
    PLACED = "placed"


Basis = Literal["measured", "expert", "assumed"]
Confidence = Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where an edge comes from.  `says` is the word of the format: `depends_on`, `Runs on::Runs`, `1204 calls`."""

    place: Place
    says: str
    basis: Basis = "expert"
    confidence: Confidence = "high"


@dataclass(frozen=True, slots=True)
class Node:
    """One thing.  `names` lead from the shortest to the fullest, for its id; None is not known."""

    key: str
    names: tuple[str, ...]
    title: str
    kind: Guess
    place: Place
    part: Part = Part.COMPONENT
    owner: str | None = None
    site: str | None = None
    """Key of the place where it stands."""
    replicas: int | None = None
    needed: int | None = None
    criticality: str | None = None
    title_of_kind: str = ""
    """What the format calls its kind: a CMDB class, `StatefulSet`, an image."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Keys of who depends and on what.  `calls` for each request served by the source; None is not known."""

    source: str
    target: str
    evidence: Evidence
    meaning: Meaning = Meaning.HARD
    calls: float | None = None
    degradation: float | None = None
    """Of a soft one."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A record that has no place in the estate, and why."""

    what: Literal["node", "edge"]
    name: str
    reason: str
    place: Place


@dataclass
class Draft:
    """Gathers nodes, edges and remarks while a source is read."""

    format: str
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    remarks: dict[Finding, None] = field(default_factory=dict)
    nodes_read: int = 0
    nodes_merged: int = 0
    mentioned: set[str] = field(default_factory=set)

    def node(self, node: Node) -> None:
        """A record of a node.  One with the key of an earlier one adds what that left open."""
        self.nodes_read += 1
        known = self.nodes.get(node.key)
        if known is None or node.key in self.mentioned:
            self.nodes[node.key] = node
            self.mentioned.discard(node.key)
            return
        self.nodes_merged += 1
        self.nodes[node.key] = self._together(known, node)

    def duplicate(self) -> None:
        """A record of a node that stands for another one."""
        self.nodes_read += 1
        self.nodes_merged += 1

    def mention(
        self,
        key: str,
        place: Place,
        *,
        kind: Guess | None = None,
        title: str | None = None,
        part: Part = Part.COMPONENT,
    ) -> None:
        """A node that no record describes, as far as it is known by name; nothing where it is known already."""
        if key not in self.nodes:
            name = title or key
            self.nodes[key] = Node(key, (name,), name, kind or guess(name), place, part=part)
            self.mentioned.add(key)

    def edge(self, edge: Edge) -> None:
        """A record of an edge."""
        self.edges.append(edge)

    def leave_out(self, what: Literal["node", "edge"], name: str, reason: str, place: Place) -> None:
        if what == "node":
            self.nodes_read += 1
        self.left_out.append(LeftOut(what, name, reason, place))

    def remark(self, id: str, place: Place, message: str, hint: str = "") -> None:
        self.remarks[Finding(id, Severity.WARNING, place, message, hint)] = None

    def _together(self, known: Node, other: Node) -> Node:
        """The first record with what the second adds; where they disagree the first counts, and a remark says so."""
        added: dict[str, object] = {}
        for name in ("owner", "site", "replicas", "needed", "criticality"):
            one, two = getattr(known, name), getattr(other, name)
            if one is None and two is not None:
                added[name] = two
            elif two is not None and one != two:
                message = f"{known.title!r} is stated twice, with {name} {one!r} and {two!r}"
                self.remark(DOUBTFUL, other.place, message, f"the first counts: {known.place}")
        return replace(known, **added)  # type: ignore[arg-type]
