"""Alertmanager's native configuration, from a YAML document to what the engine works with.

Two layers: the pydantic models say what a file may contain, field by field under the names of the file;
`AlertmanagerConfig` is the configuration made ready, with the tree built and everything inherited.
What Alertmanager cannot load is an InputError here too, with the place of every mistake.  One exception is made on
purpose: an integration that lacks an address or a secret is only a finding, since such configurations are kept
without their secrets and the simulation needs none.

Source: Alertmanager, `config/config.go`; fields of versions 0.25 to 0.34 are known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from simulator.monitoring.alertmanager.inhibit import InhibitRule
from simulator.monitoring.alertmanager.matchers import (
    LabelSet,
    Matcher,
    MatchType,
    is_label_name,
    parse_matchers,
    sorted_matchers,
)
from simulator.monitoring.alertmanager.receivers import KINDS, Integration, Receiver
from simulator.monitoring.alertmanager.routes import (
    GROUP_INTERVAL_MS,
    GROUP_WAIT_MS,
    REPEAT_INTERVAL_MS,
    Route,
)
from simulator.monitoring.alertmanager.timeinterval import (
    Span,
    TimeInterval,
    in_any,
    parse_days_of_month,
    parse_months,
    parse_times,
    parse_weekdays,
    parse_years,
)
from timeline.findings import Finding, InputError, Place, Severity, nearest
from timeline.instants import MINUTE, parse_duration
from topologies.loading.document import Document
from topologies.loading.nodes import Step
from topologies.loading.shape import Shape
from topologies.loading.validation import disagreements

RESOLVE_TIMEOUT_MS = 5 * MINUTE
GROUP_BY_ALL = "..."

_DURATION = re.compile(r"0|(?=.)(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?")


def _duration(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not _DURATION.fullmatch(value):
        raise ValueError(f"{value!r} is not a duration; write whole numbers with units, like 30s, 5m or 1h30m")
    return parse_duration(value)


def _positive(value: Any) -> Any:
    if value == 0:
        raise ValueError("the interval cannot be zero")
    return value


def _label_name(value: Any) -> Any:
    if isinstance(value, str) and not is_label_name(value):
        raise ValueError(f"{value!r} is not a label name; letters, digits and underscores, not starting with a digit")
    return value


def _label_names(value: dict[str, str]) -> dict[str, str]:
    for name in value:
        _label_name(name)
    return value


def _matchers_of_line(value: Any) -> Any:
    return tuple(parse_matchers(value)) if isinstance(value, str) else value


def _location(value: Any) -> Any:
    if value == "UTC":
        return ZoneInfo("UTC")
    if not isinstance(value, str) or value not in available_timezones():
        raise ValueError(f"{value!r} is not a time zone; {nearest(str(value), available_timezones())}".rstrip("; "))
    return ZoneInfo(value)


def _times(value: Any) -> Any:
    if isinstance(value, Mapping):
        start, end = value.get("start_time"), value.get("end_time")
        if set(value) != {"start_time", "end_time"} or not isinstance(start, str) or not isinstance(end, str):
            raise ValueError(
                'a range of times needs start_time and end_time, and nothing else, like "09:00" and "17:00"'
            )
        return parse_times(start, end)
    return value


def _parsed_by(parse: Any) -> BeforeValidator:
    return BeforeValidator(lambda value: parse(value) if isinstance(value, str) else value)


_DurationMs = Annotated[int, BeforeValidator(_duration)]
_IntervalMs = Annotated[_DurationMs, BeforeValidator(_positive), BeforeValidator(_duration)]
_ByLabel = Annotated[dict[str, str], AfterValidator(_label_names)]
_LabelName = Annotated[str, BeforeValidator(_label_name)]
_Line = Annotated[tuple[Matcher, ...], BeforeValidator(_matchers_of_line)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        """A key with nothing behind it counts as left out, as in Go."""
        return {key: value for key, value in data.items() if value is not None} if isinstance(data, Mapping) else data


class RouteFile(_Model):
    """A route as written."""

    receiver: str = ""
    group_by: tuple[str, ...] = ()
    match: _ByLabel = Field(default_factory=dict)
    match_re: _ByLabel = Field(default_factory=dict)
    matchers: tuple[_Line, ...] = ()
    mute_time_intervals: tuple[str, ...] = ()
    active_time_intervals: tuple[str, ...] = ()
    continues: bool = Field(default=False, alias="continue")
    routes: tuple[RouteFile, ...] = ()
    group_wait: _DurationMs | None = None
    group_interval: _IntervalMs | None = None
    repeat_interval: _IntervalMs | None = None
    labels: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _group_by_is_sound(self) -> RouteFile:
        if GROUP_BY_ALL in self.group_by and len(set(self.group_by)) > 1:
            raise ValueError("group_by cannot have the wildcard '...' and other labels at the same time")
        if len(set(self.group_by)) < len(self.group_by):
            raise ValueError("a label is given twice in group_by")
        for name in self.group_by:
            if name != GROUP_BY_ALL:
                _label_name(name)
        return self

    def all_matchers(self) -> tuple[Matcher, ...]:
        return sorted_matchers(_matchers(self.match, self.match_re, self.matchers))


class InhibitRuleFile(_Model):
    """An inhibition rule as written."""

    name: str = ""
    source_match: _ByLabel = Field(default_factory=dict)
    source_match_re: _ByLabel = Field(default_factory=dict)
    source_matchers: tuple[_Line, ...] = ()
    target_match: _ByLabel = Field(default_factory=dict)
    target_match_re: _ByLabel = Field(default_factory=dict)
    target_matchers: tuple[_Line, ...] = ()
    equal: tuple[_LabelName, ...] = ()

    def rule(self, place: Place) -> InhibitRule:
        return InhibitRule(
            tuple(_matchers(self.source_match, self.source_match_re, self.source_matchers)),
            tuple(_matchers(self.target_match, self.target_match_re, self.target_matchers)),
            tuple(sorted(set(self.equal))),
            place,
        )


class TimeIntervalFile(_Model):
    """One item of a named list of time intervals as written."""

    times: tuple[Annotated[Span, BeforeValidator(_times)], ...] | None = None
    weekdays: tuple[Annotated[Span, _parsed_by(parse_weekdays)], ...] | None = None
    days_of_month: tuple[Annotated[Span, _parsed_by(parse_days_of_month)], ...] | None = None
    months: tuple[Annotated[Span, _parsed_by(parse_months)], ...] | None = None
    years: tuple[Annotated[Span, _parsed_by(parse_years)], ...] | None = None
    location: Annotated[ZoneInfo, BeforeValidator(_location)] | None = None

    def interval(self) -> TimeInterval:
        return TimeInterval(self.times, self.weekdays, self.days_of_month, self.months, self.years, self.location)


class NamedTimeIntervalsFile(_Model):
    """A named list of time intervals as written: it holds when one of them does."""

    name: str = Field(min_length=1)
    time_intervals: tuple[TimeIntervalFile, ...] = ()


class IntegrationFile(BaseModel):
    """What all kinds of integration share; other fields are checked by name against their kind."""

    model_config = ConfigDict(extra="allow", frozen=True)

    send_resolved: bool | None = None
    max_alerts: int = Field(default=0, ge=0)


class ReceiverFile(BaseModel):
    """A receiver as written: its name, and a list of integrations for each kind."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, tuple[IntegrationFile, ...] | None]

    name: str = Field(min_length=1)
    labels: Annotated[dict[str, str] | None, Field(exclude=True)] = None


