"""Spans in which something really was wrong, as a CSV file states them: `from,to` and, if given, `name`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from timeline.findings import Finding, InputError, Place, Severity


@dataclass(frozen=True, slots=True)
class Incident:
    """A span in Unix ms, the end excluded."""

    name: str
    from_ms: int
    to_ms: int


def read_incidents(path: Path, zone: tzinfo) -> list[Incident]:
    """The spans of a file, in the order of time; moments without an offset are local time of `zone`.

    Raises InputError with every line that cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError.single("input.unreadable", str(path), str(error)) from None
    rows = csv.DictReader(text.splitlines())
    lacking = {"from", "to"} - set(rows.fieldnames or ())
    if lacking:
        message = f"the heading lacks {', '.join(sorted(lacking))}"
        raise InputError.single("backtest.incidents", Place(str(path), 1), message, "expected from,to and perhaps name")
    found: list[Incident] = []
    findings: list[Finding] = []
    for row in rows:
        try:
            begin, end = (_ms(row[column] or "", zone) for column in ("from", "to"))
            if end <= begin:
                raise ValueError(f"to {row['to']} does not lie after from {row['from']}")
            found.append(Incident(row.get("name") or f"line {rows.line_num}", begin, end))
        except ValueError as error:
            place = Place(str(path), rows.line_num)
            findings.append(Finding("backtest.incidents", Severity.ERROR, place, str(error)))
    if findings:
        raise InputError(findings)
    return sorted(found, key=lambda incident: (incident.from_ms, incident.to_ms))


def _ms(text: str, zone: tzinfo) -> int:
    """Raises ValueError."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text!r} is not a moment; write one like 2026-03-14T02:10:00+01:00") from None
    return round((moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).timestamp() * 1000)
