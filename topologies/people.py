"""People and teams: how they are reached, how soon they answer, what they are skilled in, when they are away."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from topologies.calendars import HolidayCalendar
from topologies.fields import (
    ChannelId,
    Duration,
    DurationMs,
    Model,
    PolicyId,
    Ratio,
    SiteId,
    TeamId,
    TimeZone,
    require_span,
)

Skill = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z0-9][a-z0-9._-]*)$", max_length=80)]
"""A kind of component or site, or `*` for every other one."""


PageUrgency = Literal["high", "low"]
"""How much a page may disturb: people have different notification rules for each."""


class Answer(Model):
    """How long until a person reacts to a page that reached the device, and the chance that it goes unnoticed."""

    day: Duration
    night: Duration
    """Between 22:00 and 07:00 in the person's own time zone."""
    missed_day: Ratio = 0.0
    missed_night: Ratio = 0.0


class Leave(Model):
    """Time in which somebody is not on call, in the person's own time zone; a date alone is its midnight."""

    start: datetime
    end: datetime
    """The first moment back."""

    @model_validator(mode="after")
    def _ends_after_start(self) -> Leave:
        require_span("a leave", self.start, self.end)
        return self


class NotificationRule(Model):
    """One attempt to reach a person: over which channel, and how long after the page."""

    channel: ChannelId
    after: DurationMs = 0


class Person(Model):
    """Somebody who can be paged.  `title` is the job, shown in reports instead of a name."""

    title: str
    team: TeamId | None = None
    site: SiteId | None = None
    timezone: TimeZone
    skills: dict[Skill, Ratio] = Field(default_factory=dict)
    """Kind of component (or `*`) to the chance that a check in that field is conclusive."""
    answer: Answer
    answer_by: dict[ChannelId, Answer] = Field(default_factory=dict)
    """Where a channel is answered differently from `answer`: a telephone wakes, a push message may not."""
    contact: tuple[ChannelId, ...] = Field(min_length=1)
    """Channels in the order in which they are tried for one page."""
    next_channel_after: DurationMs = 120_000
    notifications: dict[PageUrgency, tuple[NotificationRule, ...]] = Field(default_factory=dict)
    """Rules for pages of an urgency, instead of going through `contact`."""
    leave: tuple[Leave, ...] = ()
    holidays: HolidayCalendar | None = None
    """Days on which the person is off as if on leave."""

    def notification_rules(self, urgency: PageUrgency) -> tuple[NotificationRule, ...]:
        """The attempts of one page in order of time."""
        if rules := self.notifications.get(urgency):
            return tuple(sorted(rules, key=lambda rule: rule.after))
        return tuple(
            NotificationRule.model_construct(channel=channel, after=position * self.next_channel_after)
            for position, channel in enumerate(self.contact)
        )


class Team(Model):
    """People who own components together."""

    title: str
    policy: PolicyId | None = None
    """How its pages escalate."""
    receivers: tuple[str, ...] = ()
    """Receivers of the Alertmanager configuration that lead to this team."""
