"""The register as CSV, out and in: one row an action, columns named as its fields."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from pydantic import ValidationError

from reports.improvement.model import Action
from timeline.findings import Finding, InputError, Place, Severity, nearest

_COLUMNS = tuple(Action.model_fields)
_NEEDED = tuple(name for name, field in Action.model_fields.items() if field.is_required())


def to_csv(actions: Iterable[Action]) -> str:
    """The table, with line feeds at the ends of its lines; what is not known is an empty cell."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for action in actions:
        values = action.model_dump(mode="json")
        writer.writerow(["" if values[column] is None else _safe(values[column]) for column in _COLUMNS])
    return target.getvalue()


def _safe(value: object) -> object:
    """Words that a spreadsheet would take for a formula begin with an apostrophe there."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value


def from_csv(text: str, name: str) -> list[Action]:
    """Actions from a table.  Raises InputError with every row that is not one, by its line."""
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    header = reader.fieldnames or []
    unknown = [column for column in header if column not in _COLUMNS]
    missing = [column for column in _NEEDED if column not in header]
    found = [_error(name, 1, f"there is no column {c!r} in a register", nearest(c, _COLUMNS)) for c in unknown]
    found += [_error(name, 1, f"the column {column!r} is missing") for column in missing]
    if found:
        raise InputError(found)
    actions: list[Action] = []
    try:
        for row in reader:
            if None in row or None in row.values():
                found.append(_error(name, reader.line_num, "this row has more or fewer cells than the header"))
                continue
            try:
                cells = {column: value.removeprefix("'") for column, value in row.items() if value != ""}
                actions.append(Action.model_validate(cells))
            except ValidationError as error:
                found += [_error(name, reader.line_num, f"{e['loc'][0]}: {e['msg']}") for e in error.errors()]
    except csv.Error as error:
        found.append(_error(name, reader.line_num, f"this is not CSV: {error}"))
    if found:
        raise InputError(found)
    return actions


def _error(name: str, line: int, message: str, hint: str = "") -> Finding:
    return Finding("actions.row", Severity.ERROR, Place(name, line), message, hint)
