"""When the organisation opens a problem, who works on it, how long that takes (ITIL 4 problem management).

problems:
  major: true
  recurrence: {times: 2, within: 30d}
  past: [{component: core-db, fault: disk-full, at: 2026-02-20T09:00:00+01:00}]
  work: {begins: after-resolution, analysis: 45m, workaround: 30m, fix: 8h}
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from topologies.fields import ComponentId, Duration, DurationMs, Model, RefTo, TeamId

FaultKindId = Annotated[str, RefTo("fault-kind")]


class Recurrence(Model):
    """The same failure again: a component, in the same way."""

    times: int = Field(default=2, ge=2)
    """So many incidents, the present one among them ..."""
    within: Annotated[DurationMs, Field(gt=0)]
    """... within this time."""


class PastFailure(Model):
    """A failure that history tells of."""

    component: ComponentId
    fault: FaultKindId | None = None
    """In any way, when left out."""
    at: AwareDatetime


class KnownError(Model):
    """A cause that is known from before: found once, and not yet removed."""

    component: ComponentId
    fault: FaultKindId


class ProblemWork(Model):
    """Who works on a problem, and how long its steps take."""

    team: TeamId | None = None
    """The team that owns what failed, when left out."""
    begins: Literal["after-resolution", "in-parallel"] = "after-resolution"
    analysis: Duration
    """One session of analysis; it finds the root cause with the skill of whoever holds it."""
    sessions: int = Field(default=5, ge=1, le=50)
    """After so many sessions in vain the analysis is given up."""
    workaround: Duration
    """To write down and try the workaround of a cause that was found."""
    fix: Duration | None = None
    """To remove the cause for good; when left out, that is not done in an exercise."""


class ProblemPolicy(Model):
    """When a problem is opened, and what becomes of it."""

    major: bool = True
    """For every major incident, once it is declared."""
    recurrence: Recurrence | None = None
    past: tuple[PastFailure, ...] = ()
    known_errors: tuple[KnownError, ...] = ()
    """The known-error database: first to be looked at where they could explain what shows."""
    work: ProblemWork
