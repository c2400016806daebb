"""Event management: how alerts and users' reports become incidents (ITIL 4 monitoring and event management)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from topologies.fields import Duration, DurationMs, FunctionId, Model, PolicyId, Ratio, TeamId

MonitoringSource = Literal["metrics", "logs", "vendor-feed", "users"]
"""Where a sign of trouble comes from: rules over metrics (probes included), rules over logs, a vendor's status feed, or
users who report."""


class ServiceDesk(Model):
    """Level 1: where users report.  Opens an incident when reports make a pattern."""

    team: TeamId
    reports_to_open: int = Field(default=3, ge=1)
    handling: Duration
    """From the report that makes the pattern to the opened incident."""
    policy_of_function: dict[FunctionId, PolicyId] = Field(default_factory=dict)
    """Whom the desk pages for which business function; otherwise the function's owner."""
    confirmation: Duration | None = None
    """How long those who reported an incident take to say whether it works again, before it is resolved; they are not
    asked when left out."""


class Correlation(Model):
    """Which signs of trouble count as one incident's: near in time, and near in the documented graph or alike in what
    they say."""

    window: DurationMs = Field(gt=0)
    """Since the last sign of the incident."""
    hops: int = Field(ge=0, le=10)
    """Edges of the graph, whichever way they run."""
    text_similarity: Annotated[Ratio, Field(gt=0)] | None = None
    """From here on the text of a sign is like that of another one (cosine of TF-IDF vectors); left out: texts are not
    compared."""
    sources: tuple[MonitoringSource, ...] = Field(default=("metrics", "logs", "vendor-feed", "users"), min_length=1)
    """Whose signs are correlated.  Others are not seen: what they say opens an incident of its own."""


class Flapping(Model):
    """When an alert that comes and goes is damped."""

    changes: int = Field(ge=2, le=100)
    """So many changes of state ..."""
    within: DurationMs = Field(gt=0)
    """... within this time make it flap ..."""
    calm: DurationMs = Field(gt=0)
    """... until it has kept one state for so long."""


class EventManagement(Model):
    """How signs of trouble become incidents, beyond the key of their alert group (ITIL 4 monitoring and event
    management)."""

    correlation: Correlation | None = None
    """Left out: what comes for one escalation policy joins its open incident."""
    flapping: Flapping | None = None
    """Left out: nothing is damped."""
    link_duplicates: bool = False
    """Open incidents of one cause become one once it is found; else only a major incident takes others in."""
    reopen_within: Annotated[DurationMs, Field(gt=0)] | None = None
    """How long after its resolution an incident is reopened by trouble of the same functions, components or data.  Left
    out: that opens another incident."""
