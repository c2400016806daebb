"""The improvement register: one row an action, one row a change."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from reports.improvement.file import ACTION_COLUMNS, RegisterFile
from reports.improvement.model import Action, Change, Status
from timeline.findings import InputError, nearest


class Register:
    """An improvement register.  Raises InputError where the file is something else, or of a later version."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self._file = RegisterFile(path, create=create, begun_by="blackstart programme actions add")

    def actions(self) -> list[Action]:
        """All actions, the earliest due first."""
        with self._file.open() as connection:
            rows = connection.execute(f"SELECT {', '.join(ACTION_COLUMNS)} FROM actions ORDER BY due, id").fetchall()
        return [Action.model_validate(dict(zip(ACTION_COLUMNS, row, strict=True))) for row in rows]

    def changes(self, action: str) -> list[Change]:
        """What became of an action, in order."""
        with self._file.open() as connection:
            rows = connection.execute(
                "SELECT action, day, what FROM changes WHERE action = ? ORDER BY rowid", (action,)
            ).fetchall()
        return [Change(action=id, on=day, what=what) for id, day, what in rows]

    def add(self, actions: Iterable[Action], on: date, what: str) -> list[Action]:
        """Adds those that are not there yet; returns these.  One that is there stays as it is."""
        added = []
        with self._file.open() as connection:
            known = {id for (id,) in connection.execute("SELECT id FROM actions")}
            for action in actions:
                if action.id not in known:
                    known.add(action.id)
                    self._put(connection, action, on, what)
                    added.append(action)
        return added

    def change(self, actions: Iterable[Action], on: date, what: str) -> None:
        """Writes actions that have changed."""
        with self._file.open() as connection:
            for action in actions:
                self._put(connection, action, on, what)

    def find(self, id: str) -> Action:
        """Raises InputError naming the nearest one."""
        known = {action.id: action for action in self.actions()}
        if id not in known:
            raise InputError.single(
                "actions.unknown", str(self._file.path), f"there is no action {id!r}", nearest(id, known)
            )
        return known[id]

    @staticmethod
    def _put(connection: sqlite3.Connection, action: Action, on: date, what: str) -> None:
        values = action.model_dump(mode="json")
        marks = ", ".join("?" * len(ACTION_COLUMNS))
        connection.execute(f"INSERT OR REPLACE INTO actions VALUES ({marks})", [values[c] for c in ACTION_COLUMNS])
        connection.execute("INSERT INTO changes VALUES (?, ?, ?)", (action.id, on.isoformat(), what))


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