class GlobalFile(BaseModel):
    """The global section: only `resolve_timeout` changes what is notified when."""

    model_config = ConfigDict(extra="allow", frozen=True)

    resolve_timeout: _DurationMs = RESOLVE_TIMEOUT_MS


class ConfigFile(_Model):
    """The whole file as written."""

    global_: GlobalFile = Field(default_factory=GlobalFile, alias="global")
    route: RouteFile
    inhibit_rules: tuple[InhibitRuleFile, ...] = ()
    receivers: tuple[ReceiverFile, ...] = ()
    templates: tuple[str, ...] = ()
    mute_time_intervals: tuple[NamedTimeIntervalsFile, ...] = ()
    time_intervals: tuple[NamedTimeIntervalsFile, ...] = ()
    tracing: dict[str, Any] = Field(default_factory=dict)
    event_recorder: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AlertmanagerConfig:
    """A configuration made ready.  `global_settings` are kept for templates and for the check of integrations."""

    route: Route
    receivers: Mapping[str, Receiver]
    inhibit_rules: tuple[InhibitRule, ...] = ()
    time_intervals: Mapping[str, tuple[TimeInterval, ...]] = field(default_factory=dict)
    time_interval_places: Mapping[str, Place] = field(default_factory=dict)
    resolve_timeout_ms: int = RESOLVE_TIMEOUT_MS
    templates: tuple[str, ...] = ()
    global_settings: Mapping[str, object] = field(default_factory=dict)

    def receivers_for(self, labels: LabelSet) -> list[str]:
        """The receivers that an alert with these labels reaches, in the order of the tree.

        A receiver reached over two routes appears twice, as `amtool config routes test` prints it.
        """
        return [route.receiver for route in self.route.match(labels)]

    def muted_by(self, route: Route, moment: datetime) -> list[str]:
        """The time intervals that keep a route from notifying at an (aware) moment; empty when it may."""
        muting = [name for name in route.mute_time_intervals if in_any(self.time_intervals[name], moment)]
        active = route.active_time_intervals
        if active and not any(in_any(self.time_intervals[name], moment) for name in active):
            return [*muting, *(f"outside {name}" for name in active)]
        return muting


