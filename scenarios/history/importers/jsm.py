"""Jira Service Management: issues of a search as JSON, or the CSV export of issues.

    GET /rest/api/3/search?jql=...&expand=changelog     {"issues": [{"key": ..., "fields": {...}, "changelog": {...}}]}

What has to be known:

- A service project holds requests, changes and problems, too: those are refused by the name of their type (`Service
  Request`, `Change`, `Problem`, `Post-incident review`, ...).  Other types count as incidents; select in the search.
- `resolutiondate` is the last resolution, and empty again after a reopening.  Acknowledgement, reassignments and
  reopenings are only in the changelog: the first change of status, changes of an assignee, a resolution that was
  cleared.
- The CSV export writes times in the zone and the format of a user (`02/Jan/26 3:04 PM`), and repeats a column for each
  component; the first is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from scenarios.history.importers.grouping import by_incident
from scenarios.history.importers.intake import Imported, Intake
from scenarios.history.importers.json_items import read_items
from scenarios.history.importers.known_table import is_json, read_known_csv
from scenarios.history.importers.priorities import rank
from scenarios.history.importers.values import identity, items, moment, needed_moment, text
from scenarios.history.record import IncidentRecord
from scenarios.history.steps import Step, StepKind

FORMAT = "jsm"
_SCALE = {"blocker": 1, "critical": 2, "major": 3, "minor": 4, "trivial": 5} | {
    word: number for number, word in enumerate(("highest", "high", "medium", "low", "lowest"), start=1)
}
_OTHER_TYPES = re.compile(r"service request.*|change.*|problem|post-incident review|access|question", re.IGNORECASE)
_COLUMNS = {
    "id": ("Issue key", "Key"),
    "title": ("Summary",),
    "service": ("Custom field (Affected services)", "Component/s", "Components", "Project name"),
    "component": ("Component/s", "Components"),
    "priority": ("Priority",),
    "cause": ("Custom field (Root cause)", "Resolution"),
    "opened_at": ("Created",),
    "resolved_at": ("Resolved",),
    "parent": ("Parent key", "Parent id", "Parent"),
}


def read(intake: Intake) -> Iterator[Imported]:
    """The incidents of a file.  Raises InputError where it is no such answer or export."""
    return _of_search(intake) if is_json(intake) else read_known_csv(intake, FORMAT, _COLUMNS, priorities=_SCALE)


def _of_search(intake: Intake) -> Iterator[Imported]:
    elements = ((identity(item, intake, "key", "id"), item) for item in read_items(intake, ("issues",)))
    known = ((id, item.line, item.data) for id, item in elements if id is not None)
    for id, rows in by_incident(known):
        line, data = intake.latest(rows, "fields", "updated")
        try:
            yield _incident(id, line, data, intake)
        except ValueError as error:
            intake.refuse(line, str(error))


def _incident(id: str, line: int, data: Mapping[str, Any], intake: Intake) -> Imported:
    """Raises ValueError saying why this is no incident, or what cannot be read."""
    given = data.get("fields")
    if not isinstance(given, Mapping):
        raise ValueError("the issue has no fields")
    kind = text(given, "issuetype", "name")
    if kind is not None and _OTHER_TYPES.fullmatch(kind):
        raise ValueError(f"an issue of type {kind!r}, no incident")
    opened_at = needed_moment(given, "created", intake)
    steps = tuple(_steps(id, line, opened_at, data, intake))
    logged = len(steps) > 1 or isinstance(data.get("changelog"), Mapping)
    components = [name for part in items(given, "components") if (name := text(part, "name"))]
    written = text(given, "priority", "name")
    record = IncidentRecord(
        id=id,
        number=id,
        title=intake.names.text(text(given, "summary")),
        service=components[0] if components else text(given, "project", "name"),
        component=", ".join(components) or None,
        priority=written,
        priority_rank=rank(written, _SCALE),
        cause=text(given, "resolution", "name"),
        opened_at=opened_at,
        acknowledged_at=next((s.at for s in steps if s.kind is StepKind.ACKNOWLEDGED), None),
        resolved_at=moment(given, "resolutiondate", intake),
        closed_at=next((s.at for s in reversed(steps) if s.kind is StepKind.CLOSED), None),
        reassignments=sum(s.kind is StepKind.ASSIGNED and s.before is not None for s in steps) if logged else None,
        reopenings=sum(s.kind is StepKind.REOPENED for s in steps) if logged else None,
        updates=len(steps) - 1 if logged else None,
        parent=text(given, "parent", "key"),
        source=FORMAT,
        source_line=line,
    )
    return Imported(record, steps)


def _steps(id: str, line: int, opened_at: datetime, data: Mapping[str, Any], intake: Intake) -> Iterator[Step]:
    yield Step(id, opened_at, StepKind.OPENED, line=line)
    changelog = data.get("changelog")
    histories = items(changelog, "histories") if isinstance(changelog, Mapping) else []
    dated = []
    for history in histories:
        try:
            dated.append((needed_moment(history, "created", intake), history))
        except ValueError as error:
            intake.remark("history.update-without-time", line, f"a change has no time that can be read: {error}")
    taken_on = False
    for at, history in sorted(dated, key=lambda entry: entry[0]):
        actor = intake.names.person(text(history, "author", "displayName"))
        for change in items(history, "items"):
            before, after = text(change, "fromString"), text(change, "toString")
            kind = _kind(text(change, "field"), after)
            if kind is StepKind.ASSIGNED:
                before, after = intake.names.person(before), intake.names.person(after)
            if kind is StepKind.STATE and not taken_on:
                kind, taken_on = StepKind.ACKNOWLEDGED, True
            yield Step(id, at, kind, before, after, actor, line)


def _kind(changed: str | None, after: str | None) -> StepKind:
    if changed == "assignee":
        return StepKind.ASSIGNED
    if changed == "resolution":
        return StepKind.RESOLVED if after else StepKind.REOPENED
    if changed == "status":
        return StepKind.CLOSED if after is not None and after.lower() == "closed" else StepKind.STATE
    return StepKind.UPDATE
