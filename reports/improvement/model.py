"""An action of the register, from the exercise that it came from to the exercise that shows whether it helped.

    open -> closed -> verified
      ^-------'           a later exercise in which it does not show opens it again

An action that was given up is *cancelled*.  It is *overdue* while it is open after its day.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from topologies.fields import Model


class Status(StrEnum):
    """How far an action has come."""

    OPEN = "open"
    CLOSED = "closed"
    VERIFIED = "verified"
    CANCELLED = "cancelled"


class Action(Model):
    """One action.  Its target is that of an objective of the exercise; without one, to be better than it was."""

    id: str
    title: str
    because: str = ""
    owner: str = ""
    due: date
    status: Status = Status.OPEN
    scenario: str
    source: str = ""
    """Hash of the timeline of the exercise that it came from."""
    measure: str = ""
    subject: str = ""
    at_most: float | None = None
    at_least: float | None = None
    was: float | None = None
    """The figure of the measure in the exercise that it came from."""
    opened: date
    closed: date | None = None
    verified: date | None = None
    verified_by: str = ""
    """Hash of the timeline of the exercise that showed it."""

    def is_overdue(self, on: date) -> bool:
        return self.status is Status.OPEN and on > self.due


class Change(Model):
    """What became of an action on a day."""

    action: str
    on: date
    what: str
