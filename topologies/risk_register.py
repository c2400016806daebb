"""The risk register: which risks the organisation knows, as a CSV file of its own or of another tool.

    risk_register: {file: risks.csv, columns: {id: Risk ID, title: Description, owner: Risk owner}}

Only these columns are read: `id`, `title`, `owner`, `rating`, `last_tested`.  Where no mapping is given, their usual
names are found whatever their capitals (`USUAL_NAMES`).  All others stay as they are when results are written back.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field

from timeline.findings import Finding, InputError, Place, Severity, nearest
from topologies.fields import Model

RiskField = Literal["id", "title", "owner", "rating", "last_tested"]
FIELDS: tuple[RiskField, ...] = get_args(RiskField)
USUAL_NAMES: Mapping[RiskField, tuple[str, ...]] = {
    "id": ("id", "risk id", "risk_id", "risk", "reference", "ref", "number"),
    "title": ("title", "name", "description", "risk description", "summary"),
    "owner": ("owner", "risk owner", "risk_owner", "accountable"),
    "rating": ("rating", "score", "residual rating", "residual risk", "level", "severity"),
    "last_tested": ("last_tested", "last tested", "last test", "tested on", "last exercised"),
}
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class RiskRegisterLink(Model):
    """Where the register is, beside the organisation's file, and what its columns are called."""

    file: str
    columns: dict[RiskField, str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Risk:
    """One risk.  `row` is its place among the rows of the register, from 0."""

    id: str
    title: str
    owner: str
    rating: str
    last_tested: date | None
    row: int


@dataclass(frozen=True, slots=True)
class RiskRegister:
    """A register as it was read: its risks by id, and its table as it is, so that nothing is lost in writing."""

    name: str
    text: str
    risks: Mapping[str, Risk]
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    columns: Mapping[RiskField, int]
    """Where each field stands in a row."""


def load_register(path: Path, columns: Mapping[RiskField, str] | None = None) -> RiskRegister:
    """A register from its file.  Raises InputError with every row that cannot be used."""
    if not path.is_file():
        hint = "the file is named relative to the file that names it"
        raise InputError.single("input.not-found", str(path), "there is no such risk register", hint)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"this file is not UTF-8: byte {error.start}"
        raise InputError.single("input.unreadable", str(path), message, "save it as CSV in UTF-8") from None
    return read_register(text, str(path), columns or {})


def read_register(text: str, name: str, columns: Mapping[RiskField, str]) -> RiskRegister:
    """A register from its text.  Raises InputError as `load_register` does."""
    table = list(_numbered_rows(text, name))
    if not table:
        raise InputError.single("risks.empty", name, "this register is empty", "its first row names its columns")
    (_, header), *body = table
    places = _columns(header, name, columns)
    found: list[Finding] = []
    risks: dict[str, Risk] = {}
    for row, (line, cells) in enumerate(body):
        if len(cells) != len(header):
            message = f"this row has {len(cells)} cells, its header {len(header)}"
            found.append(_error("risks.row", name, line, message, "quote cells that hold a comma"))
            continue
        risk = _risk(cells, places, row, name, line, found)
        if risk is None:
            continue
        if risk.id in risks:
            found.append(_error("risks.twice", name, line, f"there is already a risk {risk.id!r}"))
            continue
        risks[risk.id] = risk
    if found:
        raise InputError(found)
    return RiskRegister(name, text, risks, header, [cells for _, cells in body], places)


def _numbered_rows(text: str, name: str) -> list[tuple[int, list[str]]]:
    """The rows that hold anything, each with the line in which it ends."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise InputError([_error("risks.row", name, reader.line_num, f"this is not CSV: {error}")]) from None
    return [(line, cells) for line, cells in rows if any(cells)]


def _columns(header: Sequence[str], name: str, wanted: Mapping[RiskField, str]) -> dict[RiskField, int]:
    folded = [title.casefold() for title in header]
    places: dict[RiskField, int] = {}
    for field in FIELDS:
        if field in wanted:
            if wanted[field].casefold() not in folded:
                message = f"there is no column {wanted[field]!r} for the {field} of a risk"
                raise InputError([_error("risks.column", name, 1, message, nearest(wanted[field], header))])
            places[field] = folded.index(wanted[field].casefold())
        elif (usual := next((n for n in USUAL_NAMES[field] if n in folded), None)) is not None:
            places[field] = folded.index(usual)
    if "id" not in places:
        hint = f"call it id, or map it: columns: {{id: {header[0]}}}"
        raise InputError([_error("risks.column", name, 1, "no column holds the id of a risk", hint)])
    return places


def _risk(
    cells: Sequence[str], places: Mapping[RiskField, int], row: int, name: str, line: int, found: list[Finding]
) -> Risk | None:
    def cell(field: RiskField) -> str:
        return cells[places[field]] if field in places else ""

    id = cell("id")
    if not _ID.fullmatch(id):
        message = f"{id!r} cannot be the id of a risk" if id else "this row has no id"
        hint = "letters, digits, dot, dash and underscore"
        found.append(_error("risks.id", name, line, message, hint))
        return None
    tested: date | None = None
    if written := cell("last_tested"):
        try:
            tested = date.fromisoformat(written)
        except ValueError:
            found.append(_error("risks.date", name, line, f"{written!r} is not a date", "write it like 2026-03-14"))
            return None
    return Risk(id, cell("title"), cell("owner"), cell("rating"), tested, row)


def _error(id: str, name: str, line: int, message: str, hint: str = "") -> Finding:
    return Finding(id, Severity.ERROR, Place(name, line), message, hint)


RISK_FINDINGS: dict[str, str] = {
    "risks.empty": """A risk register has no rows at all.""",
    "risks.column": """A column of a risk register cannot be found.

Columns are found by their usual names, or as `columns` of `risk_register` maps them.""",
    "risks.row": """A row of a risk register is not CSV, or has more or fewer cells than the header.

Cells that hold a comma or a line feed stand in quotes.""",
    "risks.id": """A risk has no id, or one that a scenario could not name.""",
    "risks.twice": """Two rows of a risk register have the same id, so nobody could say which one was tried.""",
    "risks.date": """The date on which a risk was last tested cannot be read.""",
    "risks.unknown": """A scenario says that it tries a risk that the register does not know.

Either its name is wrong, or the register misses a risk that somebody thought worth an exercise.""",
}
"""What can be wrong with a register, by the id of the finding, for `blackstart explain`."""
