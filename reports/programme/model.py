"""The file of an exercise programme: which exercises are planned in a period, and what policy asks of them.

    format: blackstart/programme/1
    title: Exercises of 2026
    estate: meridian-bank
    period: {first_day: 2026-01-01, last_day: 2026-12-31}
    policy: {every: 12 months, counts: [tabletop, functional, full-scale]}
    exercises:
      power-loss:
        title: Loss of the northern data centre
        type: functional
        scenarios: [datacentre-loss]
        when: 2026-03
        functions: [payments, card-authorisation]
        teams: [core-systems]
        owner: crisis-director

Types are those of HSEEP 2020: four are about words (seminar, workshop, tabletop, game), three about deeds (drill,
functional, full-scale).  An exercise is planned for a day, or for a month: then it is *due* on the last day of it.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import PurePath
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from topologies.fields import FunctionId, Id, Model, RefTo, TeamId
from topologies.obligations import Period as Length
from topologies.obligations import WrittenPeriod

FORMAT: Literal["blackstart/programme/1"] = "blackstart/programme/1"
_MONTH = re.compile(r"(\d{4})-(\d{2})")


class ExerciseType(StrEnum):
    """The types of exercise that HSEEP names, from words to deeds."""

    SEMINAR = "seminar"
    WORKSHOP = "workshop"
    TABLETOP = "tabletop"
    GAME = "game"
    DRILL = "drill"
    FUNCTIONAL = "functional"
    FULL_SCALE = "full-scale"


DISCUSSIONS = (ExerciseType.SEMINAR, ExerciseType.WORKSHOP, ExerciseType.TABLETOP, ExerciseType.GAME)
"""Those that are discussion-based; the others are operations-based."""


class Days(Model):
    """A span of days, both ends in it."""

    first_day: date
    last_day: date

    @model_validator(mode="after")
    def _forward(self) -> Days:
        if self.last_day < self.first_day:
            raise ValueError(f"the last day, {self.last_day}, lies before the first, {self.first_day}")
        return self

    @classmethod
    def parse(cls, text: str) -> Days:
        """One day as `2026-03-14`, or all of a month as `2026-03`.  Raises ValueError with what was expected."""
        try:
            if (month := _MONTH.fullmatch(text)) is not None:
                first = date(int(month[1]), int(month[2]), 1)
                return cls(first_day=first, last_day=first.replace(day=calendar.monthrange(first.year, first.month)[1]))
            return cls(first_day=date.fromisoformat(text), last_day=date.fromisoformat(text))
        except ValueError:
            raise ValueError(f"{text!r} is neither a day nor a month; write 2026-03-14 or 2026-03") from None

    def __str__(self) -> str:
        return str(self.first_day) if self.first_day == self.last_day else f"{self.first_day:%Y-%m}"

    def __contains__(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day


def _days(value: Any) -> Days:
    if isinstance(value, Days):
        return value
    return Days.parse(value if isinstance(value, str) else str(value))


WrittenDays = Annotated[Days, BeforeValidator(_days, json_schema_input_type=str), PlainSerializer(str, return_type=str)]


class Policy(Model):
    """What the organisation asks of its exercises."""

    every: WrittenPeriod = Length(months=12)
    """Every business function at least once in so many months."""
    counts: tuple[ExerciseType, ...] = Field(min_length=1)
    """By an exercise of one of these types; a simulation alone never counts."""
    incidents_count: bool = False
    """A real incident, scored from its records, stands for an exercise."""
    notice_days: int = Field(default=30, ge=0)
    """So many days before the last day of an exercise it is said to be due."""

    @model_validator(mode="after")
    def _in_months(self) -> Policy:
        if not self.every.months:
            raise ValueError(f"policy counts in months, and {self.every} is none; write every: 12 months")
        return self

    def lapses(self, held: date) -> date:
        """The last day on which an exercise of a day still counts."""
        midnight = datetime(held.year, held.month, held.day, tzinfo=UTC)
        return self.every.after(midnight, ZoneInfo("UTC")).date()


class PlannedExercise(Model):
    """One exercise of the programme.  It is held once each of its scenarios was exercised by people in it."""

    title: str
    type: ExerciseType
    scenarios: tuple[str, ...] = Field(min_length=1)
    """Names of shipped ones, or files beside the programme."""
    when: WrittenDays
    functions: tuple[FunctionId, ...] = ()
    teams: tuple[TeamId, ...] = ()
    objectives: tuple[str, ...] = ()
    owner: Annotated[str, RefTo("role", "team")]
    status: Literal["planned", "approved", "cancelled"] = "planned"
    because: str = ""
    """Why it was cancelled."""

    @model_validator(mode="after")
    def _cancelled_for_a_reason(self) -> PlannedExercise:
        if self.status == "cancelled" and not self.because:
            raise ValueError("a cancelled exercise says why; add because")
        return self

    @property
    def due(self) -> date:
        return self.when.last_day

    @property
    def scenario_names(self) -> tuple[str, ...]:
        """The names that runs of its scenarios carry."""
        return tuple(PurePath(name).stem if name.endswith(".yaml") else name for name in self.scenarios)

    @property
    def is_cancelled(self) -> bool:
        return self.status == "cancelled"

    def is_due_soon(self, on: date, notice_days: int) -> bool:
        return on <= self.due <= on + timedelta(days=notice_days)


class Programme(Model):
    """A whole programme file."""

    format: Literal["blackstart/programme/1"]
    title: str
    estate: str
    """A shipped estate, or a folder beside the programme."""
    period: Days
    policy: Policy
    exercises: dict[Id, PlannedExercise] = Field(default_factory=dict)
