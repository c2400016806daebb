"""The crisis team: who comes together when a workplace is lost, and who calls."""

from __future__ import annotations

from pydantic import Field, model_validator

from topologies.fields import Duration, Model, PolicyId, RoleId, require_quorum


class CrisisTeam(Model):
    """Roles that lead the organisation through the loss of a place (ISO 22320: incident management structure)."""

    policy: PolicyId
    """Whom the floor wardens call."""
    alarm: Duration
    """From the moment in which a place has to be left until that call."""
    roles: tuple[RoleId, ...] = Field(min_length=1)
    """Called in with the alarm, before anything is declared."""
    quorum: int = Field(ge=1)
    """The team is convened once so many of these roles are held."""

    @model_validator(mode="after")
    def _quorum_can_be_reached(self) -> CrisisTeam:
        require_quorum(self.quorum, self.roles)
        return self
