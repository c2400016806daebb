"""Need-to-know: who may read what is said about an incident.

Every event has a data class.  What belongs to an incident becomes *restricted* once it is one of security: when a cause
that somebody put there is found, or an alert says so by the label `data_class`.  People have a *clearance*, by role in
the incident and by team; whoever lacks it is refused, and may ask for access.

Standard: ISO/IEC 27001:2022, Annex A 5.15 and 5.18; NIST SP 800-53r5 AC-6.
"""

from __future__ import annotations

from pydantic import Field

from timeline.events import DataClass
from topologies.fields import Duration, Model, PersonId, Ratio, RoleId, TeamId

LABEL = "data_class"
"""The alert label by which an incident is confined from its first alert on."""


class NeedToKnow(Model):
    """Who may read up to which class.  Nobody at work is kept from what is `internal`."""

    enforced: bool = True
    """Left false, rules exist and nobody is stopped: what is read without clearance is put on record."""
    roles: dict[RoleId, DataClass] = Field(default_factory=dict)
    teams: dict[TeamId, DataClass] = Field(default_factory=dict)
    people: dict[PersonId, DataClass] = Field(default_factory=dict)
    approver: RoleId | None = None
    """Decides whether somebody gets access; nobody does when left out."""
    approval: Duration
    refusal: Ratio = 0.0
