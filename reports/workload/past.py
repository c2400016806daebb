"""Pages of the past, from a CSV file: one row a page.

Columns, in any order, others ignored: `at` (ISO 8601; without an offset in the zone of the rotation, or of the person
where no rotation is given), `person` or `rotation` (then whoever held it), and if known `incident` (a page without one
is an incident of its own), and `until` or `minutes`: how long it occupied the person.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from reports.workload.pages import Page
from simulator.response.oncall import OnCall
from simulator.response.oncall.clock import LocalClock, is_sleep_hour
from timeline.findings import Finding, InputError, Place, Severity, nearest
from timeline.instants import MINUTE, UNIX_EPOCH, from_wall
from topologies.organisation import Organisation

COLUMNS = ("at", "person", "rotation", "incident", "until", "minutes")


def read_past(path: Path, organisation: Organisation) -> list[Page]:
    """The pages of a file in order of time; moments are milliseconds since 1970.

    A page to a rotation that nobody held then reached nobody and is left out.  Raises InputError with every row that
    cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError.single("input.not-found", str(path), "there is no such file") from None
    except (OSError, UnicodeDecodeError):
        raise InputError.single("input.unreadable", str(path), "this is not a readable file of UTF-8 text") from None
    lines = text.splitlines()
    reader = csv.DictReader(lines)
    header = reader.fieldnames or []
    if "at" not in header or not {"person", "rotation"} & set(header):
        found = ", ".join(header) or "none"
        message = f"the first line names the columns: at, and person or rotation; it names {found}"
        hints = [hint for name in header if (hint := nearest(name, COLUMNS)).startswith("did") and name not in COLUMNS]
        raise InputError.single("input.columns", Place(str(path), 1), message, "; ".join(hints))
    pages: list[Page] = []
    findings: list[Finding] = []
    oncall = OnCall(organisation, UNIX_EPOCH)
    for row in reader:
        place = Place(str(path), reader.line_num, source_line=lines[reader.line_num - 1])
        try:
            pages += _pages(row, organisation, oncall, f"line {reader.line_num}")
        except ValueError as error:
            message, _, hint = str(error).partition("; ")
            findings.append(Finding("input.row", Severity.ERROR, place, message, hint))
    if findings:
        raise InputError(findings)
    return sorted(pages, key=lambda page: page.at_ms)


def _pages(row: Mapping[str, str | None], organisation: Organisation, oncall: OnCall, name: str) -> Iterator[Page]:
    """The pages of a row: one for each person.  Raises ValueError saying what is wrong."""
    given = {column: (row.get(column) or "").strip() for column in COLUMNS}
    if given["person"]:
        people: Sequence[str] = [_known(given["person"], organisation.people, "person")]
        zone = ZoneInfo(organisation.people[people[0]].timezone)
        at_ms = _moment(given["at"], zone)
    elif given["rotation"]:
        rotation = _known(given["rotation"], organisation.rotations, "rotation")
        zone = ZoneInfo(organisation.rotations[rotation].timezone)
        at_ms = _moment(given["at"], zone)
        people = oncall.holders(rotation, at_ms)
    else:
        raise ValueError("neither a person nor a rotation; say who was paged")
    until_ms = _until(given["until"], given["minutes"], at_ms, zone)
    for person in people:
        local = LocalClock(organisation.people[person].timezone, UNIX_EPOCH).wall(at_ms)
        occupied = None if until_ms is None else (at_ms, until_ms)
        yield Page(person, at_ms, given["incident"] or name, is_sleep_hour(local), occupied)


def _known(id: str, known: Mapping[str, object], what: str) -> str:
    if id not in known:
        raise ValueError(f"there is no {what} {id!r} in the organisation; {nearest(id, known)}")
    return id


def _moment(text: str, zone: ZoneInfo) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a moment; write one like 2026-03-14T02:10:00+01:00") from None
    return from_wall(moment if moment.tzinfo is not None else moment.replace(tzinfo=zone), UNIX_EPOCH)


def _until(until: str, minutes: str, at_ms: int, zone: ZoneInfo) -> int | None:
    if until:
        until_ms = _moment(until, zone)
    elif minutes:
        try:
            until_ms = at_ms + round(float(minutes) * MINUTE)
        except (ValueError, OverflowError):
            raise ValueError(f"{minutes!r} is not a number of minutes") from None
    else:
        return None
    if until_ms < at_ms:
        raise ValueError("the page ends before it begins")
    return until_ms
