"""Labels: the failure modes of incidents as somebody set them, by reading them or by correcting a review.

A CSV file with the columns `id` (or `incident`) and `mode`, and where it has them `second` (a mode that another reader
could have taken) and `confidence` (`sure`, `unsure`).  Rows without a mode say nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scenarios.history.failure_modes import UNCLASSIFIED, Taxonomy
from scenarios.history.importers.csv_rows import CsvFile
from scenarios.history.importers.intake import Intake, Reading
from timeline.findings import Finding, InputError, Place, Severity, nearest


@dataclass(frozen=True, slots=True)
class Label:
    """The mode of one incident; `second` would have been right as well."""

    mode: str
    second: str | None = None
    sure: bool = True

    def admits(self, mode: str) -> bool:
        """Whether a mode is one of the two."""
        return mode in (self.mode, self.second)


def read_labels(path: Path, taxonomy: Taxonomy) -> dict[str, Label]:
    """Labels by incident id.  Raises InputError with every row that cannot be meant."""
    intake = Intake(path, Reading())
    table = CsvFile(intake)
    id_column, mode_column = table.require("id", "incident"), table.require("mode")
    second_column, confidence_column = table.column(["second"]), table.column(["confidence"])
    known = {*taxonomy.modes, UNCLASSIFIED}
    labels: dict[str, Label] = {}
    findings: list[Finding] = []
    for line, row in table.rows():
        id, mode = row[id_column].strip(), row[mode_column].strip()
        second = "" if second_column is None else row[second_column].strip()
        unknown = [named for named in (mode, second) if named and named not in known]
        if unknown:
            message = f"there is no failure mode {unknown[0]!r}"
            findings.append(_finding(path, line, message, nearest(unknown[0], known)))
        elif mode:
            sure = confidence_column is None or row[confidence_column].strip() != "unsure"
            if labels.setdefault(id, Label(mode, second or None, sure)).mode != mode:
                findings.append(_finding(path, line, f"{id} was set to {labels[id].mode!r} above"))
    findings += [_finding(path, refused.line, refused.reason) for refused in intake.refused()]
    if findings:
        raise InputError(findings)
    return labels


def _finding(path: Path, line: int, message: str, hint: str = "") -> Finding:
    return Finding("history.mode", Severity.ERROR, Place(str(path), line), message, hint)