def load_config(document: Document) -> AlertmanagerConfig:
    """The configuration of a document.  Raises InputError with every mistake found and its place."""
    data = document.text_data()
    if not isinstance(data, Mapping):
        raise InputError.single(
            "alertmanager.config",
            document.place([]),
            "an Alertmanager configuration is a mapping with route and receivers",
        )
    try:
        written = ConfigFile.model_validate(data)
    except ValidationError as error:
        raise InputError(disagreements(error, document, Shape.of(ConfigFile))) from None
    findings = list(_unknown_names(written, document))
    if findings:
        raise InputError(findings)
    intervals = [*written.mute_time_intervals, *written.time_intervals]
    return AlertmanagerConfig(
        route=_build_route(written.route, None, document, ["route"]),
        receivers=_receivers(written, document),
        inhibit_rules=tuple(
            rule.rule(document.place(["inhibit_rules", position]))
            for position, rule in enumerate(written.inhibit_rules)
        ),
        time_intervals={named.name: tuple(item.interval() for item in named.time_intervals) for named in intervals},
        time_interval_places={
            named.name: document.place([section, position])
            for section in ("mute_time_intervals", "time_intervals")
            for position, named in enumerate(getattr(written, section))
        },
        resolve_timeout_ms=written.global_.resolve_timeout,
        templates=written.templates,
        global_settings=dict(written.global_.model_extra or {}),
    )


def _matchers(
    equal: Mapping[str, str], regexps: Mapping[str, str], lines: Sequence[tuple[Matcher, ...]]
) -> Iterator[Matcher]:
    for name, value in equal.items():
        yield Matcher(name, MatchType.EQUAL, value)
    for name, value in regexps.items():
        yield Matcher(name, MatchType.REGEXP, value)
    for line in lines:
        yield from line


def _build_route(written: RouteFile, parent: Route | None, document: Document, path: list[Step]) -> Route:
    """The route with what it inherits; children are built from a stand-in of it that has no children yet."""
    labels = tuple(name for name in written.group_by if name != GROUP_BY_ALL)
    own: dict[str, Any] = {
        "receiver": written.receiver or (parent.receiver if parent else ""),
        "matchers": written.all_matchers(),
        "continues": written.continues,
        "mute_time_intervals": written.mute_time_intervals,
        "active_time_intervals": written.active_time_intervals,
        "parent_key": parent.key if parent else "",
        "place": document.place(path),
        "group_by": labels or (parent.group_by if parent else ()),
        "group_by_all": not labels and (GROUP_BY_ALL in written.group_by or bool(parent and parent.group_by_all)),
    }
    defaults = (
        ("group_wait_ms", written.group_wait, GROUP_WAIT_MS),
        ("group_interval_ms", written.group_interval, GROUP_INTERVAL_MS),
        ("repeat_interval_ms", written.repeat_interval, REPEAT_INTERVAL_MS),
    )
    for name, value, default in defaults:
        own[name] = value if value is not None else getattr(parent, name) if parent else default
    stem = Route(**own)
    children = tuple(
        _build_route(child, stem, document, [*path, "routes", position])
        for position, child in enumerate(written.routes)
    )
    return Route(**own, routes=children) if children else stem


