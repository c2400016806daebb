"""What an event says beyond its kind and subject: about a dozen families, shared by the kinds of `timeline.events`.

A detail is a flat, frozen record.  Times are exercise milliseconds (`_at_ms`) or lengths (`_ms`); shares lie in
[0, 1] (`_ratio`).  `None` says "not known" or "does not apply", never zero.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from timeline.workflow_details import FunctionClients, ProblemRule, SeverityRow, StageTrigger

LEFT_OUT_WHEN_EMPTY = "left_out_when_empty"
"""Marks a field that not every timeline needs: where it is empty it is not written, and timelines keep their bytes."""

Approval = Literal["", "template", "approved", "unapproved"]
"""Why a text might be sent: its template is approved, somebody approved it, or nothing.  Empty: nobody says."""


@dataclass(frozen=True, slots=True)
class NoDetail:
    """The kind says it all."""


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


@dataclass(frozen=True, slots=True)
class FaultDetail:
    """A fault of the catalogue on its target."""

    fault: str
    """Kind of fault (id in the catalogue)."""
    target: str
    description: str = ""
    ended_by: str | None = None
    absent_ratio: float | None = field(default=None, metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Faults of people: the share of them who cannot work."""
    teams: tuple[str, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Faults of people: of these teams; of everybody at the target when empty."""
    silent: bool = field(default=False, metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Said when it starts: nothing shows it until it is found or hurts."""
    malicious: bool = field(default=False, metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Said when it starts: it is a successful malicious access to data."""


@dataclass(frozen=True, slots=True)
class HealthDetail:
    """State of a component, a site or a business function, as a share of the service it should give."""

    state: str
    """`up`, `degraded` or `down`."""
    level_ratio: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SignalDetail:
    """One signal that a change moved: linear from `value` with `slope_per_s` until the next change."""

    signal: str
    value: float
    slope_per_s: float = 0.0
    replica: int | None = None


@dataclass(frozen=True, slots=True)
class FlowDetail:
    """A mechanism that deals with load has changed what it does: a breaker, a cache, an autoscaler, a balancer."""

    component: str
    dependency: str | None = None
    """Where it is about calls: who is called."""
    replicas: int | None = None
    """Replicas that there are now, or that were taken out."""
    ratio: float | None = None
    """Share that is let in, that failed, or that is held in a cache."""


@dataclass(frozen=True, slots=True)
class FunctionDetail:
    """A business function below its minimum level, or back above it."""

    level_ratio: float
    rto_ms: int | None
    rpo_ms: int | None
    mtpd_ms: int | None
    minimum_level_ratio: float | None = None
    loss_per_hour: float | None = None
    criticality: str | None = None


@dataclass(frozen=True, slots=True)
class WorkplaceDetail:
    """A workplace that is lost, empty, or open again; `people` who usually work there are not at work there."""

    people: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StaffDetail:
    """The people of one need (skill) of a business function: where they are, and what the function can do with them.

    `present` are at work, wherever; `remote` of them work remotely and `alternate` of them at another place;
    `travelling`, `waiting` (without a place to work) and `absent` are not at work.
    """

    need: str
    present: int
    needed: int
    minimum: int
    remote: int
    alternate: int
    travelling: int
    waiting: int
    absent: int
    level_ratio: float
    """What these people can do of the normal work of the function."""


@dataclass(frozen=True, slots=True)
class RelocationDetail:
    """People sent from a workplace to another (`to`: its id, or `remote`), or back (`to`: the place itself)."""

    function: str
    need: str
    to: str
    people: int


@dataclass(frozen=True, slots=True)
class FallbackDetail:
    """Manual work in place of systems."""

    title: str
    throughput_ratio: float
    limit_ms: int | None = None
    """How long it can be kept up."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BacklogDetail:
    """Work that waits, as milliseconds of normal work at the peak, and how fast that changes."""

    work_ms: int
    rate_ratio: float
    """Work that is added (or, below zero, caught up) for each unit of time."""
    level_ratio: float
    """Of the function."""


@dataclass(frozen=True, slots=True)
class CrisisDetail:
    """The crisis team is together: who holds its roles."""

    incident: str
    roles: tuple[str, ...]
    quorum: int


@dataclass(frozen=True, slots=True)
class DataLossDetail:
    """Data that a recovery left behind: `lost_ms` is the achieved recovery point (RPA)."""

    component: str
    lost_ms: int
    transactions: float | None = None
    rpo_ms: int | None = field(default=None, metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Stated where the function need not have been disrupted by it."""


@dataclass(frozen=True, slots=True)
class CorruptionDetail:
    """Wrong data: which, since when, and how it was found or came back."""

    data: str
    since_ms: int | None
    by: str = ""


@dataclass(frozen=True, slots=True)
class ConsistencyDetail:
    """How far two data sets tell the same story.

    `consistent_ratio` is the share of records that agree: with n transactions that one of them knows and the other does
    not, each about some record, exp(-n / records); None where the number of records is not known.
    """

    data: str
    other: str
    transactions: float
    consistent_ratio: float | None


@dataclass(frozen=True, slots=True)
class ConflictDetail:
    """Both members of a pair accept writes.  `transactions` are those of the side that gives way."""

    data: str
    former: str
    lasted_ms: int | None = None
    transactions: float | None = None
    ended_by: str = ""


@dataclass(frozen=True, slots=True)
class ReconciliationDetail:
    """Transactions that people settled: how many there were, and how many could be made good."""

    data: str
    transactions: float
    recovered: float
    took_ms: int


@dataclass(frozen=True, slots=True)
class RecoveryDetail:
    """A step of a recovery as those who carry it out see it."""

    target: str
    copy: str = ""
    as_of_ms: int | None = None
    """The moment that data are of."""
    verified: bool | None = None
    planned: bool | None = None
    """Whether there was a plan for the way back."""
    took_ms: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AlertDetail:
    """One alert of one rule, as the rule engine sees it."""

    name: str
    labels: tuple[tuple[str, str], ...]
    annotations: tuple[tuple[str, str], ...]
    value: float | None
    active_at_ms: int
    fingerprint: str

    @property
    def is_deliberate(self) -> bool:
        """Whether it fires while all is well (a dead man's switch), as the Prometheus mixins mark it."""
        return ("severity", "none") in self.labels


@dataclass(frozen=True, slots=True)
class NotificationDetail:
    """One notification of the alert manager to one receiver."""

    receiver: str
    group_key: str
    status: str
    alerts: tuple[str, ...]
    """Names of the firing alerts in the group."""
    reason: str = ""


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


@dataclass(frozen=True, slots=True)
class ClassificationDetail:
    """Whether an incident is one that a regime wants to hear of: by the truth, or as somebody judged it."""

    obligation: str
    applies: bool | None
    """None while what is unknown could still decide it."""
    met: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    """Criteria that were met, and those on which nothing is known."""
    incident: str | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class ObligationDetail:
    """One report to an authority: its clock started, it was filed, or it could not be filed."""

    obligation: str
    report: str
    title: str
    incident: str
    due_at_ms: int | None
    """None of a report that is filed again without a time limit of its own."""
    source: str = ""
    number: int = 1
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CreditStep:
    """What a vendor credits for one broken promise once it is later than `over_ms`: a share of the monthly fee."""

    promise: str
    """`respond` or `restore`."""
    over_ms: int
    share_ratio: float


@dataclass(frozen=True, slots=True)
class ContractDetail:
    """What a vendor owes for one call: until when, on what, and what it credits otherwise."""

    incident: str
    vendor: str
    severity: str
    respond_by_ms: int | None
    restore_by_ms: int | None
    provides: tuple[str, ...]
    """Components and sites that it runs or repairs."""
    covered: bool
    """Whether the contract has somebody at work or on call at the moment of the call."""
    monthly_fee: float | None = None
    credits: tuple[CreditStep, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceLevelDetail:
    """One promise of an agreement for one incident: until when, and how it went."""

    agreement: str
    promise: str
    """`respond` or `resolve`."""
    incident: str
    severity: str
    target_ms: int
    """Of time that counts: business hours where the agreement has any."""
    due_at_ms: int | None
    """None while the clock stands still, and where nothing is promised any more."""
    left_ms: int | None = None
    """Time that counts and that was left when it was kept; below zero when it was late."""


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
