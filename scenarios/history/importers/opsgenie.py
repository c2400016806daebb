"""Opsgenie: incidents (`GET /v1/incidents`) or alerts (`GET /v2/alerts`), as its REST API gives them.

    {"data": [{"id": ..., "tinyId": ..., "message": ..., "status": ..., "createdAt": ..., "priority": "P2", ...}]}

What has to be known:

- An alert has a `report`: milliseconds from its creation to the acknowledgement and to the close.
- An incident has its impact (`impactStartDate`, `impactEndDate`), and no acknowledgement.  A resolved one without an
  end of its impact was last changed at `updatedAt`: that is taken, with a finding.
- Services and teams are ids unless the answer was enriched with their names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from scenarios.history.importers.grouping import by_incident
from scenarios.history.importers.intake import Imported, Intake
from scenarios.history.importers.json_items import read_items
from scenarios.history.importers.priorities import rank
from scenarios.history.importers.values import identity, items, moment, needed_moment, number, text
from scenarios.history.record import IncidentRecord

FORMAT = "opsgenie"
_OVER = ("resolved", "closed")


def read(intake: Intake) -> Iterator[Imported]:
    """The incidents or alerts of a file.  Raises InputError where it is no such answer."""
    elements = ((identity(item, intake, "id"), item) for item in read_items(intake, ("data",)))
    known = ((id, item.line, item.data) for id, item in elements if id is not None)
    for id, rows in by_incident(known):
        line, data = intake.latest(rows, "updatedAt")
        try:
            yield Imported(_incident(id, line, data, intake))
        except ValueError as error:
            intake.refuse(line, str(error))


def _incident(id: str, line: int, data: Mapping[str, Any], intake: Intake) -> IncidentRecord:
    """Raises ValueError naming what cannot be read."""
    opened_at = needed_moment(data, "createdAt", intake)
    impact_from, impact_to = moment(data, "impactStartDate", intake), moment(data, "impactEndDate", intake)
    is_over = text(data, "status") in _OVER
    resolved_at = _after(opened_at, data, "closeTime") or (impact_to if is_over else None)
    if resolved_at is None and is_over:
        intake.remark("history.assumed-end", line, f"{id} is over, but nothing says since when: its last change counts")
        resolved_at = moment(data, "updatedAt", intake)
    services = data.get("impactedServices")
    service = services[0] if isinstance(services, list) and services and isinstance(services[0], str) else None
    written = text(data, "priority")
    return IncidentRecord(
        id=id,
        number=text(data, "tinyId"),
        title=intake.names.text(text(data, "message")),
        service=service or text(data, "service", "name") or text(data, "source"),
        component=text(data, "entity"),
        team=text(data, "ownerTeam") or _responsible_team(data),
        priority=written,
        priority_rank=rank(written),
        opened_at=opened_at,
        acknowledged_at=_after(opened_at, data, "ackTime"),
        resolved_at=resolved_at,
        closed_at=resolved_at if text(data, "status") == "closed" else None,
        impact_from=impact_from,
        impact_to=impact_to,
        source=FORMAT,
        source_line=line,
    )


def _after(opened_at: datetime, data: Mapping[str, Any], key: str) -> datetime | None:
    """A moment of the report: its milliseconds after the creation."""
    report = data.get("report")
    ms = number(report, key) if isinstance(report, Mapping) else None
    return None if ms is None else opened_at + timedelta(milliseconds=ms)


def _responsible_team(data: Mapping[str, Any]) -> str | None:
    teams = [part for part in items(data, "responders") if text(part, "type") == "team"]
    return next((name for part in teams if (name := text(part, "name") or text(part, "id"))), None)
