"""The organisation: who is there, who is on call when, how people are reached, who may do what.

- A *rotation* says who holds a duty at a moment: layers of people who take turns (or single shifts as a calendar lists
  them), with restrictions, leave, holidays and overrides.
- An *escalation policy* is a list of steps; each step pages its targets and waits before the next.
- *Notification rules* say over which channels a person is tried for one page, and when.
- A *role* (incident manager, communications lead, ...) is taken in an incident by somebody eligible.
- *Authority* says which roles may order an action on the estate, and whose approval it needs otherwise.
- A *contact channel* has its own latency and chance of failure, and depends on components of the estate.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, StringConstraints, model_validator

from timeline.commands import Action
from topologies.calendars import HolidayCalendar
from topologies.crisis import CrisisTeam
from topologies.fields import (
    AudienceId,
    ChannelId,
    ComponentId,
    Duration,
    DurationMs,
    FunctionId,
    Id,
    Model,
    ObligationId,
    PersonId,
    PolicyId,
    Ratio,
    RefTo,
    RoleId,
    RotationId,
    SiteId,
    Source,
    TeamId,
    TimeZone,
    VendorId,
)
from topologies.obligations import ObligationDuty

FORMAT = "blackstart/organisation/1"

ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$")]
"""HH:MM, or HH:MM:SS, in the time zone of the thing it belongs to."""
Skill = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z0-9][a-z0-9._-]*)$", max_length=80)]
"""A kind of component or site, or `*` for every other one."""
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


PageUrgency = Literal["high", "low"]
"""How much a page may disturb: people have different notification rules for each."""


def _turn(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _written_turn(people: tuple[str, ...]) -> str | list[str]:
    return people[0] if len(people) == 1 else list(people)


Turn = Annotated[
    tuple[PersonId, ...],
    BeforeValidator(_turn, json_schema_input_type=str | list[str]),
    PlainSerializer(_written_turn),
    RefTo("person"),
]
"""Whose turn it is: one person, several at once (`[ann, ben]`), or nobody (`[]`)."""


class Answer(Model):
    """How long until a person reacts to a page that reached the device, and the chance that it goes unnoticed."""

    day: Duration
    night: Duration
    """Between 22:00 and 07:00 in the person's own time zone."""
    missed_day: Ratio = 0.0
    missed_night: Ratio = 0.0


def _require_span(what: str, start: datetime, end: datetime) -> None:
    """Raises ValueError where a span does not run forward, or where only one of its ends has an offset."""
    if (start.tzinfo is None) != (end.tzinfo is None):
        raise ValueError(f"only one end of {what} has an offset from UTC; write both with one, or neither")
    if end <= start:
        raise ValueError(f"{what} ends after it starts; `end` is the first moment that no longer belongs to it")


class Leave(Model):
    """Time in which somebody is not on call, in the person's own time zone; a date alone is its midnight."""

    start: datetime
    end: datetime
    """The first moment back."""

    @model_validator(mode="after")
    def _ends_after_start(self) -> Leave:
        _require_span("a leave", self.start, self.end)
        return self


class NotificationRule(Model):
    """One attempt to reach a person: over which channel, and how long after the page."""

    channel: ChannelId
    after: DurationMs = 0


