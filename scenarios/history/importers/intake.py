"""What an importer is given and what it reports: how to read, what was read, what was refused and why.

Nothing vanishes: each row of a source is counted once (`row`), and each that does not get into the history is refused
with its line and a reason (`refuse`).  What is odd without being wrong is a finding, told once with how often.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from scenarios.history.importers.grouping import Row
from scenarios.history.importers.moments import DateOrder, MomentReader, weigh
from scenarios.history.importers.pseudonyms import Names
from scenarios.history.record import IncidentRecord
from scenarios.history.steps import Step
from timeline.findings import Finding, Place, Severity

_IN_MEMORY_BYTES = 2**20
MISSING = frozenset({"", "?", "-", "null", "NULL", "\\N", "n/a", "N/A", "NaN", "nan", "(empty)"})
"""What exports write where there is nothing."""


@dataclass(frozen=True, slots=True)
class Imported:
    """An incident with its steps, and the rows that it was made of."""

    record: IncidentRecord
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not in the history."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read: `zone` and `order` for moments that do not say them (None: not stated), names, encoding."""

    zone: ZoneInfo | None = None
    order: DateOrder | None = None
    names: Names = field(default_factory=Names)
    encoding: str = "utf-8"


@dataclass(slots=True)
class _Remark:
    finding: Finding
    times: int = 1


class Intake:
    """One file on its way into a history."""

    def __init__(self, path: Path, reading: Reading) -> None:
        self.path = path
        self.names = reading.names
        self.encoding = reading.encoding
        self.moments = MomentReader(reading.zone or ZoneInfo("UTC"), reading.order or DateOrder.DAY_FIRST)
        self.rows = 0
        self.refused_rows = 0
        self.lists_seen = False
        self._stated = reading
        self._remarks: dict[str, _Remark] = {}
        # Closed by the collector of garbage with the intake: it lives as long as that.
        self._refused: IO[str] = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES, "w+", encoding="utf-8")  # noqa: SIM115

    def refuse(self, line: int, reason: str) -> None:
        """Keeps a row out of the history, with the reason."""
        self.refused_rows += 1
        self._refused.write(json.dumps([line, reason]) + "\n")

    def latest(self, rows: Sequence[Row], *changed: str) -> Row:
        """Of several copies of one object the one that was changed last, by the text at a path; others are refused."""
        best = max(rows, key=lambda row: (_text_at(row[1], changed), -row[0]))
        for row in rows:
            if row is not best:
                self.refuse(row[0], f"the same incident, newer, is at line {best[0]}")
        return best

    def refused(self) -> list[Refused]:
        """All that was refused, by line."""
        self._refused.seek(0)
        rows = [Refused(*json.loads(entry)) for entry in self._refused]
        self._refused.seek(0, 2)
        return sorted(rows, key=lambda row: (row.line, row.reason))

    def remark(self, id: str, line: int, message: str, hint: str = "", severity: Severity = Severity.WARNING) -> None:
        """Something odd; of each id the first is kept, with how often it occurred."""
        if known := self._remarks.get(id):
            known.times += 1
        else:
            self._remarks[id] = _Remark(Finding(id, severity, Place(str(self.path), line), message, hint))

    def remark_once(self, id: str, message: str, hint: str = "", severity: Severity = Severity.WARNING) -> None:
        """Something odd about the whole file."""
        if id not in self._remarks:
            self.remark(id, 0, message, hint, severity)

    def use_times(self, zone: str | None, order: DateOrder | None) -> None:
        """What a mapping says of times, where the command line does not say otherwise."""
        if zone is not None and self._stated.zone is None:
            self._stated = replace(self._stated, zone=ZoneInfo(zone))
            self.moments.zone = ZoneInfo(zone)
        if order is not None and self._stated.order is None:
            self._stated = replace(self._stated, order=order)
            self.moments.order = order

    def settle_order(self, dates: Iterable[str | None]) -> None:
        """Finds out from the dates of a file whether days or months come first, unless that was stated."""
        if self._stated.order is not None:
            return
        evidence = weigh(dates)
        self.moments.order = evidence.order or DateOrder.DAY_FIRST
        if evidence.order is None and evidence.either:
            message = f"{evidence.either:,} dates like 02/03 could be day-first or month-first; taken as day-first"
            self.remark("history.date-order", 0, message, "state --day-first or --month-first")
        elif evidence.day_first and evidence.month_first:
            message = f"some dates can only be day-first, others only month-first; taken as {self.moments.order}"
            self.remark("history.mixed-dates", 0, message, "rows of the other order are refused or misread")

    def findings(self) -> list[Finding]:
        """All remarks, and what the moments left open."""
        if self.moments.zoneless is not None and self._stated.zone is None:
            message = f"times like {self.moments.zoneless!r} name no zone; taken as UTC"
            self.remark("history.no-zone", 0, message, "state --timezone, like Europe/Rome")
        if self.moments.clock_changes:
            message = (
                f"{self.moments.clock_changes:,} times fall into a change of the clocks of {self.moments.zone.key}"
            )
            self.remark("history.clock-change", 0, message, "of two possible moments the first is taken")
        return [_told(remark) for remark in self._remarks.values()]


def _text_at(value: Any, path: Sequence[str]) -> str:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return "" if value is None else str(value)


def _told(remark: _Remark) -> Finding:
    found = remark.finding
    message = found.message if remark.times == 1 else f"{found.message} (and {remark.times - 1:,} more like this)"
    return Finding(found.id, found.severity, found.place, message, found.hint)


def present(text: str | None) -> str | None:
    """A field of a table; None where it stands for nothing."""
    if text is None or text in MISSING:
        return None
    return text.strip() or None


def moment_texts(rows: Iterable[tuple[int, list[str]]], columns: Iterable[int]) -> Iterator[str | None]:
    """The dates of a table, to settle their order."""
    chosen = tuple(columns)
    for _, row in rows:
        for column in chosen:
            yield present(row[column])
