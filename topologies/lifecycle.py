"""The life of an incident in stages, and what has to happen when it enters one (ITIL 4 incident management).

    lifecycle:
      close_after: 24h
      on_entry:
        assigned: {bridge: {do: {bridge: {}}, severities: [sev1]}}
        mitigating: {tell-customers: {do: {status_page: {audience: customers, state: identified}}}}

A trigger acts through the ITSM by itself, or through somebody whom it waits for (`by`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from topologies.fields import ChannelId, Duration, DurationMs, Id, Model, RoleId
from topologies.workflow import WorkflowAction


class Stage(StrEnum):
    """How far an incident has come."""

    DETECTED = "detected"
    """It is on record."""
    ASSIGNED = "assigned"
    """Somebody has it."""
    TRIAGED = "triaged"
    """It was judged: what suffers, how grave that is."""
    MITIGATING = "mitigating"
    """Something is being done about it."""
    MONITORING = "monitoring"
    """Service was seen to be back; it is watched whether that lasts."""
    RESOLVED = "resolved"
    """Everything that it was about is whole."""
    CLOSED = "closed"
    """The record is complete, and nothing came back for the stated time."""


class Trigger(Model):
    """One thing that has to happen when an incident enters a stage."""

    do: WorkflowAction
    severities: tuple[Id, ...] = ()
    """Only in incidents of these severities; in all when left out."""
    by: RoleId | None = None
    """Whoever holds this role does it by hand, once free; the ITSM does it by itself when left out."""
    takes: Duration | None = None
    """How long that is, by hand."""

    @model_validator(mode="after")
    def _by_hand_takes_time(self) -> Trigger:
        if (self.by is None) != (self.takes is None):
            raise ValueError("what is done by hand names who does it (by) and how long it takes (takes)")
        return self


class Lifecycle(Model):
    """Stages mapped to triggers, and when an incident is closed."""

    on_entry: dict[Stage, dict[Id, Trigger]] = Field(default_factory=dict)
    fire_once: bool = True
    """A stage that is entered again (service was lost once more) does not set off what it has set off already, unless
    the incident was reopened."""
    channel: ChannelId | None = None
    """How the ITSM gets its actions out: with its latency and failures, and down with the components that it needs."""
    close_after: Annotated[DurationMs, Field(gt=0)] | None = None
    """From resolution to closing, when nothing comes back; as soon as the record is complete when left out."""
