"""Audiences: who is kept informed, over which channels, by whom, and whether they say that they heard.

A message goes over the first of an audience's channels that works: `channel`, then each of `alternatives`.  A channel
does not work while a component that it needs is down; a channel without such needs is out of band.
"""

from __future__ import annotations

from pydantic import model_validator

from timeline.stakeholders import OUTSIDE, Stakeholders
from topologies.fields import ChannelId, Duration, Model, Ratio, RoleId
from topologies.parties import ServiceHours


class AudienceChannel(Model):
    """Another way to the same people, for when those before it do not work."""

    channel: ChannelId
    reach: Ratio = 1.0
    """Share of the audience whom a message over it reaches."""


class Acknowledgement(Model):
    """That people say they have heard."""

    share: Ratio
    """Of those reached."""
    after: Duration


class Audience(Model):
    """Who is kept informed, over which channel, and by whom."""

    title: str
    channel: ChannelId
    role: RoleId
    """Who writes."""
    writing: Duration
    """From a template, where there is one; `communication.free_text.writing` otherwise, where that is stated."""
    template: bool = False
    """A pre-approved template exists; of an organisation with a library of templates, the library says so."""
    stakeholders: Stakeholders | None = None
    reach: Ratio = 1.0
    """Share of the audience whom a message over `channel` reaches."""
    alternatives: tuple[AudienceChannel, ...] = ()
    """Tried in this order when `channel` does not work."""
    hours: ServiceHours | None = None
    """When messages are read: one that arrives outside waits for the next opening.  Around the clock when left out."""
    acknowledgement: Acknowledgement | None = None

    @model_validator(mode="after")
    def _each_way_once(self) -> Audience:
        ways = [way.channel for way in self.ways]
        if len(set(ways)) < len(ways):
            raise ValueError("an alternative is another channel than those before it")
        return self

    @property
    def ways(self) -> tuple[AudienceChannel, ...]:
        """Every channel in the order in which they are tried."""
        return (AudienceChannel.model_construct(channel=self.channel, reach=self.reach), *self.alternatives)

    @property
    def is_outside(self) -> bool:
        return self.stakeholders in OUTSIDE
