"""From an export to a history: reads with the importer of its format and writes incidents and steps as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scenarios.history.importers.intake import Imported, Intake, Refused
from scenarios.history.parquet import RowFile
from scenarios.history.record import COLUMNS, SCHEMA_VERSION, IncidentRecord, TimeBasis, row_of
from scenarios.history.steps import STEP_COLUMNS, STEPS_VERSION, step_row_of, steps_path
from timeline.findings import Finding

Importer = Callable[[Intake], Iterator[Imported]]
_MOMENTS = (
    "opened_at",
    "detected_at",
    "acknowledged_at",
    "mitigated_at",
    "resolved_at",
    "closed_at",
    "impact_from",
    "impact_to",
)


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of an export.  `first` and `last` are the earliest and latest moments; `updates` of all incidents."""

    incidents: int
    rows: int
    updates: int
    steps: int
    first: datetime | None
    last: datetime | None
    relative: bool
    refused: list[Refused]
    findings: list[Finding]


@dataclass(slots=True)
class _Span:
    first: datetime | None = None
    last: datetime | None = None

    def take(self, moments: Iterable[datetime | None]) -> None:
        for moment in moments:
            if moment is None:
                continue
            if self.first is None or moment < self.first:
                self.first = moment
            if self.last is None or moment > self.last:
                self.last = moment


def import_history(importer: Importer, intake: Intake, out: Path) -> Summary:
    """Writes the history of an export to `out`, and its steps beside it where the source has some.

    Both files are written whole or not at all.  Raises InputError where the source cannot be read.
    """
    span, updates, relative = _Span(), 0, False
    steps_file = steps_path(out)
    with (
        RowFile(out, COLUMNS, SCHEMA_VERSION) as incidents,
        RowFile(steps_file, STEP_COLUMNS, STEPS_VERSION) as steps,
    ):
        for imported in importer(intake):
            record = imported.record
            incidents.add(row_of(record))
            for step in imported.steps:
                steps.add(step_row_of(step))
            span.take(_moments(record))
            span.take(step.at for step in imported.steps)
            updates += record.updates or 0
            relative = relative or record.time_basis is TimeBasis.RELATIVE
    if not steps.count:
        steps_file.unlink(missing_ok=True)
    return Summary(
        incidents=incidents.count,
        rows=intake.rows,
        updates=updates,
        steps=steps.count,
        first=span.first,
        last=span.last,
        relative=relative,
        refused=intake.refused(),
        findings=intake.findings(),
    )


def _moments(record: IncidentRecord) -> Iterator[datetime | None]:
    return (getattr(record, name) for name in _MOMENTS)
