"""Callouts: many people told at once, by a call tree or a tool for mass notification.

- In a *call tree* people call people.  Whoever was reached calls those below; `at_once` of them at a time, each call
  taking its time.  A call that is not answered is made again, over the next channel that works, up to `attempts` times
  in all; whoever cannot be reached may call back, and those below are called by the caller instead (`takes_over`).
- In a *mass notification* a tool sends to everybody over all channels at once, or over one after another, and again to
  those who did not answer.

`reach` is the share of people who have a channel at all, the same people each time; `answers` the chance that one
message or call over it is noticed.  With both, n attempts over independent channels reach
1 - product over channels of (1 - reach x (1 - (1 - answers)^n)).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from timeline.stakeholders import Stakeholders
from topologies.communication.audiences import Acknowledgement
from topologies.fields import ChannelId, Duration, DurationMs, Id, Model, PersonId, Ratio, RoleId


class CalloutWay(Model):
    """A channel of a callout."""

    channel: ChannelId
    reach: Ratio = 1.0
    answers: Ratio = 1.0
    notices: Duration | None = None
    """From the arrival of a message until it is noticed; at once when left out.  A call is noticed while it rings."""


class CallNode(Model):
    """Somebody in a call tree, or a group of people who call nobody."""

    title: str = ""
    people: int = Field(default=1, ge=1, le=5_000)
    person: PersonId | None = None
    """Somebody whom the organisation knows: calling takes attention, one call at a time, and who is out cannot be
    reached."""
    calls: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def _callers_are_one(self) -> CallNode:
        if self.people > 1 and (self.calls or self.person is not None):
            raise ValueError("a group of people calls nobody and has no name; write who calls as a node of one")
        return self


class CallTree(Model):
    """Who calls whom."""

    begins_with: Id
    """Who makes the first calls."""
    nodes: dict[Id, CallNode] = Field(min_length=1)
    ways: tuple[CalloutWay, ...] = Field(min_length=1)
    call: Duration
    """One call, whether or not it is answered."""
    at_once: int = Field(default=1, ge=1, le=1_000)
    attempts: int = Field(default=1, ge=1, le=20)
    again_after: DurationMs = 0
    takes_over: bool = True
    calls_back: Ratio = 0.0
    """Chance that somebody who was called in vain sees it and calls back."""
    call_back: Duration | None = None

    @model_validator(mode="after")
    def _is_a_tree(self) -> CallTree:
        if self.begins_with not in self.nodes:
            raise ValueError(f"the tree begins with {self.begins_with!r}, which is no node of it")
        called: list[str] = [below for node in self.nodes.values() for below in node.calls]
        if unknown := [id for id in called if id not in self.nodes]:
            raise ValueError(f"there is no node {unknown[0]!r} to call")
        if twice := next((id for id in called if called.count(id) > 1), None):
            raise ValueError(f"{twice!r} is called by two; in a tree everybody is called by one")
        if lonely := [id for id in self.nodes if id not in called and id != self.begins_with]:
            raise ValueError(f"nobody calls {lonely[0]!r}")
        if self.begins_with in called:
            raise ValueError(f"the tree begins with {self.begins_with!r}, so nobody calls there")
        if self.calls_back and self.call_back is None:
            raise ValueError("whoever calls back does so after some time: call_back")
        return self

    @property
    def people(self) -> int:
        return sum(node.people for node in self.nodes.values())


class MassNotification(Model):
    """A tool that reaches many at once."""

    people: int = Field(ge=1)
    ways: tuple[CalloutWay, ...] = Field(min_length=1)
    one_after_another: DurationMs | None = None
    """From one channel to the next; all at once when left out."""
    retries: int = Field(default=0, ge=0, le=20)
    again_after: DurationMs = Field(default=600_000, gt=0)
    acknowledgement: Acknowledgement | None = None
    """Who has said so is not sent to again; left out, the tool sends again to whoever did not notice."""


class CalloutTarget(Model):
    """How many should have been reached, and by when."""

    share: Ratio
    within: DurationMs = Field(gt=0)


class Callout(Model):
    """People who have to be told, and how."""

    title: str
    stakeholders: Stakeholders
    on: Literal["declared", "crisis"]
    """Begins with the declaration of an incident, or with the alarm of the crisis team."""
    from_severity: Id | None = None
    """Of declared incidents, the least severity that asks for it; all when left out."""
    role: RoleId
    """Who starts it."""
    preparing: Duration
    target: CalloutTarget
    tree: CallTree | None = None
    mass: MassNotification | None = None

    @model_validator(mode="after")
    def _goes_one_way(self) -> Callout:
        if (self.tree is None) == (self.mass is None):
            raise ValueError("a callout is a call tree (tree) or a mass notification (mass)")
        return self

    @property
    def people(self) -> int:
        if self.tree is not None:
            return self.tree.people
        assert self.mass is not None, "a callout goes one way"
        return self.mass.people

    @property
    def ways(self) -> tuple[CalloutWay, ...]:
        if self.tree is not None:
            return self.tree.ways
        assert self.mass is not None, "a callout goes one way"
        return self.mass.ways
