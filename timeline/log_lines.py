"""Log lines on a ticket."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogLine:
    """An unusual line in the log of a component."""

    component: str
    line: str


@dataclass(frozen=True, slots=True)
class EnrichmentDetail:
    """What a search of the logs put on a ticket; no lines and a reason where it could not search."""

    incident: str
    lines: tuple[LogLine, ...]
    reason: str = ""
