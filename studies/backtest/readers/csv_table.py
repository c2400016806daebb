"""Recorded samples as CSV, in two layouts.

    time,metric,instance,value                   long: one sample a row; columns that are nothing else are labels
    2026-03-01T00:00:00Z,up,i1,1

    time,"up{instance=""i1""}","up{instance=""i2""}"     wide: one column a series, named as PromQL writes it
    2026-03-01T00:00:00Z,1,0

Which one it is follows from the heading: with a column of values it is long.  An empty cell is no sample.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import BinaryIO

import numpy as np

from simulator.monitoring.promql import METRIC_NAME, Labels
from simulator.monitoring.ruletests.series_notation import parse_labels
from studies.backtest.readers.complaints import Complaints
from studies.backtest.store import Batch
from timeline.findings import Finding, InputError, Place, Severity, nearest

_USUAL_TIME = ("time", "timestamp", "ts", "at", "date", "datetime")
_USUAL_VALUE = ("value",)
_USUAL_METRIC = (METRIC_NAME, "metric", "name")
_UNITS_MS = {"s": 1000.0, "ms": 1.0, "us": 1e-3, "ns": 1e-6}
_BUFFERED_SAMPLES = 500_000
_NOTHING = ("", "null")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is to be read; what is left empty is told from the heading and the first row.

    `time_format` is `iso`, `s`, `ms`, `us`, `ns` (since 1970) or a pattern of strptime; `zone` belongs to times
    without an offset.
    """

    time: str = ""
    value: str = ""
    metric: str = ""
    time_format: str = ""
    zone: tzinfo = UTC


@dataclass(slots=True)
class _Buffer:
    labels: Labels
    times: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)


def read_csv(stream: BinaryIO, file: str, layout: Layout, complaints: Complaints) -> Iterator[Batch]:
    """The samples of a table.

    Cells that cannot be read go to `complaints` with their line.  Raises InputError for a heading that does not fit.
    """
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", errors="replace")
    first = text.readline()
    delimiter = max(",;\t", key=first.count)
    heading = next(csv.reader([first], delimiter=delimiter), [])
    table = _Table(file, heading, layout, complaints)
    rows = csv.reader(text, delimiter=delimiter)
    for row in rows:
        if row:
            table.take(row, rows.line_num + 1)
        if table.buffered >= _BUFFERED_SAMPLES:
            yield from table.flush()
    yield from table.flush()


