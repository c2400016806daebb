"""PagerDuty: incidents of the REST API (v2) with their log entries, or the CSV export of incidents.

    GET /incidents?include[]=...                {"incidents": [...]}
    GET /incidents/{id}/log_entries, GET /log_entries   {"log_entries": [...]}

Both kinds of answer may stand in one file, in one object or one after the other, in any order; an incident may also
carry its own `log_entries`.  What has to be known:

- Without log entries an incident says when it was created and resolved, but not when it was acknowledged: the list
  `acknowledgements` is empty again once it is resolved.
- Moments of detection are notifications (`notify_log_entry`); those of acknowledgement, assignment, escalation and
  resolution are entries of their own.  Entries of incidents that are not in the file are refused.
- The export has seconds since the creation for acknowledgement and resolution, and a count of assignments, the first
  of which is no reassignment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from scenarios.history.importers.grouping import Row, by_incident
from scenarios.history.importers.intake import Imported, Intake
from scenarios.history.importers.json_items import Item, read_items
from scenarios.history.importers.known_table import is_json, read_known_csv
from scenarios.history.importers.priorities import COMMON, rank
from scenarios.history.importers.values import items, moment, needed_moment, text
from scenarios.history.record import IncidentRecord
from scenarios.history.steps import Step, StepKind

FORMAT = "pagerduty"
_URGENCIES = {"high": 1, "low": 2}
_COLUMNS = {
    "id": ("id", "incident_id"),
    "number": ("incident_number",),
    "title": ("description", "title"),
    "service": ("service_name",),
    "team": ("team_name", "team_names", "escalation_policy_name"),
    "priority": ("priority_name", "urgency"),
    "opened_at": ("created_on", "created_at"),
    "resolved_at": ("resolved_on", "resolved_at"),
    "reassignments": ("assignment_count",),
}
_SECONDS = {"acknowledged_at": "seconds_to_first_ack", "resolved_at": "seconds_to_resolve"}
_KINDS = {
    "trigger_log_entry": StepKind.OPENED,
    "acknowledge_log_entry": StepKind.ACKNOWLEDGED,
    "assign_log_entry": StepKind.ASSIGNED,
    "escalate_log_entry": StepKind.ASSIGNED,
    "delegate_log_entry": StepKind.ASSIGNED,
    "resolve_log_entry": StepKind.RESOLVED,
}
_INCIDENT, _ENTRY = "incident", "entry"


def read(intake: Intake) -> Iterator[Imported]:
    """The incidents of a file.  Raises InputError where it is no such answer or export."""
    return _of_api(intake) if is_json(intake) else _of_export(intake)


def _of_export(intake: Intake) -> Iterator[Imported]:
    for imported in read_known_csv(intake, FORMAT, _COLUMNS, _SECONDS, _URGENCIES):
        assigned = imported.record.reassignments
        again = None if assigned is None else max(assigned - 1, 0)
        yield Imported(replace(imported.record, reassignments=again))


def _of_api(intake: Intake) -> Iterator[Imported]:
    for id, rows in by_incident(_by_id(intake)):
        incidents = [(line, data) for line, (kind, data) in rows if kind == _INCIDENT]
        entries = [(line, data) for line, (kind, data) in rows if kind == _ENTRY]
        if not incidents:
            for line, _ in entries:
                intake.refuse(line, f"a log entry of incident {id}, which is not in the file")
            continue
        line, data = intake.latest(incidents, "updated_at")
        inner = [(line, entry) for entry in items(data, "log_entries")]
        try:
            yield _incident(id, line, data, [*inner, *entries], intake)
        except ValueError as error:
            for refused, _ in ((line, data), *entries):
                intake.refuse(refused, str(error))


def _by_id(intake: Intake) -> Iterator[tuple[str, int, tuple[str, Mapping[str, Any]]]]:
    for item in read_items(intake, ("incidents", "log_entries")):
        kind = _kind(item)
        id = text(item.data, "incident", "id") if kind == _ENTRY else text(item.data, "id")
        if id is None:
            intake.refuse(item.line, f"the {kind} names no incident")
        else:
            yield id, item.line, (kind, item.data)


def _kind(item: Item) -> str:
    is_entry = item.key == "log_entries" or (text(item.data, "type") or "").endswith("_log_entry")
    return _ENTRY if is_entry else _INCIDENT


def _incident(id: str, line: int, data: Mapping[str, Any], rows: Sequence[Row], intake: Intake) -> Imported:
    """Raises ValueError naming what cannot be read."""
    opened_at = needed_moment(data, "created_at", intake)
    entries = sorted(_dated(rows, intake), key=lambda entry: entry[0])
    steps = tuple(_steps(id, line, opened_at, entries, intake))
    assignments = sum(step.kind is StepKind.ASSIGNED for step in steps)
    written = text(data, "priority", "summary") or text(data, "urgency")
    teams = items(data, "teams")
    record = IncidentRecord(
        id=id,
        number=text(data, "incident_number"),
        title=intake.names.text(text(data, "title") or text(data, "summary")),
        service=text(data, "service", "summary"),
        team=text(teams[0], "summary") if teams else text(data, "escalation_policy", "summary"),
        priority=written,
        priority_rank=rank(written, {**COMMON, **_URGENCIES} if written == text(data, "urgency") else COMMON),
        cause=text(data, "resolve_reason", "type"),
        opened_at=opened_at,
        detected_at=next((at for at, _, entry in entries if text(entry, "type") == "notify_log_entry"), None),
        acknowledged_at=_first(steps, StepKind.ACKNOWLEDGED) or _standing_acknowledgement(data, intake),
        resolved_at=_resolution(data, steps, intake),
        reassignments=max(assignments - 1, 0) if entries else None,
        updates=len(entries) if entries else None,
        parent=text(data, "resolve_reason", "incident", "id"),
        source=FORMAT,
        source_line=line,
    )
    return Imported(record, steps)


def _dated(rows: Sequence[Row], intake: Intake) -> Iterator[tuple[datetime, int, Mapping[str, Any]]]:
    for line, entry in rows:
        try:
            yield needed_moment(entry, "created_at", intake), line, entry
        except ValueError as error:
            intake.remark("history.update-without-time", line, f"a log entry has no time that can be read: {error}")


def _first(steps: Sequence[Step], kind: StepKind) -> datetime | None:
    return next((step.at for step in steps if step.kind is kind), None)


def _standing_acknowledgement(data: Mapping[str, Any], intake: Intake) -> datetime | None:
    moments = [at for entry in items(data, "acknowledgements") if (at := moment(entry, "at", intake)) is not None]
    return min(moments, default=None)


def _resolution(data: Mapping[str, Any], steps: Sequence[Step], intake: Intake) -> datetime | None:
    """The last resolution: from the log, else from the incident; none while it is open."""
    status = text(data, "status")
    if status is not None and status != "resolved":
        return None
    logged = next((step.at for step in reversed(steps) if step.kind is StepKind.RESOLVED), None)
    stated = moment(data, "resolved_at", intake)
    return logged or stated or (moment(data, "last_status_change_at", intake) if status == "resolved" else None)


def _steps(
    id: str, line: int, opened_at: datetime, entries: Sequence[tuple[datetime, int, Mapping[str, Any]]], intake: Intake
) -> Iterator[Step]:
    if not any(text(entry, "type") == "trigger_log_entry" for _, _, entry in entries):
        yield Step(id, opened_at, StepKind.OPENED, line=line)
    assigned: str | None = None
    for at, at_line, entry in entries:
        kind = _KINDS.get(text(entry, "type") or "", StepKind.UPDATE)
        actor = intake.names.person(text(entry, "agent", "summary"))
        if kind is StepKind.ASSIGNED:
            people = [name for person in items(entry, "assignees") if (name := text(person, "summary"))]
            after = ", ".join(str(intake.names.person(name)) for name in people) or None
            yield Step(id, at, kind, assigned, after, actor, at_line)
            assigned = after
        else:
            yield Step(id, at, kind, None, None, actor, at_line)
