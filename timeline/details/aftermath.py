"""What comes after an incident: reviews, publications, actions, risks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReviewDetail:
    """A step of the review after an incident."""

    incident: str
    method: str
    by: str
    """The role, or the seat."""
    due_at_ms: int | None = None
    """When the review has to be authorised."""
    depth: int = 0
    """How often it was asked why."""
    about: str = ""
    """What a question was about."""
    found: tuple[str, ...] = ()
    """What the review ended at: faults as `kind on target`, or the last thing that was said."""


@dataclass(frozen=True, slots=True)
class PublicationDetail:
    """Words about an incident for those outside, after it."""

    incident: str
    audience: str
    by: str
    waits_for: tuple[str, ...] = ()
    """Seats that have not approved yet."""


@dataclass(frozen=True, slots=True)
class ActionDetail:
    """Something that a review wants done."""

    incident: str
    title: str
    owner: str | None
    """A team or a role."""
    due_at_ms: int


@dataclass(frozen=True, slots=True)
class RiskDetail:
    """What an exercise showed about a risk, as it goes into the register."""

    risk: str
    title: str
    owner: str
    finding: str
