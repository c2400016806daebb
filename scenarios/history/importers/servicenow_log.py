"""ServiceNow, the audit-style log: one row for each state that an incident was in, as CSV.

Such logs come out of the audit tables (`sys_audit`, joined) or of process-mining extracts; the published one is that of
Amaral, Fantinato and Peres (doi:10.24432/C57S4H).  Columns are those of the `incident` table.  What has to be known:

- `?` and empty fields are missing; times are those of a user's profile, without zone, often day-first.
- Rows of an incident are ordered by `sys_mod_count`, wherever they stand in the file.
- `resolved_at`, `closed_at`, `closed_code` and the counts repeat their last value on every row: they are no knowledge
  of the moment of that row.  What was known at the opening (priority, category, group) is taken from the first row.
- ServiceNow has no field for an acknowledgement: it is the first row whose state is no longer New.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import itemgetter
from typing import TypeVar

from scenarios.history.importers.csv_rows import CsvFile
from scenarios.history.importers.grouping import Row, by_incident
from scenarios.history.importers.intake import MISSING, Imported, Intake, moment_texts, present
from scenarios.history.importers.priorities import rank
from scenarios.history.record import IncidentRecord
from scenarios.history.steps import Step, StepKind

T = TypeVar("T")

FORMAT = "servicenow-log"
_COLUMNS = {
    "number": ("number", "incident", "task"),
    "state": ("incident_state", "state"),
    "mod_count": ("sys_mod_count",),
    "updated_at": ("sys_updated_at", "sys_updated_on"),
    "updated_by": ("sys_updated_by",),
    "opened_at": ("opened_at",),
    "resolved_at": ("resolved_at",),
    "closed_at": ("closed_at",),
    "group": ("assignment_group",),
    "priority": ("priority",),
    "title": ("short_description",),
    "service": ("business_service", "service_offering", "category"),
    "component": ("cmdb_ci", "subcategory"),
    "close_code": ("close_code", "closed_code"),
    "reassignments": ("reassignment_count",),
    "reopenings": ("reopen_count",),
    "parent": ("parent_incident", "parent", "problem_id"),
}
_MOMENTS = ("updated_at", "opened_at", "resolved_at", "closed_at")
_NEW = ("new", "1")
_OVER = {"resolved": StepKind.RESOLVED, "6": StepKind.RESOLVED, "closed": StepKind.CLOSED, "7": StepKind.CLOSED}


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row of the log: the fields of `_COLUMNS` in their order, moments and counts read."""

    line: int
    number: str
    state: str | None
    mod_count: int
    updated_at: datetime | None
    updated_by: str | None
    opened_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    group: str | None
    priority: str | None
    title: str | None
    service: str | None
    component: str | None
    close_code: str | None
    reassignments: int | None
    reopenings: int | None
    parent: str | None

    @property
    def is_new(self) -> bool:
        return self.state is None or self.state.lower() in _NEW

    @property
    def over(self) -> StepKind | None:
        """Resolved or closed, or None where the state is another."""
        return None if self.state is None else _OVER.get(self.state.lower())


_POSITION = {name: position for position, name in enumerate(_COLUMNS)}
assert [f.name for f in fields(_Entry)] == ["line", *_COLUMNS]


def read(intake: Intake) -> Iterator[Imported]:
    """The incidents of a log.  Raises InputError where the file cannot be read or lacks number, state or opening."""
    table = CsvFile(intake)
    for needed in ("number", "state", "opened_at"):
        table.require(*_COLUMNS[needed])
    columns = [_columns_of(table, names) for names in _COLUMNS.values()]
    dates = [column for name in _MOMENTS for column in columns[_POSITION[name]]]
    intake.settle_order(moment_texts(table.sample(), dates))
    for number, rows in by_incident(_numbered(table, columns, intake)):
        entries = _entries(rows, intake)
        if entries:
            yield _incident(number, entries, intake)


def _columns_of(table: CsvFile, names: Sequence[str]) -> list[int]:
    """The columns with these names, in order of preference: the first that says something counts."""
    found = (table.column([name]) for name in names)
    return [column for column in found if column is not None]


def _numbered(
    table: CsvFile, columns: Sequence[Sequence[int]], intake: Intake
) -> Iterator[tuple[str, int, tuple[str | None, ...]]]:
    # Most fields have one column: only where that says nothing the others are asked.  A field without any column takes
    # the empty text that is put behind each row.
    nowhere = len(table.header)
    first = itemgetter(*(choice[0] if choice else nowhere for choice in columns))
    others = [(position, choice[1:]) for position, choice in enumerate(columns) if len(choice) > 1]
    for line, row in table.rows():
        row.append("")
        values = [None if text in MISSING else text.strip() or None for text in first(row)]
        for position, choice in others:
            if values[position] is None:
                values[position] = next((text for column in choice if (text := present(row[column]))), None)
        number = values[0]
        if number is None:
            intake.refuse(line, "the row names no incident")
        else:
            yield number, line, tuple(values)


