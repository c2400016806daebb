"""Escalation policies: whom a page reaches, in which order, and how long each step waits."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from topologies.fields import DurationMs, Model, PersonId, RotationId, TeamId
from topologies.people import PageUrgency


class Step(Model):
    """Pages all its targets at once, then waits."""

    people: tuple[PersonId, ...] = ()
    rotations: tuple[RotationId, ...] = ()
    """Whoever is on call in each of them."""
    teams: tuple[TeamId, ...] = ()
    """Every member."""
    one_of: tuple[RotationId, ...] = ()
    """One person: the first who is on call in the first of these rotations that has somebody."""
    next_on_call: tuple[RotationId, ...] = ()
    """Whoever takes over next from those on call, in each of them."""
    wait: DurationMs
    """How long without an acknowledgement before the next step."""

    @model_validator(mode="after")
    def _pages_somebody(self) -> Step:
        if not (self.people or self.rotations or self.teams or self.one_of or self.next_on_call):
            raise ValueError("a step names people or rotations to page")
        return self

    @property
    def all_rotations(self) -> tuple[str, ...]:
        """The rotations that the step looks at, whichever way."""
        return tuple(dict.fromkeys([*self.rotations, *self.one_of, *self.next_on_call]))


class EscalationPolicy(Model):
    """Steps in order; the whole list is gone through `1 + repeat` times."""

    title: str
    steps: tuple[Step, ...] = Field(min_length=1)
    delay: DurationMs = 0
    """From the start of the escalation to its first step."""
    repeat: int = Field(default=0, ge=0, le=99)
    when_busy: Literal["page", "wait"] = "page"
    """`page`: whoever is on call is paged whatever else he has in hand, and works on several incidents by turns.
    `wait`: a step pages one person who has no other incident, and waits while there is none, first come first served;
    its own wait begins with the page."""
    urgency: PageUrgency = "high"
    """Which notification rules of the people apply."""
    acknowledge_timeout: DurationMs | None = Field(default=None, gt=0)
    """So long after an acknowledgement, what is still not mitigated is escalated anew; left out, never."""
