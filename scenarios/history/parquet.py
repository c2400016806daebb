"""Parquet files that are written a part at a time, whole or not at all, and say which version of a schema they hold.

The version is a column of its own (`schema_version`), so that any reader of Parquet sees it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from timeline.files import written_whole
from timeline.findings import InputError

VERSION_COLUMN = "schema_version"
_PART_ROWS = 50_000


def write_rows(path: Path, columns: Mapping[str, Any], rows: Iterable[Sequence[Any]], version: int) -> int:
    """Writes rows (values in the order of `columns`); memory holds one part of them.  Returns how many there were."""
    count = 0
    with tempfile.TemporaryDirectory(prefix=".history-", dir=path.parent) as folder:
        parts: list[Path] = []
        for batch in _batches(rows):
            count += len(batch)
            parts.append(Path(folder) / f"{len(parts):06d}.parquet")
            frame = pl.DataFrame(batch, schema=dict(columns), orient="row")
            frame.with_columns(pl.lit(version, pl.Int16).alias(VERSION_COLUMN)).write_parquet(parts[-1])
        with written_whole(path) as temporary:
            pl.scan_parquet(parts).sink_parquet(temporary)
    return count


def scan_parquet(path: Path, columns: Mapping[str, Any], version: int, what: str) -> pl.LazyFrame:
    """The columns of a file that `write_rows` wrote, lazily.

    Raises InputError where the file is missing, something else, or of a newer version.
    """
    if not path.is_file():
        message, hint = f"there is no {what} here", "make one with `blackstart history import FORMAT FILE -o F.parquet`"
        raise InputError.single("history.file", str(path), message, hint)
    try:
        lazy = pl.scan_parquet(path)
        names = lazy.collect_schema().names()
        found = lazy.select(VERSION_COLUMN).head(1).collect() if VERSION_COLUMN in names else None
    except (pl.exceptions.PolarsError, OSError) as error:
        message = f"this is no Parquet file: {str(error).splitlines()[0]}"
        raise InputError.single("history.file", str(path), message, "") from None
    if found is not None and found.height and found.item() > version:
        message = f"this {what} is of version {found.item()}; this Blackstart knows up to {version}"
        raise InputError.single("history.file", str(path), message, "import the source again, or upgrade Blackstart")
    if missing := [name for name in columns if name not in names]:
        message = f"this Parquet file is no {what}: it has no column {missing[0]!r}"
        hint = "make one with `blackstart history import FORMAT FILE -o F.parquet`"
        raise InputError.single("history.file", str(path), message, hint)
    return lazy.select(list(columns))


def _batches(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    """Rows in parts; one empty part where there are none, so that an empty file has its columns."""
    iterator = iter(rows)
    batch = list(islice(iterator, _PART_ROWS))
    yield batch
    while batch := list(islice(iterator, _PART_ROWS)):
        yield batch
