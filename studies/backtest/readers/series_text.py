"""Recorded samples as lines of text: OpenMetrics with timestamps, and what `promtool tsdb dump` writes.

    # TYPE up gauge
    up{instance="i1", job="api"} 1 1700000000.000          OpenMetrics: seconds, ends with `# EOF`
    {__name__="up", instance="i1", job="api"} 1 1700000000000        tsdb dump: milliseconds

Samples may stand in any order.  Where many lines of one series follow each other, as in dumps, they are read a block
at a time: the text before the numbers is cut off all of them at once, and what is left is a table of two columns.
Every other line, and each block in which anything is unusual, is read line by line.

A dump writes a staleness marker as NaN: the bits that tell the two apart are lost.

Sources: the OpenMetrics specification, 1.0 (ABNF); Prometheus, `model/textparse/openmetricsparse.go` and
`cmd/promtool/tsdb.go`.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
import polars as pl

from simulator.monitoring.promql import METRIC_NAME, Labels
from simulator.monitoring.promql.series import Times, Values
from simulator.monitoring.ruletests.series_notation import parse_labels
from studies.backtest.readers.complaints import Complaints
from studies.backtest.store import Batch

_BLOCK_BYTES = 4 * 2**20
_FIRST_RUN_BYTES = 4096
_LONGEST_RUN_BYTES = 2**20
_BUFFERED_SAMPLES = 500_000
_NAME = rb"[a-zA-Z_:][a-zA-Z0-9_:]*"
_TEXT = r'"((?:[^"\\\n]|\\.)*)"'
_LABEL = re.compile(rf"\s*(?:([a-zA-Z_][a-zA-Z0-9_]*)|{_TEXT})(?:={_TEXT})?\s*(,|$)")
_SERIES = re.compile(rb"(" + _NAME + rb')?(?:\{((?:[^"{}]|"(?:[^"\\]|\\.)*")*)\})?')
_NUMBERS = re.compile(rb" (\S+)(?: (\S+))?( # .+)?")
_NUMBER = re.compile(rb"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)", re.IGNORECASE)
_METADATA = re.compile(rb"# (?:TYPE|HELP|UNIT) \S+ .*|# HELP \S+|# UNIT \S+ ?")
_ESCAPES = {r"\\": "\\", r"\n": "\n", r"\"": '"'}
_FARTHEST_MS = 10_000_000_000_000
"""The year 2286: a time beyond it has another unit."""


@dataclass(frozen=True, slots=True)
class Notation:
    """How such lines are written: ms in one unit of time, the escapes of labels, whether an end mark is due."""

    name: str
    unit_ms: int
    go_escapes: bool
    ends_with_eof: bool


OPENMETRICS = Notation("openmetrics", 1000, go_escapes=False, ends_with_eof=True)
TSDB_DUMP = Notation("dump", 1, go_escapes=True, ends_with_eof=False)


@dataclass(slots=True)
class _Buffer:
    labels: Labels
    times: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)


def read_series_text(stream: BinaryIO, file: str, notation: Notation, complaints: Complaints) -> Iterator[Batch]:
    """The samples of a stream of lines.  Lines that cannot be read go to `complaints`."""
    yield from _Reader(file, notation, complaints).read(stream)


class _Reader:
    def __init__(self, file: str, notation: Notation, complaints: Complaints) -> None:
        self._file = file
        self._notation = notation
        self._complaints = complaints
        self._buffers: dict[bytes, _Buffer] = {}
        self._buffered = 0
        self._line = 0
        self._ended = False
        self._portion = _FIRST_RUN_BYTES

    def read(self, stream: BinaryIO) -> Iterator[Batch]:
        for block in _blocks(stream):
            yield from self._block(block)
            if self._buffered >= _BUFFERED_SAMPLES:
                yield from self._flush()
        yield from self._flush()
        if self._notation.ends_with_eof and not self._ended:
            self._complain("the file does not end with # EOF; it may be cut short")

    def _block(self, block: bytes) -> Iterator[Batch]:
        """One block of whole lines."""
        position, previous = 0, b""
        while position < len(block):
            end = block.index(b"\n", position) + 1
            head = self._read_line(block[position : end - 1])
            if head and head == previous:
                end = yield from self._runs(head, block, end)
            position, previous = end, head

    def _runs(self, head: bytes, block: bytes, position: int) -> Generator[Batch, None, int]:
        """Lines from `position` on that go on with a series; gives where they end.

        They are tried in portions that grow, and begin with the length of the series before.
        """
        begins, prefix, buffer = position, b"\n" + head + b" ", self._buffers[head]
        while (last := block.rfind(prefix, position - 1, position + self._portion)) >= 0:
            end = block.index(b"\n", last + 1) + 1
            run = self._run(buffer.labels, prefix, block[position:end])
            if run is None:
                self._portion = _FIRST_RUN_BYTES
                break
            yield from self._emptied(buffer)
            yield run
            self._line += len(run.times)
            position = end
            if not block.startswith(prefix[1:], end):
                self._portion = max(_FIRST_RUN_BYTES, min(end - begins, _LONGEST_RUN_BYTES))
                break
            self._portion = min(2 * self._portion, _LONGEST_RUN_BYTES)
        return position

    def _run(self, labels: Labels, prefix: bytes, lines: bytes) -> Batch | None:
        """The lines at once, if all of them are plain samples of this series."""
        count = lines.count(b"\n")
        numbers = (b"\n" + lines).replace(prefix, b"\n")
        if len(numbers) != len(lines) + 1 - count * (len(prefix) - 1):
            return None
        try:
            table = pl.read_csv(
                numbers[1:],
                separator=" ",
                has_header=False,
                quote_char=None,
                schema={"value": pl.Float64, "time": pl.Float64},
            )
        except pl.exceptions.PolarsError:
            return None
        times = table["time"].to_numpy()
        if (
            len(table) != count
            or table.null_count().sum_horizontal()[0]
            or not self._plausible(float(np.abs(times).max()))
        ):
            return None
        return Batch(labels, self._ms(times), table["value"].to_numpy())

    def _read_line(self, line: bytes) -> bytes:
        """Takes one line; gives the text of its series when it was a sample."""
        self._line += 1
        if self._ended:
            self._complain("there is text after # EOF", "give joined files each by itself")
            return b""
        head, _, time = line.rpartition(b" ")
        head, _, value = head.rpartition(b" ")
        buffer = self._buffers.get(head)
        if buffer is not None and _NUMBER.fullmatch(value) and _NUMBER.fullmatch(time):
            at = float(time)
            if self._plausible(at):
                return self._take(head, buffer, at, float(value))
        return self._read_unusual(line)

    def _take(self, head: bytes, buffer: _Buffer, at: float, value: float) -> bytes:
        buffer.times.append(at)
        buffer.values.append(value)
        self._buffered += 1
        return head

    def _read_unusual(self, line: bytes) -> bytes:
        """A line of a series that is new, or one with something in it that is no sample, or wrong."""
        if line.startswith(b"#"):
            if line == b"# EOF":
                self._ended = True
            elif not _METADATA.fullmatch(line):
                self._complain("expected # TYPE, # HELP, # UNIT or # EOF")
            return b""
        try:
            head, labels, at, value = self._sample(line)
        except ValueError as error:
            message, _, hint = str(error).partition("; ")
            self._complain(message, hint)
            return b""
        return self._take(head, self._buffers.setdefault(head, _Buffer(labels)), at, value)

    def _sample(self, line: bytes) -> tuple[bytes, Labels, float, float]:
        """Series (as text and as labels), time and value.  Raises ValueError with a hint after a semicolon."""
        found = _SERIES.match(line)
        if found is None or not found[0]:
            raise ValueError('no series here; expected name{label="value"} VALUE TIME')
        numbers = _NUMBERS.fullmatch(line, found.end())
        if numbers is None:
            raise ValueError(f"after {_shown(found[0])} there is no value and time, divided by single spaces")
        value, time, _ = numbers.groups()
        if not _NUMBER.fullmatch(value):
            raise ValueError(f"{_shown(value)} is not a number")
        if time is None:
            raise ValueError("the sample has no time; record with timestamps, as promtool tsdb dump-openmetrics does")
        if not _NUMBER.fullmatch(time):
            raise ValueError(f"{_shown(time)} is not a time")
        if not self._plausible(float(time)):
            unit = "seconds" if self._notation is OPENMETRICS else "milliseconds"
            raise ValueError(f"the time {_shown(time)} lies beyond 2286; {self._notation.name} has {unit}")
        return found[0], self._labels(found), float(time), float(value)

    def _labels(self, found: re.Match[bytes]) -> Labels:
        text = found[0].decode()
        labels = parse_labels(text)[0] if self._notation.go_escapes else _openmetrics_labels(found)
        if not labels.metric_name:
            raise ValueError("the series has no name")
        return labels

    def _plausible(self, at: float) -> bool:
        return abs(at) * self._notation.unit_ms < _FARTHEST_MS

    def _ms(self, times: Values) -> Times:
        ms: Times = np.rint(times * self._notation.unit_ms).astype(np.int64)
        return ms

    def _flush(self) -> Iterator[Batch]:
        for buffer in self._buffers.values():
            yield from self._emptied(buffer)

    def _emptied(self, buffer: _Buffer) -> Iterator[Batch]:
        if buffer.times:
            self._buffered -= len(buffer.times)
            yield Batch(buffer.labels, self._ms(np.array(buffer.times)), np.array(buffer.values))
            buffer.times, buffer.values = [], []

    def _complain(self, message: str, hint: str = "") -> None:
        self._complaints.add(self._file, self._line, message, hint)


def _openmetrics_labels(found: re.Match[bytes]) -> Labels:
    """Raises ValueError for what is not a list of labels, and for a label that is there twice."""
    name, inner = found[1], found[2]
    labels: dict[str, str] = {METRIC_NAME: name.decode()} if name else {}
    text = (inner or b"").decode()
    position = 0
    while position < len(text):
        label = _LABEL.match(text, position)
        if label is None:
            raise ValueError(f'{text[position:]!r} is not a list of labels; expected label="value", ...')
        key, quoted, value, _ = label.groups()
        if value is None:
            if quoted is None:
                raise ValueError(f'the label {key} has no value; expected {key}="value"')
            key, value = METRIC_NAME, quoted
        elif key is None:
            key = _unescape(quoted)
        if key in labels:
            raise ValueError(f"the label {key} is there twice")
        labels[key] = _unescape(value)
        position = label.end()
    return Labels(labels)


def _unescape(text: str) -> str:
    """A backslash before any other character stands for itself."""
    return re.sub(r"\\.", lambda found: _ESCAPES.get(found[0], found[0]), text) if "\\" in text else text


def _shown(text: bytes) -> str:
    return repr(text.decode(errors="replace"))


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Blocks of whole lines; a last line without its end gets one."""
    rest = b""
    while block := stream.read(_BLOCK_BYTES):
        block = rest + block
        cut = block.rfind(b"\n") + 1
        rest = block[cut:]
        if cut:
            yield block[:cut]
    if rest:
        yield rest + b"\n"
