"""The command of an incident: its roles, who leads how many, when somebody is relieved, where decisions fall, what is
written down.

- A *role* is taken in an incident by somebody eligible; a *deputy* is called where the usual people cannot be reached,
  or when the holder has been on duty for too long.
- *Span of control*: a role leads the roles that report to it and, where it `leads_responders`, everybody on the bridge
  without a role.  Above `leads_at_most` its `sub_leads` are called in one after the other; each takes people over.
- A *shift* ends: after so long on duty, or when the turn on call does.  The role is then handed over, which takes the
  time of two people, and of what was not written down some is lost (`working.handoff_keeps`, item by item).
- A *bridge* is a room for some roles.  Decisions of a role fall on its bridge; where a quorum is asked for, they wait
  for it a while.
- *Validation* stands before activation: somebody looks before people are called.  Without it, an incident is declared
  on what the documentation says may be down.

Terms after ISO 22320:2018 and ICS (FEMA IS-100).
"""

from __future__ import annotations

from pydantic import Field, model_validator

from topologies.fields import Duration, DurationMs, Id, Model, PersonId, PolicyId, RoleId, require_quorum


class Role(Model):
    """A role in the command structure of an incident."""

    title: str
    eligible: tuple[PersonId, ...] = ()
    deputies: tuple[PersonId, ...] = ()
    """Called in this order where the policy finds nobody, and to relieve the holder; everybody eligible, in the order
    of the file, when left out."""
    policy: PolicyId | None = None
    """How the role is called in; the first of its people to acknowledge takes it."""
    exclusive_with: tuple[RoleId, ...] = ()
    required_from: Id | None = None
    """The least severity that needs the role filled; every declared incident when left out."""
    on_demand: bool = False
    """Called in only when somebody asks for it: a sub-lead, a member of a board, an approver."""
    reports_to: RoleId | None = None
    """Who leads the holder."""
    leads_responders: bool = False
    """Leads everybody on the bridge without a role of his own."""
    leads_at_most: int | None = Field(default=None, ge=1)
    """Span of control: ICS asks for three to seven, five at best."""
    sub_leads: tuple[RoleId, ...] = ()
    """Called in, one after the other, while more people are to be led than that."""


class Shifts(Model):
    """When somebody on an incident is relieved, and what that takes."""

    on_duty_at_most: DurationMs | None = Field(default=None, gt=0)
    """From joining an incident; without a limit when left out."""
    follow_rotations: bool = False
    """Whoever was on call when he took a role is relieved by who is on call after him."""
    handover: Duration
    """Of both people."""

    @model_validator(mode="after")
    def _ends_somehow(self) -> Shifts:
        if self.on_duty_at_most is None and not self.follow_rotations:
            raise ValueError("shifts end after a time (on_duty_at_most) or with the turn on call (follow_rotations)")
        return self


class Bridge(Model):
    """A room, mostly a call, in which some roles come together."""

    title: str
    roles: tuple[RoleId, ...] = Field(min_length=1)
    responders: bool = False
    """Who works on the incident without a role is here."""
    quorum: int = Field(default=1, ge=1)
    """How many of its roles are to be there when a decision falls."""
    waits: DurationMs = 0
    """How long a decision waits for the quorum; then it falls without."""

    @model_validator(mode="after")
    def _quorum_can_be_reached(self) -> Bridge:
        require_quorum(self.quorum, self.roles)
        return self


class DecisionLog(Model):
    """Who writes decisions down, and how long that takes once the scribe is free for it."""

    scribe: RoleId
    writing: Duration
    kept: bool = True
    """Nothing is written down where the log exists on paper only."""


class SituationReports(Model):
    """Reports on the situation that the incident manager gives, from the declaration on.

    Everybody whom the manager leads is asked before; what was reported is on record when a role is handed over.
    """

    role: RoleId
    every: DurationMs = Field(gt=0)
    asking: Duration
    """Of one person, and of the manager."""
    writing: Duration


class CommandStructure(Model):
    """How incidents are commanded here."""

    validates: bool = True
    """Somebody looks at the impact before a major incident is declared."""
    exclusive_roles: bool = True
    """Nobody takes two roles that exclude each other; where this is false, whoever answers takes both."""
    briefing: Duration | None = None
    """Of whoever joins a major incident, and of whoever leads it."""
    shifts: Shifts | None = None
    """Left out, everybody stays until the incident is over."""
    bridges: dict[Id, Bridge] = Field(default_factory=dict)
    """Left out, there is one bridge for everybody and no quorum."""
    decision_log: DecisionLog | None = None
    """Left out, every decision counts as recorded when it falls."""
    situation_reports: SituationReports | None = None
