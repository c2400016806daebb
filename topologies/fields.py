"""The kinds of value that files are made of, shared by all models: ids, references, durations, shares, distributions.

`RefTo` marks a field as naming something declared elsewhere; loading resolves every marked field and reports all
names that lead nowhere, each with the nearest one that exists.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints

from timeline.distributions import Distribution
from timeline.fields import DurationMs as DurationMs
from timeline.findings import nearest


class Model(BaseModel):
    """A closed, frozen record of a file: unknown keys are errors, so a typing mistake is never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, arbitrary_types_allowed=True)


@dataclass(frozen=True, slots=True)
class RefTo:
    """Marks a string field: it must be the id of one of these (`component`, `site`, `person`, ...)."""

    kinds: tuple[str, ...]

    def __init__(self, *kinds: str) -> None:
        object.__setattr__(self, "kinds", kinds)


def _distribution(value: Any) -> Distribution:
    if isinstance(value, Distribution):
        return value
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a duration; write one like 15m, or lognormal(median=8m, p90=25m)")
    return Distribution.parse(value)


def _timezone(value: Any) -> str:
    if not isinstance(value, str) or value not in available_timezones():
        hint = nearest(str(value), available_timezones())
        raise ValueError(f"{value!r} is not a time zone of the IANA database; {hint or 'write one like Europe/Zurich'}")
    return value


Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=80)]
"""Lower-case letters, digits, dot, dash and underscore."""

Duration = Annotated[
    Distribution, BeforeValidator(_distribution, json_schema_input_type=str), PlainSerializer(str, return_type=str)
]
"""A distribution of durations; a plain duration is one that always takes that value."""


def _expression(value: Any) -> str:
    try:
        re.compile(value if isinstance(value, str) else "")
    except re.error as error:
        raise ValueError(f"{value!r} is not a regular expression: {error}") from None
    return str(value)


RegularExpression = Annotated[str, BeforeValidator(_expression, json_schema_input_type=str)]
"""A regular expression in Python's notation."""
Ratio = Annotated[float, Field(ge=0, le=1)]
TimeZone = Annotated[str, BeforeValidator(_timezone, json_schema_input_type=str)]

ComponentId = Annotated[str, RefTo("component")]
"""A component, a group or a standby pair."""
SiteId = Annotated[str, RefTo("site")]
VendorId = Annotated[str, RefTo("vendor")]
TeamId = Annotated[str, RefTo("team")]
PersonId = Annotated[str, RefTo("person")]
RotationId = Annotated[str, RefTo("rotation")]
PolicyId = Annotated[str, RefTo("policy")]
RoleId = Annotated[str, RefTo("role")]
FunctionId = Annotated[str, RefTo("function")]
AudienceId = Annotated[str, RefTo("audience")]
ObligationId = Annotated[str, RefTo("obligation")]
"""Reports that a regime wants, shipped or of the organisation's own."""
ChannelId = Annotated[str, RefTo("channel")]
ProfileId = Annotated[str, RefTo("telemetry-profile")]
"""A telemetry profile, shipped or of the estate's own."""


class Source(Model):
    """Where a parameter comes from and how far it can be trusted."""

    source: str = ""
    """Free text or a citation."""
    basis: Annotated[str, StringConstraints(pattern="^(measured|fitted|expert|assumed)$")] = "assumed"
    confidence: Annotated[str, StringConstraints(pattern="^(high|medium|low)$")] | None = None


ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$")]
"""HH:MM, or HH:MM:SS, in the time zone of the thing it belongs to."""


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def require_span(what: str, start: datetime, end: datetime) -> None:
    """Raises ValueError where a span does not run forward, or where only one of its ends has an offset."""
    if (start.tzinfo is None) != (end.tzinfo is None):
        raise ValueError(f"only one end of {what} has an offset from UTC; write both with one, or neither")
    if end <= start:
        raise ValueError(f"{what} ends after it starts; `end` is the first moment that no longer belongs to it")


def require_quorum(quorum: int, roles: Collection[str]) -> None:
    """Raises ValueError where more are to be there than there are different roles."""
    if quorum > len(set(roles)):
        raise ValueError(f"a quorum of {quorum} cannot be reached with {len(set(roles))} roles")


def require_approver(approver: str | None, approval: Distribution | None) -> None:
    """Raises ValueError where an approval has nobody who gives it, or takes no time that is stated."""
    if (approver is None) != (approval is None):
        raise ValueError("an approval has an approver and takes its time; give both, or neither")