class Person(Model):
    """Somebody who can be paged.  `title` is the job, shown in reports instead of a name."""

    title: str
    team: TeamId | None = None
    site: SiteId | None = None
    timezone: TimeZone
    skills: dict[Skill, Ratio] = Field(default_factory=dict)
    """Kind of component (or `*`) to the chance that a check in that field is conclusive."""
    answer: Answer
    answer_by: dict[ChannelId, Answer] = Field(default_factory=dict)
    """Where a channel is answered differently from `answer`: a telephone wakes, a push message may not."""
    contact: tuple[ChannelId, ...] = Field(min_length=1)
    """Channels in the order in which they are tried for one page."""
    next_channel_after: DurationMs = 120_000
    notifications: dict[PageUrgency, tuple[NotificationRule, ...]] = Field(default_factory=dict)
    """Rules for pages of an urgency, instead of going through `contact`."""
    leave: tuple[Leave, ...] = ()
    holidays: HolidayCalendar | None = None
    """Days on which the person is off as if on leave."""

    def notification_rules(self, urgency: PageUrgency) -> tuple[NotificationRule, ...]:
        """The attempts of one page in order of time."""
        if rules := self.notifications.get(urgency):
            return tuple(sorted(rules, key=lambda rule: rule.after))
        return tuple(
            NotificationRule.model_construct(channel=channel, after=position * self.next_channel_after)
            for position, channel in enumerate(self.contact)
        )


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
    end_day: Weekday | None = None
    """The span lasts until `end` on the first such day after its start; left out, it is over within a day."""


class Layer(Model):
    """People who take turns: each turn lasts `length` or so many `months`, the first from `start` on."""

    people: tuple[Turn, ...] = Field(min_length=1)
    start: datetime
    """Local time of the rotation (no offset): the first turn begins here."""
    length: DurationMs | None = Field(default=None, gt=0)
    """Turns are counted on the local clock: hand-overs keep their clock times across daylight-saving changes."""
    months: int | None = Field(default=None, ge=1)
    """Hand-over on the day of the month of `start`, or on the last day of a shorter month."""
    restrictions: tuple[Restriction, ...] = ()
    on_holidays: Literal["as-usual", "off", "only"] = "as-usual"
    """What the layer does on the holidays of the rotation and of the organisation."""
    since: datetime | None = None
    """Turns are counted from `start`, but nobody holds them before this."""
    until: datetime | None = None
    level: int | None = None
    """The higher level goes first, layers of one level hold the duty together; by default the layer's place, from 0."""

    @model_validator(mode="after")
    def _turns_have_a_length(self) -> Layer:
        if (self.length is None) == (self.months is None):
            raise ValueError("a turn has one length; give `length` or `months`")
        return self

    @property
    def everybody(self) -> tuple[str, ...]:
        """Each person who takes turns, in the order of the first."""
        return tuple(dict.fromkeys(person for turn in self.people for person in turn))


class Shift(Model):
    """One span of duty as a calendar lists it, where no rule of turns is known."""

    start: datetime
    end: datetime
    people: Turn
    level: int = 0
    """As the level of a layer."""

    @model_validator(mode="after")
    def _ends_after_start(self) -> Shift:
        _require_span("a shift", self.start, self.end)
        return self


class Override(Model):
    """Somebody else for a while; `person` left out means that nobody holds the duty."""

    start: datetime
    end: datetime
    person: PersonId | None = None
    instead_of: PersonId | None = None
    """Takes only this person's place, while it is this person's duty; by default everybody's."""
    adds: bool = False
    """Takes nobody's place: the person is on call as well."""

    @model_validator(mode="after")
    def _ends_after_start(self) -> Override:
        _require_span("an override", self.start, self.end)
        if self.adds and (self.person is None or self.instead_of is not None):
            raise ValueError("an override that adds names a person and takes nobody's place")
        return self


class Rotation(Model):
    """Who holds a duty.  The higher level goes first; overrides go before all, applied in their order.

    Whoever is away (leave, own holidays) is covered: by the first of `covered_by` who is there, else by the next turn
    of the layer where somebody is there, or by nobody.  An override is not covered: somebody chose it.
    """

    title: str
    team: TeamId | None = None
    timezone: TimeZone
    layers: tuple[Layer, ...] = ()
    shifts: tuple[Shift, ...] = ()
    overrides: tuple[Override, ...] = ()
    holidays: HolidayCalendar | None = None
    cover: Literal["next", "nobody"] = "next"
    covered_by: tuple[PersonId, ...] = ()

    @property
    def everybody(self) -> tuple[str, ...]:
        """Each person who may hold the duty."""
        found = [person for layer in self.layers for person in layer.everybody]
        found += [person for shift in self.shifts for person in shift.people]
        found += [override.person for override in self.overrides if override.person is not None]
        return tuple(dict.fromkeys([*found, *self.covered_by]))


