"""A history with failure modes: classified by rules, corrected by hand, and how far the two agree.

Corrections are a CSV file with the columns `id` and `mode`: the review that `write_review` makes, edited, is one.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from scenarios.history.classification import Classification, Classifier
from scenarios.history.failure_modes import UNCLASSIFIED, Taxonomy
from scenarios.history.importers.csv_rows import CsvFile
from scenarios.history.importers.intake import Intake, Reading
from scenarios.history.record import IncidentRecord
from timeline.files import write_whole
from timeline.findings import Finding, InputError, Place, Severity, nearest

CORRECTION = "correction"
"""The rule of a mode that was set by hand, against what the rules say."""


@dataclass(slots=True)
class Outcome:
    """How a history was classified: incidents by mode, and corrections with how many of them the rules had right."""

    modes: Counter[str] = field(default_factory=Counter)
    corrected: int = 0
    agreed: int = 0
    unused: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.modes.total()

    @property
    def classified_ratio(self) -> float | None:
        """The share of incidents with a mode; None where there are no incidents."""
        return None if not self.total else 1 - self.modes[UNCLASSIFIED] / self.total

    @property
    def agreement_ratio(self) -> float | None:
        """The share of corrected incidents where the rules say the same; None where none was corrected."""
        return None if not self.corrected else self.agreed / self.corrected


def classified(
    records: Iterable[IncidentRecord], taxonomy: Taxonomy, corrections: Mapping[str, str], outcome: Outcome
) -> Iterator[IncidentRecord]:
    """The records with their modes; tells `outcome` as it goes.  Modes that the source itself gave are kept."""
    classifier = Classifier(taxonomy)
    unused = dict(corrections)
    for record in records:
        by_rules = _by_rules(record, classifier)
        mode, rule = by_rules.mode, by_rules.rule
        corrected = unused.pop(record.id, None)
        if corrected is not None:
            outcome.corrected += 1
            if corrected == mode:
                outcome.agreed += 1
            else:
                mode, rule = corrected, CORRECTION
        outcome.modes[mode] += 1
        known = mode != UNCLASSIFIED
        yield replace(record, failure_mode=mode if known else None, failure_rule=rule)
    outcome.unused = sorted(unused)


def _by_rules(record: IncidentRecord, classifier: Classifier) -> Classification:
    if record.failure_mode is not None and record.failure_rule == "source":
        return Classification(record.failure_mode, "source")
    return classifier.classify(
        {"title": record.title, "cause": record.cause, "service": record.service, "component": record.component}
    )


def read_corrections(path: Path, taxonomy: Taxonomy) -> dict[str, str]:
    """Modes by incident id; rows without a mode say nothing.  Raises InputError with every row that cannot be meant."""
    intake = Intake(path, Reading())
    table = CsvFile(intake)
    id_column, mode_column = table.require("id"), table.require("mode")
    modes: dict[str, str] = {}
    findings = []
    known = {*taxonomy.modes, UNCLASSIFIED}
    for line, row in table.rows():
        id, mode = row[id_column].strip(), row[mode_column].strip()
        if mode and mode not in known:
            message = f"there is no failure mode {mode!r}"
            findings.append(
                Finding("history.mode", Severity.ERROR, Place(str(path), line), message, nearest(mode, known))
            )
        elif mode and modes.setdefault(id, mode) != mode:
            message = f"{id} was corrected to {modes[id]!r} above"
            findings.append(Finding("history.mode", Severity.ERROR, Place(str(path), line), message))
    findings += [
        Finding("history.mode", Severity.ERROR, Place(str(path), refused.line), refused.reason)
        for refused in intake.refused()
    ]
    if findings:
        raise InputError(findings)
    return modes


def write_review(path: Path, records: Iterable[IncidentRecord]) -> None:
    """A table to look through and to correct: `--corrections` takes it back with the column `mode` edited."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["id", "mode", "rule", "service", "title", "cause"])
    for record in records:
        mode = record.failure_mode or UNCLASSIFIED
        writer.writerow([record.id, mode, record.failure_rule, record.service, record.title, record.cause])
    write_whole(path, text.getvalue())
