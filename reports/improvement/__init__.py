"""The improvement register: what reviews want done, by whom, until when, and whether a later exercise shows it helped.

One SQLite file serves an organisation over the years; every change is kept with its day.  `verification` is pure, the
register does the writing.
"""

from reports.improvement.model import Action, Change, Status
from reports.improvement.register import Register
from reports.improvement.verification import Shown, verify

__all__ = ["Action", "Change", "Register", "Shown", "Status", "verify"]