class _Table:
    def __init__(self, file: str, heading: Sequence[str], layout: Layout, complaints: Complaints) -> None:
        self.buffered = 0
        self._file = file
        self._width = len(heading)
        self._layout = layout
        self._complaints = complaints
        self._buffers: dict[object, _Buffer] = {}
        self._moment: Callable[[str], int] | None = None
        self._time = _needed_column(file, heading, "time", layout.time, _USUAL_TIME)
        value = _column(file, heading, "value", layout.value, _USUAL_VALUE)
        self._take = self._long(heading, value) if value is not None else self._wide(heading)

    def take(self, row: Sequence[str], line: int) -> None:
        if len(row) != self._width:
            self._complaints.add(self._file, line, f"{len(row)} cells; the heading has {self._width}")
            return
        cell = row[self._time]
        try:
            if self._moment is None:
                self._moment = _moments(cell, self._layout)
            at_ms = self._moment(cell)
        except ValueError as error:
            self._complaints.add(self._file, line, f"{cell!r} is not a time: {error}", "name the --time-format")
            return
        self._take(row, at_ms, line)

    def flush(self) -> Iterator[Batch]:
        for buffer in self._buffers.values():
            if buffer.times:
                yield Batch(buffer.labels, np.array(buffer.times, dtype=np.int64), np.array(buffer.values))
                buffer.times, buffer.values = [], []
        self.buffered = 0

    def _long(self, heading: Sequence[str], value: int) -> Callable[[Sequence[str], int, int], None]:
        metric = _needed_column(self._file, heading, "metric", self._layout.metric, _USUAL_METRIC)
        names = [
            (position, name) for position, name in enumerate(heading) if position not in (self._time, value, metric)
        ]

        def take(row: Sequence[str], at_ms: int, line: int) -> None:
            key = (row[metric], *(row[position] for position, _ in names))
            buffer = self._buffers.get(key)
            if buffer is None:
                if not row[metric]:
                    self._complaints.add(self._file, line, "the sample has no metric name")
                    return
                labels = Labels({METRIC_NAME: row[metric], **{name: row[position] for position, name in names}})
                buffer = self._buffers[key] = _Buffer(labels)
            self._add(buffer, row[value], at_ms, line)

        return take

    def _wide(self, heading: Sequence[str]) -> Callable[[Sequence[str], int, int], None]:
        columns: list[tuple[int, _Buffer]] = []
        findings: list[Finding] = []
        for position, name in enumerate(heading):
            if position == self._time:
                continue
            try:
                labels, rest = parse_labels(name)
                if rest.strip() or not labels.metric_name:
                    raise ValueError(f"{name!r} is not the name of a series")
            except ValueError as error:
                hint = 'a column a series is named like up{job="api"}; for one sample a row name the column of values'
                place = Place(self._file, 1)
                findings.append(Finding("backtest.csv-heading", Severity.ERROR, place, str(error), hint))
                continue
            columns.append((position, self._buffers.setdefault(labels, _Buffer(labels))))
        if findings:
            raise InputError(findings)

        def take(row: Sequence[str], at_ms: int, line: int) -> None:
            for position, buffer in columns:
                self._add(buffer, row[position], at_ms, line)

        return take

    def _add(self, buffer: _Buffer, cell: str, at_ms: int, line: int) -> None:
        if cell.strip() in _NOTHING:
            return
        try:
            value = float(cell)
        except ValueError:
            self._complaints.add(self._file, line, f"{cell!r} is not a number")
            return
        buffer.times.append(at_ms)
        buffer.values.append(value)
        self.buffered += 1


def _column(file: str, heading: Sequence[str], role: str, wanted: str, usual: Sequence[str]) -> int | None:
    """The position of the column with a role, if there is one.  Raises InputError where it is named and not there."""
    if wanted:
        if wanted in heading:
            return heading.index(wanted)
        message = f"there is no column {wanted!r} for the {role}"
        raise InputError.single("backtest.csv-heading", Place(file, 1), message, nearest(wanted, heading))
    lower = [name.strip().lower() for name in heading]
    return next((lower.index(name) for name in usual if name in lower), None)


def _needed_column(file: str, heading: Sequence[str], role: str, wanted: str, usual: Sequence[str]) -> int:
    """Raises InputError where there is none."""
    found = _column(file, heading, role, wanted, usual)
    if found is None:
        message = f"no column of the heading is the {role} (looked for {', '.join(usual)})"
        hint = f"name it with --column {role}=NAME; the heading has {', '.join(heading) or 'no columns'}"
        raise InputError.single("backtest.csv-heading", Place(file, 1), message, hint)
    return found


def _moments(sample: str, layout: Layout) -> Callable[[str], int]:
    """How the times of a table are read: as the layout says, or as the first of them looks."""
    written = layout.time_format
    if not written:
        try:
            size = abs(float(sample))
        except ValueError:
            written = "iso"
        else:
            written = "s" if size < 1e11 else "ms" if size < 1e14 else "us" if size < 1e17 else "ns"
    if written in _UNITS_MS:
        unit_ms = _UNITS_MS[written]
        return lambda cell: round(float(cell) * unit_ms)
    if written == "iso":
        return lambda cell: _unix_ms(datetime.fromisoformat(cell.strip()), layout.zone)
    return lambda cell: _unix_ms(datetime.strptime(cell.strip(), written), layout.zone)


def _unix_ms(moment: datetime, zone: tzinfo) -> int:
    return round((moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).timestamp() * 1000)
