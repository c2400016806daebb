"""The organisation: how people are reached, who may do what, what is told to whom.

Its parts have modules of their own: `people`, `rotations`, `escalation`, `event_management`, `working`, `crisis`,
`obligations`, `communication`, `command`, `authority`, `confidentiality`, `lifecycle`, `priority`, `problems`,
`security_response`, `service_levels`, `after_incident`, `risk_register`.

- A *contact channel* has its own latency and chance of failure, and depends on components of the estate.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from timeline.events import DataClass
from timeline.findings import nearest
from topologies.after_incident import AfterIncident
from topologies.authority import Authority, ChangeEnablement
from topologies.command import CommandStructure, Role
from topologies.communication import Communication
from topologies.communication.audiences import Audience
from topologies.confidentiality import NeedToKnow
from topologies.crisis import CrisisTeam
from topologies.escalation import EscalationPolicy
from topologies.event_management import EventManagement, ServiceDesk
from topologies.fields import (
    AudienceId,
    ChannelId,
    ComponentId,
    Duration,
    DurationMs,
    Id,
    Model,
    ObligationId,
    PolicyId,
    Ratio,
    RoleId,
    Source,
    VendorId,
)
from topologies.lifecycle import Lifecycle
from topologies.obligations import ObligationDuty
from topologies.people import Person, Team
from topologies.practised import LogAggregation
from topologies.priority import PriorityMatrix
from topologies.problems import ProblemPolicy
from topologies.risk_register import RiskRegisterLink
from topologies.rotations import Rotation
from topologies.security_response import SecurityResponse
from topologies.service_levels import ServiceLevelAgreement
from topologies.triage import TriageBot
from topologies.working import RecoveryPolicy, Working

FORMAT = "blackstart/organisation/1"


class Channel(Model):
    """A way to reach people.  It fails when a component that it needs is down, and else by chance."""

    title: str
    latency: Duration
    failure: Ratio
    needs: tuple[ComponentId, ...] = ()


class SeverityRule(Model):
    """A row of the severity matrix: the first row that applies gives the severity."""

    severity: Id
    title: str
    functions_disrupted: int | None = Field(default=None, ge=1)
    critical_functions: bool = False
    """At least one of them is of criticality `critical`."""
    clients_affected: int | None = Field(default=None, ge=1)
    """Applies when the disrupted functions have at least so many clients (`serves.clients`) together."""
    corrupt_data: bool = False
    """Applies when data are known to be corrupt, whatever is still served."""
    rto_left_below: DurationMs | None = None
    """Applies when some disrupted function has less of its RTO left."""
    workplace_lost: bool = False
    """Applies when a workplace is lost."""
    otherwise: bool = False
    """The last row."""
    major: bool = False
    """An incident of this severity is declared a major incident, after validation."""
    update_every: dict[AudienceId, DurationMs] = Field(default_factory=dict)


class SeverityReview(Model):
    """When the severity of an open incident is held against the matrix again, after triage and validation."""

    on_change: bool = True
    """Whenever something new is known."""
    every: Annotated[DurationMs, Field(gt=0)] | None = 300_000
    """And after so long without news: an RTO runs out by itself; never when it is null."""


class ExternalContact(Model):
    """How a vendor is called in."""

    vendor: VendorId
    called_by: RoleId | None = None
    channel: ChannelId


class Organisation(Model):
    """A whole organisation, as `organisation.yaml` states it."""

    format: Literal["blackstart/organisation/1"]
    title: str
    people: dict[Id, Person]
    teams: dict[Id, Team]
    rotations: dict[Id, Rotation] = Field(default_factory=dict)
    policies: dict[Id, EscalationPolicy] = Field(default_factory=dict)
    receivers: dict[str, PolicyId] = Field(default_factory=dict)
    """Receivers of the Alertmanager configuration to escalation policies; one that is not listed reaches nobody."""
    channels: dict[Id, Channel] = Field(default_factory=dict)
    roles: dict[Id, Role] = Field(default_factory=dict)
    authority: tuple[Authority, ...] = ()
    command: CommandStructure = CommandStructure()
    changes: ChangeEnablement = ChangeEnablement()
    need_to_know: NeedToKnow | None = None
    """Left out, everybody on an incident may read everything about it."""
    severities: tuple[SeverityRule, ...] = Field(min_length=1)
    severity_review: SeverityReview = SeverityReview()
    audiences: dict[Id, Audience] = Field(default_factory=dict)
    service_desk: ServiceDesk | None = None
    event_management: EventManagement = EventManagement()
    triage_bot: TriageBot | None = None
    """Left out: new incidents wait for a person to look at them."""
    communication: Communication | None = None
    """Left out, audiences are told what is known, and nobody reads it over."""
    log_aggregation: LogAggregation | None = None
    """Left out: tickets carry no log lines."""
    crisis_team: CrisisTeam | None = None
    """Left out, the loss of a workplace is noticed by what it does to the business functions."""
    external: tuple[ExternalContact, ...] = ()
    obligations: dict[ObligationId, ObligationDuty] = Field(default_factory=dict)
    """Reports that are owed to authorities: those that apply, and who sees to them."""
    lifecycle: Lifecycle | None = None
    """Left out, nothing is set off by the stages of an incident."""
    priority: PriorityMatrix | None = None
    """Left out, incidents have no priority and whoever has several serves them in the order of their steps."""
    problems: ProblemPolicy | None = None
    """Left out, there is no problem management."""
    security_response: SecurityResponse | None = None
    """Left out, security is not called in."""
    automation_files: tuple[str, ...] = ()
    """Files of automations, relative to this one."""
    obligation_files: tuple[str, ...] = ()
    """Obligations beside the shipped ones, relative to this file; each is named as its file."""
    service_levels: dict[Id, ServiceLevelAgreement] = Field(default_factory=dict)
    after_incident: AfterIncident | None = None
    """Left out, an exercise ends with ENDEX: nobody reviews anything."""
    risk_register: RiskRegisterLink | None = None
    """Left out, the risks that a scenario names are names only."""
    retention: dict[DataClass, Annotated[int, Field(ge=0, le=100)]] = Field(default_factory=dict)
    """How many years evidence of each class of data is kept."""
    working: Working
    recovery: RecoveryPolicy = RecoveryPolicy()
    holidays: tuple[date, ...] = ()
    """Days off of the whole organisation, beside the public holidays that its rotations and people name."""
    sources: dict[str, Source] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _matrix_is_complete(self) -> Organisation:
        if not self.severities[-1].otherwise:
            raise ValueError("the last row of the severity matrix applies otherwise (otherwise: true)")
        return self

    @model_validator(mode="after")
    def _communication_knows_the_matrix(self) -> Organisation:
        if self.communication is None:
            return self
        severities = [rule.severity for rule in self.severities]
        for named in self.communication.severities_named():
            if named not in severities:
                hint = nearest(named, severities) or f"there are {', '.join(dict.fromkeys(severities))}"
                raise ValueError(f"communication: there is no severity {named!r}; {hint}")
        return self
