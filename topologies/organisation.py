"""The organisation: how people are reached, who may do what, what is told to whom.

Its parts have modules of their own: `people`, `rotations`, `escalation`, `event_management`, `working`, `crisis`,
`obligations`, `communication`.

- A *role* (incident manager, communications lead, ...) is taken in an incident by somebody eligible.
- *Authority* says which roles may order an action on the estate, and whose approval it needs otherwise.
- A *contact channel* has its own latency and chance of failure, and depends on components of the estate.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from timeline.commands import Action
from timeline.findings import nearest
from topologies.communication import Communication
from topologies.communication.audiences import Audience
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
    PersonId,
    PolicyId,
    Ratio,
    RoleId,
    Source,
    TeamId,
    VendorId,
)
from topologies.obligations import ObligationDuty
from topologies.people import Person, Team
from topologies.rotations import Rotation
from topologies.triage import TriageBot
from topologies.working import RecoveryPolicy, Working

FORMAT = "blackstart/organisation/1"


class Channel(Model):
    """A way to reach people.  It fails when a component that it needs is down, and else by chance."""

    title: str
    latency: Duration
    failure: Ratio
    needs: tuple[ComponentId, ...] = ()


class Role(Model):
    """A role in the command structure of an incident."""

    title: str
    eligible: tuple[PersonId, ...] = ()
    policy: PolicyId | None = None
    """How the role is called in; the first of its people to acknowledge takes it."""
    exclusive_with: tuple[RoleId, ...] = ()
    required_from: Id | None = None
    """The least severity that needs the role filled; every declared incident when left out."""


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


class SeverityRule(Model):
    """A row of the severity matrix: the first row that applies gives the severity."""

    severity: Id
    title: str
    functions_disrupted: int | None = Field(default=None, ge=1)
    critical_functions: bool = False
    """At least one of them is of criticality `critical`."""
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
    severities: tuple[SeverityRule, ...] = Field(min_length=1)
    audiences: dict[Id, Audience] = Field(default_factory=dict)
    service_desk: ServiceDesk | None = None
    event_management: EventManagement = EventManagement()
    triage_bot: TriageBot | None = None
    """Left out: new incidents wait for a person to look at them."""
    communication: Communication | None = None
    """Left out, audiences are told what is known, and nobody reads it over."""
    crisis_team: CrisisTeam | None = None
    """Left out, the loss of a workplace is noticed by what it does to the business functions."""
    external: tuple[ExternalContact, ...] = ()
    obligations: dict[ObligationId, ObligationDuty] = Field(default_factory=dict)
    """Reports that are owed to authorities: those that apply, and who sees to them."""
    obligation_files: tuple[str, ...] = ()
    """Obligations beside the shipped ones, relative to this file; each is named as its file."""
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
