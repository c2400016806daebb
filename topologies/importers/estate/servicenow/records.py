"""Records of ServiceNow tables, from CSV, from JSON exports and from answers of the Table API.

A field comes as text, as a pair of `value` and `display_value` (`sysparm_display_value=all`), or as a link with a
value; a column is called by its name (`sys_class_name`) or by its label (`Class`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from timeline.findings import InputError, Place
from topologies.importers.estate.csv.table import normal, read_table
from topologies.importers.estate.files import documents, expand, records_in

_PATTERNS = ("*.csv", "*.json")
_HEADER = frozenset(("sysid", "name", "sysclassname", "class"))
_HEADER |= {f"{end}{field}" for end in ("parent", "child") for field in ("", "sysid", "name")}
_LABELS = {
    "class": "sysclassname",
    "status": "installstatus",
    "businesscriticality": "businescriticality",  # the field of cmdb_ci_service is spelt `busines_criticality`
    "displayname": "name",
    "typename": "type",
}


@dataclass(frozen=True, slots=True)
class Value:
    """A field: what is stored, and what is shown; the same where an export has only one of them."""

    stored: str = ""
    shown: str = ""

    def __bool__(self) -> bool:
        return bool(self.stored or self.shown)


@dataclass(frozen=True, slots=True)
class Record:
    """One record.  Fields by their names without marks (`sysclassname`)."""

    place: Place
    fields: Mapping[str, Value] = field(repr=False)

    def __getitem__(self, name: str) -> Value:
        return self.fields.get(name, Value())

    @property
    def is_relation(self) -> bool:
        return all(not {end, f"{end}sysid", f"{end}name"}.isdisjoint(self.fields) for end in ("parent", "child"))

    def end(self, name: str) -> Value:
        """`parent` or `child` of a relationship, also where an export walks to its fields (`parent.sys_id`,
        `parent.name`)."""
        direct, sys_id, called = self[name], self[f"{name}sysid"], self[f"{name}name"]
        stored, shown = sys_id.stored or direct.stored, direct.shown or called.shown
        return Value(stored or shown, shown or stored)

    @property
    def is_relation_type(self) -> bool:
        return "parentdescriptor" in self.fields and "childdescriptor" in self.fields


def read_records(paths: Sequence[str]) -> list[Record]:
    """All records of files and folders.  Raises InputError with the place of what cannot be read."""
    found: list[Record] = []
    for path in expand(paths, _PATTERNS):
        found += _from_csv(path) if path.suffix.casefold() in (".csv", ".tsv") else _from_json(path)
    return found


def record_of(place: Place, data: object) -> Record:
    """A record of a JSON object.  Raises InputError when it is none."""
    if not isinstance(data, dict):
        message = "expected a record: an object of fields"
        raise InputError.single("estate.foreign", place, message, "is this an export of a ServiceNow table?")
    return Record(place, {_name(str(name)): _value(value) for name, value in data.items()})


def _from_csv(path: Path) -> list[Record]:
    table = read_table(path, _HEADER)
    if not table.has_header:
        message = f"no column is called {', '.join(sorted(_HEADER))}"
        raise InputError.single(
            "estate.foreign", table.place(), message, "export the table with the names of its columns"
        )
    names = {column: _name(column) for column in table.columns}
    return [
        Record(table.place(row), {names[column]: Value(cell, cell) for column, cell in row.cells.items()})
        for row in table.rows
    ]


def _from_json(path: Path) -> list[Record]:
    return [
        record_of(document.place(steps), data)
        for document in documents(path)
        for steps, data in records_in(document, "records" if _has(document.data, "records") else "result")
    ]


def _has(data: object, key: str) -> bool:
    return isinstance(data, dict) and key in data


def _name(column: str) -> str:
    name = normal(column)
    return _LABELS.get(name, name)


def _value(data: object) -> Value:
    if isinstance(data, dict):
        shown, stored = data.get("display_value"), data.get("value")
        return Value(_text(stored if stored is not None else shown), _text(shown if shown is not None else stored))
    return Value(_text(data), _text(data))


def _text(data: object) -> str:
    return "" if data is None else str(data).strip()
