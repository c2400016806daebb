"""Between a topology and rows: every value of a workbook as a path in `topology.yaml` with what stands there.

A row of values is flat; an impact curve is a list.  So a workbook is read into *leaves*: paths to single values, and
for the points of a curve one path to the whole list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from timeline.findings import Finding, InputError, Place, Severity
from topologies.bia_workbook.layout import FUNCTIONS, IMPACT, SHEETS, SOURCES, Column, Sheet
from topologies.bia_workbook.values import Value, read_cell

Path = tuple[str, ...]
Points = tuple[tuple[tuple[str, Value], ...], ...]
"""The points of a curve: of each, its fields with their values."""
Leaf = Value | Points
Cells = list[Value | None]


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as a file holds it: cells by header, and where each stands."""

    cells: Mapping[str, Any]
    places: Mapping[str, Place]
    place: Place


@dataclass(frozen=True, slots=True)
class RawSheet:
    """`headers` are those of the layout that the file has, in its own order."""

    sheet: Sheet
    headers: tuple[str, ...]
    rows: tuple[RawRow, ...]
    place: Place


@dataclass(slots=True)
class Leaves:
    """Values by path, with the place of each, and which paths the workbook speaks about at all."""

    values: dict[Path, Leaf] = field(default_factory=dict)
    places: dict[Path, Place] = field(default_factory=dict)
    functions: list[str] = field(default_factory=list)
    columns: dict[str, frozenset[str]] = field(default_factory=dict)
    """Headers that are there, by sheet."""


# From a topology


def sheets_of(topology: Mapping[str, Any]) -> dict[Sheet, list[Cells]]:
    """The rows of every sheet, from the plain data of a `topology.yaml`."""
    return {sheet: list(_rows_of(sheet, topology)) for sheet in SHEETS}


def _rows_of(sheet: Sheet, topology: Mapping[str, Any]) -> Iterator[Cells]:
    for keys, entity, above in _entities(sheet, topology):
        if sheet is SOURCES and not keys[0].startswith("functions."):
            continue
        for item in entity if sheet is IMPACT else [entity]:
            shared = [_at(above, column.path) for column in sheet.values[: sheet.repeated]]
            own = [_at(item, column.path) for column in sheet.values[sheet.repeated :]]
            yield [*keys, *shared, *own]


def _entities(sheet: Sheet, topology: Mapping[str, Any]) -> Iterator[tuple[list[str], Any, Any]]:
    """Keys, what stands at the entity of a row, and what stands two steps above it."""
    found: list[tuple[list[str], list[Any]]] = [([], [topology])]
    for step in sheet.entity:
        further = []
        for keys, trail in found:
            here = trail[-1]
            if not isinstance(here, Mapping):
                continue
            if step != "{}":
                if here.get(step) is not None:
                    further.append((keys, [*trail, here[step]]))
            else:
                further += [([*keys, str(key)], [*trail, value]) for key, value in here.items()]
        found = further
    for keys, trail in found:
        yield keys, trail[-1], trail[-3] if len(trail) > 2 else None


def _at(value: Any, path: Sequence[str]) -> Value | None:
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value if isinstance(value, str | int | float) else None


def leaves_of(topology: Mapping[str, Any]) -> Leaves:
    """What a topology says of all that a workbook can say."""
    leaves = Leaves(functions=list(topology.get("functions") or {}))
    for sheet, rows in sheets_of(topology).items():
        leaves.columns[sheet.name] = frozenset(column.header for column in sheet.columns)
        for cells in rows:
            _put(leaves, sheet, cells, {})
    return leaves


# From a workbook


