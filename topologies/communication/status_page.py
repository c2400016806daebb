"""The status page: what it lists, who changes it over which channel."""

from __future__ import annotations

from pydantic import Field, model_validator

from timeline.references import Reference, component, function
from topologies.fields import AudienceId, ChannelId, ComponentId, Duration, FunctionId, Id, Model, Ratio, RoleId


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
    """An outage counts as major while less than this of normal is left."""
