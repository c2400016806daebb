"""Parameters that kinds of fault share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from timeline.distributions import Distribution
from topologies.fields import Duration, Model, RefTo

PeerId = Annotated[str, RefTo("component", "site")]


class Nothing(Model):
    """Takes no parameters."""


class Scope(Model):
    """How much of its target a fault hits; all of it when left out.  `FaultKind.effect_of` works it into the effect."""

    replicas: int | None = Field(default=None, ge=1)
    """So many of the target's replicas."""
    traffic: float = Field(default=1.0, gt=0, le=1)
    """Share of requests that meet it: one shard, one version, one kind of customer."""
    callers: tuple[PeerId, ...] = ()
    """Only what these call is hit: components, or everything at a site."""


class Spreading(Scope):
    """Goes on to whatever shares a credential with what it has reached.

    It stops at what shares none, at what nobody reaches (a partition, a place that is dark), and where the credential
    was revoked meanwhile.
    """

    hop: Duration = Distribution.parse("uniform(10m, 30m)")
    """From one victim to the next."""
    spares: tuple[PeerId, ...] = ()
    """Kept apart: components, or everything at a site."""