def leaves_in(sheets: Sequence[RawSheet]) -> Leaves:
    """What a workbook says.  Raises InputError with everything in it that cannot be read."""
    leaves, findings = Leaves(), []
    for raw in sheets:
        leaves.columns[raw.sheet.name] = frozenset(raw.headers)
        seen: dict[Path, RawRow] = {}
        for row in raw.rows:
            cells, problems = _read_row(raw.sheet, row)
            findings += problems
            if raw.sheet is FUNCTIONS and isinstance(cells[0], str) and cells[0] not in leaves.functions:
                leaves.functions.append(cells[0])
            if problems:
                continue
            findings += _repeats(raw.sheet, cells, row, seen)
            findings += _put(leaves, raw.sheet, cells, row.places, row.place)
    named = {path[1] for path in leaves.values if path[0] == "functions"}
    for path, place in leaves.places.items():
        if path[0] == "functions" and path[1] not in leaves.functions and FUNCTIONS.name in leaves.columns:
            findings.append(_problem(place, f"there is no function {path[1]!r} in the sheet Functions"))
    if FUNCTIONS.name not in leaves.columns:
        leaves.functions = sorted(named)
    if findings:
        raise InputError(list(dict.fromkeys(findings)))
    return leaves


def _read_row(sheet: Sheet, row: RawRow) -> tuple[Cells, list[Finding]]:
    cells: Cells = []
    findings = []
    for column in sheet.columns:
        place = row.places.get(column.header, row.place)
        try:
            value = read_cell(column, row.cells.get(column.header))
        except ValueError as error:
            value = None
            findings.append(_problem(place, f"{column.header}: {error}"))
        else:
            if value is None and column.required and column.header in row.places:
                findings.append(_problem(place, f"{column.header} is empty", f"it is a {column.kind.value}"))
        cells.append(value)
    return cells, findings


def _repeats(sheet: Sheet, cells: Cells, row: RawRow, seen: dict[Path, RawRow]) -> list[Finding]:
    """A second row for one entity, where an entity has one row."""
    if sheet is IMPACT:
        return []
    keys = tuple(str(cell) for cell in cells[: len(sheet.keys)])
    if keys in seen:
        return [_problem(row.place, f"{' / '.join(keys)} stands here a second time", f"first in {seen[keys].place}")]
    seen[keys] = row
    return []


def _put(
    leaves: Leaves, sheet: Sheet, cells: Cells, places: Mapping[str, Place], place: Place | None = None
) -> list[Finding]:
    """Adds the values of a row."""
    keys = [str(cell) for cell in cells[: len(sheet.keys)]]
    values = cells[len(sheet.keys) :]
    entity = entity_path(sheet, keys)
    if sheet is IMPACT:
        point = tuple((c.path[0], v) for c, v in zip(sheet.values, values, strict=True) if v is not None)
        before = leaves.values.get(entity, ())
        assert isinstance(before, tuple)
        leaves.values[entity] = (*before, point)
        if place is not None:
            leaves.places.setdefault(entity, place)
        return []
    findings = []
    for number, (column, value) in enumerate(zip(sheet.values, values, strict=True)):
        if value is None:
            continue
        path = leaf_path(sheet, keys, number)
        if number < sheet.repeated and leaves.values.get(path, value) != value:
            here = places.get(column.header, place)
            assert here is not None
            findings.append(_problem(here, f"{column.header} is {value} here and {leaves.values[path]} further up"))
        leaves.values[path] = value
        if place is not None:
            leaves.places.setdefault(path, places.get(column.header, place))
    return findings


def entity_path(sheet: Sheet, keys: Sequence[str]) -> Path:
    """Where the values of a row stand."""
    left = iter(keys)
    return tuple(next(left) if step == "{}" else step for step in sheet.entity)


def leaf_path(sheet: Sheet, keys: Sequence[str], number: int) -> Path:
    """Where the value of the column with this number stands."""
    entity = entity_path(sheet, keys)
    return (entity[:-2] if number < sheet.repeated else entity) + sheet.values[number].path


def columns_by_pattern() -> dict[Path, tuple[Sheet, Column]]:
    """The column of each pattern of paths, with `{}` for keys."""
    found: dict[Path, tuple[Sheet, Column]] = {}
    for sheet in SHEETS:
        if sheet is IMPACT:
            found[sheet.entity] = (sheet, sheet.values[0])
            continue
        for number, column in enumerate(sheet.values):
            found[leaf_path(sheet, ["{}"] * len(sheet.keys), number)] = (sheet, column)
    return found


def _problem(place: Place, message: str, hint: str = "") -> Finding:
    return Finding("bia.cell", Severity.ERROR, place, message, hint)
