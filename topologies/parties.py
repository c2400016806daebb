"""External parties: what their contracts promise, when they work, what a broken promise costs them, and the way out.

- *Service hours* say when a contract has somebody at work; whoever calls outside them waits for the next opening,
  unless the contract has somebody on call for the severity.
- A *promise* (`respond`, `restore`) runs on the same hours: on all of them where somebody is on call, else on service
  hours alone.  With office hours from nine to five, four hours promised at 16:00 end at noon of the next working day.
- A *credit* is a share of the monthly fee, owed once a promise is broken by more than `over`; of the steps of one
  promise the largest that was reached counts.
- An *exit plan* is for the day on which the party is gone for good.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints, model_validator

from topologies.business_hours import SEARCHED_DAYS, Opening, after, openings
from topologies.calendars import HolidayCalendar
from topologies.fields import Duration, DurationMs, Id, Model, Ratio, TimeZone, VendorId, Weekday

ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
"""HH:MM by the clock of the vendor; `24:00` is the end of the day."""
Promise = Literal["respond", "restore"]


class ServiceHours(Model):
    """When a party works."""

    timezone: TimeZone
    days: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday")
    start: ClockTime = "09:00"
    end: ClockTime = "17:00"
    holidays: HolidayCalendar | None = None

    @model_validator(mode="after")
    def _opens(self) -> ServiceHours:
        if self.end <= self.start:
            raise ValueError("service hours end after they start; write two contracts' worth of days as one span each")
        if not self.days:
            raise ValueError("service hours need a day of the week")
        return self

    def openings(self, since: datetime) -> Iterator[Opening]:
        """The spans of work from an aware moment on, the one that is under way cut at it."""
        hours = dict.fromkeys(self.days, (f"{self.start}-{self.end}",))
        return openings(hours, ZoneInfo(self.timezone), self._is_off, since)

    def _is_off(self, day: date) -> bool:
        return self.holidays is not None and day in self.holidays

    def opens_at(self, moment: datetime) -> datetime:
        """The first moment of work from then on.  Raises ValueError where there is none in over a year."""
        for begun, _ in self.openings(moment):
            return begun
        raise ValueError(f"no service hours within {SEARCHED_DAYS} days of {moment:%Y-%m-%d}")

    def after(self, length_ms: int, moment: datetime) -> datetime:
        """The moment at which so much time of work has passed since an aware moment.  Raises ValueError as above."""
        return after(timedelta(milliseconds=length_ms), self.openings(moment))


class Credit(Model):
    """A step of the schedule of credits."""

    promise: Promise
    over: DurationMs = 0
    """Owed when the promise is broken by more than this."""
    share: Ratio
    """Of the monthly fee."""


class Contract(Model):
    """What a vendor owes: time to respond and to restore, by severity, and what it credits otherwise."""

    respond: dict[Id, DurationMs] = Field(default_factory=dict)
    restore: dict[Id, DurationMs] = Field(default_factory=dict)
    hours: ServiceHours | None = None
    """Around the clock when left out."""
    on_call: tuple[Id, ...] = ()
    """Severities for which somebody comes outside the service hours, too."""
    monthly_fee: float | None = Field(default=None, ge=0)
    """In the currency of the estate."""
    credits: tuple[Credit, ...] = ()

    @model_validator(mode="after")
    def _on_call_adds_to_hours(self) -> Contract:
        if self.on_call and self.hours is None:
            raise ValueError("a contract around the clock needs nobody on call; state its hours, or leave on_call out")
        return self

    def hours_for(self, severity: str | None) -> ServiceHours | None:
        """The hours that count for a severity; None: all of them."""
        return None if severity in self.on_call else self.hours

    def due(self, promise: Promise, severity: str, called: datetime) -> datetime | None:
        """Until when a promise is to be kept that began with a call at an aware moment; None: nothing is promised."""
        length_ms = (self.respond if promise == "respond" else self.restore).get(severity)
        if length_ms is None:
            return None
        hours = self.hours_for(severity)
        return called + timedelta(milliseconds=length_ms) if hours is None else hours.after(length_ms, called)


class ExitPlan(Model):
    """How the organisation leaves a party that is gone for good (Regulation (EU) 2022/2554, article 28(8))."""

    substitute: Annotated[str, StringConstraints(min_length=1)]
    """Who or what takes over."""
    takes: Duration
    """From the decision to leave until the substitute serves."""
    data_return: Duration | None = None
    """Getting the data back, before anything else can begin; nothing has to be returned when left out."""
    tested: date | None = None
    """When it was last tried; never when left out."""

    def until_substitute_ms(self, p: float) -> int:
        """How long it takes once the party is gone, with each part at its quantile `p`, as if they went badly
        together."""
        return self.takes.quantile(p) + (self.data_return.quantile(p) if self.data_return is not None else 0)


class Vendor(Model):
    """A third party.  `response` is how long it really takes until somebody competent works on our case, once it is at
    work."""

    title: str
    provides: str
    response: Duration
    contract: Contract | None = None
    relies_on: tuple[VendorId, ...] = ()
    """Its own subcontractors, without whom it cannot deliver: the chain behind it."""
    exit: ExitPlan | None = None