def _entries(rows: Sequence[Row], intake: Intake) -> list[_Entry]:
    """The rows of an incident in order of their changes; what cannot be read, or repeats another row, is refused."""
    entries = []
    seen: dict[tuple[str | None, ...], int] = {}
    for line, values in rows:
        if values in seen:
            intake.refuse(line, f"the row repeats line {seen[values]}")
            continue
        seen[values] = line
        try:
            entries.append(_entry(line, values, intake))
        except ValueError as error:
            intake.refuse(line, str(error))
    return sorted(
        entries, key=lambda entry: (entry.mod_count, entry.updated_at or entry.opened_at, entry.opened_at, entry.line)
    )


def _entry(line: int, values: Sequence[str | None], intake: Intake) -> _Entry:
    """Raises ValueError naming the column that cannot be read."""
    number, state, mod_count, updated_at, updated_by, opened_at, resolved_at, closed_at, *rest = values
    group, priority, title, service, component, close_code, reassignments, reopenings, parent = rest
    opened = _moment(opened_at, "opened_at", intake)
    if opened is None:
        raise ValueError("opened_at is missing")
    return _Entry(
        line,
        str(number),
        state,
        _count(mod_count, "mod_count") or 0,
        _moment(updated_at, "updated_at", intake),
        updated_by,
        opened,
        _moment(resolved_at, "resolved_at", intake),
        _moment(closed_at, "closed_at", intake),
        group,
        priority,
        title,
        service,
        component,
        close_code,
        _count(reassignments, "reassignments"),
        _count(reopenings, "reopenings"),
        parent,
    )


def _moment(text: str | None, column: str, intake: Intake) -> datetime | None:
    try:
        return None if text is None else intake.moments.read(text)
    except ValueError as error:
        raise ValueError(f"{column}: {error}") from None


def _count(text: str | None, column: str) -> int | None:
    if text is None:
        return None
    if not text.isdecimal():
        raise ValueError(f"{column}: {text!r} is not a count")
    return int(text)


def _incident(number: str, entries: Sequence[_Entry], intake: Intake) -> Imported:
    first, last = entries[0], entries[-1]
    if any(entry.opened_at != first.opened_at for entry in entries):
        message = f"{number} has rows with different opened_at; that of the first is taken"
        intake.remark("history.contradiction", first.line, message)
    steps = tuple(_steps(entries, intake))
    resolved_at = _last(entries, lambda entry: entry.resolved_at)
    if resolved_at is not None and resolved_at < first.opened_at:
        message = f"{number} was resolved before it was opened"
        intake.remark("history.ends-before-start", last.line, message)
    record = IncidentRecord(
        id=number,
        number=number,
        title=intake.names.text(first.title),
        service=first.service,
        component=first.component,
        team=next((entry.group for entry in entries if entry.group), None),
        priority=first.priority,
        priority_rank=rank(first.priority),
        cause=_last(entries, lambda entry: entry.close_code),
        opened_at=first.opened_at,
        acknowledged_at=next((e.updated_at for e in entries if not e.is_new and e.updated_at), None),
        resolved_at=resolved_at,
        closed_at=_last(entries, lambda entry: entry.closed_at),
        reassignments=max((e.reassignments for e in entries if e.reassignments is not None), default=None),
        reopenings=max((e.reopenings for e in entries if e.reopenings is not None), default=None),
        updates=len(entries) - 1,
        parent=_last(entries, lambda entry: entry.parent),
        source=FORMAT,
        source_line=min(entry.line for entry in entries),
    )
    return Imported(record, steps)


def _last(entries: Sequence[_Entry], field: Callable[[_Entry], T | None]) -> T | None:
    return next((value for entry in reversed(entries) if (value := field(entry)) is not None), None)


def _steps(entries: Sequence[_Entry], intake: Intake) -> Iterator[Step]:
    """What each row changed; rows without a time of their own have no step."""
    first = entries[0]
    yield Step(first.number, first.opened_at, StepKind.OPENED, None, first.state, None, first.line)
    state, group, taken_on = first.state if first.is_new else None, None, False
    for entry in entries:
        if entry.updated_at is None:
            continue
        actor = intake.names.person(entry.updated_by)
        changes: list[tuple[StepKind, str | None, str | None]] = []
        if entry.group != group and entry.group is not None:
            changes.append((StepKind.ASSIGNED, group, entry.group))
            group = entry.group
        if not entry.is_new and not taken_on:
            changes.append((StepKind.ACKNOWLEDGED, state, entry.state))
            taken_on = True
        if entry.state != state:
            was_over = state is not None and state.lower() in _OVER
            kind = entry.over or (StepKind.REOPENED if was_over else StepKind.STATE)
            changes.append((kind, state, entry.state))
            state = entry.state
        for kind, before, after in changes or [(StepKind.UPDATE, None, None)]:
            yield Step(entry.number, entry.updated_at, kind, before, after, actor, entry.line)
