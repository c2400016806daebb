"""Service level agreements: until when an incident is responded to and resolved, by severity.

    service_levels:
      branches:
        title: Branches and telephone
        covers: [branch-portal, contact-centre]
        calendar: {timezone: Europe/Vienna, hours: {monday: ["08:00-18:00"]}, holidays: {country: AT}}
        always: [sev1]
        before_triage: sev2
        targets:
          sev1: {respond: 15m, resolve: 2h}
          sev2: {respond: 30m, resolve: 4h}
        escalation: {at: 0.75, policy: incident-management}

Both clocks run from the moment in which the incident was opened.  *Respond* is kept by the first acknowledgement,
*resolve* by a resolution that lasts.  With a *calendar* they run in business hours only, except for the severities that
count `always`.  Until somebody has judged how grave it is, the response that `before_triage` promises is owed.

An agreement acts through its *escalation*: once so much of a target is used up and the promise is not kept yet, another
policy is paged, and whoever answers works on the incident from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated

from pydantic import Field, model_validator

from topologies.business_hours import BusinessCalendar
from topologies.fields import DurationMs, Id, Model, PolicyId, RefTo

Covered = Annotated[str, RefTo("component", "site", "function")]
Target = Annotated[DurationMs, Field(gt=0)]


class SlaTarget(Model):
    """What is promised for one severity; nothing, where a part is left out."""

    respond: Target | None = None
    resolve: Target | None = None


class SlaEscalation(Model):
    """Who is called when a promise is about to be broken."""

    at: float = Field(default=0.75, gt=0, lt=1)
    """Share of the target that is used up by then."""
    policy: PolicyId


class ServiceLevelAgreement(Model):
    """What is promised to the users of some services."""

    title: str
    covers: tuple[Covered, ...] = ()
    """Components, sites and functions; everything when left out.  Of several agreements the most particular one that
    covers something that an incident is about holds for it."""
    calendar: BusinessCalendar | None = None
    """Around the clock when left out."""
    always: tuple[Id, ...] = ()
    """Severities for which the clock runs outside business hours, too."""
    before_triage: Id | None = None
    """The severity whose response is promised until it is known; none is when left out."""
    targets: dict[Id, SlaTarget] = Field(min_length=1)
    pauses_while_waiting: bool = False
    """The clocks stand still while those who reported it have not said yet whether it works again."""
    escalation: SlaEscalation | None = None

    @model_validator(mode="after")
    def _always_adds_to_hours(self) -> ServiceLevelAgreement:
        if self.always and self.calendar is None:
            raise ValueError("an agreement around the clock needs no `always`; state its calendar, or leave it out")
        if self.before_triage is not None and self.before_triage not in self.targets:
            raise ValueError(f"before_triage names {self.before_triage!r}, for which there are no targets")
        return self

    def hours_for(self, severity: str) -> BusinessCalendar | None:
        """The hours that count for a severity; None: all of them."""
        return None if severity in self.always else self.calendar


def most_particular(
    agreements: Mapping[str, ServiceLevelAgreement], covers: Callable[[ServiceLevelAgreement], bool]
) -> str | None:
    """Of the agreements that cover something the one that names the fewest things; of equal ones the first by name."""
    found = [
        (not agreement.covers, len(agreement.covers), id) for id, agreement in agreements.items() if covers(agreement)
    ]
    return min(found)[-1] if found else None