class Step(Model):
    """Pages all its targets at once, then waits."""

    people: tuple[PersonId, ...] = ()
    rotations: tuple[RotationId, ...] = ()
    """Whoever is on call in each of them."""
    teams: tuple[TeamId, ...] = ()
    """Every member."""
    one_of: tuple[RotationId, ...] = ()
    """One person: the first who is on call in the first of these rotations that has somebody."""
    next_on_call: tuple[RotationId, ...] = ()
    """Whoever takes over next from those on call, in each of them."""
    wait: DurationMs
    """How long without an acknowledgement before the next step."""

    @model_validator(mode="after")
    def _pages_somebody(self) -> Step:
        if not (self.people or self.rotations or self.teams or self.one_of or self.next_on_call):
            raise ValueError("a step names people or rotations to page")
        return self

    @property
    def all_rotations(self) -> tuple[str, ...]:
        """The rotations that the step looks at, whichever way."""
        return tuple(dict.fromkeys([*self.rotations, *self.one_of, *self.next_on_call]))


class EscalationPolicy(Model):
    """Steps in order; the whole list is gone through `1 + repeat` times."""

    title: str
    steps: tuple[Step, ...] = Field(min_length=1)
    delay: DurationMs = 0
    """From the start of the escalation to its first step."""
    repeat: int = Field(default=0, ge=0, le=99)
    urgency: PageUrgency = "high"
    """Which notification rules of the people apply."""
    acknowledge_timeout: DurationMs | None = Field(default=None, gt=0)
    """So long after an acknowledgement, what is still not mitigated is escalated anew; left out, never."""


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
    reopen_within: Annotated[DurationMs, Field(gt=0)] | None = None
    """How long after its resolution an incident is reopened by trouble of the same functions, components or data.  Left
    out: that opens another incident."""


class ExternalContact(Model):
    """How a vendor is called in."""

    vendor: VendorId
    called_by: RoleId | None = None
    channel: ChannelId


class Fatigue(Model):
    """What sleep lost to pages does to the next answer (`simulator.response.fatigue` tells the model)."""

    asleep_from: ClockTime = "23:00"
    asleep_until: ClockTime = "07:00"
    """When people sleep, on their own clock."""
    lost_night_slows: float = Field(default=1.5, ge=1, le=10)
    """Factor on the time to react after a night without sleep.  1.5: responses up to half slower after 17 to 19 hours
    awake (Williamson, Feyer 2000)."""
    lost_night_misses: float = Field(default=2.0, ge=1, le=100)
    """Factor on the odds of missing a page after a night without sleep.  Assumed; that lapses rise most of all is known
    (Lim, Dinges 2010)."""
    inertia_slows: float = Field(default=1.5, ge=1, le=10)
    """Factor on the time to react of somebody woken this moment.  1.5: on waking people do about 65 % of their best
    (Wertz, Ronda, Czeisler, Wright 2006)."""
    back_to_sleep: DurationMs = 1_800_000
    """From the end of the work until asleep again."""

    @model_validator(mode="after")
    def _sleeps_for_a_while(self) -> Fatigue:
        if self.asleep_from == self.asleep_until:
            raise ValueError("people sleep from one time of the day until another")
        return self


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
    fatigue: Fatigue | None = None
    """Left out: nobody tires."""


class RecoveryPolicy(Model):
    """How recovery is done here, where a playbook does not say otherwise."""

    verify_restores: bool = True
    """Restored data are checked before they are opened."""
    rollback_plans: bool = True
    """No workaround goes ahead without a written way back."""


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
