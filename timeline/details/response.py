"""What people did: pages, incidents, roles, diagnosis, tasks, approvals, decisions, commands."""

from __future__ import annotations

from dataclasses import dataclass, field

from timeline.details.marks import LEFT_OUT_WHEN_EMPTY


@dataclass(frozen=True, slots=True)
class PageDetail:
    """A try to reach a person (or an external party) for an incident."""

    incident: str
    person: str
    channel: str
    policy: str = ""
    step: int = 0
    attempt: int = 0
    purpose: str = ""
    """What somebody is wanted for: first response, a role, a hand-over."""
    sleep_hours: bool | None = None
    """Whether it is between 22:00 and 07:00 on the clock of the person; None of a party outside."""


@dataclass(frozen=True, slots=True)
class IncidentDetail:
    """State of an incident after the event."""

    state: str
    severity: str | None = None
    team: str | None = None
    title: str = ""
    source: str = ""
    """What opened it: `alert`, `user-report`, `person`."""
    parent: str | None = None
    addressed: str = field(default="", metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Said when alerts open or join it: the team that they were sent to, or the policy where that is no team's."""
    owners: tuple[str, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    """The teams that own, by the documentation, what those alerts point at; an empty name where nobody does."""


ON_DEMAND = "on demand"
"""Why a role was called in that no severity asks for."""


@dataclass(frozen=True, slots=True)
class RoleDetail:
    """A role taken or left in an incident."""

    incident: str
    role: str
    person: str
    bridge: str = field(default="", metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Of those who come and go: which of several bridges."""
    conflicts_with: tuple[str, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Roles of the same person that exclude this one."""
    reason: str = field(default="", metadata={LEFT_OUT_WHEN_EMPTY: True})


@dataclass(frozen=True, slots=True)
class SpanDetail:
    """How many people a role leads, and how many it can."""

    incident: str
    role: str
    person: str
    led: int
    at_most: int


@dataclass(frozen=True, slots=True)
class HandoverDetail:
    """A role, or the search for the cause, goes from one person to another.

    `carried` are the items that were in the head of the giver and written down nowhere; `lost` those that did not
    arrive.
    """

    incident: str
    role: str
    giver: str
    taker: str
    carried: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SituationDetail:
    """A report on the situation: due, or given after so many people were asked."""

    incident: str
    by: str
    due_at_ms: int
    next_due_at_ms: int
    asked: int = 0


@dataclass(frozen=True, slots=True)
class RecordDetail:
    """A decision is written down: `decision` is its event."""

    incident: str
    decision: int
    scribe: str


@dataclass(frozen=True, slots=True)
class BoardDetail:
    """A board has its quorum: the roles that are there."""

    incident: str
    roles: tuple[str, ...]
    quorum: int


@dataclass(frozen=True, slots=True)
class AccessDetail:
    """Somebody and what he may read of an incident: `clearance` of the reader, `needed` by what is to be read."""

    incident: str
    person: str
    clearance: str
    needed: str
    approver: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DiagnosisDetail:
    """A step of the search for the cause."""

    incident: str
    person: str
    candidates_left: int
    checked: str | None = None
    finding: str | None = None
    """What the check showed, or on conclusion the cause: `fault-kind on component`."""
    removed: int = 0
    suffers_from: tuple[str, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    """What the check showed trouble to come from."""
    undocumented: tuple[str, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Those of them that the catalogue does not name as dependencies of what was checked."""
    foreseen: tuple[str, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    """On conclusion: the functions that stand on it by the catalogue."""
    carried_ratio: float | None = field(default=None, metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Said when it is handed off: the share of what was excluded that the next one knows."""


@dataclass(frozen=True, slots=True)
class TaskDetail:
    """A task of a playbook or a runbook in the hands of somebody."""

    title: str
    incident: str
    role: str = ""
    person: str | None = None
    critical: bool = False
    expected_ms: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ApprovalDetail:
    """A request for authority, and its answer."""

    action: str
    requested_by: str
    approver: str
    incident: str
    reason: str = ""
    change: str = field(default="", metadata={LEFT_OUT_WHEN_EMPTY: True})
    """`standard`, `normal` or `emergency`."""
    due_at_ms: int | None = field(default=None, metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Of an approval in retrospect: until when."""


@dataclass(frozen=True, slots=True)
class DecisionDetail:
    """A decision with what it was chosen from and what it rested on."""

    incident: str
    question: str
    options: tuple[str, ...]
    chosen: str
    by: str
    evidence: str = ""
    to_be_recorded: bool = field(default=False, metadata={LEFT_OUT_WHEN_EMPTY: True})
    """On record only once a `decision.recorded` follows."""
    seen: tuple[int, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Events that those who decided knew of and relied on."""
    bridge: str = field(default="", metadata={LEFT_OUT_WHEN_EMPTY: True})
    present: tuple[str, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Who was on that bridge."""
    roles_present: tuple[str, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    roles_missing: tuple[str, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    quorum: int | None = field(default=None, metadata={LEFT_OUT_WHEN_EMPTY: True})


@dataclass(frozen=True, slots=True)
class CommandDetail:
    """A command to the estate and what became of it."""

    action: str
    target: str
    incident: str | None = None
    outcome: str = ""
    reason: str = ""
