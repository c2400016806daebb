"""Authority over changes: who may order an action, whose approval it needs, how change enablement meets an incident.

- *Authority* is a rule for one action.  Its approver may be out of hours or not to be reached: then others decide.
- A change is *standard* (approved once and for all), *normal* (decided by the change advisory board when it meets, so
  not to be had in an incident) or an *emergency* change (decided by the emergency change advisory board, ECAB, at once,
  and approved again in retrospect).  A normal change may be raised as an emergency in a declared major incident.
- *Impatience* is part of a culture: whoever has waited long enough under pressure may act without an answer.

Example: a roll-back is an emergency change.  Three of the board's roles are called, two make the quorum; they agree
after ten minutes; the change manager closes the approval within 24 hours, in office hours.

Terms after ITIL 4 change enablement and ISO/IEC 20000-1:2018 8.5.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from timeline.commands import Action
from topologies.fields import (
    ClockTime,
    Duration,
    DurationMs,
    Model,
    Ratio,
    RoleId,
    TeamId,
    TimeZone,
    Weekday,
    require_quorum,
)
from topologies.parties import ServiceHours

TOO_RISKY = "too risky as described"
_WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class ChangeKind(StrEnum):
    """How a change is approved."""

    STANDARD = "standard"
    NORMAL = "normal"
    EMERGENCY = "emergency"


class Authority(Model):
    """Who may order an action.  Others ask the approver, who takes time and may refuse."""

    action: Action
    roles: tuple[RoleId, ...] = ()
    """These may order it on their own."""
    teams: tuple[TeamId, ...] = ()
    """Members may order it on components that their team owns."""
    approver: RoleId | None = None
    decision: Duration | None = None
    """How long the approver thinks, once reached."""
    refusal: Ratio = 0.0
    reasons: tuple[str, ...] = Field(default=(TOO_RISKY,), min_length=1)
    """Why it may be refused."""
    delegate: RoleId | None = None
    """Decides where the approver has not been reached for `delegate_after`, or cannot be reached at all."""
    delegate_after: DurationMs = 900_000
    out_of_hours: RoleId | None = None
    """Decides instead of the approver outside the business hours of `changes`."""
    higher: RoleId | None = None
    """Asked once more after a refusal."""
    change: ChangeKind | None = None
    """Left out, the approver decides and that is all."""


class AdvisoryBoard(Model):
    """When the change advisory board (CAB) meets."""

    days: tuple[Weekday, ...] = Field(min_length=1)
    start: ClockTime
    timezone: TimeZone

    def next_meeting(self, moment: datetime) -> datetime:
        """The first meeting after an aware moment."""
        return next(meeting for meeting in self._meetings(moment) if meeting > moment)

    def _meetings(self, since: datetime) -> Iterator[datetime]:
        zone = ZoneInfo(self.timezone)
        day = since.astimezone(zone).date()
        while True:
            if _WEEKDAYS[day.weekday()] in self.days:
                yield datetime.combine(day, time.fromisoformat(self.start), zone).astimezone(UTC).astimezone(zone)
            day += timedelta(days=1)


class EmergencyBoard(Model):
    """The emergency change advisory board: who comes together at once to decide on an emergency change."""

    roles: tuple[RoleId, ...] = Field(min_length=1)
    quorum: int = Field(ge=1)
    waits: DurationMs = 1_800_000
    """How long it waits for its quorum before it gives up."""
    decision: Duration
    refusal: Ratio = 0.0

    @model_validator(mode="after")
    def _quorum_can_be_reached(self) -> EmergencyBoard:
        require_quorum(self.quorum, self.roles)
        return self


class Retrospective(Model):
    """How emergency changes, and changes without approval, are looked at once the worst is over."""

    role: RoleId
    within: DurationMs = Field(gt=0)
    """From the change."""
    review: Duration
    hours: ServiceHours | None = None
    """When that is done; at any hour when left out."""
    forgotten: Ratio = 0.0
    """Share of changes that nobody comes back to."""


class Impatience(Model):
    """What people do under pressure while they have no approval."""

    after: DurationMs
    """How long they wait for an answer before they are tempted."""
    chance: Ratio
    """That somebody acts without one then, or against a refusal."""


class ChangeEnablement(Model):
    """The practice around changes, as far as it meets incidents."""

    business_hours: ServiceHours | None = None
    board: AdvisoryBoard | None = None
    emergency: EmergencyBoard | None = None
    """Left out, the approver of the rule decides on emergency changes."""
    retrospective: Retrospective | None = None
    impatience: Impatience | None = None
    """Left out, nobody acts without approval."""


def is_decided_by_somebody(rule: Authority, changes: ChangeEnablement) -> bool:
    """Whether a request under a rule has anybody, or any board, to go to."""
    has_board = rule.change is ChangeKind.EMERGENCY and changes.emergency is not None
    return rule.approver is not None or has_board or rule.change in (ChangeKind.STANDARD, ChangeKind.NORMAL)
