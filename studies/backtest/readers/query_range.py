"""Answers of Prometheus' HTTP API to `query_range` (`resultType: matrix`), read one series at a time.

    {"status": "success", "data": {"resultType": "matrix",
     "result": [{"metric": {"__name__": "up", "job": "api"}, "values": [[1700000000, "1"], ...]}, ...]}}

Several answers may follow each other in one file.  Such data was evaluated at steps, not scraped: between the steps
nothing is known, and where a series ended is seen only as a missing step.

Source: Prometheus, HTTP API, "Range queries".
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np

from simulator.monitoring.promql import Labels
from studies.backtest.readers.complaints import Complaints
from studies.backtest.store import Batch
from timeline.findings import InputError, Place

_PORTION = 2**16
_SPACE = re.compile(r"[ \t\r\n]*")
_SHAPE = 'a matrix as query_range gives it: {"status": "success", "data": {"resultType": "matrix", "result": [...]}}'


def read_query_range(stream: BinaryIO, file: str, complaints: Complaints) -> Iterator[Batch]:
    """The series of all answers in a stream.

    A series that is not as it should be goes to `complaints`.  Raises InputError for what is not JSON, no matrix or an
    answer that reports an error.
    """
    text = _Text(stream, file)
    while not text.at_end():
        yield from _answer(text, complaints)


def _answer(text: _Text, complaints: Complaints) -> Iterator[Batch]:
    begins = text.line
    kind = None
    for key in text.members():
        if key == "data":
            for part in text.members():
                if part == "result":
                    yield from _result(text, complaints)
                elif part == "resultType":
                    kind = text.value()
                else:
                    text.value()
        elif key == "status" and (status := text.value()) != "success":
            raise text.refused(f"the answer has the status {status!r}, not success")
        elif key == "error":
            raise text.refused(f"the answer reports an error: {text.value()}")
        elif key != "status":
            text.value()
    if kind != "matrix":
        raise text.refused(f"the result is a {kind or 'document'} of another kind; expected {_SHAPE}", begins)


def _result(text: _Text, complaints: Complaints) -> Iterator[Batch]:
    for _ in text.items():
        line = text.line
        try:
            yield _series(text.value())
        except ValueError as error:
            complaints.add(text.file, line, str(error))


def _series(item: Any) -> Batch:
    """Raises ValueError for what is not a series of a matrix."""
    metric = item.get("metric") if isinstance(item, dict) else None
    if not isinstance(metric, dict) or not all(isinstance(value, str) for value in metric.values()):
        raise ValueError('a series of a matrix is {"metric": {labels}, "values": [[seconds, "value"], ...]}')
    labels = Labels(metric)
    if not labels.metric_name:
        raise ValueError(f"the series {labels} has no __name__: record plain selectors, not expressions")
    if "histograms" in item:
        raise ValueError(f"the series {labels} has native histograms, which are not supported")
    values = item.get("values")
    if not isinstance(values, list):
        raise ValueError(f"the series {labels} has no list of values")
    times, numbers = np.empty(len(values), dtype=np.int64), np.empty(len(values))
    for position, pair in enumerate(values):
        match pair:
            case [int() | float() as seconds, str(number)] if not isinstance(seconds, bool):
                times[position] = round(seconds * 1000)
                numbers[position] = float(number)
            case _:
                raise ValueError(f'the series {labels} has {pair!r} where [seconds, "value"] was expected')
    return Batch(labels, times, numbers)


class _Text:
    """JSON read forward, in portions; only the value at hand is kept."""

    def __init__(self, stream: BinaryIO, file: str) -> None:
        self.file = file
        self.line = 1
        self._stream = stream
        self._decoder = json.JSONDecoder()
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        self._at = 0
        self._exhausted = False

    def at_end(self) -> bool:
        return not self._peek()

    def members(self) -> Iterator[str]:
        """The keys of an object; its consumer reads the value of each before it asks for the next."""
        self._expect("{")
        if self._taken("}"):
            return
        while True:
            key = self.value()
            if not isinstance(key, str):
                raise self.refused("expected the name of a member")
            self._expect(":")
            yield key
            if self._taken("}"):
                return
            self._expect(",")

    def items(self) -> Iterator[None]:
        """One step for each item of an array; its consumer reads the item."""
        self._expect("[")
        if self._taken("]"):
            return
        while True:
            yield
            if self._taken("]"):
                return
            self._expect(",")

    def value(self) -> Any:
        """The next value whole."""
        self._peek()
        wanted = _PORTION
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._exhausted:
                    raise self.refused(f"not JSON: {error.msg}") from None
            else:
                # A number that ends with the text may go on.
                if end < len(self._text) or self._exhausted:
                    self._move(end)
                    return value
            self._read(wanted)
            wanted *= 2

    def refused(self, message: str, line: int | None = None) -> InputError:
        return InputError.single("backtest.query-range", Place(self.file, line or self.line), message)

    def _expect(self, character: str) -> None:
        if not self._taken(character):
            found = self._peek()
            raise self.refused(f"not the JSON of query_range: {found or 'the end'!r} where {character!r} was expected")

    def _taken(self, character: str) -> bool:
        if self._peek() != character:
            return False
        self._move(self._at + 1)
        return True

    def _peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            assert found is not None
            self._move(found.end())
            if self._at < len(self._text):
                return self._text[self._at]
            if self._exhausted:
                return ""
            self._read(_PORTION)

    def _move(self, to: int) -> None:
        self.line += self._text.count("\n", self._at, to)
        self._at = to

    def _read(self, count: int) -> None:
        """Reads on; text that was used is let go."""
        data = self._stream.read(count)
        try:
            more = self._utf8.decode(data, final=not data)
        except UnicodeDecodeError as error:
            raise self.refused(f"not UTF-8: {error.reason}") from None
        self._exhausted = not data
        self._text = self._text[self._at :] + more
        self._at = 0
