"""Faults that take people away from their work.  The systems are well."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scenarios.faults.catalogue import FAULTS, Effect, FaultKind, PeopleKind
from scenarios.faults.parameters import Nothing
from timeline.commands import Action
from topologies.estate import SiteKind
from topologies.fields import Model, TeamId


class Absence(Model):
    """Who is away."""

    share: Annotated[float, Field(gt=0, le=1)]
    """Chance of each of those who usually work at the target to be away."""
    teams: tuple[TeamId, ...] = ()
    """Only people of these teams, and of functions that they own; everybody when left out."""


for kind in (
    FaultKind(
        id="workplace-denied",
        title="Nobody may enter a workplace",
        family="people",
        fits=frozenset({SiteKind.WORKPLACE}),
        parameters=Nothing,
        effect=lambda _: Effect(denied=True),
        cleared_by=(Action.REPAIR,),
        log_signature="badge readers report no entries",
        moves=(),
        of_people=True,
    ),
    FaultKind(
        id="staff-absence",
        title="A share of the staff is away",
        family="people",
        fits=frozenset({SiteKind.WORKPLACE, PeopleKind.TEAM}),
        parameters=Absence,
        effect=lambda p: Effect(absent_ratio=p.share, absent_teams=p.teams),
        cleared_by=(),
        log_signature="absence reported",
        moves=(),
        of_people=True,
        typical={"share": 0.4},
    ),
):
    FAULTS.add(kind.id, kind)
