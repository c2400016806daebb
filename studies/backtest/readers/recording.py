"""Files of recorded series, whatever their format, to one store.

The format of a file is told from how it begins, gzip included, unless it is named.  Series may be spread over files.
"""

from __future__ import annotations

import errno
import gzip
import re
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from simulator.monitoring.promql import STALE
from studies.backtest.readers.complaints import Complaints
from studies.backtest.readers.csv_table import Layout, read_csv
from studies.backtest.readers.query_range import read_query_range
from studies.backtest.readers.series_text import OPENMETRICS, TSDB_DUMP, read_series_text
from studies.backtest.store import PORTION_BYTES, Batch, SampleStore, SampleWriter
from timeline.findings import Finding, InputError, Place, Severity, nearest

_GZIP = b"\x1f\x8b"
_PEEKED_BYTES = 4096
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_JSON = re.compile(rb'\s*\{\s*"(?:[^"\\]|\\.)*"\s*:')
_DUMP = re.compile(rb"\s*\{__name__=")
_SERIES_TEXT = re.compile(rb'# (?:TYPE|HELP|UNIT|EOF)\b|[a-zA-Z_:][a-zA-Z0-9_:]*(?:\{.*\})? \S+|\{"')


class Format(StrEnum):
    """`openmetrics`: with timestamps; `dump`: of `promtool tsdb dump`; `json`: of `query_range`; `csv`."""

    OPENMETRICS = "openmetrics"
    DUMP = "dump"
    JSON = "json"
    CSV = "csv"


class NanIs(StrEnum):
    """What a NaN in a dump was: dumps write staleness markers and values that are NaN alike."""

    STALE = "stale"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read; `skip_bad` is how many lines may be refused."""

    format: Format | None = None
    nan: NanIs = NanIs.STALE
    skip_bad: int = 0
    layout: Layout = field(default_factory=Layout)
    portion_bytes: int = PORTION_BYTES


@dataclass(frozen=True, slots=True)
class FileRead:
    """One file: how much of it was read.  `nans` are those that a dump wrote."""

    path: Path
    format: Format
    samples: int
    nans: int


@dataclass(frozen=True, slots=True)
class Recording:
    """What was recorded, and what of the files was refused."""

    store: SampleStore
    files: tuple[FileRead, ...]
    refused: tuple[Finding, ...]
    nan: NanIs


def read_recording(paths: Sequence[Path], reading: Reading | None = None) -> Recording:
    """Reads files into a store.

    Raises InputError for a file that is not there or whose format cannot be told, for more refused lines than allowed,
    for more series that have two values at one moment, when nothing was recorded at all, and when the temporary folder
    has no room.
    """
    try:
        return _read_files(paths, reading or Reading())
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        message = f"the temporary folder has no room for the recording: {error.strerror}"
        raise InputError.single("backtest.no-room", tempfile.gettempdir(), message, "set TMPDIR to another") from None


def _read_files(paths: Sequence[Path], reading: Reading) -> Recording:
    complaints = Complaints(reading.skip_bad)
    writer = SampleWriter(reading.portion_bytes)
    files = [_read_file(path, reading, writer, complaints) for path in paths]
    complaints.settle()
    store = writer.finish()
    for conflict in store.conflicts:
        message = f"{conflict.labels} has two values at {_wall(conflict.at_ms)}"
        if conflict.moments > 1:
            message += f" and at {conflict.moments - 1} more moments"
        complaints.add(str(paths[0]) if len(paths) == 1 else f"{len(paths)} files", 0, message)
    complaints.settle()
    if not store.series:
        raise InputError.single("backtest.empty", ", ".join(map(str, paths)), "there is no sample in the recording")
    return Recording(store, tuple(files), tuple(complaints.findings), reading.nan)


def _read_file(path: Path, reading: Reading, writer: SampleWriter, complaints: Complaints) -> FileRead:
    samples = nans = 0
    try:
        with path.open("rb") as raw:
            stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == _GZIP else raw)
            format = reading.format or _told(stream, path)
            for batch in _batches(stream, str(path), format, reading.layout, complaints):
                samples += len(batch.times)
                if format in (Format.OPENMETRICS, Format.DUMP):
                    missing = np.isnan(batch.values)
                    nans += int(missing.sum())
                    if reading.nan is NanIs.STALE and missing.any():
                        batch = Batch(batch.labels, batch.times, np.where(missing, STALE, batch.values))
                writer.add(batch)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError.single("backtest.gzip", str(path), f"the compressed file is damaged: {error}") from None
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise
        near = nearest(path.name, [entry.name for entry in path.parent.glob("*")])
        raise InputError.single("input.unreadable", str(path), error.strerror or str(error), near) from None
    return FileRead(path, format, samples, nans)


def _batches(stream: BinaryIO, file: str, format: Format, layout: Layout, complaints: Complaints) -> Iterator[Batch]:
    match format:
        case Format.OPENMETRICS:
            return read_series_text(stream, file, OPENMETRICS, complaints)
        case Format.DUMP:
            return read_series_text(stream, file, TSDB_DUMP, complaints)
        case Format.JSON:
            return read_query_range(stream, file, complaints)
        case Format.CSV:
            return read_csv(stream, file, layout, complaints)


def _told(stream: BinaryIO, path: Path) -> Format:
    """The format that the beginning of a file shows."""
    start = stream.peek(_PEEKED_BYTES)  # type: ignore[attr-defined]
    first = start.lstrip().partition(b"\n")[0]
    if _JSON.match(start):
        return Format.JSON
    if _DUMP.match(start):
        return Format.DUMP
    if not path.name.removesuffix(".gz").endswith(".csv") and _SERIES_TEXT.match(first):
        return Format.OPENMETRICS
    if any(delimiter in first for delimiter in (b",", b";", b"\t")):
        return Format.CSV
    known = ", ".join(Format)
    message = "the format of the file cannot be told from how it begins"
    raise InputError(
        [Finding("backtest.format", Severity.ERROR, Place(str(path), 1), message, f"name it with --format: {known}")]
    )


def _wall(at_ms: int) -> str:
    return str(np.datetime64(at_ms, "ms")) + "Z"
