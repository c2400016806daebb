"""Parquet files that are written a part at a time, whole or not at all, and say which version of a schema they hold.

The version is a column of its own (`schema_version`), so that any reader of Parquet sees it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import polars as pl

from timeline.files import written_whole
from timeline.findings import InputError

VERSION_COLUMN = "schema_version"
_PART_ROWS = 50_000
_HOW_TO_MAKE = "make one with `blackstart history import FORMAT FILE -o F.parquet`"


class RowFile:
    """A file that rows are added to (values in the order of `columns`); memory holds one part of them.

    The file appears when the block is left; after an error it is as it was before.
    """

    def __init__(self, path: Path, columns: Mapping[str, Any], version: int) -> None:
        self.count = 0
        self._path = path
        self._columns = dict(columns)
        self._version = version
        self._rows: list[Sequence[Any]] = []
        self._parts: list[Path] = []

    def __enter__(self) -> RowFile:
        self._folder = tempfile.TemporaryDirectory(prefix=".history-", dir=self._path.parent)
        return self

    def add(self, row: Sequence[Any]) -> None:
        """Adds a row."""
        self.count += 1
        self._rows.append(row)
        if len(self._rows) >= _PART_ROWS:
            self._write_part()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._folder:
            if kind is None:
                if self._rows or not self._parts:
                    self._write_part()
                with written_whole(self._path) as temporary:
                    pl.scan_parquet(self._parts).sink_parquet(temporary, row_group_size=_PART_ROWS)

    def _write_part(self) -> None:
        part = Path(self._folder.name) / f"{len(self._parts):06d}.parquet"
        frame = pl.DataFrame(self._rows, schema=self._columns, orient="row")
        frame.with_columns(pl.lit(self._version, pl.Int16).alias(VERSION_COLUMN)).write_parquet(part)
        self._parts.append(part)
        self._rows = []


def write_rows(path: Path, columns: Mapping[str, Any], rows: Iterable[Sequence[Any]], version: int) -> int:
    """Writes rows to a file, whole or not at all.  Returns how many there were."""
    with RowFile(path, columns, version) as file:
        for row in rows:
            file.add(row)
    return file.count


def scan_parquet(path: Path, columns: Mapping[str, Any], version: int, what: str) -> pl.LazyFrame:
    """The columns of a file that `RowFile` wrote, lazily.

    Raises InputError where the file is missing, something else, or of a newer version.
    """
    if not path.is_file():
        raise InputError.single("history.file", str(path), f"there is no {what} here", _HOW_TO_MAKE)
    try:
        lazy = pl.scan_parquet(path)
        names = lazy.collect_schema().names()
        found = lazy.select(VERSION_COLUMN).head(1).collect() if VERSION_COLUMN in names else None
    except (pl.exceptions.PolarsError, OSError) as error:
        message = f"this is no Parquet file: {str(error).splitlines()[0]}"
        raise InputError.single("history.file", str(path), message, _HOW_TO_MAKE) from None
    if found is not None and found.height and found.item() > version:
        message = f"this {what} is of version {found.item()}; this Blackstart knows up to {version}"
        raise InputError.single("history.file", str(path), message, "import the source again, or upgrade Blackstart")
    if missing := [name for name in columns if name not in names]:
        message = f"this Parquet file is no {what}: it has no column {missing[0]!r}"
        raise InputError.single("history.file", str(path), message, _HOW_TO_MAKE)
    return lazy.select(list(columns))
