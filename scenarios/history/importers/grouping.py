"""Rows by incident, when the rows of one incident need not be adjacent and all of them together need not fit in memory.

Rows are divided by a hash of their incident into parts; when more than a budget of bytes has gathered, parts go to
files in a temporary folder.  Then one part after the other is read: memory holds the budget, and one part.
Incidents come in an order that does not depend on the order of the rows.
"""

from __future__ import annotations

import marshal
import tempfile
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from struct import Struct
from typing import Any
from zlib import crc32

_PARTS = 256
_BUDGET_BYTES = 32 * 2**20
_LENGTH = Struct("<Q")

Row = tuple[int, Any]
"""The line of a row, and what it says: strings, numbers, lists and maps of them."""


def by_incident(rows: Iterable[tuple[str, int, Any]]) -> Iterator[tuple[str, list[Row]]]:
    """Rows (incident, line, content) as incidents with their rows; those in the order in which they came."""
    gathered: list[list[bytes]] = [[] for _ in range(_PARTS)]
    size = 0
    with tempfile.TemporaryDirectory(prefix="blackstart-rows-") as folder:
        for incident, line, content in rows:
            packed = marshal.dumps((incident, line, content))
            gathered[crc32(incident.encode("utf-8", "surrogatepass")) % _PARTS].append(packed)
            size += len(packed)
            if size > _BUDGET_BYTES:
                _put_away(gathered, Path(folder))
                size = 0
        for number in range(_PARTS):
            yield from _incidents(Path(folder) / str(number), gathered[number])
            gathered[number] = []


def _put_away(gathered: list[list[bytes]], folder: Path) -> None:
    for number, rows in enumerate(gathered):
        with (folder / str(number)).open("ab") as file:
            for packed in rows:
                file.write(_LENGTH.pack(len(packed)))
                file.write(packed)
        rows.clear()


def _incidents(part: Path, rest: list[bytes]) -> Iterator[tuple[str, list[Row]]]:
    incidents: dict[str, list[Row]] = {}
    rows: Iterator[bytes | memoryview] = chain(_stored(part), rest)
    for packed in rows:
        incident, line, content = marshal.loads(packed)
        incidents.setdefault(incident, []).append((line, content))
    yield from sorted(incidents.items(), key=lambda entry: entry[0])


def _stored(part: Path) -> Iterator[memoryview]:
    """The rows of a part that were put away: each with its length before it."""
    stored = memoryview(part.read_bytes() if part.exists() else b"")
    at = 0
    while at < len(stored):
        begin = at + _LENGTH.size
        (length,) = _LENGTH.unpack_from(stored, at)
        at = begin + length
        yield stored[begin:at]
