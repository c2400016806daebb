"""Names that must lead somewhere: which ids a set of files declares, and which names in them lead nowhere.

A field annotated with `RefTo("team")` holds the id of a team.  References are collected from the files as
written, along the annotations of the models, so that they are checked together with everything else even
where a file has other errors.

*Declarations* map a kind of thing to its ids.  A kind that is not declared at all is not checked: whoever knows
nothing of fault kinds, say, leaves them to the one who does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from timeline.findings import Finding, Severity, nearest
from topologies.loading.document import Document
from topologies.loading.nodes import MappingNode, Node, ScalarNode, SequenceNode, Step
from topologies.loading.shape import Shape

Declarations = Mapping[str, Collection[str]]

DECLARED_IN = {
    "components": "component",
    "standby_pairs": "component",
    "groups": "component",
    "sites": "site",
    "vendors": "vendor",
    "shared_fate": "shared-thing",
    "functions": "function",
    "people": "person",
    "teams": "team",
    "rotations": "rotation",
    "policies": "policy",
    "channels": "channel",
    "roles": "role",
    "audiences": "audience",
    "tasks": "task",
    "faults": "fault",
    "injects": "inject",
}
"""Which section of a file declares ids of which kind."""


@dataclass(frozen=True, slots=True)
class NameUsed:
    """One use of a name: where, of which kinds it may be, and whether it stands as a key."""

    path: tuple[Step, ...]
    key: bool
    kinds: tuple[str, ...]
    name: str


def declared(document: Document, model: type[BaseModel]) -> dict[str, set[str]]:
    """The ids that a document declares, by kind.  A section that its model has and the file has not is empty."""
    ids: dict[str, set[str]] = {DECLARED_IN[s]: set() for s in model.model_fields if s in DECLARED_IN}
    sections = document.root.entries if isinstance(document.root, MappingNode) else {}
    for section, entry in sections.items():
        if section in model.model_fields and section in DECLARED_IN and isinstance(entry.value, MappingNode):
            ids[DECLARED_IN[section]].update(entry.value.entries)
    return ids


def union(*declarations: Declarations) -> dict[str, set[str]]:
    """Declarations of several files together."""
    together: dict[str, set[str]] = {}
    for one in declarations:
        for kind, ids in one.items():
            together.setdefault(kind, set()).update(ids)
    return together


def names_used(node: Node, shape: Shape, path: tuple[Step, ...] = ()) -> Iterator[NameUsed]:
    """Every reference below a node, in the order of the file."""
    if isinstance(node, MappingNode):
        kinds = shape.keys.references if shape.keys is not None else ()
        for name, entry in node.entries.items():
            if kinds:
                yield NameUsed((*path, name), True, kinds, name)
            if (inner := shape.child(name)) is not None:
                yield from names_used(entry.value, inner, (*path, name))
    elif isinstance(node, SequenceNode):
        if shape.items is not None:
            for index, item in enumerate(node.items):
                yield from names_used(item, shape.items, (*path, index))
    elif isinstance(node, ScalarNode) and shape.references and isinstance(node.value, str):
        yield NameUsed(path, False, shape.references, node.value)


def unknown_references(
    document: Document,
    shape: Shape,
    declarations: Declarations,
    part: Node | None = None,
    below: tuple[Step, ...] = (),
) -> list[Finding]:
    """A finding for each name in the document, or in the `part` of it under `below`, that is declared nowhere."""
    findings = []
    for used in names_used(document.root if part is None else part, shape, below):
        if any(kind not in declarations for kind in used.kinds):
            continue
        known = {id for kind in used.kinds for id in declarations[kind]}
        if used.name not in known:
            findings.append(
                Finding(
                    "reference.unknown",
                    Severity.ERROR,
                    document.place(used.path, key=used.key),
                    f"there is no {_any_of(used.kinds)} {used.name!r}",
                    nearest(used.name, known) or elsewhere(used.name, declarations),
                )
            )
    return findings


def _any_of(kinds: Sequence[str]) -> str:
    """As a, b or c."""
    *others, last = [kind.replace("-", " ") for kind in kinds]
    return f"{', '.join(others)} or {last}" if others else last


def elsewhere(name: str, declarations: Declarations) -> str:
    """A hint for a name that exists, but as something else."""
    kinds = [kind for kind, ids in declarations.items() if name in ids]
    return f"{name!r} is the id of a {' and a '.join(kinds)}" if kinds else ""
