"""A CSV file as a table: encoding, delimiter and header found out, each row with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from timeline.findings import InputError, Place
from topologies.importers.estate.files import MAX_EXPORT_BYTES
from topologies.loading.document import read_bytes

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_ROWS = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One row: text by column, without blanks around it.  `surplus`: cells beyond the last column."""

    line: int
    cells: Mapping[str, str]
    surplus: int = 0


@dataclass(frozen=True)
class Table:
    """`columns` are named as in the header, or `column 1` and so on where there is none."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...] = field(repr=False)
    encoding: str
    delimiter: str
    has_header: bool

    def place(self, row: Row | None = None) -> Place:
        return Place(self.name, row.line if row is not None else 1)


def read_table(path: Path, header_words: frozenset[str]) -> Table:
    """A file as a table.  `header_words`: the first row is a header where one of them is in it.

    Raises InputError when it is empty or no CSV.
    """
    text, encoding = _decoded(read_bytes(path, MAX_EXPORT_BYTES))
    if not text.strip():
        raise InputError.single("input.empty", str(path), "the file is empty", "export the table again")
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise InputError.single("input.not-text", Place(str(path), line), "this is not text", "export it as CSV")
    delimiter = max(_DELIMITERS, key=lambda mark: _evenness(text, mark))
    rows = _rows(path, text, delimiter)
    first = [cell.strip() for cell in rows[0][1]]
    has_header = any(normal(cell) in header_words for cell in first)
    columns = _unique(first) if has_header else tuple(f"column {number + 1}" for number in range(len(first)))
    body = rows[1:] if has_header else rows
    made = tuple(
        Row(line, dict(zip(columns, (cell.strip() for cell in cells), strict=False)), max(0, len(cells) - len(columns)))
        for line, cells in body
    )
    return Table(str(path), columns, made, encoding, delimiter, has_header)


def normal(name: str) -> str:
    """A column's name without case and marks: `CI Name` and `ci_name` are one."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _decoded(raw: bytes) -> tuple[str, str]:
    """UTF-8 and UTF-16 by their mark, UTF-8 where it fits, else what Windows writes."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace"), "utf-16"
    try:
        return raw.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace"), "cp1252"


def _evenness(text: str, delimiter: str) -> tuple[bool, float, int]:
    """How well a delimiter divides: into several columns, evenly, many."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    widths = []
    try:
        for cells in reader:
            if any(cells):
                widths.append(len(cells))
            if len(widths) >= _SAMPLE_ROWS:
                break
    except csv.Error:
        return False, 0.0, 0
    if not widths:
        return False, 0.0, 0
    even = sum(width == widths[0] for width in widths) / len(widths)
    return widths[0] > 1, even, widths[0]


def _rows(path: Path, text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Rows that are not blank, each with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found = []
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error as error:
        place = Place(str(path), begins)
        raise InputError.single("csv.syntax", place, f"this is not CSV: {error}", "export the table again") from None
    return found


def _unique(names: list[str]) -> tuple[str, ...]:
    """Names of columns; one that is empty or given before takes its number."""
    taken: dict[str, None] = {}
    for number, name in enumerate(names):
        taken[name if name and name not in taken else f"{name or 'column'} {number + 1}"] = None
    return tuple(taken)
