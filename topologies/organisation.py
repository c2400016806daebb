"""The organisation: who is there, who is on call when, how people are reached, who may do what.

- A *rotation* says who holds a duty at a moment: layers of people who take turns, with restrictions and overrides.
- An *escalation policy* is a list of steps; each step pages its targets and waits before the next.
- A *role* (incident manager, communications lead, ...) is taken in an incident by somebody eligible.
- *Authority* says which roles may order an action on the estate, and whose approval it needs otherwise.
- A *contact channel* has its own latency and chance of failure, and depends on components of the estate.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from timeline.commands import Action
from topologies.fields import (
    AudienceId,
    ChannelId,
    ComponentId,
    Duration,
    DurationMs,
    FunctionId,
    Id,
    Model,
    PersonId,
    PolicyId,
    Ratio,
    RoleId,
    RotationId,
    SiteId,
    Source,
    TeamId,
    TimeZone,
    VendorId,
)

FORMAT = "blackstart/organisation/1"

ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""HH:MM in the time zone of the thing it belongs to."""
Skill = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z0-9][a-z0-9._-]*)$", max_length=80)]
"""A kind of component or site, or `*` for every other one."""
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Answer(Model):
    """How long until a person reacts to a page that reached the device, and the chance that it goes unnoticed."""

    day: Duration
    night: Duration
    """Between 22:00 and 07:00 in the person's own time zone."""
    missed_day: Ratio = 0.0
    missed_night: Ratio = 0.0


class Person(Model):
    """Somebody who can be paged.  `title` is the job, shown in reports instead of a name."""

    title: str
    team: TeamId | None = None
    site: SiteId | None = None
    timezone: TimeZone
    skills: dict[Skill, Ratio] = Field(default_factory=dict)
    """Kind of component (or `*`) to the chance that a check in that field is conclusive."""
    answer: Answer
    contact: tuple[ChannelId, ...] = Field(min_length=1)
    """Channels in the order in which they are tried for one page."""
    next_channel_after: DurationMs = 120_000


class Team(Model):
    """People who own components together."""

    title: str
    policy: PolicyId | None = None
    """How its pages escalate."""
    receivers: tuple[str, ...] = ()
    """Receivers of the Alertmanager configuration that lead to this team."""


class Restriction(Model):
    """A weekly span in which a layer applies, in the zone of the rotation; an end before the start crosses midnight."""

    days: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    start: ClockTime
    end: ClockTime


class Layer(Model):
    """People who take turns: each holds the duty for `length`, the first of them from `start` on."""

    people: tuple[PersonId, ...] = Field(min_length=1)
    start: datetime
    """Local time of the rotation (no offset): the first turn of the first person begins here."""
    length: DurationMs = Field(gt=0)
    """Turns are counted on the local clock: hand-overs keep their clock times across daylight-saving changes."""
    restrictions: tuple[Restriction, ...] = ()
    until: datetime | None = None


class Override(Model):
    """Somebody else for a while; `person` left out means that nobody holds the duty."""

    start: datetime
    end: datetime
    person: PersonId | None = None

    @model_validator(mode="after")
    def _ends_after_start(self) -> Override:
        if self.end <= self.start:
            raise ValueError("an override ends after it starts")
        return self


class Rotation(Model):
    """Who holds a duty.  A later layer goes before an earlier one; an override goes before all."""

    title: str
    team: TeamId | None = None
    timezone: TimeZone
    layers: tuple[Layer, ...] = ()
    overrides: tuple[Override, ...] = ()


class Step(Model):
    """Pages all its targets at once, then waits."""

    people: tuple[PersonId, ...] = ()
    rotations: tuple[RotationId, ...] = ()
    wait: DurationMs
    """How long without an acknowledgement before the next step."""

    @model_validator(mode="after")
    def _pages_somebody(self) -> Step:
        if not self.people and not self.rotations:
            raise ValueError("a step names people or rotations to page")
        return self


class EscalationPolicy(Model):
    """Steps in order; the whole list is gone through `1 + repeat` times."""

    title: str
    steps: tuple[Step, ...] = Field(min_length=1)
    repeat: int = Field(default=0, ge=0, le=9)


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
    rto_left_below: DurationMs | None = None
    """Applies when some disrupted function has less of its RTO left."""
    otherwise: bool = False
    """The last row."""
    major: bool = False
    """An incident of this severity is declared a major incident, after validation."""
    update_every: dict[AudienceId, DurationMs] = Field(default_factory=dict)


class Audience(Model):
    """Who is kept informed, over which channel, and by whom."""

    title: str
    channel: ChannelId
    role: RoleId
    """Who writes."""
    writing: Duration
    template: bool = False
    """A pre-approved template exists."""


class ServiceDesk(Model):
    """Level 1: where users report.  Opens an incident when reports make a pattern."""

    team: TeamId
    reports_to_open: int = Field(default=3, ge=1)
    handling: Duration
    """From the report that makes the pattern to the opened incident."""
    policy_of_function: dict[FunctionId, PolicyId] = Field(default_factory=dict)
    """Whom the desk pages for which business function; otherwise the function's owner."""


class Correlation(Model):
    """Which signs of trouble count as one incident's: near in the documented graph and near in time."""

    window: DurationMs = Field(gt=0)
    """Since the last sign of the incident."""
    hops: int = Field(ge=0, le=10)
    """Edges of the graph, whichever way they run."""


class Flapping(Model):
    """When an alert that comes and goes is damped."""

    changes: int = Field(ge=2, le=100)
    """So many changes of state ..."""
    within: DurationMs = Field(gt=0)
    """... within this time make it flap ..."""
    calm: DurationMs = Field(gt=0)
    """... until it has kept one state for so long."""


class EventManagement(Model):
    """How signs of trouble become incidents, beyond the key of their alert group (ITIL 4 monitoring and event
    management)."""

    correlation: Correlation | None = None
    """Left out: what comes for one escalation policy joins its open incident."""
    flapping: Flapping | None = None
    """Left out: nothing is damped."""


class ExternalContact(Model):
    """How a vendor is called in."""

    vendor: VendorId
    called_by: RoleId | None = None
    channel: ChannelId


class Working(Model):
    """How long the steps take that every incident has."""

    triage: Duration
    validation: Duration
    """Of the impact, before a major incident is declared."""
    check: Duration
    """One check of one candidate cause by somebody skilled."""
    check_unskilled: Duration
    decision: Duration
    verification: Duration
    """That service is back, before the incident is called mitigated."""
    handoff_keeps: Ratio = 1.0
    """Share of what was excluded that reaches the next person."""


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
    external: tuple[ExternalContact, ...] = ()
    working: Working
    holidays: tuple[date, ...] = ()
    sources: dict[str, Source] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _matrix_is_complete(self) -> Organisation:
        if not self.severities[-1].otherwise:
            raise ValueError("the last row of the severity matrix applies otherwise (otherwise: true)")
        return self
