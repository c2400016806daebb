"""A scenario: what happens, what is expected of whom, and what good looks like.

- `faults` are the truth that the estate suffers, from the catalogue in `scenarios.faults`.
- `injects` are the items of the MSEL: what players are told, and what they should do about it.
- a *playbook* is the response as planned: tasks with roles, conditions, durations, approvals.
- `objectives` say what is rated: targets on measures and critical tasks (HSEEP).
- `recorded` are the moments of a real incident's public record, to stand beside the modelled ones.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BeforeValidator, Field, model_validator

from scenarios.faults.strength import Intermittent, Onset
from scenarios.flow import OnFailure, Repeat, SkillNeed, Starts, TaskId, Wait
from timeline.commands import Action
from timeline.instants import SECOND, parse_duration
from timeline.predicates import EventPattern, Predicate
from timeline.references import function
from topologies.fields import (
    Duration,
    DurationMs,
    Id,
    Model,
    RefTo,
    RoleId,
    Source,
    VendorId,
)

FORMAT = "blackstart/scenario/1"
PLAYBOOK_FORMAT = "blackstart/playbook/1"

FaultKindId = Annotated[str, RefTo("fault-kind")]
TargetId = Annotated[str, RefTo("component", "site", "shared-thing", "vendor", "team")]
ActionTarget = Annotated[str, RefTo("component", "site", "function")]
"""A component, group or standby pair; of `relocate` a site, of `start-fallback` a business function."""
MeasureId = Annotated[str, RefTo("measure")]
SubjectRef = Annotated[str, RefTo("subject")]
"""A written reference such as `function:payments`."""


def _bound(value: Any) -> Any:
    """A number, or a duration in seconds: measures of time are in seconds."""
    return parse_duration(value) / SECOND if isinstance(value, str) else value


Bound = Annotated[float, BeforeValidator(_bound, json_schema_input_type=float | str)]


class ScenarioFault(Model):
    """One fault on one target."""

    fault: FaultKindId
    target: TargetId
    at: DurationMs
    """From STARTEX; negative for what has been wrong since before."""
    duration: Duration | None = None
    """Ends by itself after this; left out, it lasts until an action clears it."""
    parameters: dict[str, Any] = Field(default_factory=dict)
    """As the kind of fault declares them."""
    onset: Onset | None = None
    """Grows step by step; all at once when left out."""
    intermittent: Intermittent | None = None
    """Comes and goes; bad all the time when left out."""
    description: str = ""


class Inject(Model):
    """One item of the master scenario events list (MSEL)."""

    at: DurationMs
    sender: Annotated[str, Field(alias="from")]
    to: RoleId
    channel: Literal["phone", "chat", "mail", "news", "social", "ticket", "in-person"]
    text: str
    expected_action: str
    objective: Id | None = None
    when: Predicate | None = None
    """Held back while this does not hold (seen on the whole timeline); dropped if it never does."""


class CopyRule(Model):
    """Which copy to take."""

    take: Literal["newest", "before-onset"] = "newest"
    """`before-onset`: from before the corruption began, as far as that is known."""
    margin: DurationMs = 0
    """How long before the first wrong record that was found the restored state is to end."""
    only: tuple[Id, ...] = ()
    """Copies of these backup plans; of all when left out."""
    immutable: bool = False
    """Only copies that nobody could have changed."""
    when: Predicate | None = None
    """The first rule whose condition holds applies; the last one when none does."""


class RestoreTask(Model):
    """How a task restores.  Each attempt is chosen anew by what is known then."""

    copies: tuple[CopyRule, ...] = Field(default=(CopyRule(),), min_length=1)
    skip_verification: Predicate | None = None
    """While this holds, as far as the responders know, restored data are opened without a check."""


class TaskCommand(Model):
    """What a task does to the estate."""

    action: Action
    target: ActionTarget
    restore: RestoreTask | None = None
    rollback_plan: bool | None = None
    """Whether a workaround goes ahead with a written way back; by the policy of the organisation when left out."""

    @model_validator(mode="after")
    def _options_of_their_action(self) -> TaskCommand:
        if self.restore is not None and self.action is not Action.RESTORE:
            raise ValueError("`restore` belongs to the action restore")
        if self.rollback_plan is not None and self.action is not Action.WORKAROUND:
            raise ValueError("`rollback_plan` belongs to the action workaround")
        return self

    @property
    def node(self) -> str:
        """The target as a node of the documented graph."""
        return str(function(self.target)) if self.action is Action.START_FALLBACK else self.target


class Option(Model):
    """A choice, and when it is the right one for those who know what the responders know."""

    option: str
    when: Predicate | None = None
    """Always, when left out."""


class DecisionTask(Model):
    """A decision that the task takes: the first option whose condition holds is chosen."""

    question: str
    options: tuple[Option, ...] = Field(min_length=2)


class PlaybookTaskModel(Model):
    """One task of a playbook."""

    title: str
    role: RoleId
    after: tuple[TaskId, ...] = ()
    """Tasks that must be completed first."""
    after_any: tuple[TaskId, ...] = ()
    """One of these must be completed first: where branches come together again."""
    when: Predicate | None = None
    """Starts only when this holds, as far as the responders know."""
    wait: Wait | None = None
    skill: SkillNeed | None = None
    """Done by the holder of the role if he has it, else by whoever of those at work on the incident has it most, else
    by somebody called in for it; where nobody comes, by the holder of the role after all."""
    takes: Duration
    """Work of the person, before a command is given and without its duration."""
    does: TaskCommand | None = None
    decides: DecisionTask | None = None
    calls: VendorId | None = None
    """The task waits until this party has somebody on the case."""
    attempts: int = Field(default=1, ge=1, le=9)
    retry_after: DurationMs = 0
    """Pause between attempts."""
    on_failure: OnFailure | None = None
    repeat: Repeat | None = None
    critical: bool = False
    expected: DurationMs | None = None
    """From the start of the playbook (by default the declaration) to the task's completion, as planned."""
    within: DurationMs | None = None
    """From when it is ready to its completion, as planned."""

    @model_validator(mode="after")
    def _one_thing(self) -> PlaybookTaskModel:
        if self.does is not None and self.decides is not None:
            raise ValueError("a task either acts on the estate (does) or decides (decides), not both")
        return self


