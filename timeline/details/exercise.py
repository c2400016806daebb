"""What a scorer must know before the first event."""

from __future__ import annotations

from dataclasses import dataclass, field

from timeline.details.marks import LEFT_OUT_WHEN_EMPTY
from timeline.workflow_details import FunctionClients, ProblemRule, SeverityRow, StageTrigger


@dataclass(frozen=True, slots=True)
class Target:
    """What an objective wants of a measure: at most, at least (in the measure's unit)."""

    measure: str
    at_most: float | None = None
    at_least: float | None = None
    subject: str | None = None
    """Restricts the measure to one reference, such as `function:payments`."""


@dataclass(frozen=True, slots=True)
class ObjectiveDetail:
    """An objective of the exercise, as the scorer needs it."""

    id: str
    title: str
    weight: float
    targets: tuple[Target, ...]
    critical_tasks: tuple[str, ...] = ()
    practices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordedMoment:
    """A moment of a real incident's published record, to stand beside the modelled one."""

    milestone: str
    """A milestone of the glossary (`detected`, `mitigated`, ...) or a free name shown in the record only."""
    at_ms: int
    source: str
    fitted: bool = False
    """True when a parameter was chosen so that the model meets this moment: then it is shown, never scored."""
    kind: str = field(default="", metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Kind of the event that stands beside it; empty: the milestone that it is named after."""
    subject: str = field(default="", metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Pattern of that event's subject."""


@dataclass(frozen=True, slots=True)
class PlaybookTask:
    """A task that the playbook expects, known before anything happens."""

    id: str
    title: str
    critical: bool
    expected_ms: int | None


@dataclass(frozen=True, slots=True)
class ObjectiveOfService:
    """A service level objective: what share of a subject's requests has to succeed over a window."""

    id: str
    subject: str
    """A reference, such as `component:api-gateway`."""
    target_ratio: float
    window_ms: int


@dataclass(frozen=True, slots=True)
class ImpactMark:
    """One point of an impact curve: from a disruption of this length on, a level or an amount."""

    category: str
    after_ms: int
    level: str | None = None
    amount: float | None = None


@dataclass(frozen=True, slots=True)
class FunctionAnalysis:
    """What the impact analysis of a function says beyond its targets: how bad it gets, and what is intolerable."""

    function: str
    impact: tuple[ImpactMark, ...] = ()
    tolerated_outage_ms: int | None = None
    tolerated_backlog_ms: int | None = None
    """As work of normal hours at the peak."""


@dataclass(frozen=True, slots=True)
class FaultMode:
    """A kind of fault and the failure mode that it is."""

    fault: str
    mode: str


@dataclass(frozen=True, slots=True)
class RiskLink:
    """A risk that the exercise tries; what is not known of it stands in no register."""

    risk: str
    title: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Retention:
    """How many years evidence of a class of data is kept."""

    data_class: str
    years: int


@dataclass(frozen=True, slots=True)
class ExerciseDetail:
    """What a scorer must know before the first event."""

    scenario: str
    title: str
    estate: str
    seed: int
    epoch: str
    """ISO 8601 with offset: the wall-clock moment of `at_ms` 0."""
    duration_ms: int
    evidence_class: str
    objectives: tuple[ObjectiveDetail, ...] = ()
    tasks: tuple[PlaybookTask, ...] = ()
    functions: tuple[str, ...] = ()
    practices: tuple[str, ...] = ()
    recorded: tuple[RecordedMoment, ...] = ()
    version: str = ""
    slos: tuple[ObjectiveOfService, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    complete_kinds: tuple[str, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Of a record: the kinds of event of which every one is here; that another is absent says nothing.  Empty where the
    timeline has everything that happened."""
    analyses: tuple[FunctionAnalysis, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    failure_modes: tuple[FaultMode, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Where a triage bot is at work: the true failure mode of the kinds of fault that occur."""
    severities: tuple[SeverityRow, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    """The severity matrix of the organisation."""
    clients: tuple[FunctionClients, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Where a row of the matrix asks for them."""
    stage_triggers: tuple[StageTrigger, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    problem_rule: ProblemRule | None = field(default=None, metadata={LEFT_OUT_WHEN_EMPTY: True})
    risks: tuple[RiskLink, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Said where the organisation keeps a register."""
    retention: tuple[Retention, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    """What policy says about the evidence of this exercise."""
