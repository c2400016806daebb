"""Leave: the days on which somebody cannot be on call, from a file.

format: blackstart/leave/1
leave:
  ann:
    - {from: 2026-04-03, to: 2026-04-10}    # whole days on her own clock, the last one included
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from simulator.response.oncall.clock import LocalClock
from timeline.instants import UNIX_EPOCH
from topologies.fields import Model, PersonId
from topologies.loading.document import read_document
from topologies.loading.estate import build
from topologies.loading.gathering import Gathered
from topologies.organisation import Organisation


class Absence(Model):
    """Whole days on the person's own clock, both included."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @model_validator(mode="after")
    def _ends_after_start(self) -> Absence:
        if self.last < self.first:
            raise ValueError("leave ends on or after the day on which it starts")
        return self

    def span(self, clock: LocalClock) -> tuple[int, int]:
        """Milliseconds of the clock's epoch, the end not included."""
        midnight = [datetime.combine(day, time.min) for day in (self.first, self.last + timedelta(days=1))]
        return clock.at_ms(midnight[0]), clock.at_ms(midnight[1])


class LeavePlan(Model):
    """Everybody's leave, as a file states it."""

    format: Literal["blackstart/leave/1"]
    leave: dict[PersonId, tuple[Absence, ...]]


def read_leave(path: Path, organisation: Organisation) -> dict[str, list[tuple[int, int]]]:
    """Spans of leave by person, in milliseconds since 1970.  Raises InputError with everything that is wrong."""
    gathered = Gathered()
    plan = build(read_document(path), LeavePlan, {"person": set(organisation.people)}, gathered)
    gathered.complete()
    assert plan is not None, "what cannot be built has been reported"
    return {
        id: [absence.span(LocalClock(organisation.people[id].timezone, UNIX_EPOCH)) for absence in absences]
        for id, absences in plan.leave.items()
    }
