"""An import of a text in one line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from scenarios.history.importers import IMPORTERS
from scenarios.history.importers.csv_file import read
from scenarios.history.importers.importing import Summary, import_history
from scenarios.history.importers.intake import Intake, Reading
from scenarios.history.importers.mapping import FORMAT_LINE, Mapping
from scenarios.history.importers.moments import DateOrder
from scenarios.history.importers.pseudonyms import Names
from scenarios.history.record import IncidentRecord, read_history
from scenarios.history.steps import Step, read_steps, steps_path


@dataclass(frozen=True)
class Done:
    """What an import wrote and reported."""

    summary: Summary
    records: dict[str, IncidentRecord]
    steps: list[Step]

    @property
    def record(self) -> IncidentRecord:
        (record,) = self.records.values()
        return record

    def moments_of(self, incident: str) -> list[tuple[str, str]]:
        """Kind and minute of its steps."""
        return [(str(s.kind), f"{s.at:%m-%d %H:%M}") for s in self.steps if s.incident == incident]

    @property
    def remarks(self) -> set[str]:
        return {finding.id for finding in self.summary.findings}

    @property
    def reasons(self) -> dict[int, str]:
        return {refused.line: refused.reason for refused in self.summary.refused}


def imported(
    folder: Path,
    format: str,
    content: str | bytes | list[Any] | dict[str, Any],
    mapping: dict[str, Any] | None = None,
    *,
    zone: str | None = None,
    order: DateOrder | None = None,
    key: bytes | None = None,
    name: str = "export",
) -> Done:
    """Imports a text, or an object as JSON."""
    source, out = folder / name, folder / "history.parquet"
    if isinstance(content, list | dict):
        content = json.dumps(content, indent=1)
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    intake = Intake(source, Reading(None if zone is None else ZoneInfo(zone), order, Names(key)))
    if format == "csv":
        chosen = Mapping.model_validate({"format": FORMAT_LINE, **(mapping or {})})
        summary = import_history(lambda given: read(given, chosen), intake, out)
    else:
        summary = import_history(IMPORTERS[format], intake, out)
    steps = read_steps(out) if steps_path(out).exists() else []
    return Done(summary, {record.id: record for record in read_history(out)}, steps)
