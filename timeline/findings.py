"""What a check found, and the two errors that end a command.

A *finding* is one remark about one place: everything that checks (loaders, estate checks, rule tests)
returns findings of this one type.  Two exceptions carry them to the command line:

    BlackstartError
    ├── InputError       what was given cannot be loaded; exit status 2
    └── SafetyRefused    acting would not be safe; exit status 3
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters, from least to most."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)

    def at_least(self, other: Severity) -> bool:
        return self.rank >= other.rank


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the user's input: `line` and `column` count from 1, 0 means "the whole file"."""

    file: str
    line: int = 0
    column: int = 0
    source_line: str = ""

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"

    def excerpt(self) -> str:
        """The offending line with a caret under the column, or an empty string when it is not known."""
        if not self.source_line:
            return ""
        text = self.source_line.rstrip("\n").expandtabs(1)
        caret = " " * max(self.column - 1, 0) + "^"
        return f"    {text}\n    {caret}" if self.column else f"    {text}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark: a stable id (dotted, for `blackstart explain`), its place, what is wrong, what to do."""

    id: str
    severity: Severity
    place: Place
    message: str
    hint: str = ""

    def render(self) -> str:
        lines = [f"{self.place}: {self.severity}: {self.message} [{self.id}]"]
        if excerpt := self.place.excerpt():
            lines.append(excerpt)
        if self.hint:
            lines.append(f"    hint: {self.hint}")
        return "\n".join(lines)

    def to_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "severity": str(self.severity),
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "message": self.message,
            "hint": self.hint,
        }


class BlackstartError(Exception):
    """Root of the errors that a user can act on; `exit_status` is what the command line ends with."""

    exit_status = 1


@dataclass
class InputError(BlackstartError):
    """What was given cannot be loaded.  Carries every finding of the input, not only the first."""

    findings: list[Finding] = field(default_factory=list)
    exit_status = 2

    @classmethod
    def single(cls, id: str, place: Place | str, message: str, hint: str = "") -> InputError:
        where = Place(place) if isinstance(place, str) else place
        return cls([Finding(id, Severity.ERROR, where, message, hint)])

    def __str__(self) -> str:
        return "\n".join(finding.render() for finding in self.findings)


@dataclass
class SafetyRefused(BlackstartError):
    """Acting would not be safe; `reasons` says why, each as a sentence."""

    reasons: list[str] = field(default_factory=list)
    exit_status = 3

    def __str__(self) -> str:
        return "\n".join(self.reasons)


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint naming the known names closest to `name`: "did you mean ...?", or the list when it is short."""
    names = sorted(set(known))
    close = difflib.get_close_matches(name, names, n=2, cutoff=0.6)
    if close:
        return "did you mean " + " or ".join(repr(c) for c in close) + "?"
    if names and len(names) <= 12:
        return "known: " + ", ".join(names)
    return ""
