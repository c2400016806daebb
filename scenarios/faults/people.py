"""Faults that take people away.  The systems are well; who cannot work stands on the timeline with the fault."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scenarios.faults.catalogue import FAULTS, Effect, FaultKind, PeopleKind
from scenarios.faults.parameters import Nothing
from timeline.commands import Action
from topologies.estate import SiteKind
from topologies.fields import Model, TeamId


class Absence(Model):
    share: Annotated[float, Field(gt=0, le=1)]
    """Share of the people who are away."""
    teams: tuple[TeamId, ...] = ()
    """Of these teams only; of everybody at the target when left out."""


for kind in (
    FaultKind(
        id="workplace-denied",
        title="Nobody may enter a workplace",
        family="people",
        fits=frozenset({SiteKind.WORKPLACE}),
        parameters=Nothing,
        effect=lambda _: Effect(),
        cleared_by=(Action.REPAIR,),
        log_signature="badge readers report no entries",
        of_people=True,
        moves=(),
    ),
    FaultKind(
        id="staff-absence",
        title="A share of the staff is away",
        family="people",
        fits=frozenset({SiteKind.WORKPLACE, PeopleKind.TEAM}),
        parameters=Absence,
        effect=lambda _: Effect(),
        cleared_by=(),
        log_signature="absence reported",
        of_people=True,
        moves=(),
        typical={"share": 0.4},
    ),
):
    FAULTS.add(kind.id, kind)