def _receivers(written: ConfigFile, document: Document) -> dict[str, Receiver]:
    """By name.  Where no receiver has an integration the file is a sketch: each name stands for one webhook."""
    receivers = [
        _receiver(receiver, document, ["receivers", position]) for position, receiver in enumerate(written.receivers)
    ]
    if not any(receiver.integrations for receiver in receivers):
        webhook = KINDS["webhook_configs"]
        receivers = [
            replace(
                receiver,
                integrations=(Integration(webhook.name, 0, webhook.send_resolved, receiver.place, sketched=True),),
            )
            for receiver in receivers
        ]
    return {receiver.name: receiver for receiver in receivers}


def _receiver(written: ReceiverFile, document: Document, path: list[Step]) -> Receiver:
    integrations: list[Integration] = []
    extra = written.model_extra or {}
    for key, kind in KINDS.items():
        for index, item in enumerate(extra.get(key) or ()):
            resolved = kind.send_resolved if item.send_resolved is None else item.send_resolved
            place = document.place([*path, key, index])
            settings = dict(item.model_extra or {})
            integrations.append(Integration(kind.name, index, resolved, place, item.max_alerts, settings))
    return Receiver(written.name, tuple(integrations), document.place(path))


def _error(place: Place, message: str, hint: str = "") -> Finding:
    return Finding("alertmanager.config", Severity.ERROR, place, message, hint)


def _unknown_names(written: ConfigFile, document: Document) -> Iterator[Finding]:
    """What holds between parts of the file: names that lead nowhere, names given twice, the root's own rules."""
    root = written.route
    root_place = document.place(["route"], key=True)
    if not root.receiver:
        yield _error(
            root_place, "the root route must name a receiver", "every alert that no other route takes goes there"
        )
    if root.all_matchers():
        yield _error(root_place, "the root route must not have matchers", "it takes every alert; use a child route")
    if root.mute_time_intervals or root.active_time_intervals:
        yield _error(root_place, "the root route must not have time intervals", "use them on a child route")
    if root.continues:
        yield _error(root_place, "the root route must not say continue")
    yield from _receiver_findings(written, document)
    intervals: set[str] = set()
    for section in ("mute_time_intervals", "time_intervals"):
        for position, named in enumerate(getattr(written, section)):
            if named.name in intervals:
                yield _error(
                    document.place([section, position, "name"]), f"time interval {named.name!r} is given twice"
                )
            intervals.add(named.name)
    receivers = {receiver.name for receiver in written.receivers}
    yield from _route_findings(root, document, ["route"], receivers, intervals)


def _receiver_findings(written: ConfigFile, document: Document) -> Iterator[Finding]:
    names: set[str] = set()
    for position, receiver in enumerate(written.receivers):
        path: list[Step] = ["receivers", position]
        if receiver.name in names:
            yield _error(document.place([*path, "name"]), f"receiver {receiver.name!r} is given twice")
        names.add(receiver.name)
        for key, items in (receiver.model_extra or {}).items():
            kind = KINDS.get(key)
            if kind is None:
                yield _error(
                    document.place([*path, key], key=True), f"{key!r} is not a kind of integration", nearest(key, KINDS)
                )
                continue
            for index, item in enumerate(items or ()):
                for name in sorted(set(item.model_extra or {}) - kind.fields):
                    place = document.place([*path, key, index, name], key=True)
                    yield _error(place, f"{name!r} is not a field of {key}", nearest(name, kind.fields))


def _route_findings(
    route: RouteFile, document: Document, path: list[Step], receivers: set[str], intervals: set[str]
) -> Iterator[Finding]:
    if route.receiver and route.receiver not in receivers:
        place = document.place([*path, "receiver"])
        yield _error(place, f"receiver {route.receiver!r} is not defined", nearest(route.receiver, receivers))
    for section in ("mute_time_intervals", "active_time_intervals"):
        for position, name in enumerate(getattr(route, section)):
            if name not in intervals:
                place = document.place([*path, section, position])
                yield _error(place, f"time interval {name!r} is not defined", nearest(name, intervals))
    for position, child in enumerate(route.routes):
        yield from _route_findings(child, document, [*path, "routes", position], receivers, intervals)
