"""How requests flow: what callers do about failure, and what a component does when more comes than it can serve.

- A *call path* is a dependency that says how patient its caller is: a time-out, pauses between tries (back-off), a
  budget for tries, a circuit breaker.
- A component with a *queue* keeps what it cannot serve at once, and serves it later: perhaps when nobody waits for it
  any more.  One without a place to wait (`limit: 0`) refuses what finds all its servers busy.
- Capacity follows load by *autoscaling*, replicas that fail are taken out by *ejection*, a *cache* spares its origin
  most calls while it is warm, and *shedding* turns away a share of what arrives when somebody orders it.

All of it is optional.  Where nothing is stated, health is settled without memory (see `simulator.estate.health`).
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from topologies.fields import ComponentId, Duration, DurationMs, Id, Model, Ratio, SiteId

PositiveMs = Annotated[DurationMs, Field(gt=0)]


class BackOff(Model):
    """Pauses between tries: base, base x factor, base x factor^2, ... but never more than `cap`."""

    base: PositiveMs
    factor: float = Field(default=2.0, ge=1, le=10)
    cap: PositiveMs | None = None
    jitter: Literal["none", "full"] = "none"
    """`full`: each pause is drawn between nothing and its length, so it is half as long on average."""

    def mean_ms(self, retry: int) -> float:
        """Length of the pause before a retry (counted from 0), on average."""
        length = self.base * self.factor**retry
        if self.cap is not None:
            length = min(length, self.cap)
        return length / 2 if self.jitter == "full" else length


class CircuitBreaker(Model):
    """Calls nothing for a while once too much has failed; then tries a few calls before it lets all through."""

    threshold: Ratio = 0.5
    """Share of calls that failed over the window, from which on it opens."""
    window: PositiveMs = 10_000
    open: PositiveMs = 30_000
    """How long it lets nothing through."""
    probes: int = Field(default=5, ge=1)
    """Calls a second that it lets through while it finds out whether the other side is well again."""


class Queue(Model):
    """Where requests wait that find all servers busy, first come first served."""

    limit: int = Field(ge=0)
    """Requests that may wait in all replicas together; what comes when it is full is refused."""
    concurrency: int = Field(default=1, ge=1, le=1_000)
    """Requests that one replica works on at the same time (its servers, workers, threads)."""
    shed_above: PositiveMs | None = None
    """Refuses what would have to wait longer than this, so that nobody is served in vain."""


class Autoscaling(Model):
    """Adds replicas when they are busy and gives them back; never fewer than `replicas.count`."""

    target_ratio: float = Field(gt=0, lt=1)
    """Share of capacity in use that it aims at."""
    max: int = Field(ge=1, le=500)
    interval: PositiveMs = 15_000
    """How often it looks."""
    start: Duration
    """From the order to a replica that serves."""
    cool_down: PositiveMs = 300_000
    """How long fewer must have been enough before some are given back."""


class Ejection(Model):
    """The load balancer takes out replicas that fail."""

    threshold: Ratio = 0.5
    """Share of a replica's requests that fail, from which on it is taken out."""
    interval: PositiveMs = 10_000
    """How long it takes to notice."""
    max_ratio: Ratio = 0.5
    """Share of the replicas that may be out at the same time (rounded down)."""
    returns_after: PositiveMs = 30_000
    """How long one is out: once this long the first time, twice the second, and so on, until it has been well."""


class Cache(Model):
    """What a component remembers.  Whoever is `cached_by` it calls its origin only for what it does not hold."""

    hit_ratio: float = Field(gt=0, lt=1)
    """Share of look-ups that find something while it is warm."""
    warm_up: PositiveMs
    """From empty to 95 % of its warmth, under the usual flow and with an origin that answers."""


class Shedding(Model):
    """Turning away a share of what arrives, then letting it in again step by step."""

    to_ratio: Ratio = 0.2
    """Share that is let in at first."""
    steps: tuple[Ratio, ...] = (0.5, 0.8)
    """Shares that follow, before all is let in."""
    hold: PositiveMs = 300_000
    """How long each is held; longer while something behind it is still overloaded."""

    @model_validator(mode="after")
    def _rises(self) -> Shedding:
        shares = (self.to_ratio, *self.steps, 1.0)
        if any(later <= earlier for earlier, later in pairwise(shares)):
            raise ValueError(f"each step lets in more than the one before: {', '.join(f'{s:g}' for s in shares)}")
        return self


class Weekday(StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


DayOfMonth = Annotated[int, Field(ge=-31, le=31)]
"""1 to 31, or from the end of the month: -1 is its last day."""
Factor = Annotated[float, Field(ge=0, le=100)]


class Peak(Model):
    """Days on which more (or less) comes than on others: payday, month end, a sale, a public holiday."""

    factor: Factor
    dates: tuple[date, ...] = ()
    days_of_month: tuple[DayOfMonth, ...] = ()
    hours: tuple[int, int] = (0, 24)
    """From the beginning of one hour to the beginning of another, on the clock of the estate."""

    @model_validator(mode="after")
    def _has_days_and_hours(self) -> Peak:
        if not self.dates and not self.days_of_month:
            raise ValueError("a peak states its days: dates, days_of_month, or both")
        if 0 in self.days_of_month:
            raise ValueError("there is no day 0 of a month: count from 1, or from the end with -1")
        first, last = self.hours
        if not 0 <= first < last <= 24:
            raise ValueError(f"hours go from 0 to 24 and forwards, not from {first} to {last}")
        return self

    def covers(self, day: date, days_in_month: int, hour: int) -> bool:
        """Whether it applies in an hour of a day."""
        from_end = day.day - days_in_month - 1
        on_day = day in self.dates or day.day in self.days_of_month or from_end in self.days_of_month
        return on_day and self.hours[0] <= hour < self.hours[1]


class ReportChannel(Model):
    """One way in which users make themselves heard."""

    share: Ratio
    """Share of affected active users who report this way within an hour of total loss."""
    by_hour: tuple[Ratio, ...] | None = Field(default=None, min_length=24, max_length=24)
    """How much of that gets through in each hour of the day (lines that are staffed); always all when left out."""


ChannelName = Literal["phone", "web-form", "social", "mail", "chat"]


class Journey(Model):
    """A synthetic user: goes through steps, again and again, from several places."""

    title: str
    steps: tuple[ComponentId, ...] = Field(min_length=1)
    """Components that are asked one after the other."""
    locations: dict[Id, SiteId | None] = Field(default={"outside": None}, min_length=1)
    """Where it starts from: a site of the estate (a probe there is gone with the place), or somewhere else (null)."""
    timeout: PositiveMs = 9_500
    """It gives up when all steps together take longer."""
