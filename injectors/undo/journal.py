"""The undo journal: a change of a knob is on disk, synced, before the knob is turned.

A folder of its own for each run (mode 0700) with `journal.jsonl`, one record a line:

    journalled   the change: knob, value before, value after
    acted        the knob was turned
    undone       the value before is back (by whom, and whether it had to be written)
    conflict     somebody else has turned the knob since: it was left alone
    irreversible what cannot be undone was done: on record only
    finished     the run is over and nothing is open

Only one process writes at a time (`locked`): the runner, else the watchdog, else a recovery.  A last line that is cut
off is what a crash leaves and is ignored: its sync did not return, so nothing had been touched.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from injectors.knobs import AnyKnob
from timeline.files import sync_folder
from timeline.findings import InputError, Place

JOURNAL = "journal.jsonl"
LOCK = "lock"


class State(StrEnum):
    """How far a change has come."""

    JOURNALLED = "journalled"
    ACTED = "acted"
    UNDONE = "undone"
    CONFLICT = "conflict"


class Change(BaseModel):
    """A knob that is to be turned."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    fault: str
    """The fault that it belongs to."""
    target: str
    knob: AnyKnob
    before: JsonValue
    after: JsonValue


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    state: State | None = None
    change: Change | None = None
    """With `journalled`."""
    id: str = ""
    by: str = ""
    note: str = ""
    finished: bool = False


class JournalBusy(Exception):
    """Another process is writing this journal."""


class UndoJournal:
    """The journal of one run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._changes: dict[str, Change] = {}
        self._states: dict[str, State] = {}
        self.finished = False
        self._read()

    @classmethod
    def create(cls, folder: Path) -> UndoJournal:
        """A new journal.  Raises FileExistsError where there is one."""
        folder.mkdir(parents=True, mode=0o700)
        (folder / JOURNAL).touch(mode=0o600, exist_ok=False)
        sync_folder(folder)
        sync_folder(folder.parent)
        return cls(folder)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """While this process writes.  Raises JournalBusy.  What others have written meanwhile is read first."""
        descriptor = os.open(self.folder / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise JournalBusy(f"{self.folder.name} is being written by another process") from None
            self._read()
            yield
        finally:
            os.close(descriptor)

    @property
    def changes(self) -> list[tuple[Change, State]]:
        """All changes in the order in which they were journalled."""
        return [(change, self._states[id]) for id, change in self._changes.items()]

    @property
    def open_changes(self) -> list[Change]:
        """What is still to be undone, last first."""
        return [c for c, state in reversed(self.changes) if state in (State.JOURNALLED, State.ACTED)]

    @property
    def conflicts(self) -> list[Change]:
        return [change for change, state in self.changes if state is State.CONFLICT]

    def journal(self, change: Change) -> None:
        """Returns once the change is on disk."""
        self._append(_Record(state=State.JOURNALLED, change=change, id=change.id))
        self._changes[change.id] = change
        self._states[change.id] = State.JOURNALLED

    def mark(self, change: Change, state: State, by: str = "", note: str = "") -> None:
        self._append(_Record(state=state, id=change.id, by=by, note=note))
        self._states[change.id] = state

    def finish(self) -> None:
        self._append(_Record(finished=True))
        self.finished = True

    def _append(self, record: _Record) -> None:
        line = record.model_dump_json().encode() + b"\n"
        descriptor = os.open(self.folder / JOURNAL, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        try:
            # A crash may have left half a line: what follows must not be taken for its end.
            if not self._ends_whole():
                line = b"\n" + line
            written = os.write(descriptor, line)
            if written != len(line):
                raise OSError(f"only {written} of {len(line)} bytes of the journal could be written")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _ends_whole(self) -> bool:
        with (self.folder / JOURNAL).open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return True
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def _read(self) -> None:
        """Raises InputError where the journal is damaged other than by a crash."""
        self._changes.clear()
        self._states.clear()
        path = self.folder / JOURNAL
        if not path.exists():
            raise InputError.single("live.no-journal", str(path), "there is no undo journal here")
        for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
            if not line:
                continue
            try:
                record = _Record.model_validate_json(line)
            except ValidationError:
                if _is_cut_off(line):
                    continue
                raise InputError.single(
                    "live.damaged-journal", Place(str(path), number), "this line is no record of an undo journal"
                ) from None
            if record.change is not None:
                self._changes[record.id] = record.change
            if record.state is not None:
                self._states[record.id] = record.state
            self.finished = self.finished or record.finished


def _is_cut_off(line: bytes) -> bool:
    """Whether a line is the beginning of a record that was never finished."""
    try:
        json.loads(line)
    except ValueError:
        return line.startswith(b"{") and not line.endswith(b"}")
    return False
