"""Tables of incidents, one row each, by a mapping: for CSV files, and for tools whose columns are known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from collections.abc import Mapping as Fields
from datetime import datetime, timedelta
from typing import Any

from scenarios.history.importers.csv_rows import CsvFile
from scenarios.history.importers.grouping import by_incident
from scenarios.history.importers.intake import Imported, Intake, moment_texts, present
from scenarios.history.importers.mapping import COUNT_FIELDS, MOMENT_FIELDS, NUMBER_FIELDS, Mapping
from scenarios.history.importers.priorities import COMMON, rank
from scenarios.history.record import IncidentRecord, TimeBasis
from timeline.instants import UNIX_EPOCH

Cells = Fields[str, str | None]
"""The cells of a row by field; those of `since_opening` under `after <field>`."""
_AFTER = "after "


def read_table(intake: Intake, mapping: Mapping, source: str) -> Iterator[Imported]:
    """The incidents of a CSV file.  Raises InputError where it cannot be read, or lacks a column of the mapping."""
    table = CsvFile(intake, mapping.delimiter)
    columns = {name: table.require(column) for name, column in mapping.columns.items()}
    columns |= {_AFTER + name: table.require(length.column) for name, length in mapping.since_opening.items()}
    intake.use_times(mapping.time.zone, mapping.time.order)
    if mapping.time.basis is TimeBasis.CALENDAR:
        dates = [columns[name] for name in MOMENT_FIELDS if name in columns]
        intake.settle_order(moment_texts(table.sample(), dates))
    rows = ((line, _cells(row, columns, mapping.missing)) for line, row in table.rows())
    return records(rows, intake, mapping, source)


def _cells(row: list[str], columns: Fields[str, int], missing: Collection[str | None]) -> dict[str, str | None]:
    cells = {name: present(row[column]) for name, column in columns.items()}
    return {name: None if text in missing else text for name, text in cells.items()} if missing else cells


def records(rows: Iterable[tuple[int, Cells]], intake: Intake, mapping: Mapping, source: str) -> Iterator[Imported]:
    """The incidents of rows that are cells by field.  An id that comes a second time is refused, with where it was."""
    for id, found in by_incident(_identified(rows, intake, mapping)):
        taken: int | None = None
        for line, cells in found:
            if taken is not None:
                intake.refuse(line, f"line {taken} has the same id, {id}")
                continue
            try:
                yield Imported(_record(id, line, cells, intake, mapping, source))
                taken = line
            except ValueError as error:
                intake.refuse(line, str(error))


def _identified(
    rows: Iterable[tuple[int, Cells]], intake: Intake, mapping: Mapping
) -> Iterator[tuple[str, int, Cells]]:
    """Rows of a table without ids are numbered by file and line."""
    numbered = "id" not in mapping.columns
    for line, cells in rows:
        id = f"{intake.path.stem}:{line}" if numbered else cells.get("id")
        if id is None:
            intake.refuse(line, "the row has no id")
        else:
            yield id, line, dict(cells)


def _record(id: str, line: int, cells: Cells, intake: Intake, mapping: Mapping, source: str) -> IncidentRecord:
    """Raises ValueError naming the field that cannot be read."""
    given: dict[str, Any] = {name: text for name, text in cells.items() if not name.startswith(_AFTER)}
    for name in MOMENT_FIELDS:
        if name in given:
            given[name] = _moment(given[name], name, intake, mapping)
    opened_at = given.get("opened_at")
    if opened_at is None:
        raise ValueError("opened_at is missing")
    for name, length in mapping.since_opening.items():
        after = _number(cells.get(_AFTER + name), name)
        if after is not None and given.get(name) is None:
            given[name] = opened_at + timedelta(milliseconds=round(after * length.unit.ms))
    for name in NUMBER_FIELDS:
        given[name] = _number(given.get(name), name)
    for name in COUNT_FIELDS:
        given[name] = _count(given.get(name), name)
    ratio = given["impact_ratio"]
    if ratio is not None and not 0 <= ratio <= 1:
        raise ValueError(f"impact_ratio: {ratio:g} is no share from 0 to 1")
    if ratio == 0:
        given["impact_from"] = given["impact_to"] = None
    _compare(given, id, line, intake)
    scale = {**COMMON, **{word.lower(): number for word, number in mapping.priorities.items()}}
    ranked = mapping.priorities.get(given.get("priority") or "")
    return IncidentRecord(
        **{
            **given,
            "id": id,
            "title": intake.names.text(given.get("title")),
            "priority_rank": rank(given.get("priority"), scale) if ranked is None else ranked,
            "failure_rule": None if given.get("failure_mode") is None else "source",
            "time_basis": mapping.time.basis,
            "source": source,
            "source_line": line,
        }
    )


def _compare(given: Fields[str, Any], id: str, line: int, intake: Intake) -> None:
    """Remarks moments that contradict each other; they stay as written, times are not made of them."""
    resolved_at, impact_from, impact_to = (given.get(name) for name in ("resolved_at", "impact_from", "impact_to"))
    if resolved_at is not None and resolved_at < given["opened_at"]:
        intake.remark("history.ends-before-start", line, f"{id} was resolved before it was opened")
    if impact_from is not None and impact_to is not None and impact_to < impact_from:
        intake.remark("history.ends-before-start", line, f"the impact of {id} ends before it begins")


def _moment(text: str | None, name: str, intake: Intake, mapping: Mapping) -> datetime | None:
    if text is None:
        return None
    if mapping.time.basis is TimeBasis.RELATIVE:
        number = _number(text, name)
        return None if number is None else UNIX_EPOCH + timedelta(milliseconds=round(number * mapping.time.unit.ms))
    try:
        return intake.moments.read(text)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _number(text: str | None, name: str) -> float | None:
    """A finite number that is not negative."""
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{name}: {text!r} is not a number") from None
    if not 0 <= number < 1e15:
        raise ValueError(f"{name}: {text!r} is out of range")
    return number


def _count(text: str | None, name: str) -> int | None:
    number = _number(text, name)
    if number is not None and number != int(number):
        raise ValueError(f"{name}: {text!r} is not a count")
    return None if number is None else int(number)
