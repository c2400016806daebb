"""A source: one exported file, JSON or iCalendar, with places for what is said about it.

JSON is read as the YAML it also is, so that each value knows its line and column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from timeline.findings import InputError, Place
from topologies.loading.document import Document, parse_document, read_text
from topologies.loading.nodes import Step
from topologies.loading.shape import Shape
from topologies.loading.validation import disagreements

M = TypeVar("M", bound=BaseModel)

_ENVELOPES = frozenset(
    {"data", "results", "nodes", "schedule", "schedules", "rotation", "rotations", "on_call_shifts", "users"}
    | {
        "overrides",
        "userOverrides",
        "escalations",
        "escalation_policy",
        "escalation_policies",
        "escalation_chains",
        "personal_notification_rules",
    }
    | {"escalationPolicy", "escalationPolicies", "service", "services"}
)
"""Keys under which APIs answer."""

_SURROGATES = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


@dataclass(frozen=True)
class Source:
    """One file.  `name` is what places call it."""

    name: str
    text: str

    @classmethod
    def read(cls, path: Path) -> Source:
        """Raises InputError when the file cannot be read as text."""
        return cls(str(path), read_text(path))

    @property
    def is_calendar(self) -> bool:
        return self.text.lstrip("\ufeff \r\n").upper().startswith("BEGIN:VCALENDAR")

    @cached_property
    def document(self) -> Document:
        """The file as JSON.  Raises InputError with the place of what is wrong."""
        return parse_document(_SURROGATES.sub(_joined, self.text), self.name)

    @contextmanager
    def at(self, path: Sequence[Step]) -> Iterator[None]:
        """What is made of the object at a path; where that is impossible, InputError with its place and the reason."""
        try:
            yield
        except OverflowError:
            hint = "leave the end out where there is none"
            message = "a date lies beyond the end of the calendar"
            raise InputError.single("oncall.impossible", self.place(path), message, hint) from None
        except ValidationError as error:
            reasons = dict.fromkeys(details["msg"].removeprefix("Value error, ") for details in error.errors())
            message, _, hint = "; ".join(reasons).partition("; ")
            raise InputError.single("oncall.impossible", self.place(path), message, hint) from None

    def part(self, path: Sequence[Step], data: object, model: type[M]) -> M:
        """A part of the document as a model.  Raises InputError with every disagreement at its place."""
        try:
            return model.model_validate(data)
        except ValidationError as error:
            raise InputError(disagreements(error, self.document, Shape.of(model), tuple(path))) from None

    @cached_property
    def objects(self) -> list[tuple[tuple[Step, ...], dict[str, object]]]:
        """The answers in the file with their paths: without envelopes, lists taken apart.  None in a calendar.

        Raises InputError when the file is neither a calendar nor JSON.
        """
        return [] if self.is_calendar else list(_objects((), self.document.data))

    def place(self, path: Sequence[Step]) -> Place:
        return Place(self.name) if self.is_calendar or not path else self.document.place(path)


def _objects(path: tuple[Step, ...], data: object) -> Iterator[tuple[tuple[Step, ...], dict[str, object]]]:
    if isinstance(data, list):
        for position, item in enumerate(data):
            yield from _objects((*path, position), item)
    elif isinstance(data, dict):
        inner = [key for key, value in data.items() if isinstance(value, dict | list)]
        if inner and "id" not in data and _ENVELOPES.issuperset(inner):
            for key in inner:
                yield from _objects((*path, key), data[key])
        else:
            yield path, data


def _joined(pair: re.Match[str]) -> str:
    """A character beyond the basic plane, which JSON escapes as two halves."""
    before, high, low = pair.groups()
    return before + chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + (int(low, 16) - 0xDC00))
