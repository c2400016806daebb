"""Objects out of a JSON file, one at a time: the file may be larger than memory, as long as each object is not.

A file is a list of objects, an object that holds such lists under known keys (`{"incidents": [...]}`), several of
either one after the other (pages of an API, saved one by one), or one object a line.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from scenarios.history.importers.encodings import encoding_of
from scenarios.history.importers.intake import Intake
from timeline.findings import InputError, Place

_CHUNK = 2**20
_SPACE = " \t\r\n"
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Item:
    """An object of a file: the key of the list that it stands in ("" for a list or object without one), its line."""

    key: str
    line: int
    data: dict[str, Any]


def read_items(intake: Intake, keys: Collection[str]) -> Iterator[Item]:
    """The objects of the lists under `keys`, and those that stand outside of any.

    Counts them as rows; refuses what is no object.  Raises InputError where the file is no JSON, or has nothing of it.
    """
    found = False
    for key, line, value in _Scanner(intake).values(keys):
        found = True
        intake.rows += 1
        if isinstance(value, dict):
            yield Item(key, line, value)
        else:
            intake.refuse(line, f"expected an object, found {_shown(value)}")
    if not found and not intake.lists_seen:
        message = f"there is no list of {' or '.join(map(repr, keys))} in this file"
        raise InputError.single("history.format", str(intake.path), message, "is this the export of another tool?")


def _shown(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else text[:37] + "..."


class _Scanner:
    """A window over the text of a file that moves forward."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._text = ""
        self._at = 0
        self._line = 1
        self._counted = 0
        self._whole = False

    def values(self, keys: Collection[str]) -> Iterator[tuple[str, int, Any]]:
        """Key, line and value of each element."""
        encoding = encoding_of(self._intake.path, self._intake.encoding)
        with self._intake.path.open(encoding=encoding, newline=None) as self._file:
            try:
                while self._peek():
                    yield from self._document(keys)
            except UnicodeDecodeError:
                raise self._error(f"the file is not {encoding.upper()} text") from None

    def _document(self, keys: Collection[str]) -> Iterator[tuple[str, int, Any]]:
        begin = self._peek()
        if begin == "[":
            self._intake.lists_seen = True
            yield from self._list("")
        elif begin == "{":
            yield from self._object(keys)
        else:
            raise self._error("expected a list or an object")

    def _object(self, keys: Collection[str]) -> Iterator[tuple[str, int, Any]]:
        """The elements of the lists under `keys`; an object without such a list is an element itself."""
        line = self._place()
        data: dict[str, Any] = {}
        is_page = False
        self._expect("{")
        while self._peek() != "}":
            key = self._value()
            self._expect(":")
            # Pages of an API have no id; what has one is an element, with lists of its own.
            if key in keys and self._peek() == "[" and "id" not in data:
                is_page = self._intake.lists_seen = True
                yield from self._list(str(key))
            else:
                data[str(key)] = self._value()
            self._separated("}")
        self._at += 1
        if not is_page:
            yield "", line, data

    def _list(self, key: str) -> Iterator[tuple[str, int, Any]]:
        self._expect("[")
        while self._peek() != "]":
            line = self._place()
            yield key, line, self._value()
            self._separated("]")
        self._at += 1

    def _separated(self, end: str) -> None:
        """A comma, or the end."""
        if self._peek() == ",":
            self._at += 1
        elif self._peek() != end:
            raise self._error(f"expected ',' or {end!r}")

    def _value(self) -> Any:
        """The next value.  A number or a text that ends with the window may go on behind it: then more is read."""
        self._peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._more():
                    self._at = error.pos
                    raise self._error(error.msg) from None
                continue
            except RecursionError:
                raise self._error("values are nested too deeply") from None
            if end < len(self._text) or not self._more():
                self._at = end
                return value

    def _expect(self, mark: str) -> None:
        if self._peek() != mark:
            raise self._error(f"expected {mark!r}")
        self._at += 1

    def _peek(self) -> str:
        """The next character that is no space; empty at the end of the file."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def _more(self) -> bool:
        """Reads on, and forgets what lies behind; False at the end of the file."""
        chunk = "" if self._whole else self._file.read(max(_CHUNK, len(self._text) - self._at))
        if not chunk:
            self._whole = True
            return False
        self._place()
        self._text = self._text[self._at :] + chunk
        self._at = self._counted = 0
        return True

    def _place(self) -> int:
        """The line of the next character; counts on from where it was last asked."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _error(self, message: str) -> InputError:
        line = self._text.rfind("\n", 0, self._at)
        place = Place(str(self._intake.path), self._place(), self._at - line)
        return InputError.single("input.json", place, f"the file cannot be read on as JSON: {message}")
