"""The triage bot, and the past tickets that it knows.

    organisation.yaml
        triage_bot:
          latency: lognormal(median=20s, p90=1m)
          threshold: 0.6
          sources: [metrics, logs]
          tickets: [tickets.yaml]
          runbooks: {storage: free-disk-space}

    tickets.yaml
        format: blackstart/tickets/1
        title: Tickets of the last two years
        tickets:
          INC-1042: {title: Disk full on the core database, mode: storage, component: core-db, runbook: free-disk-space}

The bot reads the alerts and reports of a new incident and answers with a failure mode, the component that such trouble
came from before, its owner, and a runbook; or it abstains.  How good it is nobody states: it is the classifier of
`scenarios.triage` at work on these tickets.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from topologies.event_management import MonitoringSource
from topologies.fields import ComponentId, Duration, Id, Model, Ratio, RefTo

FORMAT: Literal["blackstart/tickets/1"] = "blackstart/tickets/1"
FailureModeId = Annotated[str, RefTo("failure-mode")]
"""A mode of `scenarios/history/failure_modes.yaml`."""


class Ticket(Model):
    """A past incident, as far as triage can learn from it."""

    title: str
    text: str = ""
    """What alerts, logs or users said."""
    mode: FailureModeId
    component: ComponentId | None = None
    """Where the trouble was."""
    runbook: Id | None = None
    """What helped."""


class TicketFile(Model):
    """A file of tickets."""

    format: Literal["blackstart/tickets/1"]
    title: str
    tickets: dict[str, Ticket]


class TriageBot(Model):
    """A bot that sorts new incidents."""

    latency: Duration
    """From a new incident, or a new sign of one that it could not sort, to its answer."""
    threshold: Ratio = 0.5
    """The least confidence of an answer that it gives."""
    sources: tuple[MonitoringSource, ...] = Field(default=("metrics", "logs", "vendor-feed", "users"), min_length=1)
    """What it reads."""
    tickets: tuple[str, ...] = ()
    """Files of past tickets, relative to this file.  Without any it goes by the shipped rules alone."""
    runbooks: dict[FailureModeId, Id] = Field(default_factory=dict)
    """What it answers where no ticket that speaks for its answer names a runbook."""
    pages_owner: bool = True
    """Whether it pages the team that owns what it suspects, where that is another than the one already paged."""
