"""The objects of OpenSLO v1 as they are written, one model a kind.

Names of fields are those of the specification.  `loading` resolves what refers to what and says what cannot be used.

Source: OpenSLO, specification v1 (https://github.com/OpenSLO/OpenSLO); `RatioTimeslices` is from its examples.
"""

# ruff: noqa: N815  (fields are called as OpenSLO calls them)
from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from timeline.instants import DAY, HOUR, MINUTE, WEEK

API_VERSION = "openslo/v1"

_HIGHEST_TARGET = 1 - 0.99e-9
_SHORTHAND = re.compile(r"([1-9]\d*)([mhdwMQY])")
_UNITS_MS = {"m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK, "M": 30 * DAY, "Q": 90 * DAY, "Y": 365 * DAY}


def parse_shorthand(value: object) -> int:
    """Milliseconds of a duration shorthand; a month counts 30 days, a quarter 90, a year 365.  Raises ValueError."""
    found = _SHORTHAND.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        hint = "write a whole number with one unit (m, h, d, w, M, Q or Y), like 30d or 4w"
        raise ValueError(f"{value!r} is not a duration of OpenSLO; {hint}")
    return int(found[1]) * _UNITS_MS[found[2]]


def _slice(value: object) -> int:
    """A time slice: a number counts minutes."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return round(value * MINUTE)
    return parse_shorthand(value)


Shorthand = Annotated[int, BeforeValidator(parse_shorthand)]
TimeSlice = Annotated[int, BeforeValidator(_slice)]
Name = Annotated[str, Field(min_length=1, max_length=255)]
Description = Annotated[str, Field(max_length=1050)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Metadata(_Model):
    name: Name
    displayName: str = ""
    labels: dict[str, str | list[str]] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)


class MetricSource(_Model):
    """`spec` is free: for Prometheus its `query` is read."""

    metricSourceRef: str = ""
    type: str = ""
    spec: dict[str, Any] = Field(default_factory=dict)


class Metric(_Model):
    metricSource: MetricSource


class RatioMetric(_Model):
    counter: bool = True
    good: Metric | None = None
    bad: Metric | None = None
    total: Metric | None = None
    rawType: Literal["success", "failure"] | None = None
    raw: Metric | None = None

    @model_validator(mode="after")
    def _one_form(self) -> RatioMetric:
        counts = [name for name in ("good", "bad", "total") if getattr(self, name) is not None]
        if self.raw is not None:
            if counts:
                raise ValueError(f"'raw' stands beside {counts[0]!r}; give the ratio or the counts, not both")
            if self.rawType is None:
                raise ValueError("'raw' needs 'rawType'; success (good/total) or failure (bad/total)")
        elif self.rawType is not None:
            raise ValueError("'rawType' goes with 'raw', which is not given; leave it out")
        elif counts not in (["good", "total"], ["bad", "total"]):
            given = " and ".join(counts) or "nothing"
            raise ValueError(f"a ratio is made of good and total, bad and total, or raw; found {given}")
        return self


class SliSpec(_Model):
    description: Description = ""
    thresholdMetric: Metric | None = None
    ratioMetric: RatioMetric | None = None

    @model_validator(mode="after")
    def _one_metric(self) -> SliSpec:
        if (self.thresholdMetric is None) == (self.ratioMetric is None):
            raise ValueError("an indicator has exactly one metric; give either thresholdMetric or ratioMetric")
        return self


class InlineIndicator(_Model):
    metadata: Metadata | None = None
    spec: SliSpec


class Calendar(_Model):
    startTime: str
    timeZone: str


class TimeWindow(_Model):
    duration: Shorthand
    isRolling: bool | None = None
    calendar: Calendar | None = None

    @model_validator(mode="after")
    def _rolling_or_calendar(self) -> TimeWindow:
        if self.isRolling is True and self.calendar is not None:
            raise ValueError("a rolling window follows no calendar; remove 'calendar', or write isRolling: false")
        if self.isRolling is False and self.calendar is None:
            raise ValueError("a window that does not roll needs a calendar; add 'calendar', or write isRolling: true")
        return self


class ObjectiveSpec(_Model):
    displayName: str = ""
    op: Literal["lte", "gte", "lt", "gt"] | None = None
    value: float | None = None
    target: Annotated[float, Field(ge=0, lt=1)] | None = None
    targetPercent: Annotated[float, Field(ge=0, lt=100)] | None = None
    timeSliceTarget: Annotated[float, Field(gt=0, le=1)] | None = None
    timeSliceWindow: TimeSlice | None = None

    @model_validator(mode="after")
    def _one_target(self) -> ObjectiveSpec:
        if (self.target is None) == (self.targetPercent is None):
            raise ValueError("an objective has exactly one target; give either target or targetPercent")
        if max(self.target or 0.0, (self.targetPercent or 0.0) / 100) > _HIGHEST_TARGET:
            raise ValueError("the target leaves no error budget; nine nines are the most that can be told from all")
        return self


class Condition(_Model):
    kind: Literal["burnrate"] = "burnrate"
    threshold: Annotated[float, Field(gt=0)]
    lookbackWindow: Shorthand
    alertAfter: Annotated[int, BeforeValidator(lambda value: 0 if value == "0m" else parse_shorthand(value))] = 0


class ConditionSpec(_Model):
    description: Description = ""
    severity: str
    condition: Condition


class InlineCondition(_Model):
    """An AlertCondition within a policy, or the name of one."""

    conditionRef: str = ""
    apiVersion: str = API_VERSION
    kind: Literal["AlertCondition"] = "AlertCondition"
    metadata: Metadata | None = None
    spec: ConditionSpec | None = None

    @model_validator(mode="after")
    def _named_or_written(self) -> InlineCondition:
        if bool(self.conditionRef) == (self.spec is not None):
            raise ValueError("an alert condition is either named or written out; give either conditionRef or spec")
        return self


class PolicySpec(_Model):
    description: Description = ""
    alertWhenNoData: bool = False
    alertWhenResolved: bool = False
    alertWhenBreaching: bool = False
    conditions: Annotated[list[InlineCondition], Field(min_length=1, max_length=1)]
    notificationTargets: list[dict[str, Any]] = Field(default_factory=list)


class InlinePolicy(_Model):
    """An AlertPolicy within an SLO, or the name of one."""

    alertPolicyRef: str = ""
    apiVersion: str = API_VERSION
    kind: Literal["AlertPolicy"] = "AlertPolicy"
    metadata: Metadata | None = None
    spec: PolicySpec | None = None

    @model_validator(mode="after")
    def _named_or_written(self) -> InlinePolicy:
        if bool(self.alertPolicyRef) == (self.spec is not None):
            raise ValueError("an alert policy is either named or written out; give either alertPolicyRef or spec")
        return self


class SloSpec(_Model):
    description: Description = ""
    service: Name
    indicator: InlineIndicator | None = None
    indicatorRef: str = ""
    timeWindow: Annotated[list[TimeWindow], Field(min_length=1, max_length=1)]
    """Optional in the specification; without it there is no budget to speak of."""
    budgetingMethod: Literal["Occurrences", "Timeslices", "RatioTimeslices"]
    objectives: Annotated[list[ObjectiveSpec], Field(min_length=1)]
    alertPolicies: list[InlinePolicy] = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_indicator(self) -> SloSpec:
        if bool(self.indicatorRef) == (self.indicator is not None):
            raise ValueError("an SLO has exactly one indicator; give either indicator or indicatorRef")
        return self


class SourceSpec(_Model):
    description: Description = ""
    type: str
    connectionDetails: Any = None


class ServiceSpec(_Model):
    description: Description = ""


class TargetSpec(_Model):
    description: Description = ""
    target: str


class _Object(_Model):
    apiVersion: Literal["openslo/v1"]
    metadata: Metadata


class Slo(_Object):
    kind: Literal["SLO"]
    spec: SloSpec


class Sli(_Object):
    kind: Literal["SLI"]
    spec: SliSpec


class Service(_Object):
    kind: Literal["Service"]
    spec: ServiceSpec = ServiceSpec()


class DataSource(_Object):
    kind: Literal["DataSource"]
    spec: SourceSpec


class AlertPolicy(_Object):
    kind: Literal["AlertPolicy"]
    spec: PolicySpec


class AlertCondition(_Object):
    kind: Literal["AlertCondition"]
    spec: ConditionSpec


class AlertNotificationTarget(_Object):
    kind: Literal["AlertNotificationTarget"]
    spec: TargetSpec


OpenSlo = Slo | Sli | Service | DataSource | AlertPolicy | AlertCondition | AlertNotificationTarget

KINDS: dict[str, type[OpenSlo]] = {
    "SLO": Slo,
    "SLI": Sli,
    "Service": Service,
    "DataSource": DataSource,
    "AlertPolicy": AlertPolicy,
    "AlertCondition": AlertCondition,
    "AlertNotificationTarget": AlertNotificationTarget,
}
