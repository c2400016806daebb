"""Rows by incident, when the rows of one incident need not be adjacent and all of them together need not fit in memory.

Rows are divided by a hash of their incident into parts; when more than a budget of bytes has gathered, parts go to
files in a temporary folder.  Then one part after the other is read: memory holds the budget, and one part.
Incidents come in an order that does not depend on the order of the rows.
"""

from __future__ import annotations

import io
import marshal
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

_PARTS = 256
_BUDGET_BYTES = 64 * 2**20

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
            file.write(b"".join(rows))
        rows.clear()


def _incidents(part: Path, rest: list[bytes]) -> Iterator[tuple[str, list[Row]]]:
    packed = (part.read_bytes() if part.exists() else b"") + b"".join(rest)
    stream = io.BytesIO(packed)
    incidents: dict[str, list[Row]] = {}
    while stream.tell() < len(packed):
        incident, line, content = marshal.load(stream)
        incidents.setdefault(incident, []).append((line, content))
    yield from sorted(incidents.items(), key=lambda entry: entry[0])
