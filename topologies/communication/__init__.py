"""Communication: what is told to whom, in which words, over which channels.

`audiences` who hears; `texts` templates and free text; `disclosure` what must not be said outside; `status_page`;
`callouts` call trees and mass notification; `plan` who must hear how soon, and briefings.  `Communication` is the
section of the organisation file that has all but the audiences.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from topologies.communication.audiences import Acknowledgement, Audience, AudienceChannel
from topologies.communication.callouts import CallNode, Callout, CalloutWay, CallTree, MassNotification
from topologies.communication.disclosure import Disclosure, DisclosureCheck, DisclosureRule, Match, Screen
from topologies.communication.plan import Briefing, PlanLine
from topologies.communication.status_page import PageEntry, StatusPage
from topologies.communication.texts import FreeText, Placeholder, Says, Template
from topologies.fields import Id, Model

__all__ = [
    "Acknowledgement",
    "Audience",
    "AudienceChannel",
    "Briefing",
    "CallNode",
    "CallTree",
    "Callout",
    "CalloutWay",
    "Communication",
    "Disclosure",
    "DisclosureCheck",
    "DisclosureRule",
    "FreeText",
    "MassNotification",
    "Match",
    "PageEntry",
    "Placeholder",
    "PlanLine",
    "Says",
    "Screen",
    "StatusPage",
    "Template",
]


class Communication(Model):
    """How an organisation communicates while something is wrong."""

    templates: dict[Id, Template] = Field(default_factory=dict)
    free_text: FreeText = FreeText()
    disclosure: Disclosure = Disclosure()
    status_page: StatusPage | None = None
    plan: tuple[PlanLine, ...] = ()
    briefings: dict[Id, Briefing] = Field(default_factory=dict)
    callouts: dict[Id, Callout] = Field(default_factory=dict)

    def severities_named(self) -> Iterator[str]:
        """Every severity that something waits for."""
        page = (self.status_page,) if self.status_page is not None else ()
        for thing in (*page, *self.plan, *self.briefings.values(), *self.callouts.values()):
            if thing.from_severity is not None:
                yield thing.from_severity
