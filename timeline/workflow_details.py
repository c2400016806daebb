"""What events of the incident workflow say: stages and their triggers, automations, problems, security, priority.

Flat, frozen records as in `timeline.details`.  The rows that a scorer needs to know beforehand (the severity matrix,
the triggers of each stage, the policy for problems) stand in `exercise.started`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SeverityRow:
    """A row of the severity matrix: the first row whose every condition holds gives the severity."""

    severity: str
    functions_disrupted: int | None = None
    critical_functions: bool = False
    clients_affected: int | None = None
    corrupt_data: bool = False
    rto_left_below: int | None = None
    workplace_lost: bool = False
    otherwise: bool = False
    major: bool = False


@dataclass(frozen=True, slots=True)
class FunctionClients:
    """How many clients use a function: all of them go without while it is disrupted."""

    function: str
    clients: int


@dataclass(frozen=True, slots=True)
class StageTrigger:
    """What has to happen when an incident enters a stage."""

    stage: str
    trigger: str
    severities: tuple[str, ...] = ()
    """Only in incidents of these; in all when empty."""


@dataclass(frozen=True, slots=True)
class ProblemRule:
    """When the organisation wants a problem record."""

    major: bool
    recurrences: int | None
    """So many incidents of one failure (the one that is open counts) ..."""
    within_ms: int | None
    """... within this time."""
    past: tuple[PastOccurrence, ...] = ()


@dataclass(frozen=True, slots=True)
class PastOccurrence:
    """A failure that history tells of; of any kind of fault where none is named."""

    target: str
    fault: str | None
    at_ms: int


@dataclass(frozen=True, slots=True)
class StageDetail:
    """An incident enters a stage of its life."""

    stage: str
    previous: str | None
    dwelt_ms: int
    """In the stage before."""
    severity: str | None = None
    round: int = 0
    """How often the incident had been reopened."""


@dataclass(frozen=True, slots=True)
class WorkflowDetail:
    """Something that the incident workflow does by itself, or has somebody do."""

    incident: str
    rule: str
    """The trigger (`mitigating/tell-customers`) or the automation that asked for it."""
    action: str
    """`page`, `notify`, `set`, `task`, `problem`, `status-page`, `bridge` or `ticket`."""
    target: str = ""
    """Policy, audience, field, role... that it is about."""
    text: str = ""
    reason: str = ""
    """Why it came to nothing."""


@dataclass(frozen=True, slots=True)
class ProblemDetail:
    """State of a problem record after the event."""

    state: str
    """`open`, `root-cause-found`, `known-error` or `resolved`."""
    title: str
    incidents: tuple[str, ...]
    reason: str = ""
    """Why it was opened: `major`, `recurrence`, `asked`."""
    person: str | None = None
    cause: str | None = None
    """`fault-kind on component`, once it is known."""
    workaround: str | None = None
    """What helped: the action and its target."""


@dataclass(frozen=True, slots=True)
class IndicatorDetail:
    """Something that people saw and that may mean an attack."""

    incident: str
    indicator: str
    seen_in: str
    """`alert`, `log`, `report` or `inject`."""
    where: str = ""
    """The component, where it is known."""


@dataclass(frozen=True, slots=True)
class SecurityBridgeDetail:
    """The security team is called into an incident: by which criterion, on which indicators."""

    incident: str
    criterion: str
    indicators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EvidenceDetail:
    """Traces of an attack on a component: secured, or destroyed by a recovery that came first."""

    target: str
    fault: str
    action: str


@dataclass(frozen=True, slots=True)
class PriorityDetail:
    """Priority of an incident, from impact and urgency."""

    priority: str
    impact: str
    urgency: str