class Playbook(Model):
    """The planned response, as a file of its own."""

    format: Literal["blackstart/playbook/1"]
    title: str
    description: str = ""
    starts: Starts = Starts()
    tasks: dict[Id, PlaybookTaskModel]
    sources: dict[str, Source] = Field(default_factory=dict)


class TargetModel(Model):
    """What an objective wants of a measure."""

    measure: MeasureId
    subject: SubjectRef | None = None
    at_most: Bound | None = None
    at_least: Bound | None = None

    @model_validator(mode="after")
    def _has_a_bound(self) -> TargetModel:
        if self.at_most is None and self.at_least is None:
            raise ValueError("a target states at_most or at_least")
        return self


class Objective(Model):
    """Something the exercise is to show."""

    title: str
    weight: float = Field(default=1.0, gt=0)
    targets: tuple[TargetModel, ...] = ()
    critical_tasks: tuple[TaskId, ...] = ()
    practices: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _rates_something(self) -> Objective:
        if not self.targets and not self.critical_tasks:
            raise ValueError("an objective has targets or critical tasks, else nothing can be rated")
        return self


class Recorded(Model):
    """A moment of the public record."""

    at: AwareDatetime
    source: str
    fitted: bool = False
    shown_by: EventPattern | None = None
    """The first such event of a run stands beside it; left out, the milestone that it is named after."""


class Scenario(Model):
    """A whole scenario, as its file states it."""

    format: Literal["blackstart/scenario/1"]
    title: str
    purpose: str
    estate: str
    """Name of a shipped estate or a path relative to the scenario."""
    starts_at: AwareDatetime
    """STARTEX in wall-clock time, with offset."""
    duration: DurationMs = Field(gt=0)
    practices: tuple[str, ...] = ()
    standards: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    faults: dict[Id, ScenarioFault] = Field(default_factory=dict)
    injects: dict[Id, Inject] = Field(default_factory=dict)
    playbook: str | None = None
    """Name of a shipped playbook or a path relative to the scenario."""
    objectives: dict[Id, Objective] = Field(default_factory=dict)
    recorded: dict[str, Recorded] = Field(default_factory=dict)
    facilitator_notes: str = ""
    sources: dict[str, Source] = Field(default_factory=dict)

    @property
    def epoch(self) -> datetime:
        return self.starts_at
