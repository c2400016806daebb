"""The people behind a business function, and what they do when its systems fail.

A *need* is one kind of work (a skill) that the function cannot do without: so many people for the whole of it, at
least so many for any of it.  *Groups* fill it: so many heads who usually work at a place.  Heads are counted, not
named; who responds to incidents is a person of the organisation and stands apart.

*Manual fallback* is how the function is carried on without its systems: slower, with people and supplies, for a while.
What is neither done nor lost piles up as *backlog*, in hours of normal work, and has to be caught up afterwards.

Example: of 12 clerks, at least 5.  With 6 of them at work the function goes on at half; with 4 not at all.
"""

from __future__ import annotations

from pydantic import Field, model_validator

from topologies.fields import Duration, DurationMs, Id, Model, Ratio, SiteId
from topologies.workplaces import WorkingHours


class StaffGroup(Model):
    """Heads of one skill at one place."""

    site: SiteId
    """Where they usually work."""
    count: int = Field(ge=1, le=5_000)
    """On duty at once, while the need has hours."""
    remote: Ratio = 0.0
    """Share of them whose work can be done remotely."""

    @property
    def remote_count(self) -> int:
        """How many of them can work remotely."""
        return int(self.count * self.remote + 1e-9)


class StaffNeed(Model):
    """One kind of work of a function: the id is the skill."""

    title: str
    needed: int = Field(ge=1)
    """For the whole of the work."""
    minimum: int = Field(ge=1)
    """Below it nothing of it is done."""
    after: DurationMs = 0
    """How long the function goes on as before when people are missing: systems run by themselves for a while."""
    hours: WorkingHours | None = None
    """When the work is done, in the time zone of the estate; around the clock when left out."""
    groups: dict[Id, StaffGroup]

    @model_validator(mode="after")
    def _minimum_is_part_of_the_need(self) -> StaffNeed:
        if self.minimum > self.needed:
            raise ValueError(f"the minimum of {self.minimum} is more than the {self.needed} that are needed")
        return self

    @property
    def count(self) -> int:
        """Heads in all groups."""
        return sum(group.count for group in self.groups.values())


class Supply(Model):
    """What manual work uses up: forms, cash, printed lists."""

    title: str
    site: SiteId | None = None
    """Where it is kept: out of reach while nobody may enter; everywhere when left out."""
    lasts: DurationMs
    """How long the stock keeps the manual work going."""


class ManualFallback(Model):
    """How a function is carried on by hand."""

    title: str
    throughput: Ratio
    """Share of normal work that is done."""
    set_up: Duration
    """From the order until the first piece of work."""
    staff: dict[Id, int] = Field(default_factory=dict)
    """People it takes, by need of the function's workforce.  With fewer the throughput falls in proportion."""
    supplies: dict[Id, Supply] = Field(default_factory=dict)
    lasts: DurationMs | None = None
    """How long people can keep it up; as long as the supplies last when left out."""

    @property
    def limit_ms(self) -> int | None:
        """How long it can go on; None when nothing limits it."""
        limits = [*(supply.lasts for supply in self.supplies.values()), *([] if self.lasts is None else [self.lasts])]
        return min(limits, default=None)


class Backlog(Model):
    """What happens to work that is not done."""

    waits: Ratio = 1.0
    """Share of it that has to be done later; the rest is lost."""
    extra_capacity: float = Field(gt=0, le=10)
    """What can be done besides the work of the day once the function is whole, as a share of normal work at the
    peak."""
