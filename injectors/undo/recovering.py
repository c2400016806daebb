"""Recovery at any later time: what runs have left behind is found by their journals, and undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from injectors.undo.claims import Claims
from injectors.undo.journal import JOURNAL, JournalBusy, UndoJournal
from injectors.undo.lease import Lease
from injectors.undo.restoring import Undone, undo_all


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of one journal."""

    folder: Path
    undone: tuple[Undone, ...]
    busy: bool = False
    """Its run goes on, or its watchdog is at work: it was left alone."""


def journals(root: Path) -> Iterator[UndoJournal]:
    """All journals under a folder, the oldest first.  Raises InputError where one is damaged."""
    for path in sorted(root.glob(f"*/{JOURNAL}"), key=lambda path: path.stat().st_mtime):
        yield UndoJournal(path.parent)


def recover(root: Path) -> list[Recovered]:
    """Undoes what is open in every journal whose run does not go on.  Doing it again does no harm."""
    claims = Claims(root)
    return [_recover(journal, claims) for journal in journals(root) if not journal.finished or journal.open_changes]


def _recover(journal: UndoJournal, claims: Claims) -> Recovered:
    lease = Lease.read(journal.folder)
    if lease is not None and not lease.over and lease.runner.alive:
        return Recovered(journal.folder, (), busy=True)
    try:
        with journal.locked():
            undone = undo_all(journal, claims, "recovery")
            if not journal.open_changes:
                journal.finish()
                claims.release_all(journal.folder)
    except JournalBusy:
        return Recovered(journal.folder, (), busy=True)
    return Recovered(journal.folder, tuple(undone))
