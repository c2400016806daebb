"""What was told, to whom, and what the status page showed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from timeline.details.marks import LEFT_OUT_WHEN_EMPTY

Approval = Literal["", "template", "approved", "unapproved"]
"""Why a text might be sent: its template is approved, somebody approved it, or nothing.  Empty: nobody says."""


@dataclass(frozen=True, slots=True)
class MessageDetail:
    """Words that reached somebody: an inject, a user's report, an update to stakeholders."""

    channel: str
    sender: str
    audience: str
    text: str
    incident: str | None = None
    template: str | None = None
    due_at_ms: int | None = None
    count: int = 1
    approval: Approval = field(default="", metadata={LEFT_OUT_WHEN_EMPTY: True})
    stakeholders: str = field(default="", metadata={LEFT_OUT_WHEN_EMPTY: True})
    """What kind of people the audience is."""
    effort_ms: int | None = field(default=None, metadata={LEFT_OUT_WHEN_EMPTY: True})
    """How long people were busy with it: writing, reading over, taking out, briefing."""
    next_at_ms: int | None = field(default=None, metadata={LEFT_OUT_WHEN_EMPTY: True})
    """By when it promises more."""
    reach_ratio: float | None = field(default=None, metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Share of the audience whom it reached, or who acknowledged it."""


@dataclass(frozen=True, slots=True)
class PageEntryState:
    """One line of a status page; `subject` is a reference, such as `function:payments`."""

    subject: str
    title: str
    state: str


@dataclass(frozen=True, slots=True)
class StatusPageDetail:
    """What a status page shows from this event on; or, when changing it failed, what it was to show."""

    entries: tuple[PageEntryState, ...]
    audience: str
    major_below_ratio: float
    """An outage counts as major while less than this of normal is left."""
    text: str = ""
    incident: str | None = None
    template: str | None = None
    approval: Approval = ""
    effort_ms: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DisclosureDetail:
    """A text for the outside that says what it must not: which rules of the policy, and the words."""

    audience: str
    rules: tuple[str, ...]
    words: tuple[str, ...]
    incident: str | None = None


@dataclass(frozen=True, slots=True)
class ReachedOver:
    """How many people heard first over a channel."""

    channel: str
    people: float


@dataclass(frozen=True, slots=True)
class CalloutDetail:
    """How far a call tree or a mass notification has come, and what it is to come to.

    `reached` counts people; where a few stand for many it need not be whole.
    """

    title: str
    stakeholders: str
    people: int
    target_ratio: float
    due_at_ms: int
    incident: str
    reached: float = 0.0
    over: tuple[ReachedOver, ...] = ()
    reason: str = ""
