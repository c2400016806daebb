"""Workplaces: where the people of the business functions sit, and where else they can work.

A place that nobody may enter is *denied*.  Whoever works there leaves it (the *evacuation*), and is without work until
a *relocation* is ordered.  Then people are sent to the *alternates* of the place, in their order while seats are free,
or work *remotely*, while there are seats for that.  A seat of an alternate is free while it is neither the usual one of
somebody who works there nor taken by somebody who was sent.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from pydantic import Field

from timeline.distributions import Distribution
from topologies.fields import ClockTime, ComponentId, Duration, Model, SiteId, Weekday

_WORKING_DAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday")
_WEEK: tuple[Weekday, ...] = (*_WORKING_DAYS, "saturday", "sunday")
_AT_ONCE = Distribution.constant(0)


class WorkingHours(Model):
    """A daily span on some days of the week, in local time; an end at or before the start is on the next day."""

    days: tuple[Weekday, ...] = _WORKING_DAYS
    start: ClockTime
    end: ClockTime

    def hold(self, local: datetime) -> bool:
        """Whether a local moment lies within."""
        start, end, now = time.fromisoformat(self.start), time.fromisoformat(self.end), local.time()
        today = _WEEK[local.weekday()] in self.days
        if start < end:
            return today and start <= now < end
        return (today and now >= start) or (_WEEK[local.weekday() - 1] in self.days and now < end)

    def next_edge(self, local: datetime) -> datetime:
        """The next moment of the local clock at which a span may begin or end."""
        edges = [
            datetime.combine(local.date() + timedelta(days=day), time.fromisoformat(text), local.tzinfo)
            for day in (0, 1)
            for text in (self.start, self.end)
        ]
        return min(edge for edge in edges if edge > local)


class Alternate(Model):
    """Another workplace that takes people in, as far as it has seats."""

    site: SiteId
    travel: Duration
    """Of one person, door to door."""


class Workplace(Model):
    """What a site is as a place to work."""

    hours: WorkingHours = WorkingHours(start="08:00", end="18:00")
    """When those who respond to incidents sit there, in the time zone of the site; else they are at home."""
    evacuation: Duration = _AT_ONCE
    """From the moment in which the place is lost until everybody is out and accounted for."""
    notice: Duration = _AT_ONCE
    """From the order to relocate until people have been told where to go."""
    set_up: Duration = _AT_ONCE
    """Of one person who comes in: from the door to the first piece of work."""
    alternates: tuple[Alternate, ...] = ()
    """In the order in which they are filled."""


class RemoteWork(Model):
    """Working from elsewhere, for all whose work allows it."""

    seats: int = Field(ge=0)
    """How many can at once."""
    through: tuple[ComponentId, ...] = ()
    """Remote access and what else it needs: while one of them does not serve, nobody works remotely."""
    set_up: Duration = _AT_ONCE
    """Of one person who is sent to work remotely: the way home, and the login."""
