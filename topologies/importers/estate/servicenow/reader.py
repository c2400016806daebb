"""CIs and their relationships as a draft.

A relationship reads from parent to child: in `Depends on::Used by` the parent depends on the child.  The words before
`::` are looked up; where nobody knows them, those after it, from the other side; where nobody knows these either, the
relationship is left out and listed, until a mapping says how to read it.

Left out are CIs that are retired, stolen or absent, with their relationships.  A CI with `duplicate_of` counts as the
one it duplicates.  Ends of relationships are found by `sys_id`, else by name where only one CI is called so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from topologies.estate import ComponentKind
from topologies.importers.estate.csv.mapping import FORMAT as MAPPING_FORMAT
from topologies.importers.estate.csv.mapping import EstateMapping, mapping_text, parts_of, read_mapping
from topologies.importers.estate.draft import DOUBTFUL, Draft, Edge, Evidence, Node, Part
from topologies.importers.estate.kinds import Guess, guess, stated
from topologies.importers.estate.relations import Reading, reading_of
from topologies.importers.estate.servicenow.classes import kind_of_class
from topologies.importers.estate.servicenow.records import Record, Value, read_records
from topologies.importers.estate.servicenow.table_api import fetch_records, is_url

FORMAT = "servicenow"
_GONE_INSTALL = frozenset(("7", "8", "100", "retired", "stolen", "absent"))
_GONE_OPERATIONAL = frozenset(("6", "retired"))
_GONE_STAGE = frozenset(("end of life", "retired", "disposed"))
_CRITICALITY = {"1": "critical", "2": "important", "3": "standard", "4": "standard"}
_PLAIN = EstateMapping(format=MAPPING_FORMAT)


def read_files(sources: Sequence[str], mapping: Path | None) -> Draft:
    """Files and folders, or the URL of an instance.  Raises InputError with everything that cannot be read."""
    return read(_records(sources), _PLAIN if mapping is None else read_mapping(mapping))


def proposal(sources: Sequence[str]) -> str:
    """How the classes and relationship types of these records would be read, as text to edit."""
    records = _records(sources)
    types = _types(records)
    classes = sorted({_class(record) for record in records if not _is_meta(record)} - {""})
    relations = sorted({_type(record, types) for record in records if record.is_relation} - {""})
    return mapping_text(
        EstateMapping(
            format=MAPPING_FORMAT,
            kinds={name: kind_of_class(name) or ComponentKind.SERVICE for name in classes},
            relations={name: reading_of_type(name) or Reading.LEFT_OUT for name in relations},
        )
    )


def _records(sources: Sequence[str]) -> list[Record]:
    urls = [source for source in sources if is_url(source)]
    files = [source for source in sources if not is_url(source)]
    return [*(read_records(files) if files else []), *(record for url in urls for record in fetch_records(url))]


def read(records: Sequence[Record], mapping: EstateMapping) -> Draft:
    """A draft; records of all tables may come in any order."""
    draft = Draft(FORMAT)
    found = _Items()
    for record in records:
        if not _is_meta(record):
            _read_item(draft, record, mapping, found)
    found.settle_duplicates(draft)
    types = _types(records)
    for record in records:
        if record.is_relation:
            _read_relation(draft, record, types, mapping, found)
    return draft


def reading_of_type(name: str) -> Reading | None:
    """How a relationship type is read from parent to child; None where nobody knows."""
    parent, _, child = name.partition("::")
    known = reading_of(parent)
    if known is None and child:
        other = reading_of(child)
        return None if other is None else other.inverse
    return known


class _Items:
    """Which CI a relationship means, and which CIs are not there any more."""

    def __init__(self) -> None:
        self.gone: dict[str, str] = {}
        """Key to why."""
        self.duplicates: dict[str, str] = {}
        """Key to the CI that it stands for."""
        self._named: dict[str, set[str]] = defaultdict(set)

    def name(self, key: str, name: str) -> None:
        self._named[name.casefold()].add(key)

    def settle_duplicates(self, draft: Draft) -> None:
        """Duplicates of CIs that are not here stay things of their own."""
        for key, original in list(self.duplicates.items()):
            if original in draft.nodes and key != original:
                draft.nodes_merged += draft.nodes.pop(key, None) is not None
            else:
                del self.duplicates[key]

    def find(self, value: Value, draft: Draft) -> tuple[str | None, str]:
        """Key, or None and why not."""
        for text in (value.stored, value.shown):
            key = self._original(text)
            if key in draft.nodes or key in self.gone:
                return (None, f"{value.shown!r} is {self.gone[key]}") if key in self.gone else (key, "")
        keys = {self._original(key) for key in self._named.get(value.shown.casefold(), ())}
        present = sorted(key for key in keys if key in draft.nodes)
        if len(present) > 1:
            return None, f"{len(present)} CIs are called {value.shown!r}, and there is no sys_id to tell them apart"
        if present:
            return present[0], ""
        if keys:
            return None, f"{value.shown!r} is {self.gone[min(keys)]}"
        return None, ""

    def _original(self, key: str) -> str:
        seen = set()
        while key in self.duplicates and key not in seen:
            seen.add(key)
            key = self.duplicates[key]
        return key


def _types(records: Sequence[Record]) -> dict[str, str]:
    """Names of relationship types by their sys_id, where cmdb_rel_type was exported as well."""
    return {
        record["sysid"].stored: record["name"].shown
        or f"{record['parentdescriptor'].shown}::{record['childdescriptor'].shown}"
        for record in records
        if record.is_relation_type
    }


def _is_meta(record: Record) -> bool:
    return record.is_relation or record.is_relation_type


def _class(record: Record) -> str:
    """The class, by its table where that is known, else by its label."""
    value = record["sysclassname"]
    return value.stored or value.shown


def _read_item(draft: Draft, record: Record, mapping: EstateMapping, found: _Items) -> None:
    name = record["name"].shown
    key = record["sysid"].stored or name
    if not key:
        draft.leave_out("node", "a CI", "it has neither sys_id nor name", record.place)
        return
    found.name(key, name or key)
    if (gone := _gone(record)) is not None:
        found.gone[key] = gone
        draft.leave_out("node", name or key, f"it is {gone}", record.place)
        return
    if original := record["duplicateof"].stored:
        found.duplicates[key] = original
    ci_class = _class(record)
    kind = mapping.kinds.get(ci_class) or (kind_of_class(ci_class) if ci_class else None)
    owner = record["supportgroup"] or record["assignmentgroup"] or record["managedbygroup"]
    draft.node(
        Node(
            key=key,
            names=(name or key, f"{name}-{key[-6:]}"),
            title=name or key,
            kind=_kind(name or key, ci_class, kind),
            place=record.place,
            part=Part.COMPONENT if kind is None else parts_of(kind),
            owner=owner.shown or None,
            site=_site(draft, record),
            criticality=_CRITICALITY.get(record["businescriticality"].shown[:1]),
            title_of_kind=ci_class,
        )
    )


def _kind(name: str, ci_class: str, kind: object) -> Guess:
    if isinstance(kind, ComponentKind):
        return stated(kind, f"class {ci_class}")
    return guess(name)


def _gone(record: Record) -> str | None:
    install, operational = record["installstatus"], record["operationalstatus"]
    if not _GONE_INSTALL.isdisjoint((install.stored.casefold(), install.shown.casefold())):
        return {"8": "stolen", "100": "absent"}.get(install.stored, install.shown.casefold().lstrip("7") or "retired")
    if not _GONE_OPERATIONAL.isdisjoint((operational.stored.casefold(), operational.shown.casefold())):
        return "retired"
    return "retired" if record["lifecyclestage"].shown.casefold() in _GONE_STAGE else None


def _site(draft: Draft, record: Record) -> str | None:
    """The key of the location of a CI."""
    location = record["location"]
    if not location.shown:
        return None
    key = _at(location.shown)
    draft.mention(key, record.place, title=location.shown, part=Part.SITE)
    return key


def _at(location: str) -> str:
    return f"location:{location.casefold()}"


def _type(record: Record, types: Mapping[str, str]) -> str:
    value = record["type"]
    return types.get(value.stored, value.shown)


def _read_relation(
    draft: Draft, record: Record, types: Mapping[str, str], mapping: EstateMapping, found: _Items
) -> None:
    parent, child, name = record.end("parent"), record.end("child"), _type(record, types)
    title = f"{parent.shown or '?'} {name} {child.shown or '?'}"
    if not parent or not child:
        draft.leave_out("edge", title, f"it has no {'child' if parent else 'parent'}", record.place)
        return
    reading = mapping.relations.get(name) or reading_of_type(name)
    if reading is None:
        reason = f"nobody knows what {name!r} says: a mapping can say it" if name else "it has no type"
        draft.leave_out("edge", title, reason, record.place)
        return
    if reading is Reading.LEFT_OUT:
        draft.leave_out("edge", title, f"{name!r} is no dependency", record.place)
        return
    ends = []
    for value in (parent, child):
        key, reason = found.find(value, draft)
        if reason:
            draft.leave_out("edge", title, reason, record.place)
            return
        ends.append(key or _outside(draft, value, record))
    source, target = reversed(ends) if reading.is_reversed else ends
    draft.edge(Edge(source, target, Evidence(record.place, name), reading.meaning))


def _outside(draft: Draft, value: Value, record: Record) -> str:
    """A CI that is named and not in the export."""
    if value.stored not in draft.nodes:
        message = f"{value.shown!r} is named by a relationship, and its CI is not in the export"
        draft.remark(DOUBTFUL, record.place, message, "export its class as well")
    draft.mention(value.stored, record.place, title=value.shown)
    return value.stored
