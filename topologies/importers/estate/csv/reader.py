"""Tables of nodes and edges, under a mapping, as a draft."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from timeline.findings import Place
from topologies.estate import ComponentKind
from topologies.importers.estate.csv.mapping import (
    HEADER_WORDS,
    EstateMapping,
    MappedTable,
    check_columns,
    kind_of,
    mapping_text,
    parts_of,
    propose,
    read_mapping,
)
from topologies.importers.estate.csv.table import Row, Table, read_table
from topologies.importers.estate.draft import DOUBTFUL, Draft, Edge, Evidence, Meaning, Node, Part
from topologies.importers.estate.files import expand
from topologies.importers.estate.kinds import Guess, guess, stated
from topologies.importers.estate.relations import Reading, reading_of

FORMAT = "csv"
_PATTERNS = ("*.csv", "*.tsv")
_CRITICALITY = {"1": "critical", "2": "important", "3": "standard", "high": "critical", "medium": "important"}
_CRITICALITY |= {"low": "standard", "critical": "critical", "important": "important", "standard": "standard"}


def read_files(paths: Sequence[str], mapping: Path | None) -> Draft:
    """Raises InputError with everything that cannot be read."""
    tables = _tables(paths)
    return read(tables, propose(tables) if mapping is None else read_mapping(mapping))


def proposal(paths: Sequence[str]) -> str:
    """The mapping that would be used, as text to edit."""
    return mapping_text(propose(_tables(paths)))


def _tables(paths: Sequence[str]) -> list[Table]:
    return [read_table(path, HEADER_WORDS) for path in expand(paths, _PATTERNS)]


def read(tables: Sequence[Table], mapping: EstateMapping) -> Draft:
    """A draft; the order of rows and tables makes no difference to nodes and edges."""
    check_columns(mapping, tables)
    draft = Draft(FORMAT)
    mapped = [(table, how) for table in tables if (how := mapping.for_table(table)) is not None]
    for table, how in mapped:
        if table.encoding == "cp1252":
            draft.remark(DOUBTFUL, table.place(), "this is not UTF-8: read as Windows-1252", "save it as UTF-8")
        if how.holds == "nodes":
            _read_nodes(draft, table, how, mapping)
    keys = _Keys(draft.nodes)
    has_nodes = any(how.holds == "nodes" for _, how in mapped)
    for table, how in mapped:
        if how.holds == "edges":
            _read_edges(draft, table, how, mapping, keys, has_nodes=has_nodes)
    return draft


class _Keys:
    """Which node an edge means: by its id, else by its name where only one is called so."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self._ids = {key.casefold(): key for key in nodes}
        called = Counter(node.title.casefold() for node in nodes.values())
        self._names = {node.title.casefold(): key for key, node in nodes.items() if called[node.title.casefold()] == 1}
        self._exact = set(nodes)

    def find(self, text: str) -> str | None:
        if text in self._exact:
            return text
        folded = text.casefold()
        return self._ids.get(folded) or self._names.get(folded)


def _read_nodes(draft: Draft, table: Table, how: MappedTable, mapping: EstateMapping) -> None:
    for row in table.rows:
        _note_surplus(draft, table, row)
        cells = {says: row.cells.get(column, "") for says, column in how.columns.items()}
        key = cells.get("id") or cells.get("name", "")
        if not key:
            draft.leave_out("node", f"row {row.line}", "it has neither id nor name", table.place(row))
            continue
        name = cells.get("name") or key
        word = cells.get("kind", "")
        kind = mapping.kinds.get(word) or (kind_of(word) if word else None)
        draft.node(
            Node(
                key=key,
                names=(name, key) if name != key else (key,),
                title=name,
                kind=_kind(name, word, kind),
                place=table.place(row),
                part=Part.COMPONENT if kind is None else parts_of(kind),
                owner=cells.get("owner") or None,
                site=_site(draft, cells.get("site", ""), table.place(row)),
                replicas=_whole_number(draft, cells.get("replicas", ""), "replicas", table.place(row)),
                criticality=_CRITICALITY.get(cells.get("criticality", "").casefold()),
                title_of_kind=word,
            )
        )


def _kind(name: str, word: str, kind: ComponentKind | str | None) -> Guess:
    if isinstance(kind, ComponentKind):
        return stated(kind, f"the table says {word!r}")
    return guess(name)


def _site(draft: Draft, name: str, place: Place) -> str | None:
    """The key of a place that nodes name; a row of its own may describe it further."""
    if not name:
        return None
    draft.mention(name, place, part=Part.SITE)
    return name


def _read_edges(
    draft: Draft, table: Table, how: MappedTable, mapping: EstateMapping, keys: _Keys, *, has_nodes: bool
) -> None:
    for row in table.rows:
        _note_surplus(draft, table, row)
        cells = {says: row.cells.get(column, "") for says, column in how.columns.items()}
        place, word = table.place(row), cells.get("type", "")
        ends = [cells["source"], cells["target"]]
        name = " -> ".join(end or "?" for end in ends)
        if not all(ends):
            missing = "source" if not ends[0] else "target"
            draft.leave_out("edge", name, f"it has no {missing}", place)
            continue
        reading = mapping.relations.get(word) or reading_of(word) or Reading.HARD
        if reading is Reading.LEFT_OUT:
            draft.leave_out("edge", name, f"{word!r} is no dependency", place)
            continue
        found = [_end(draft, end, place, keys, has_nodes=has_nodes) for end in ends]
        source, target = reversed(found) if reading.is_reversed else found
        confidence = "high" if word else "medium"
        draft.edge(
            Edge(
                source,
                target,
                Evidence(place, word or "row", "expert", confidence),  # type: ignore[arg-type]
                reading.meaning,
                calls=_number(draft, cells.get("calls", ""), "calls", place, math.inf),
                degradation=_number(draft, cells.get("degradation", ""), "degradation", place, 1.0)
                if reading.meaning is Meaning.SOFT
                else None,
            )
        )


def _end(draft: Draft, text: str, place: Place, keys: _Keys, *, has_nodes: bool) -> str:
    known = keys.find(text)
    if known is not None:
        return known
    if has_nodes and text not in draft.nodes:
        hint = "add a row, or check the spelling"
        draft.remark(DOUBTFUL, place, f"{text!r} is named by an edge, and no row of nodes describes it", hint)
    draft.mention(text, place)
    return text


def _note_surplus(draft: Draft, table: Table, row: Row) -> None:
    if row.surplus:
        message = f"this row has {row.surplus} cells more than there are columns; they are not read"
        draft.remark(DOUBTFUL, table.place(row), message, "put text that holds the delimiter in quotes")


def _number(draft: Draft, text: str, what: str, place: Place, most: float) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= most or math.isinf(value):
        draft.remark(DOUBTFUL, place, f"{text!r} cannot be read as {what}; it stays unknown")
        return None
    return value


def _whole_number(draft: Draft, text: str, what: str, place: Place) -> int | None:
    value = _number(draft, text, what, place, 500)
    if value is None:
        return None
    if value != int(value) or value < 1:
        draft.remark(DOUBTFUL, place, f"{text!r} cannot be read as {what}; it stays unknown")
        return None
    return int(value)
