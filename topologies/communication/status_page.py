"""The status page: what it lists, how each entry stands, who changes it over which channel.

States are those that public status pages use, from best to worst: operational, maintenance, degraded, partial outage,
major outage.  An outage is a service below its minimum level (MBCO); it is *major* where less than `major_below` of
normal is left, else *partial*.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, model_validator

from timeline.references import Reference, component, function
from topologies.fields import AudienceId, ChannelId, ComponentId, Duration, FunctionId, Id, Model, Ratio, RoleId


class PageState(StrEnum):
    """How an entry of a status page stands, from best to worst."""

    OPERATIONAL = "operational"
    MAINTENANCE = "maintenance"
    DEGRADED = "degraded"
    PARTIAL_OUTAGE = "partial outage"
    MAJOR_OUTAGE = "major outage"

    @property
    def rank(self) -> int:
        """How bad it is, from 0."""
        return list(PageState).index(self)


def page_state(state: str, level_ratio: float | None, major_below_ratio: float) -> PageState:
    """How a page should show something in a state (`up`, `degraded`, `down`), with what is left of normal; a service
    that is down and of which nobody knows how much is left counts as gone."""
    if state == "down":
        gone = level_ratio is None or level_ratio < major_below_ratio
        return PageState.MAJOR_OUTAGE if gone else PageState.PARTIAL_OUTAGE
    return PageState.DEGRADED if state == "degraded" else PageState.OPERATIONAL


class PageEntry(Model):
    """One line of the page: a business function, or a component that outsiders know."""

    title: str
    function: FunctionId | None = None
    component: ComponentId | None = None

    @model_validator(mode="after")
    def _is_about_one_thing(self) -> PageEntry:
        if (self.function is None) == (self.component is None):
            raise ValueError("an entry is about a function or about a component")
        return self

    @property
    def subject(self) -> Reference:
        if self.function is not None:
            return function(self.function)
        assert self.component is not None, "an entry is about something"
        return component(self.component)


class StatusPage(Model):
    """A page on which outsiders see how services are."""

    title: str
    channel: ChannelId
    """How it is changed; its `needs` are what the page itself stands on."""
    audience: AudienceId
    """Who reads it."""
    role: RoleId
    """Who changes it."""
    writing: Duration
    """Of one change, from a template where there is one."""
    from_severity: Id | None = None
    """The least severity of a declared incident that is shown; all when left out."""
    entries: dict[Id, PageEntry] = Field(min_length=1)
    major_below: Ratio = 0.2
