"""Rows of a CSV file with their line numbers, one at a time: what is no row of the table is refused, not skipped."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from scenarios.history.importers.encodings import encoding_of
from scenarios.history.importers.intake import Intake
from timeline.findings import InputError, Place, nearest

_DELIMITERS = ",;\t|"


class CsvFile:
    """A CSV file with a header: its delimiter is found in the header, `,`, `;`, tab or `|`.

    Raises InputError where the file cannot be read or has no header.
    """

    def __init__(self, intake: Intake, delimiter: str | None = None) -> None:
        self._intake = intake
        self._encoding = encoding_of(intake.path, intake.encoding)
        with self._open() as file:
            self._delimiter = delimiter or max(_DELIMITERS, key=file.readline().count)
        with self._open() as file:
            self.header = [name.strip() for name in next(csv.reader(file, delimiter=self._delimiter), [])]
        if not _is_text(self.header):
            message = f"the first line is not {self._encoding.upper()} text"
            place = Place(str(intake.path), 1)
            raise InputError.single("input.not-text", place, message, "state --encoding, like cp1252")
        if not any(self.header):
            message = "the first line names no columns"
            raise InputError.single("history.columns", Place(str(intake.path), 1), message, "export with a header")

    def column(self, names: Iterable[str]) -> int | None:
        """The first column with one of these names, whatever their capitals; None where there is none."""
        known = {name.casefold(): number for number, name in reversed(list(enumerate(self.header)))}
        return next((known[name.casefold()] for name in names if name.casefold() in known), None)

    def require(self, *names: str) -> int:
        """As `column`; raises InputError where there is none."""
        found = self.column(names)
        if found is None:
            message = f"there is no column {' or '.join(map(repr, names))}; the columns are {', '.join(self.header)}"
            raise InputError.single(
                "history.columns", Place(str(self._intake.path), 1), message, nearest(names[0], self.header)
            )
        return found

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Line and fields of each row.  Counts the rows; refuses what has other fields than the header, or no text."""
        for line, row, reason in self._records():
            self._intake.rows += 1
            if reason is None:
                yield line, row
            else:
                self._intake.refuse(line, reason)

    def sample(self) -> Iterator[tuple[int, list[str]]]:
        """The good rows without counting anything: to look at a file before it is read."""
        return ((line, row) for line, row, reason in self._records() if reason is None)

    def _records(self) -> Iterator[tuple[int, list[str], str | None]]:
        width = len(self.header)
        with self._open() as file:
            reader = csv.reader(file, delimiter=self._delimiter)
            next(reader, None)
            while True:
                line = reader.line_num + 1
                try:
                    row = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield line, [], f"this is no row of a CSV file: {error}"
                    continue
                if len(row) == width:
                    yield line, row, None if _is_text(row) else f"this is not {self._encoding.upper()} text"
                elif row:
                    yield line, row, f"{len(row)} fields, where the header has {width}"

    def _open(self) -> TextIO:
        return self._intake.path.open(encoding=self._encoding, errors="surrogateescape", newline="")


def _is_text(row: Sequence[str]) -> bool:
    """Whether all bytes could be decoded; those that could not became lone surrogates."""
    text = "".join(row)
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
