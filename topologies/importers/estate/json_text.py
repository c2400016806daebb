"""JSON of any size as data that knows where its records are written.

The YAML reader knows the place of every value and is slow: exports of tens of megabytes are read here by the standard
library, and only the places of the outer levels (the envelope and its records) are kept.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from json.decoder import scanstring  # type: ignore[attr-defined]

from timeline.findings import InputError, Place
from topologies.loading.nodes import Step

_BLANK = re.compile(r"[ \t\r\n]*")
_BREAK = re.compile(r"\r\n|\r|\n")
_LEVELS = 4
"""Levels whose places are kept: `data`, `result`, the record, its fields."""
_EXCERPT = 160


@dataclass(frozen=True)
class JsonDocument:
    """A JSON file.  `offsets` holds where the values of the outer levels begin, by their path."""

    name: str
    text: str = field(repr=False)
    data: object
    offsets: dict[tuple[Step, ...], int] = field(repr=False)
    line_starts: list[int] = field(repr=False)

    def place(self, path: Sequence[Step]) -> Place:
        """Where the value at a path begins, or the innermost value around it whose place is known."""
        steps = tuple(path)
        while steps not in self.offsets:
            steps = steps[:-1]
        return _place(self.name, self.text, self.line_starts, self.offsets[steps])


def parse_json(text: str, name: str) -> JsonDocument:
    """Raises InputError with the place of what is not JSON."""
    text = text.removeprefix("\ufeff")
    starts = [0, *(match.end() for match in _BREAK.finditer(text))]
    offsets: dict[tuple[Step, ...], int] = {}
    try:
        scanner = _Scanner(text, offsets)
        data, end = scanner.value(0, ())
        if (rest := _skip(text, end)) < len(text):
            raise json.JSONDecodeError("there is more after the end of the document", text, rest)
    except json.JSONDecodeError as error:
        place = _place(name, text, starts, min(error.pos, len(text)))
        raise InputError.single("json.syntax", place, f"this is not JSON: {error.msg}", "export it again") from None
    except RecursionError:
        raise InputError.single("json.syntax", name, "this JSON is nested too deep", "flatten it") from None
    except ValueError as error:
        raise InputError.single("json.syntax", name, f"this is not JSON: {error}", "export it again") from None
    return JsonDocument(name, text, data, offsets, starts)


class _Scanner:
    """The outer levels by hand, to keep their places; what is inside them by the standard library."""

    def __init__(self, text: str, offsets: dict[tuple[Step, ...], int]) -> None:
        self.text = text
        self.offsets = offsets
        self.inner = json.JSONDecoder(parse_constant=_no_constant)

    def value(self, at: int, path: tuple[Step, ...]) -> tuple[object, int]:
        at = _skip(self.text, at)
        self.offsets[path] = at
        opening = self.text[at : at + 1]
        if len(path) < _LEVELS and opening == "{":
            return self.members(at + 1, path)
        if len(path) < _LEVELS and opening == "[":
            return self.items(at + 1, path)
        return self.inner.raw_decode(self.text, at)

    def members(self, at: int, path: tuple[Step, ...]) -> tuple[object, int]:
        found: dict[str, object] = {}
        at = _skip(self.text, at)
        if self.text[at : at + 1] == "}":
            return found, at + 1
        while True:
            if self.text[at : at + 1] != '"':
                raise json.JSONDecodeError("expected a key in double quotes", self.text, at)
            key, at = scanstring(self.text, at + 1, True)
            at = _skip(self.text, at)
            if self.text[at : at + 1] != ":":
                raise json.JSONDecodeError("expected ':' after the key", self.text, at)
            found[key], at = self.value(at + 1, (*path, key))
            at, more = self.next(at, "}")
            if not more:
                return found, at

    def items(self, at: int, path: tuple[Step, ...]) -> tuple[object, int]:
        found: list[object] = []
        at = _skip(self.text, at)
        if self.text[at : at + 1] == "]":
            return found, at + 1
        while True:
            item, at = self.value(at, (*path, len(found)))
            found.append(item)
            at, more = self.next(at, "]")
            if not more:
                return found, at

    def next(self, at: int, closing: str) -> tuple[int, bool]:
        """After a value: the start of the next one, or the end of what holds it."""
        at = _skip(self.text, at)
        mark = self.text[at : at + 1]
        if mark == ",":
            return _skip(self.text, at + 1), True
        if mark == closing:
            return at + 1, False
        raise json.JSONDecodeError(f"expected ',' or {closing!r}", self.text, at)


def _skip(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _no_constant(word: str) -> object:
    raise ValueError(f"{word} is not a number of JSON")


def _place(name: str, text: str, starts: list[int], offset: int) -> Place:
    line = bisect_right(starts, offset)
    start = starts[line - 1]
    column = offset - start + 1
    end = starts[line] if line < len(starts) else len(text)
    shown = text[start:end].rstrip("\r\n")[:_EXCERPT] if column <= _EXCERPT else ""
    return Place(name, line, column, shown if shown.isprintable() else "")
