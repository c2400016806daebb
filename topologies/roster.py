"""A roster: people, rotations and escalation policies alone, as a pager's own export states them.

An organisation says more (how people answer, what they know), and none of that is invented here: what an export does
not say stays unknown.
"""

from __future__ import annotations

from pydantic import Field

from topologies.calendars import HolidayCalendar
from topologies.escalation import EscalationPolicy
from topologies.fields import Model, TeamId, TimeZone
from topologies.people import Leave, NotificationRule, PageUrgency
from topologies.rotations import Rotation


class Member(Model):
    """Somebody as an export names them."""

    title: str
    team: TeamId | None = None
    timezone: TimeZone | None = None
    notifications: dict[PageUrgency, tuple[NotificationRule, ...]] = Field(default_factory=dict)
    """Channels by the names of the export; nothing is known where it has no rules."""
    leave: tuple[Leave, ...] = ()
    holidays: HolidayCalendar | None = None


class Roster(Model):
    """Who takes turns at what.  Ids are those of the export, as they stand there."""

    title: str
    people: dict[str, Member] = Field(default_factory=dict)
    rotations: dict[str, Rotation] = Field(default_factory=dict)
    policies: dict[str, EscalationPolicy] = Field(default_factory=dict)
