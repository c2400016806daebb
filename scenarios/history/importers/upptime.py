"""GitHub issues as a log of incidents, as Upptime keeps it: one issue an outage, opened and closed by a bot.

    GET /repos/{owner}/{repository}/issues?state=all&labels=status
    gh issue list --state all --label status --json number,title,body,labels,createdAt,closedAt,state

The title names the site (`🛑 Site is down`, `⚠️ Site has degraded performance`), its other label the slug.  What has
to be known:

- The list of issues holds pull requests, too; and issues without the label `status`, or with `maintenance`, are none of
  its incidents.  These are refused.
- Opening and closing are seen by a check that runs every few minutes: both are late by up to that.
- Some versions delete issues instead of closing them: then those outages are not in the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from scenarios.history.importers.grouping import by_incident
from scenarios.history.importers.intake import Imported, Intake
from scenarios.history.importers.json_items import read_items
from scenarios.history.importers.values import identity, items, moment, needed_moment, number, text
from scenarios.history.record import IncidentRecord
from scenarios.history.steps import Step, StepKind

FORMAT = "upptime"
_TITLE = re.compile(r"^\W*(?P<site>.*?)\s+(?P<what>is down|has degraded performance)\W*$")
_CODE = re.compile(r"HTTP code:\s*(\d+)")
_DOWN = "is down"


def read(intake: Intake) -> Iterator[Imported]:
    """The incidents of a list of issues.  Raises InputError where the file is no JSON."""
    elements = ((identity(item, intake, "number"), item) for item in read_items(intake, ("issues",)))
    known = ((id, item.line, item.data) for id, item in elements if id is not None)
    for id, rows in by_incident(known):
        line, data = intake.latest(rows, "updated_at")
        try:
            yield _incident(id, line, data, intake)
        except ValueError as error:
            intake.refuse(line, str(error))


def _incident(id: str, line: int, data: Mapping[str, Any], intake: Intake) -> Imported:
    """Raises ValueError saying why this issue is no incident, or what cannot be read."""
    labels = _labels(data)
    if data.get("pull_request"):
        raise ValueError("a pull request, no incident")
    if "maintenance" in labels:
        raise ValueError("planned maintenance, no incident")
    if "status" not in labels:
        raise ValueError("an issue without the label 'status', no incident")
    created, closed = ("createdAt", "closedAt") if "createdAt" in data else ("created_at", "closed_at")
    opened_at, closed_at = needed_moment(data, created, intake), moment(data, closed, intake)
    title = text(data, "title") or ""
    match = _TITLE.match(title)
    slug = next((label for label in labels if label != "status"), None)
    code = _CODE.search(text(data, "body") or "")
    what = None if match is None else match["what"]
    record = IncidentRecord(
        id=id,
        number=f"#{id}",
        title=intake.names.text(title or None),
        service=match["site"] if match is not None else slug,
        component=slug,
        priority=None if what is None else "down" if what == _DOWN else "degraded",
        priority_rank=None if what is None else 1 if what == _DOWN else 2,
        cause=None if code is None else f"HTTP code {code[1]}",
        opened_at=opened_at,
        detected_at=opened_at,
        resolved_at=closed_at,
        closed_at=closed_at,
        impact_from=opened_at,
        impact_to=closed_at,
        updates=number(data, "comments"),
        source=FORMAT,
        source_line=line,
    )
    steps = [Step(id, opened_at, StepKind.OPENED, line=line)]
    if closed_at is not None:
        steps.append(Step(id, closed_at, StepKind.RESOLVED, line=line))
    return Imported(record, tuple(steps))


def _labels(data: Mapping[str, Any]) -> list[str]:
    written = data.get("labels")
    plain = [label for label in written if isinstance(label, str)] if isinstance(written, list) else []
    return plain + [name for label in items(data, "labels") if (name := text(label, "name"))]
