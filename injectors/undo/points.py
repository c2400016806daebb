"""Named moments in the life of a change, for those who try what happens when a process ends there."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from injectors.undo.journal import Change


class Point(StrEnum):
    """In the order in which a change meets them."""

    JOURNALLED = "journalled"
    ACTED = "acted"
    MARKED = "marked"
    UNDOING = "undoing"
    UNDONE = "undone"
    """The knob is turned back, and the journal does not say so yet."""


Watcher = Callable[[Point, Change], None]


def unwatched(_point: Point, _change: Change) -> None:
    """What is called where nobody watches."""
