"""What people want of their alerts: for this fault, one of these alerts, within this time, to this team.

Coverage and fidelity compare three columns: expected, predicted, observed.  This file is the first; without it
the monitoring would only be compared with itself.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from topologies.fields import DurationMs, Id, Model, RefTo, Source, TeamId

FORMAT = "blackstart/expectations/1"

FaultKindId = Annotated[str, RefTo("fault-kind")]
TargetId = Annotated[str, RefTo("component", "site", "shared-thing", "vendor")]
AlertName = Annotated[str, RefTo("alert")]


class Expectation(Model):
    """One row: a fault that has to be noticed."""

    fault: FaultKindId
    target: TargetId
    parameters: dict[str, Any] = Field(default_factory=dict)
    """As the kind of fault declares them; its mildest form that must be noticed."""
    alerts: tuple[AlertName, ...] = Field(min_length=1)
    """Any one of them is enough."""
    within: DurationMs = Field(gt=0)
    """From the start of the fault until a notification has been sent."""
    team: TeamId | None = None
    """Whom it has to reach; any team when left out."""
    reason: str = ""


class Expectations(Model):
    """A whole table, as `alerts/expectations.yaml` states it."""

    format: Literal["blackstart/expectations/1"]
    expectations: dict[Id, Expectation]
    sources: dict[str, Source] = Field(default_factory=dict)
