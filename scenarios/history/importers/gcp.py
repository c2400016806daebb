"""Google Cloud: the public incidents of its status page, as `https://status.cloud.google.com/incidents.json` has them.

`begin` to `end` is the impact as Google states it; `created` is when the record was made, half an hour later in the
median.  What has to be known:

- Some records were made after the fact: their `end` lies before `created`.  They stay as published, with a finding; the
  time to restore is that of the impact (`IncidentRecord.restore_time`).
- `number` is not unique over the years, and is a number or a text; the id is `id`, before 2020 the `uri`.
- How many incidents are published changed over the years: more records in a year are not more incidents.
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
from timeline.findings import Severity

FORMAT = "gcp"
_RANKS = {"high": 1, "medium": 2, "low": 3}
_AVAILABLE = "AVAILABLE"


def read(intake: Intake) -> Iterator[Imported]:
    """The incidents of the page.  Raises InputError where the file is no such list."""
    elements = ((identity(item, intake, "id", "uri"), item) for item in read_items(intake, ("incidents",)))
    known = ((id, item.line, item.data) for id, item in elements if id is not None)
    for id, rows in by_incident(known):
        line, data = intake.latest(rows, "modified")
        try:
            yield _incident(id, line, data, intake)
        except ValueError as error:
            intake.refuse(line, str(error))


def _incident(id: str, line: int, data: Mapping[str, Any], intake: Intake) -> Imported:
    """Raises ValueError naming what cannot be read."""
    began_at, ended_at = needed_moment(data, "begin", intake), moment(data, "end", intake)
    opened_at = moment(data, "created", intake) or began_at
    if ended_at is not None and ended_at < opened_at:
        message = f"{id} ended before its record was made: it was reported after the fact"
        intake.remark("history.after-the-fact", line, message, severity=Severity.INFO)
    severity = text(data, "severity")
    products = [name for product in items(data, "affected_products") if (name := text(product, "title"))]
    updates = items(data, "updates")
    record = IncidentRecord(
        id=id,
        number=text(data, "number"),
        title=intake.names.text(text(data, "external_desc")),
        service=text(data, "service_name"),
        component=", ".join(products) or None,
        priority=severity,
        priority_rank=_RANKS.get(severity or ""),
        opened_at=opened_at,
        resolved_at=ended_at,
        impact_from=began_at,
        impact_to=ended_at,
        updates=len(updates),
        source=FORMAT,
        source_line=line,
    )
    return Imported(record, tuple(_steps(id, line, opened_at, updates, intake)))


def _steps(
    id: str, line: int, opened_at: datetime, updates: Sequence[Mapping[str, Any]], intake: Intake
) -> Iterator[Step]:
    yield Step(id, opened_at, StepKind.OPENED, line=line)
    dated = []
    for update in updates:
        try:
            dated.append((moment(update, "when", intake) or needed_moment(update, "created", intake), update))
        except ValueError as error:
            intake.remark("history.update-without-time", line, f"an update has no time that can be read: {error}")
    before: str | None = None
    for at, update in sorted(dated, key=lambda entry: entry[0]):
        status = text(update, "status")
        if status == before or status is None:
            kind = StepKind.UPDATE
        elif status == _AVAILABLE:
            kind = StepKind.RESOLVED
        else:
            kind = StepKind.REOPENED if before == _AVAILABLE else StepKind.STATE
        yield Step(id, at, kind, before, status or before, None, line)
        before = status or before
