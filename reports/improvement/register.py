"""The register as a file: SQLite, one row an action, one row a change.

Every command is one transaction: a register is never left half changed, and two people at once do not lose a change.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from reports.improvement.model import Action, Change, Status
from timeline.findings import InputError, nearest

_APPLICATION = 0x42534952
"""`BSIR`, in the header of the file: it is one of ours."""
_VERSION = 1
_COLUMNS = tuple(Action.model_fields)
_SCHEMA = f"""
CREATE TABLE actions ({", ".join(f"{c} {'REAL' if c in ('at_most', 'at_least', 'was') else 'TEXT'}" for c in _COLUMNS)},
                      PRIMARY KEY (id));
CREATE TABLE changes (action TEXT NOT NULL REFERENCES actions (id), day TEXT NOT NULL, what TEXT NOT NULL);
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_VERSION};
"""


class Register:
    """An improvement register.  Raises InputError where the file is something else, or of a later version."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self._path = path
        if not path.is_file() and not create:
            hint = "`blackstart programme actions add` begins one"
            raise InputError.single("input.not-found", str(path), "there is no such register", hint)
        with self._open() as connection:
            self._prepare(connection)

    def actions(self) -> list[Action]:
        """All actions, the earliest due first."""
        with self._open() as connection:
            rows = connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM actions ORDER BY due, id").fetchall()
        return [Action.model_validate(dict(zip(_COLUMNS, row, strict=True))) for row in rows]

    def changes(self, action: str) -> list[Change]:
        """What became of an action, in order."""
        with self._open() as connection:
            rows = connection.execute(
                "SELECT action, day, what FROM changes WHERE action = ? ORDER BY rowid", (action,)
            ).fetchall()
        return [Change(action=id, on=day, what=what) for id, day, what in rows]

    def add(self, actions: Iterable[Action], on: date, what: str) -> list[Action]:
        """Adds those that are not there yet; returns these.  One that is there stays as it is."""
        added = []
        with self._open() as connection:
            known = {id for (id,) in connection.execute("SELECT id FROM actions")}
            for action in actions:
                if action.id not in known:
                    known.add(action.id)
                    self._put(connection, action, on, what)
                    added.append(action)
        return added

    def change(self, actions: Iterable[Action], on: date, what: str) -> None:
        """Writes actions that have changed."""
        with self._open() as connection:
            for action in actions:
                self._put(connection, action, on, what)

    def find(self, id: str) -> Action:
        """Raises InputError naming the nearest one."""
        known = {action.id: action for action in self.actions()}
        if id not in known:
            raise InputError.single(
                "actions.unknown", str(self._path), f"there is no action {id!r}", nearest(id, known)
            )
        return known[id]

    @staticmethod
    def _put(connection: sqlite3.Connection, action: Action, on: date, what: str) -> None:
        values = action.model_dump(mode="json")
        marks = ", ".join("?" * len(_COLUMNS))
        connection.execute(f"INSERT OR REPLACE INTO actions VALUES ({marks})", [values[c] for c in _COLUMNS])
        connection.execute("INSERT INTO changes VALUES (?, ?, ?)", (action.id, on.isoformat(), what))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path)
        try:
            with connection:
                yield connection
        except sqlite3.DatabaseError as error:
            message = f"this is not an improvement register: {error}"
            raise InputError.single("actions.register", str(self._path), message) from None
        finally:
            connection.close()

    def _prepare(self, connection: sqlite3.Connection) -> None:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application == 0 and tables == 0:
            connection.executescript(_SCHEMA)
        elif application != _APPLICATION:
            message = "this is a database of something else"
            raise InputError.single("actions.register", str(self._path), message, "choose another --register")
        elif version > _VERSION:
            message = f"this register is of version {version}; this program knows version {_VERSION}"
            raise InputError.single("actions.register", str(self._path), message, "use a later version of Blackstart")


def closed(action: Action, on: date) -> Action:
    """The action, done."""
    return action.model_copy(update={"status": Status.CLOSED, "closed": on})


def verified(action: Action, on: date, by: str) -> Action:
    """The action, shown by an exercise to have helped; done, if nobody had said so."""
    done = {"status": Status.VERIFIED, "closed": action.closed or on, "verified": on, "verified_by": by}
    return action.model_copy(update=done)


def opened_again(action: Action) -> Action:
    """The action, done and not shown to have helped."""
    return action.model_copy(update={"status": Status.OPEN, "closed": None})
