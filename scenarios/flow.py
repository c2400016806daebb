"""What a playbook says besides the work itself: when it starts, what a task waits for, how often, who, and what if not.

    starts: {on: opened, when: {known: {subject: "component:ledger", state: down}}, from_severity: sev2}
    tasks:
      look:
        wait: {for: 10m}                      # a timer: so long after the tasks before it
        skill: {field: database, at_least: 0.7}
        within: 30m                           # expected, from the moment it is ready
      compare:
        after: [look]
        repeat: {until: {known: {subject: "data:ledger", state: sound}}, from: look, at_most: 4, every: 5m}
        on_failure: {go_to: call-vendor}

A *pass* is one time through the part of the playbook that a task repeats: from the task that it goes back to until
itself, along `after`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from timeline.predicates import Predicate
from topologies.fields import ClockTime, DurationMs, Id, Model, Ratio, RefTo, RoleId
from topologies.people import Skill

TaskId = Annotated[str, RefTo("task")]
BEGINNINGS = {
    "opened": "incident.opened",
    "triaged": "incident.triaged",
    "declared": "incident.declared",
    "cause-known": "diagnosis.concluded",
    "mitigated": "incident.mitigated",
    "reopened": "incident.reopened",
}
"""What may start a playbook, with the event in which the responders learn of it."""


class Starts(Model):
    """When a playbook starts in an incident; once, and only while it is open."""

    on: Literal["opened", "triaged", "declared", "cause-known", "mitigated", "reopened"] = "declared"
    when: Predicate | None = None
    """Not before this holds, as far as the responders know."""
    from_severity: Id | None = None
    """The least severity; any when left out."""
    to_severity: Id | None = None
    """The gravest severity; any when left out."""

    @property
    def at_declaration(self) -> bool:
        """Whether nothing but the declaration of a major incident starts it."""
        return self == Starts()


class Wait(Model):
    """A timer of a task, which runs from when the tasks before it are completed and its condition holds."""

    for_: Annotated[DurationMs, Field(gt=0)] | None = Field(default=None, alias="for")
    until: ClockTime | None = None
    """The next time that the clock at STARTEX's place shows this."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Wait:
        if (self.for_ is None) == (self.until is None):
            raise ValueError("a wait states either `for` (a duration) or `until` (a time of the day)")
        return self


class SkillNeed(Model):
    """What whoever does a task must know."""

    field: Skill
    """A kind of component or site, as in the skills of people."""
    at_least: Ratio


class Repeat(Model):
    """Done again until something is so.  A task whose last pass leaves it not so has failed."""

    until: Predicate
    """As far as the responders know, when the task is done."""
    from_: TaskId | None = Field(default=None, alias="from")
    """A task before it, from which on everything is done again; only the task itself when left out."""
    at_most: int = Field(default=5, ge=2, le=99)
    every: DurationMs = 0
    """Pause before the next pass."""


class OnFailure(Model):
    """What becomes of the playbook when all attempts of a task have failed.  Left out: what comes after it never
    starts."""

    go_to: TaskId | None = None
    """This task starts.  One that comes before the failed one is done again with all that lies between."""
    at_most: int | None = Field(default=None, ge=1, le=99)
    """How often that may happen; as often as it does when left out."""
    escalate: RoleId | None = None
    """Whoever holds this role does it instead, once."""
    carry_on: Literal[True] | None = None
    """What comes after it starts all the same."""
    give_up: Literal[True] | None = None
    """Nothing else of the playbook is begun."""

    @model_validator(mode="after")
    def _one_way(self) -> OnFailure:
        stated = [name for name in ("go_to", "escalate", "carry_on", "give_up") if getattr(self, name) is not None]
        if len(stated) != 1:
            raise ValueError("on_failure states one of go_to, escalate, carry_on, give_up")
        if self.at_most is not None and self.go_to is None:
            raise ValueError("`at_most` belongs to go_to")
        return self
