"""Atlassian Statuspage: the incidents of a public page, as `GET /api/v2/incidents.json` gives them.

What a page tells is what customers were told: `started_at` to `resolved_at` is the impact it admits, `created_at` the
first word about it.  Who was paged and who took it on is not there.  Several pages of answers may follow each other
in one file.  What has to be known:

- Scheduled maintenance stands in the same list (`scheduled_for`, impact `maintenance`): it is refused, as no incident.
- `started_at` may be set back to before `created_at`; `resolved_at` is empty in some exports of resolved incidents:
  then the update that resolved it counts.
- The impact `none` is a note without impact: the incident has no `impact_from`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from scenarios.history.importers.grouping import by_incident
from scenarios.history.importers.intake import Imported, Intake
from scenarios.history.importers.json_items import read_items
from scenarios.history.importers.values import identity, items, moment, needed_moment, text
from scenarios.history.record import IncidentRecord
from scenarios.history.steps import Step, StepKind

FORMAT = "statuspage"
_RANKS = {"critical": 1, "major": 2, "minor": 3, "none": 4}
_MAINTENANCE = ("scheduled", "in_progress", "verifying", "completed")
_KINDS = {"resolved": StepKind.RESOLVED, "postmortem": StepKind.UPDATE}


def read(intake: Intake) -> Iterator[Imported]:
    """The incidents of a page.  Raises InputError where the file is no such answer."""
    elements = ((identity(item, intake, "id"), item) for item in read_items(intake, ("incidents",)))
    known = ((id, item.line, item.data) for id, item in elements if id is not None)
    for id, rows in by_incident(known):
        line, data = intake.latest(rows, "updated_at")
        try:
            yield _incident(id, line, data, intake)
        except ValueError as error:
            intake.refuse(line, str(error))


def _incident(id: str, line: int, data: Mapping[str, Any], intake: Intake) -> Imported:
    """Raises ValueError saying why this is no incident that can be read."""
    status, impact = text(data, "status"), text(data, "impact")
    if data.get("scheduled_for") or impact == "maintenance" or status in _MAINTENANCE:
        raise ValueError("scheduled maintenance, no incident")
    opened_at = needed_moment(data, "created_at", intake)
    steps = tuple(_steps(id, line, opened_at, items(data, "incident_updates"), intake))
    resolved_at = moment(data, "resolved_at", intake) or next(
        (step.at for step in reversed(steps) if step.kind is StepKind.RESOLVED), None
    )
    components = [name for part in items(data, "components") if (name := text(part, "name"))]
    has_impact = impact != "none"
    record = IncidentRecord(
        id=id,
        title=intake.names.text(text(data, "name")),
        service=components[0] if components else None,
        component=", ".join(components) or None,
        priority=impact,
        priority_rank=_RANKS.get(impact or ""),
        opened_at=opened_at,
        mitigated_at=moment(data, "monitoring_at", intake),
        resolved_at=resolved_at,
        impact_from=(moment(data, "started_at", intake) or opened_at) if has_impact else None,
        impact_to=resolved_at if has_impact else None,
        updates=len(items(data, "incident_updates")),
        source=FORMAT,
        source_line=line,
    )
    return Imported(record, steps)


def _steps(
    id: str, line: int, opened_at: datetime, updates: Sequence[Mapping[str, Any]], intake: Intake
) -> Iterator[Step]:
    yield Step(id, opened_at, StepKind.OPENED, line=line)
    dated = [(at, update) for update in updates if (at := _shown_at(update, line, intake)) is not None]
    before: str | None = None
    for at, update in sorted(dated, key=lambda entry: entry[0]):
        status = text(update, "status")
        if status == before or status is None:
            kind = StepKind.UPDATE
        elif before == "resolved" and status != "postmortem":
            kind = StepKind.REOPENED
        else:
            kind = _KINDS.get(status, StepKind.STATE)
        yield Step(id, at, kind, before, status, None, line)
        before = status


def _shown_at(update: Mapping[str, Any], line: int, intake: Intake) -> datetime | None:
    """When an update was shown; one without a readable time counts, but is no step."""
    try:
        return moment(update, "display_at", intake) or needed_moment(update, "created_at", intake)
    except ValueError as error:
        intake.remark("history.update-without-time", line, f"an update has no time that can be read: {error}")
        return None
