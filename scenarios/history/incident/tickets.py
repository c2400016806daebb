"""Tickets: read by the importers of histories, told as the steps of each incident.

A change of the team that holds a ticket is an assignment, later ones reassignments.  Who took a ticket on stays
context: an acknowledgement answers a page, and a ticket does not say which.
"""

from __future__ import annotations

from collections.abc import Iterator

from scenarios.history.importers import IMPORTERS
from scenarios.history.importers.csv_file import read as read_csv
from scenarios.history.importers.importing import Importer
from scenarios.history.importers.intake import Imported
from scenarios.history.importers.mapping import Mapping
from scenarios.history.incident.rows import Row, Source
from scenarios.history.steps import Step, StepKind
from timeline.details import IncidentDetail
from timeline.findings import InputError, nearest
from timeline.references import Reference, RefKind, incident
from topologies.loading.document import read_document
from topologies.loading.validation import validate

_SERVICE_DESK = Reference(RefKind.SYSTEM, "tickets")
_CSV = "csv"


def read_tickets(source: Source) -> None:
    """Tells the incidents of a file.  Raises InputError where its format is not stated, or not what is there."""
    for imported in _importer(source)(source.intake):
        _tell(source, imported)


def _importer(source: Source) -> Importer:
    format, place = source.stated.format, str(source.path)
    known = [*IMPORTERS, _CSV]
    if format is None:
        message = f"`format` of {source.name} is missing: tickets are read by the format of the tool"
        raise InputError.single("incident.format", place, message, f"known: {', '.join(known)}")
    if format == _CSV:
        if source.stated.mapping is None:
            hint = "make one: `blackstart history import csv FILE --propose`"
            raise InputError.single("incident.format", place, f"{source.name} needs `mapping`", hint)
        path = source.path.parent / source.stated.mapping
        mapping = validate(read_document(path), Mapping)
        return lambda intake: read_csv(intake, mapping)
    if format not in IMPORTERS:
        raise InputError.single("incident.format", place, f"there is no format {format!r}", nearest(format, known))
    return IMPORTERS[format]


def _tell(source: Source, imported: Imported) -> None:
    record, told = imported.record, source.tell
    id = source.incident(record.number or record.id)
    stated = source.manifest.incidents.get(id)
    title = source.people.text(record.title or "")
    opened = source.row(record.source_line, f"{record.id}: {record.title or ''}", record.opened_at)
    subject = incident(id)
    detail = IncidentDetail(
        state="open",
        severity=record.priority,
        team=None,
        title=title,
        source=(stated.opened_from or "") if stated is not None else "",
    )
    told(opened, record.opened_at, "incident.opened", subject, _SERVICE_DESK, detail)
    rows = {record.source_line: opened}
    ended: set[StepKind] = set()
    for step, kind in _kinds(imported.steps, source):
        row = rows.get(step.line) or source.row(step.line, f"{record.id}: {step.kind} {step.after or ''}", step.at)
        rows[step.line] = row
        if kind is not None:
            ended.add(step.kind)
            # Who writes an assignment into a ticket need not be who takes it.
            by_hand = step.actor is not None and step.kind is not StepKind.ASSIGNED
            actor = source.people.find(str(step.actor)).reference if by_hand else _SERVICE_DESK
            told(row, step.at, kind, subject, actor, _detail(step, record.priority, title, source))
    _tell_ends(source, opened, imported, ended, title)


def _tell_ends(source: Source, row: Row, imported: Imported, logged: set[StepKind], title: str) -> None:
    """Moments that stand in the ticket itself and not in a log of changes."""
    record = imported.record
    ends = (
        (None, "incident.mitigated", record.mitigated_at, "mitigated"),
        (StepKind.RESOLVED, "incident.resolved", record.resolved_at, "resolved"),
        (StepKind.CLOSED, "incident.closed", record.closed_at, "closed"),
    )
    for step, kind, at, state in ends:
        if at is not None and step not in logged:
            subject = incident(source.incident(record.number or record.id))
            source.tell(row, at, kind, subject, _SERVICE_DESK, IncidentDetail(state, record.priority, None, title))


def _kinds(steps: tuple[Step, ...], source: Source) -> Iterator[tuple[Step, str | None]]:
    """Each step with its kind of event; None where the vocabulary has none, or where the ticket stays with its team."""
    holder: str | None = None
    ends = {StepKind.RESOLVED: "incident.resolved", StepKind.CLOSED: "incident.closed"}
    for step in steps:
        if step.kind is StepKind.ASSIGNED and step.after is not None:
            before, holder = holder, _team(step.after, source)
            first = "incident.assigned" if before is None else "incident.reassigned"
            yield step, None if before == holder else first
        else:
            yield step, ends.get(step.kind)


def _detail(step: Step, severity: str | None, title: str, source: Source) -> IncidentDetail:
    states = {StepKind.RESOLVED: "resolved", StepKind.CLOSED: "closed"}
    team = _team(step.after, source) if step.kind is StepKind.ASSIGNED and step.after else None
    return IncidentDetail(states.get(step.kind, "open"), severity, team, title)


def _team(assignee: str, source: Source) -> str:
    """Who has a ticket: a group as it is called, of a person the stated team."""
    return source.people.team_of(assignee) or source.people.text(assignee)
