"""Who is who: the names that tools use, brought to one id a person, and hidden behind pseudonyms where that is wanted.

With a key every id becomes a pseudonym, and every name that the manifest or any file uses for somebody is replaced in
texts, too; names that stand in texts only, and belong to nobody who wrote or was called, are not found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from scenarios.history.importers.pseudonyms import Names
from scenarios.history.incident.manifest import Manifest, Somebody
from timeline.references import Reference, RefKind

_NOBODY = Somebody()
_NO_ID = re.compile(r"[^a-z0-9._-]+")
_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
_SHORTEST_NAME = 3
"""Shorter names (initials) would be found inside of ordinary text."""
_SLEEP_FROM, _SLEEP_TO = 22, 7


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with the id on the timeline, and what the manifest states."""

    id: str
    stated: Somebody

    @property
    def reference(self) -> Reference:
        if self.stated.vendor is not None:
            return Reference(RefKind.VENDOR, self.stated.vendor)
        return Reference(RefKind.PERSON, self.id)

    @property
    def is_outside(self) -> bool:
        return self.stated.outside is not None or self.stated.vendor is not None

    def sleeps_at(self, moment: datetime) -> bool | None:
        """Whether it is between 22:00 and 07:00 where the person lives; None where that is not known."""
        if self.stated.timezone is None:
            return None
        hour = moment.astimezone(ZoneInfo(self.stated.timezone)).hour
        return hour >= _SLEEP_FROM or hour < _SLEEP_TO


class People:
    """Everybody in a record.  `unknown` are the names that the manifest says nothing about."""

    def __init__(self, manifest: Manifest, names: Names) -> None:
        self._stated = manifest.people
        self._names = names
        self._ids = {name.casefold(): id for id, one in manifest.people.items() for name in (id, *one.names)}
        self._written: dict[str, str] = {name: id for id, one in manifest.people.items() for name in (id, *one.names)}
        self.unknown: set[str] = set()

    @property
    def hidden(self) -> bool:
        """Whether ids are pseudonyms."""
        return self._names.person("x") != "x"

    def same(self, name: str, *others: str | None) -> None:
        """A file says that these are names of one person, as the table of users of a chat does."""
        known = next((self._ids[n.casefold()] for n in (name, *others) if n and n.casefold() in self._ids), None)
        id = known or _id_of(next((n for n in others if n), name))
        for written in (name, *others):
            if written:
                self._ids.setdefault(written.casefold(), id)
                self._written.setdefault(written, id)

    def find(self, name: str) -> Person:
        """Who is called this."""
        id = self._ids.get(name.strip().casefold())
        if id is None:
            id = _id_of(name)
            self._ids[name.strip().casefold()] = id
            self._written[name.strip()] = id
        if id not in self._stated:
            self.unknown.add(name.strip())
        return Person(str(self._names.person(id)), self._stated.get(id, _NOBODY))

    def team_of(self, name: str) -> str | None:
        """The team of somebody, None where the name is nobody's or no team is stated."""
        id = self._ids.get(name.strip().casefold())
        return self._stated[id].team if id in self._stated else None

    def found(self) -> list[tuple[str, list[str]]]:
        """Everybody that a file named so far: the id, and every name of it."""
        ids = sorted({self._ids[name.casefold()] for name in self.unknown})
        return [(id, sorted(name for name, of in self._written.items() if of == id)) for id in ids]

    def text(self, text: str) -> str:
        """A text with mentions as ids and, where names are hidden, without the names that are known."""
        shown = _MENTION.sub(lambda match: "@" + self.find(match[1]).id, text)
        if not self.hidden:
            return shown
        written = sorted((n for n in self._written if len(n) >= _SHORTEST_NAME), key=len, reverse=True)
        if written:
            pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, written))})(?![\w-])", re.IGNORECASE)
            by_folded = {n.casefold(): id for n, id in self._written.items()}
            shown = pattern.sub(lambda match: str(self._names.person(by_folded[match[0].casefold()])), shown)
        return str(self._names.text(shown))


class NotingNames(Names):
    """What importers take for hiding names: notes who is named and hides nothing, so that the manifest can be asked."""

    def __init__(self, people: People) -> None:
        super().__init__()
        self._people = people

    def person(self, name: str | None) -> str | None:
        if name is not None:
            self._people.find(name)
        return name


def _id_of(name: str) -> str:
    return _NO_ID.sub("-", name.strip().casefold()).strip("-._") or "somebody"
