"""Turning knobs back: the last first, comparing before writing, as often as it takes.

- The value before is there: nothing to do.
- The value after is there: the value before is written, and read again.
- Anything else: somebody has turned the knob since.  It is left alone and reported as a conflict.

Where the writing stopped half-way (a crash between journal and act), both first cases can be met; both end the same.
Doing it twice does no harm.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from injectors.knobs import KnobError
from injectors.undo.claims import Claims
from injectors.undo.journal import Change, State, UndoJournal
from injectors.undo.points import Point, Watcher, unwatched


class Outcome(StrEnum):
    """What became of a change when it was to be undone."""

    RESTORED = "restored"
    """The value before was written."""
    UNTOUCHED = "untouched"
    """The value before was there already."""
    CONFLICT = "conflict"
    FAILED = "failed"
    """The knob did not obey; the change stays open."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of one change."""

    change: Change
    outcome: Outcome
    reason: str = ""

    @property
    def whole(self) -> bool:
        return self.outcome in (Outcome.RESTORED, Outcome.UNTOUCHED)


def undo(change: Change, journal: UndoJournal, claims: Claims, by: str, watcher: Watcher = unwatched) -> Undone:
    """Undoes one change; the journal must be locked by the caller."""
    watcher(Point.UNDOING, change)
    undone = _turn_back(change)
    if undone.outcome is Outcome.FAILED:
        return undone
    watcher(Point.UNDONE, change)
    state = State.CONFLICT if undone.outcome is Outcome.CONFLICT else State.UNDONE
    journal.mark(change, state, by, undone.reason or undone.outcome)
    claims.release(change.knob, journal.folder)
    return undone


def undo_all(journal: UndoJournal, claims: Claims, by: str, watcher: Watcher = unwatched) -> list[Undone]:
    """Undoes everything that is open; what fails does not keep the others from being undone."""
    return [undo(change, journal, claims, by, watcher) for change in journal.open_changes]


def _turn_back(change: Change) -> Undone:
    try:
        now = change.knob.read()
        if now == change.before:
            return Undone(change, Outcome.UNTOUCHED)
        if now != change.after:
            return Undone(change, Outcome.CONFLICT, f"{change.knob.key} is {now!r} now: it was changed since")
        change.knob.write(change.before)
        if (now := change.knob.read()) != change.before:
            return Undone(change, Outcome.FAILED, f"{change.knob.key} is still {now!r}")
    except KnobError as error:
        return Undone(change, Outcome.FAILED, str(error))
    return Undone(change, Outcome.RESTORED)
