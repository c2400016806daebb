"""Automations of the ITSM, as a file beside the organisation: when an incident is so, do this.

    format: blackstart/automations/1
    automations:
      security-when-asked:
        title: Calls security in when the category says so
        when: {known: {subject: "field:category", state: security}}
        do: [{page: {policy: security}}]

`when` is a predicate over what the incident's people and tools know; an automation runs when it turns true, and again
each time it has been false in between, but never more than `at_most` times for one incident: two automations that undo
each other would go on for ever.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from timeline.predicates import Predicate
from topologies.fields import ChannelId, Id, Model
from topologies.lifecycle import Stage
from topologies.workflow import WorkflowAction

FORMAT = "blackstart/automations/1"


class Automation(Model):
    """A rule: state, condition, actions."""

    title: str
    stages: tuple[Stage, ...] = ()
    """Only while the incident is in one of these stages; in all when left out."""
    when: Predicate
    do: tuple[WorkflowAction, ...] = Field(min_length=1)
    channel: ChannelId | None = None
    """What it runs on: with its latency and failures, and down with the components that it needs."""
    at_most: int = Field(default=5, ge=1, le=100)
    """Runs for one incident."""


class Automations(Model):
    """A file of automations."""

    format: Literal["blackstart/automations/1"]
    automations: dict[Id, Automation] = Field(min_length=1)
