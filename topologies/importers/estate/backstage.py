"""Backstage's software catalog: `catalog-info.yaml` files with any number of entities.

- components and resources become components; a system becomes a business function that its parts support, for a system
  is what a catalog calls things that together perform one;
- an API is how its providers are reached: whoever consumes it depends on them; one that nobody here provides is a
  component of somebody else;
- groups and users become owners; domains, locations and templates are no things that run.

References are `[kind:][namespace/]name`, without regard to case; the kind may be left out where the field has one of
its own (`owner` means a group, `consumesApis` an API), the namespace is that of the entity.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from timeline.findings import Place
from topologies.estate import ComponentKind
from topologies.importers.estate.draft import DOUBTFUL, Draft, Edge, Evidence, Meaning, Node, Part
from topologies.importers.estate.files import Located, all_documents, as_model
from topologies.importers.estate.kinds import Guess, guess, named_kind, stated
from topologies.importers.foreign import Foreign

FORMAT = "backstage"
_PATTERNS = ("*.yaml", "*.yml")
_REF = re.compile(r"(?:(?P<kind>[^:/\s]+):)?(?:(?P<namespace>[^:/\s]+)/)?(?P<name>[^:/\s]+)")
_PARTS = {"component": Part.COMPONENT, "resource": Part.COMPONENT, "system": Part.FUNCTION}
_NO_THINGS = {
    "group": "a group owns things and is none",
    "user": "a user owns things and is none",
    "domain": "a domain groups systems; an estate has no such level",
    "location": "a location only names files: give them as well",
    "template": "a template makes things and is none",
}

Refs = Annotated[tuple[str, ...], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]


class _Metadata(Foreign):
    name: str = Field(min_length=1)
    namespace: str = "default"
    title: str | None = None


class _Spec(Foreign):
    type: str | None = None
    owner: str | None = None
    system: str | None = None
    domain: str | None = None
    subcomponent_of: str | None = Field(default=None, alias="subcomponentOf")
    depends_on: Refs = Field(default=(), alias="dependsOn")
    dependency_of: Refs = Field(default=(), alias="dependencyOf")
    provides_apis: Refs = Field(default=(), alias="providesApis")
    consumes_apis: Refs = Field(default=(), alias="consumesApis")


class _Entity(Foreign):
    api_version: str = Field(alias="apiVersion")
    kind: str
    metadata: _Metadata
    spec: _Spec = _Spec()


@dataclass(frozen=True, slots=True)
class _Ref:
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class _Relation:
    """A reference as a field of an entity states it."""

    field: str
    source: str
    """Key of the entity."""
    target: _Ref | str
    """Text where it is no reference."""
    place: Place


def read_files(paths: Sequence[str], _: Path | None) -> Draft:
    """Raises InputError with everything that cannot be read."""
    return read(all_documents(paths, _PATTERNS))


def read(sources: Sequence[Located]) -> Draft:
    """The entities of all documents together; their order makes no difference."""
    draft = Draft(FORMAT)
    relations: list[_Relation] = []
    apis: set[str] = set()
    for document in sources:
        if not _is_entity(document.data):
            draft.leave_out("node", document.name, "a document that is no entity of a catalog", document.place([]))
            continue
        entity = as_model(document, [], document.data, _Entity)
        key = _key(entity)
        relations += _relations(document, entity, key)
        if entity.kind.casefold() == "api":
            apis.add(key)
        else:
            _read_entity(draft, document, entity, key)
    _read_apis(draft, sources, relations, apis)
    providers = _providers(relations)
    consumed = {str(relation.target) for relation in relations if _consumes(relation)}
    for relation in relations:
        _read_relation(draft, relation, providers, consumed, apis)
    return draft


def _is_entity(data: object) -> bool:
    return (
        isinstance(data, dict)
        and {"apiVersion", "kind", "metadata"} <= data.keys()
        and "backstage" in str(data["apiVersion"])
    )


def _key(entity: _Entity) -> str:
    meta = entity.metadata
    return str(_Ref(entity.kind.casefold(), meta.namespace.casefold(), meta.name.casefold()))


def _read_entity(draft: Draft, document: Located, entity: _Entity, key: str) -> None:
    kind, meta, place = entity.kind.casefold(), entity.metadata, document.place(["metadata"])
    if kind not in _PARTS:
        draft.leave_out("node", key, _NO_THINGS.get(kind, f"{entity.kind} is no thing that runs"), place)
        return
    owner = _parse(entity.spec.owner or "", "group", meta.namespace)
    draft.node(
        Node(
            key=key,
            names=(meta.name, f"{meta.namespace}-{meta.name}", f"{meta.namespace}-{kind}-{meta.name}"),
            title=meta.title or meta.name,
            kind=_kind(entity.spec.type, meta.name),
            place=place,
            part=_PARTS[kind],
            owner=owner.name if owner is not None else None,
            title_of_kind=f"{entity.kind} of type {entity.spec.type}" if entity.spec.type else entity.kind,
        )
    )


def _kind(type: str | None, name: str) -> Guess:
    known = named_kind(type) if type else None
    return guess(name) if known is None else stated(known, f"type {type}")


def _relations(document: Located, entity: _Entity, key: str) -> list[_Relation]:
    spec = entity.spec
    stated_refs: tuple[tuple[str, tuple[str, ...], str], ...] = (
        ("dependsOn", spec.depends_on, ""),
        ("dependencyOf", spec.dependency_of, ""),
        ("providesApis", spec.provides_apis, "api"),
        ("consumesApis", spec.consumes_apis, "api"),
        ("subcomponentOf", _one(spec.subcomponent_of), "component"),
        ("system", _one(spec.system), "system"),
        ("domain", _one(spec.domain), "domain"),
    )
    return [
        _Relation(
            field,
            key,
            _parse(text, kind, entity.metadata.namespace) or text,
            document.place(["spec", field, number] if _is_list(document, field) else ["spec", field]),
        )
        for field, refs, kind in stated_refs
        for number, text in enumerate(refs)
    ]


def _is_list(document: Located, field: str) -> bool:
    """Whether the field holds a list, whose items have places of their own."""
    data = document.data
    return isinstance(data, dict) and isinstance(data.get("spec"), dict) and isinstance(data["spec"].get(field), list)


def _one(text: str | None) -> tuple[str, ...]:
    return () if text is None else (text,)


def _parse(text: str, kind: str, namespace: str) -> _Ref | None:
    """A reference; None where it is none, or its kind is neither stated nor clear."""
    match = _REF.fullmatch(text.strip())
    found_kind = (match["kind"] or kind) if match else ""
    if match is None or not found_kind:
        return None
    return _Ref(found_kind.casefold(), (match["namespace"] or namespace).casefold(), match["name"].casefold())


def _consumes(relation: _Relation) -> bool:
    """Whether it makes its source depend on an API."""
    is_api = isinstance(relation.target, _Ref) and relation.target.kind == "api"
    return is_api and relation.field in ("consumesApis", "dependsOn")


def _providers(relations: Sequence[_Relation]) -> dict[str, list[str]]:
    """Who provides each API."""
    found: dict[str, list[str]] = defaultdict(list)
    for relation in relations:
        if relation.field == "providesApis" and relation.source not in found[str(relation.target)]:
            found[str(relation.target)].append(relation.source)
    return found


def _read_apis(draft: Draft, sources: Sequence[Located], relations: Sequence[_Relation], apis: set[str]) -> None:
    """APIs that nobody here provides and somebody consumes are components of somebody else."""
    provided = {str(relation.target) for relation in relations if relation.field == "providesApis"}
    wanted = {str(relation.target) for relation in relations if _consumes(relation)} - provided
    for document in sources:
        if not _is_entity(document.data):
            continue
        entity = as_model(document, [], document.data, _Entity)
        key = _key(entity)
        if key in apis and key in wanted:
            outside = Guess(ComponentKind.EXTERNAL, "an API that nothing here provides", "medium")
            name, place = entity.metadata.name, document.place(["metadata"])
            names = (name, f"{entity.metadata.namespace}-{name}", f"{entity.metadata.namespace}-api-{name}")
            title = entity.metadata.title or name
            draft.node(Node(key, names, title, outside, place, title_of_kind=f"API of type {entity.spec.type}"))
        elif key in apis:
            reason = "an API is how its providers are reached; dependencies go to them"
            draft.leave_out("node", key, reason, document.place(["metadata"]))


def _read_relation(
    draft: Draft, relation: _Relation, providers: dict[str, list[str]], consumed: set[str], apis: set[str]
) -> None:
    target = relation.target
    name = f"{relation.source} {relation.field} {target}"
    if isinstance(target, str):
        draft.leave_out("edge", name, f"{target!r} is no reference with a kind", relation.place)
    elif relation.field == "domain":
        draft.leave_out("edge", name, _NO_THINGS["domain"], relation.place)
    elif relation.field == "providesApis":
        used = str(target) in consumed
        reason = "who consumes the API depends on its provider" if used else "nobody here consumes the API"
        draft.leave_out("edge", name, reason, relation.place)
    elif relation.source not in draft.nodes:
        whose = "an API, which stands for its providers" if relation.source in apis else "what is no thing that runs"
        draft.leave_out("edge", name, f"of {whose}", relation.place)
    elif target.kind not in (*_PARTS, "api"):
        reason = _NO_THINGS.get(target.kind, f"a {target.kind} is no thing that runs")
        draft.leave_out("edge", name, reason, relation.place)
    else:
        for edge in _edges(draft, relation, target, providers):
            draft.edge(edge)


def _edges(draft: Draft, relation: _Relation, target: _Ref, providers: dict[str, list[str]]) -> Iterator[Edge]:
    evidence = Evidence(relation.place, relation.field)
    if _consumes(relation) and providers.get(str(target)):
        through = replace(evidence, says=f"{relation.field} {target.name}")
        for provider in providers[str(target)]:
            yield Edge(relation.source, provider, through)
        return
    if str(target) not in draft.nodes:
        _mention(draft, relation, target)
    if relation.field in ("dependencyOf", "system"):
        yield Edge(str(target), relation.source, evidence)
    elif relation.field == "subcomponentOf":
        yield Edge(str(target), relation.source, evidence, Meaning.MEMBER)
    else:
        yield Edge(relation.source, str(target), evidence)


def _mention(draft: Draft, relation: _Relation, target: _Ref) -> None:
    message = f"{str(target)!r} is named here, and no file describes it"
    draft.remark(DOUBTFUL, relation.place, message, "give its file as well")
    external = Guess(ComponentKind.EXTERNAL, "an API that nothing here provides", "medium")
    kind = external if target.kind == "api" else None
    part = Part.FUNCTION if target.kind == "system" else Part.COMPONENT
    draft.mention(str(target), relation.place, kind=kind, title=target.name, part=part)
