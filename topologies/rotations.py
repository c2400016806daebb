"""Rotations: who holds a duty at a moment.

Layers of people who take turns, or single shifts as a calendar lists them, with restrictions, leave, holidays and
overrides.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from topologies.calendars import HolidayCalendar
from topologies.fields import ClockTime, DurationMs, Model, PersonId, RefTo, TeamId, TimeZone, Weekday, require_span


def _turn(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _written_turn(people: tuple[str, ...]) -> str | list[str]:
    return people[0] if len(people) == 1 else list(people)


Turn = Annotated[
    tuple[PersonId, ...],
    BeforeValidator(_turn, json_schema_input_type=str | list[str]),
    PlainSerializer(_written_turn),
    RefTo("person"),
]
"""Whose turn it is: one person, several at once (`[ann, ben]`), or nobody (`[]`)."""


class Restriction(Model):
    """A weekly span in which a layer applies, in the zone of the rotation; an end before the start crosses midnight."""

    days: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    start: ClockTime
    end: ClockTime
    end_day: Weekday | None = None
    """The span lasts until `end` on the first such day after its start; left out, it is over within a day."""


class Layer(Model):
    """People who take turns: each turn lasts `length` or so many `months`, the first from `start` on."""

    people: tuple[Turn, ...] = Field(min_length=1)
    start: datetime
    """Local time of the rotation (no offset): the first turn begins here."""
    length: DurationMs | None = Field(default=None, gt=0)
    """Turns are counted on the local clock: hand-overs keep their clock times across daylight-saving changes."""
    months: int | None = Field(default=None, ge=1)
    """Hand-over on the day of the month of `start`, or on the last day of a shorter month."""
    restrictions: tuple[Restriction, ...] = ()
    on_holidays: Literal["as-usual", "off", "only"] = "as-usual"
    """What the layer does on the holidays of the rotation and of the organisation."""
    since: datetime | None = None
    """Turns are counted from `start`, but nobody holds them before this."""
    until: datetime | None = None
    level: int | None = None
    """The higher level goes first, layers of one level hold the duty together; by default the layer's place, from 0."""

    @model_validator(mode="after")
    def _turns_have_a_length(self) -> Layer:
        if (self.length is None) == (self.months is None):
            raise ValueError("a turn has one length; give `length` or `months`")
        return self

    @property
    def everybody(self) -> tuple[str, ...]:
        """Each person who takes turns, in the order of the first."""
        return tuple(dict.fromkeys(person for turn in self.people for person in turn))


class Shift(Model):
    """One span of duty as a calendar lists it, where no rule of turns is known."""

    start: datetime
    end: datetime
    people: Turn
    level: int = 0
    """As the level of a layer."""

    @model_validator(mode="after")
    def _ends_after_start(self) -> Shift:
        require_span("a shift", self.start, self.end)
        return self


class Override(Model):
    """Somebody else for a while; `person` left out means that nobody holds the duty."""

    start: datetime
    end: datetime
    person: PersonId | None = None
    instead_of: PersonId | None = None
    """Takes only this person's place, while it is this person's duty; by default everybody's."""
    adds: bool = False
    """Takes nobody's place: the person is on call as well."""

    @model_validator(mode="after")
    def _ends_after_start(self) -> Override:
        require_span("an override", self.start, self.end)
        if self.adds and (self.person is None or self.instead_of is not None):
            raise ValueError("an override that adds names a person and takes nobody's place")
        return self


class Rotation(Model):
    """Who holds a duty.  The higher level goes first; overrides go before all, applied in their order.

    Whoever is away (leave, own holidays) is covered: by the first of `covered_by` who is there, else by the next turn
    of the layer where somebody is there, or by nobody.  An override is not covered: somebody chose it.
    """

    title: str
    team: TeamId | None = None
    timezone: TimeZone
    layers: tuple[Layer, ...] = ()
    shifts: tuple[Shift, ...] = ()
    overrides: tuple[Override, ...] = ()
    holidays: HolidayCalendar | None = None
    cover: Literal["next", "nobody"] = "next"
    covered_by: tuple[PersonId, ...] = ()

    @property
    def everybody(self) -> tuple[str, ...]:
        """Each person who may hold the duty."""
        found = [person for layer in self.layers for person in layer.everybody]
        found += [person for shift in self.shifts for person in shift.people]
        found += [override.person for override in self.overrides if override.person is not None]
        return tuple(dict.fromkeys([*found, *self.covered_by]))
