"""Logs of cases: (case, activity, time), one row an event, in any order; CSV files by a mapping, and XES.

A case becomes an incident.  Where it is said what activities mean, they do: the first `opened` (else the first event)
opens, the last `resolved` resolves, unless a `reopened` follows.  Where nothing is said, a case is resolved with its
last event: then cases that go on after the log was taken look resolved, which a finding tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from scenarios.history.importers.csv_rows import CsvFile
from scenarios.history.importers.grouping import by_incident
from scenarios.history.importers.intake import Imported, Intake, moment_texts, present
from scenarios.history.importers.mapping import LOG_FIELDS, Activities, Mapping
from scenarios.history.importers.priorities import COMMON, rank
from scenarios.history.record import IncidentRecord, TimeBasis
from scenarios.history.steps import Step, StepKind
from timeline.findings import Severity
from timeline.instants import UNIX_EPOCH


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One event of a case, with what its row says of the case."""

    line: int
    activity: str
    at: datetime
    group: str | None = None
    actor: str | None = None
    title: str | None = None
    service: str | None = None
    component: str | None = None
    priority: str | None = None
    cause: str | None = None


def read_log(intake: Intake, mapping: Mapping, source: str) -> Iterator[Imported]:
    """The cases of a CSV file.  Raises InputError where it cannot be read, or lacks a column of the mapping."""
    table = CsvFile(intake, mapping.delimiter)
    columns = [table.require(mapping.columns[name]) if name in mapping.columns else None for name in LOG_FIELDS]
    intake.use_times(mapping.time.zone, mapping.time.order)
    if mapping.time.basis is TimeBasis.CALENDAR:
        intake.settle_order(moment_texts(table.sample(), [table.require(mapping.columns["at"])]))
    for case, rows in by_incident(_rows(table, columns, mapping, intake)):
        events = []
        for line, values in rows:
            try:
                events.append(_event(line, values, mapping, intake))
            except ValueError as error:
                intake.refuse(line, str(error))
        if events:
            yield case_of(case, events, mapping, intake, source)


def _rows(
    table: CsvFile, columns: Sequence[int | None], mapping: Mapping, intake: Intake
) -> Iterator[tuple[str, int, tuple[str | None, ...]]]:
    for line, row in table.rows():
        cells = (None if column is None else present(row[column]) for column in columns)
        values = tuple(None if cell in mapping.missing else cell for cell in cells)
        if values[0] is None:
            intake.refuse(line, "the row names no case")
        else:
            yield values[0], line, values[1:]


def _event(line: int, values: Sequence[str | None], mapping: Mapping, intake: Intake) -> LogEvent:
    """Raises ValueError saying what is missing or cannot be read."""
    activity, at, *rest = values
    if activity is None or at is None:
        raise ValueError("the row has no activity" if activity is None else "the row has no time")
    if mapping.time.basis is TimeBasis.CALENDAR:
        return LogEvent(line, activity, intake.moments.read(at), *rest)
    try:
        moment = UNIX_EPOCH + timedelta(milliseconds=round(float(at) * mapping.time.unit.ms))
    except (ValueError, OverflowError):
        raise ValueError(f"{at!r} is not a number") from None
    return LogEvent(line, activity, moment, *rest)


def case_of(case: str, events: Iterable[LogEvent], mapping: Mapping, intake: Intake, source: str) -> Imported:
    """The incident of a case that has at least one event."""
    ordered = sorted(events, key=lambda event: (event.at, event.line))
    first, meanings = ordered[0], mapping.activities
    opening = next((e for e in ordered if e.activity in meanings.opened), first)
    resolved_at, closed_at, reopenings = _end(ordered, meanings, intake)
    groups = [event.group for event in ordered if event.group is not None]
    priority = _first(event.priority for event in ordered)
    scale = {**COMMON, **{word.lower(): number for word, number in mapping.priorities.items()}}
    record = IncidentRecord(
        id=case,
        number=case,
        title=intake.names.text(_first(event.title for event in ordered)),
        service=_first(event.service for event in ordered),
        component=_first(event.component for event in ordered),
        team=groups[0] if groups else None,
        priority=priority,
        priority_rank=mapping.priorities.get(priority or "", rank(priority, scale)),
        cause=_first(event.cause for event in reversed(ordered)),
        opened_at=opening.at,
        acknowledged_at=next((e.at for e in ordered if e.activity in meanings.acknowledged), None),
        resolved_at=resolved_at,
        closed_at=closed_at,
        time_basis=mapping.time.basis,
        reassignments=sum(a != b for a, b in pairwise(groups)) if groups else None,
        reopenings=reopenings,
        updates=len(ordered) - 1,
        source=source,
        source_line=min(event.line for event in ordered),
    )
    return Imported(record, tuple(_steps(case, ordered, meanings, intake)))


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value is not None), None)


def _end(
    ordered: Sequence[LogEvent], meanings: Activities, intake: Intake
) -> tuple[datetime | None, datetime | None, int | None]:
    """When a case was resolved and closed, and how often it was reopened."""
    if not meanings.resolved and not meanings.closed:
        message = "nothing says which activities resolve: a case counts as resolved with its last event"
        hint = "name them in the mapping, under activities"
        intake.remark_once("history.assumed-end", message, hint, Severity.WARNING)
        return ordered[-1].at, None, None
    resolved_at = closed_at = None
    reopenings = 0
    for event in ordered:
        if event.activity in meanings.resolved:
            resolved_at = event.at
        elif event.activity in meanings.closed:
            closed_at = event.at
        elif event.activity in meanings.reopened:
            resolved_at = closed_at = None
            reopenings += 1
    return resolved_at or closed_at, closed_at, reopenings if meanings.reopened else None


def _steps(case: str, ordered: Sequence[LogEvent], meanings: Activities, intake: Intake) -> Iterator[Step]:
    kinds = {
        **dict.fromkeys(meanings.opened, StepKind.OPENED),
        **dict.fromkeys(meanings.acknowledged, StepKind.ACKNOWLEDGED),
        **dict.fromkeys(meanings.resolved, StepKind.RESOLVED),
        **dict.fromkeys(meanings.reopened, StepKind.REOPENED),
        **dict.fromkeys(meanings.closed, StepKind.CLOSED),
    }
    before: LogEvent | None = None
    group: str | None = None
    for event in ordered:
        actor = intake.names.person(event.actor)
        if event.group is not None and event.group != group:
            yield Step(case, event.at, StepKind.ASSIGNED, group, event.group, actor, event.line)
            group = event.group
        unknown = StepKind.OPENED if before is None and not meanings.opened else StepKind.STATE
        came_from = None if before is None else before.activity
        yield Step(case, event.at, kinds.get(event.activity, unknown), came_from, event.activity, actor, event.line)
        before = event
