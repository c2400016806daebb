"""What an incident workflow can do by itself: the closed list of actions that triggers and automations share.

An action is data with exactly one key:

    page: {policy: security}                                  page by an escalation policy
    notify: {audience: executives, text: ...}                 a message over the channel of an audience
    status_page: {audience: customers, state: investigating}  the same, as a state of the status page
    set: {field: category, value: security}                   a field of the incident
    task: {title: ..., role: scribe, takes: 10m}              work for whoever holds a role
    problem: {}                                               a problem record for the incident
    bridge: {}                                                whoever works on the incident joins one bridge
    ticket: {}                                                a record in the ITSM
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from topologies.fields import AudienceId, Duration, Id, Model, PolicyId, RoleId

Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class PageAction(Model):
    policy: PolicyId


class NotifyAction(Model):
    audience: AudienceId
    text: Text


class StatusPageAction(Model):
    audience: AudienceId
    state: Literal["investigating", "identified", "monitoring", "resolved"]


class SetAction(Model):
    field: Id
    value: Text


class TaskAction(Model):
    title: Text
    role: RoleId
    takes: Duration


class Plain(Model):
    """An action that needs nothing said."""


class WorkflowAction(Model):
    """Exactly one of the actions above."""

    page: PageAction | None = None
    notify: NotifyAction | None = None
    status_page: StatusPageAction | None = None
    set_: SetAction | None = Field(default=None, alias="set")
    task: TaskAction | None = None
    problem: Plain | None = None
    bridge: Plain | None = None
    ticket: Plain | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> WorkflowAction:
        if len(self.model_fields_set) != 1:
            known = "page, notify, status_page, set, task, problem, bridge, ticket"
            raise ValueError(f"an action has exactly one key ({known})")
        return self

    @property
    def name(self) -> str:
        """As the timeline calls it."""
        field = next(field for field in type(self).model_fields if getattr(self, field) is not None)
        return field.rstrip("_").replace("_", "-")

    @property
    def target(self) -> str:
        """Whom or what it is about; empty for what needs nothing said."""
        if self.page is not None:
            return self.page.policy
        told = self.notify or self.status_page
        if told is not None:
            return told.audience
        if self.set_ is not None:
            return self.set_.field
        return self.task.role if self.task is not None else ""

    @property
    def text(self) -> str:
        """What it says or sets."""
        if self.notify is not None:
            return self.notify.text
        if self.status_page is not None:
            return self.status_page.state
        if self.set_ is not None:
            return self.set_.value
        return self.task.title if self.task is not None else ""
