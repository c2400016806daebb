"""The file that an organisation keeps over the years: SQLite, with its actions and the exercises that it held.

Every opening is one transaction: a register is never left half changed, and two people at once do not lose a change.
Version 2 added the exercises; a register of version 1 gets their table when it is opened.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reports.improvement.model import Action
from timeline.findings import InputError

_APPLICATION = 0x42534952
"""`BSIR`, in the header of the file: it is one of ours."""
_VERSION = 2
ACTION_COLUMNS = tuple(Action.model_fields)
_NUMBERS = ("at_most", "at_least", "was")
_ACTIONS = f"""
CREATE TABLE actions ({", ".join(f"{c} {'REAL' if c in _NUMBERS else 'TEXT'}" for c in ACTION_COLUMNS)},
                      PRIMARY KEY (id));
CREATE TABLE changes (action TEXT NOT NULL REFERENCES actions (id), day TEXT NOT NULL, what TEXT NOT NULL);
PRAGMA application_id = {_APPLICATION};
"""
_EXERCISES = f"""
CREATE TABLE exercises (timeline TEXT PRIMARY KEY, exercise TEXT NOT NULL, day TEXT NOT NULL, facts TEXT NOT NULL);
PRAGMA user_version = {_VERSION};
"""


class RegisterFile:
    """A register on disk.  Raises InputError where the file is something else, or of a later version."""

    def __init__(self, path: Path, *, create: bool, begun_by: str) -> None:
        self.path = path
        if not path.is_file() and not create:
            hint = f"`{begun_by}` begins one"
            raise InputError.single("input.not-found", str(path), "there is no such register", hint)
        with self.open() as connection:
            self._prepare(connection)

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """A connection, whose changes are kept together, or not at all where an exception leaves it."""
        connection = sqlite3.connect(self.path)
        try:
            with connection:
                yield connection
        except sqlite3.DatabaseError as error:
            message = f"this is not an improvement register: {error}"
            raise InputError.single("actions.register", str(self.path), message) from None
        finally:
            connection.close()

    def _prepare(self, connection: sqlite3.Connection) -> None:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application == 0 and tables == 0:
            connection.executescript(f"BEGIN; {_ACTIONS} {_EXERCISES} COMMIT;")
        elif application != _APPLICATION:
            message = "this is a database of something else"
            raise InputError.single("actions.register", str(self.path), message, "choose another --register")
        elif version > _VERSION:
            message = f"this register is of version {version}; this program knows version {_VERSION}"
            raise InputError.single("actions.register", str(self.path), message, "use a later version of Blackstart")
        elif version < _VERSION:
            connection.executescript(f"BEGIN; {_EXERCISES} COMMIT;")
