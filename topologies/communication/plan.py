"""The communications plan: who has to hear of an incident how soon (ISO 22301:2019, 7.4 and 8.4.3), and briefings."""

from __future__ import annotations

from pydantic import Field

from topologies.fields import AudienceId, ChannelId, Duration, DurationMs, Id, Model, RoleId


class PlanLine(Model):
    """A first message that is owed once an incident is declared."""

    audience: AudienceId
    within: DurationMs = Field(gt=0)
    """From the declaration, or from the moment at which a graver severity asks for it."""
    from_severity: Id | None = None
    """The least severity that asks for it; all declared incidents when left out."""


class Briefing(Model):
    """People who decide are briefed by word of mouth: a management bridge, again and again while an incident lasts."""

    title: str
    audience: AudienceId
    role: RoleId
    """Who briefs."""
    channel: ChannelId
    """Over which they meet."""
    first: DurationMs = Field(gt=0)
    """From the declaration."""
    every: DurationMs = Field(gt=0)
    from_severity: Id | None = None
    preparing: Duration
    lasts: Duration
    """Of the attention of whoever briefs."""
