"""Telemetry profiles of one's own: the series of an exporter that is not among the shipped ones, as a YAML file.

    format: blackstart/telemetry-profile/1
    title: A Java application
    exposed: process
    metrics:
      jvm_memory_used_bytes:
        type: gauge
        series:
          - {labels: {area: heap}, signals: [memory_used_ratio], scale: 4e9}
          - {labels: {area: nonheap}, constant: 8e7}
      app_requests_total:
        type: counter
        series:
          - {labels: {status: ok}, signals: [ok_rps]}

The value of a gauge is `scale x (sum of the signals) + offset`, held between `floor` and `ceiling`.  Of a counter this
is its rate a second, of a histogram the rate of what it observes, whose durations scatter around a median.  A file is
named after its profile and listed under `monitoring.profiles` of the estate.

A draft made from rules or from a scrape holds `"???"` where only a person can say which signal moves a series: such a
file is not loaded until every one of them is filled in.
"""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from topologies.fields import Model
from topologies.signals import Signal

FORMAT = "blackstart/telemetry-profile/1"
UNKNOWN = "???"
"""Stands in a draft for what a person has to fill in."""


class MetricType(StrEnum):
    """Types of the text exposition format.  `untyped` is for exporters that pass on a count without a type."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    UNTYPED = "untyped"


def _filled_in(value: Any) -> Any:
    if value == UNKNOWN:
        raise ValueError(f"{UNKNOWN!r} is still to be filled in; this is a draft: say what moves it, or take it out")
    return value


def _some(series: tuple[Series, ...]) -> tuple[Series, ...]:
    """Asked once each series is right by itself: pydantic counts only those that are."""
    if not series:
        raise ValueError("a metric without series shows nothing; list one for each set of labels")
    return series


FilledIn = BeforeValidator(_filled_in)
MetricName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_:][a-zA-Z0-9_:]*$")]
LabelName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]
SignalName = Annotated[Signal, FilledIn]
LabelValue = Annotated[str, FilledIn]


class Series(Model):
    """One series of a metric: its labels, and what it is made of."""

    labels: dict[LabelName, LabelValue] = Field(default_factory=dict)
    signals: tuple[SignalName, ...] = ()
    """Added up."""
    constant: float | None = None
    """In place of signals: it never moves."""
    scale: float = 1.0
    offset: float = 0.0
    floor: float | None = None
    ceiling: float | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Series:
        if bool(self.signals) == (self.constant is not None):
            raise ValueError("a series is made of signals or of a constant; write `signals: [...]` or `constant: ...`")
        if self.floor is not None and self.ceiling is not None and self.floor > self.ceiling:
            raise ValueError("floor is above ceiling; nothing lies between them")
        return self


class Metric(Model):
    """A metric: its type and its series."""

    type: Annotated[Literal["counter", "gauge", "histogram"], FilledIn]
    help: str = ""
    exposed: Literal["process", "asking", "beside", "outside"] | None = None
    """Who shows it, where that is not who shows the others."""
    median: SignalName | None = None
    """Histogram: the duration around which observations scatter, a signal in seconds."""
    buckets: tuple[Annotated[float, FilledIn], ...] = ()
    """Histogram: upper bounds, ascending, without +Inf."""
    series: Annotated[tuple[Series, ...], AfterValidator(_some), Field(json_schema_extra={"minItems": 1})]

    @model_validator(mode="after")
    def _fits_its_type(self) -> Metric:
        if (self.type == "histogram") != bool(self.buckets and self.median):
            raise ValueError(
                "a histogram, and only a histogram, states its `buckets` and the `median` of its durations"
            )
        bounds = (0.0, *self.buckets)
        if any(low >= high for low, high in pairwise(bounds)):
            raise ValueError("the buckets do not ascend from above zero; list each upper bound once, the lowest first")
        if self.type != "gauge" and any(s.constant is not None and s.constant < 0 for s in self.series):
            raise ValueError("a counter never falls; its rate cannot be below zero")
        if self.buckets and any("le" in s.labels for s in self.series):
            raise ValueError("the label le belongs to the buckets; leave it out of `labels`")
        found = [tuple(sorted(s.labels.items())) for s in self.series]
        if len(found) != len(set(found)):
            raise ValueError("two series have the same labels; Prometheus would refuse the scrape")
        return self


class TelemetryProfile(Model):
    """A file of the format: what one exporter shows of a replica."""

    format: Literal["blackstart/telemetry-profile/1"]
    title: str = ""
    exposed: Literal["process", "asking", "beside", "outside"] = "process"
    """`process`: gone while the process is down or hangs; `asking`: of an exporter that asks it, there while it is down
    and gone while it hangs; `beside`: gone only with its host; `outside`: always there."""
    metrics: Annotated[dict[MetricName, Metric], Field(min_length=1)]
