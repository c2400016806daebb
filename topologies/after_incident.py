"""After an incident: who reviews it and how, who must agree before anybody outside is told, what is done about it.

    after_incident:
      review: {role: incident-manager, method: cause-and-effect, within: 14d, begins_after: 1d, asking: 1h, writing: 4h}
      approvals:
        legal: {people: [general-counsel], takes: "uniform(1d, 3d)"}
        compliance: {people: [compliance-officer], takes: 1d}
      disclosure: {audience: customers, role: communications-lead, drafting: 1d}
      improvement: {within: 30d, work: "lognormal(median=10d, p90=25d)"}
      calendar: {timezone: Europe/Vienna, hours: {monday: ["09:00-17:00"]}}

This is office work: lengths are time of work in the hours of the calendar, `within` is time as it passes.

A review asks *why* and follows the answer; each time takes `asking`.  Its *method* decides how far it goes:

- `none`: it is content with the first answer, as people are who have no method;
- `five-whys`: one chain, at most five times, always along the cause that came last (Ohno);
- `cause-and-effect`: every cause of every effect, until there is none behind (a cause-and-effect chart, after Gano).

A review is *authorised* when it is complete and everybody in `approvals` has approved it.  Words for those outside are
under an *embargo* until then, unless the organisation does without.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from topologies.business_hours import BusinessCalendar
from topologies.fields import AudienceId, Duration, DurationMs, Id, Model, PersonId, RoleId

ReviewMethod = Literal["none", "five-whys", "cause-and-effect"]
ActionOwner = Literal["owning-team", "reviewer", "nobody"]


class ReviewPolicy(Model):
    """How incidents are reviewed."""

    role: RoleId
    """Who leads the review."""
    method: ReviewMethod = "cause-and-effect"
    from_severity: Id | None = None
    """The least severity that is reviewed; every declared major incident when left out."""
    within: DurationMs = Field(gt=0)
    """From the resolution until the review has to be authorised."""
    begins_after: Duration
    asking: Duration
    """One question why, with the search for evidence."""
    writing: Duration


class Approval(Model):
    """A seat at the table where reviews are approved, such as that of legal or of compliance."""

    people: tuple[PersonId, ...]
    """Who may sit there; where nobody does, an approval never comes."""
    takes: Duration
    """To read the review and agree."""


class DisclosurePolicy(Model):
    """What those outside are told about an incident afterwards."""

    audience: AudienceId
    role: RoleId
    """Who writes."""
    drafting: Duration
    """From the resolution until the words are ready."""
    embargo: bool = True
    """They are held back until the review is authorised."""


class ImprovementPolicy(Model):
    """What becomes of the actions of a review."""

    within: DurationMs = Field(gt=0)
    """Until when an action is due, from the day on which it was agreed."""
    owner: ActionOwner = "owning-team"
    """Who has to see to it: the team that owns what failed, the role that led the review, or nobody in particular."""
    work: Duration
    """Until an action that somebody owns is done."""


class AfterIncident(Model):
    """The organisation's policy for the time after an incident."""

    review: ReviewPolicy
    approvals: dict[Id, Approval] = Field(default_factory=dict)
    """Who must approve a review, by seat."""
    disclosure: DisclosurePolicy | None = None
    improvement: ImprovementPolicy | None = None
    risk_update: Duration | None = None
    """How long it takes to write a result into the risk register; nobody does when left out."""
    calendar: BusinessCalendar | None = None
    """When such work is done; around the clock when left out."""
    horizon: DurationMs = Field(default=7_776_000_000, gt=0)
    """How far after the exercise the simulation looks: 90 days."""
