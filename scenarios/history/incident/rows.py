"""What a source tells: events without causes yet, each with the row that it stands in.

Every row of a source ends in one of three ways, and none is lost:

- *used*: it told at least one event;
- *context*: it was read and tells nothing that the vocabulary of events has (a message without a marker);
- *refused*: it cannot be read, or lies outside of the incident; the reason is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from scenarios.history.importers.intake import Intake, Reading
from scenarios.history.incident.manifest import Manifest, SourceFile
from scenarios.history.incident.people import NotingNames, People
from timeline.events import DataClass
from timeline.instants import from_wall
from timeline.references import Reference


class Fate(StrEnum):
    """What became of a row."""

    USED = "used"
    CONTEXT = "context"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Told:
    """One event that a row tells, or that the manifest states."""

    at_ms: int
    kind: str
    subject: Reference
    actor: Reference
    detail: object
    data_class: DataClass
    row: Row
    alerts: tuple[str, ...] = ()
    """Names of the alerts that the row gives as its reason."""


@dataclass(eq=False, slots=True)
class Row:
    """A row of a file: its line, its moment on the true clock, what it says in short."""

    file: str
    line: int
    at: datetime | None = None
    text: str = ""
    told: list[Told] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    """Why it, or a part of it, was not used."""

    @property
    def fate(self) -> Fate:
        return Fate.USED if self.told else Fate.REFUSED if self.reasons else Fate.CONTEXT


class Source:
    """One file on its way into a timeline."""

    def __init__(self, path: Path, name: str, stated: SourceFile, manifest: Manifest, people: People) -> None:
        zone = ZoneInfo(stated.timezone or manifest.timezone)
        self.name = name
        self.path = path
        self.stated = stated
        self.manifest = manifest
        self.people = people
        self.intake = Intake(path, Reading(zone, stated.order, NotingNames(people), stated.encoding))
        self._rows: list[Row] = []

    def row(self, line: int, text: str = "", at: datetime | None = None) -> Row:
        """Begins a row; `at` is on the clock of the source."""
        row = Row(self.name, line, None if at is None else self.true_time(at), self.people.text(text))
        self._rows.append(row)
        return row

    def true_time(self, moment: datetime) -> datetime:
        """A moment of this source's clock on the true one."""
        return moment - timedelta(milliseconds=self.stated.offset)

    def incident(self, id: str | None = None) -> str:
        """The incident that a row is about, as the record calls it."""
        return self.manifest.canonical_incident(id or self.stated.incident)

    def tell(
        self,
        row: Row,
        at: datetime,
        kind: str,
        subject: Reference,
        actor: Reference,
        detail: object,
        *,
        alerts: tuple[str, ...] = (),
    ) -> None:
        """An event at a moment on the clock of the source.  One outside of the incident is refused, with the reason."""
        moment = self.true_time(at)
        if not self.manifest.begins <= moment <= self.manifest.ends:
            row.reasons.append(f"{kind} at {moment.isoformat()} lies outside of the incident")
            return
        told = Told(
            self.at_ms(moment), kind, subject, actor, detail, self.stated.data_class, row, tuple(filter(None, alerts))
        )
        row.told.append(told)

    def at_ms(self, moment: datetime) -> int:
        """Exercise time of a moment on the true clock."""
        return from_wall(moment, self.manifest.begins)

    def rows(self) -> Iterator[Row]:
        """All rows by line: those that were begun, and those that could not be read at all."""
        unread = [Row(self.name, one.line, reasons=[one.reason]) for one in self.intake.refused()]
        yield from sorted([*self._rows, *unread], key=lambda row: row.line)
