"""PagerDuty: schedules, overrides, escalation policies, services and users, as its REST API (v2) gives them.

    GET /schedules/{id}?since=...&until=...   GET /schedules/{id}/overrides   GET /escalation_policies   GET /services
    GET /users?include[]=notification_rules

Any of these answers, or one object with several of their keys.  Layers come highest first (the last layer of the
schedule's page is the first of the list).  Turns are counted from `rotation_virtual_start`, held from `start` to `end`;
a turn and a restriction keep their clock times in the zone of the schedule when the clocks change.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field

from topologies.escalation import EscalationPolicy, Step
from topologies.fields import TimeZone
from topologies.importers.foreign import Foreign
from topologies.importers.oncall.draft import DIFFERENT, UNKNOWN, Draft, Imported, Window, written
from topologies.importers.oncall.source import Source
from topologies.loading.nodes import Step as PathStep
from topologies.loading.validation import validate
from topologies.rotations import Layer, Override, Restriction, Rotation, Shift

T = TypeVar("T")

FORMAT = "pagerduty"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_S = 24 * 3600
_CHANNEL = re.compile(r"(_notification)?_contact_method(_reference)?$")


class _Ref(Foreign):
    id: str
    type: str = ""
    summary: str | None = None
    name: str | None = None

    @property
    def title(self) -> str | None:
        return self.summary or self.name

    @property
    def channel(self) -> str:
        return _CHANNEL.sub("", self.type).replace("_", "-") or self.id


class _NotificationRule(Foreign):
    start_delay_in_minutes: int = Field(default=0, ge=0)
    urgency: Literal["high", "low"] = "high"
    contact_method: _Ref


class _User(Foreign):
    id: str
    name: str | None = None
    time_zone: str | None = None
    notification_rules: tuple[_NotificationRule, ...] = ()


class _LayerUser(Foreign):
    user: _Ref


class _Restriction(Foreign):
    type: Literal["daily_restriction", "weekly_restriction"]
    start_time_of_day: str = Field(pattern=r"^\d\d:\d\d(:\d\d)?$")
    duration_seconds: int = Field(gt=0)
    start_day_of_week: int | None = Field(default=None, ge=1, le=7)


class _Entry(Foreign):
    """A rendered entry or an override."""

    start: datetime
    end: datetime
    user: _Ref | None = None


class _SubSchedule(Foreign):
    rendered_schedule_entries: tuple[_Entry, ...] = ()


class _Layer(Foreign):
    name: str | None = None
    start: datetime
    end: datetime | None = None
    rotation_virtual_start: datetime
    rotation_turn_length_seconds: int = Field(gt=0)
    users: tuple[_LayerUser, ...] = ()
    restrictions: tuple[_Restriction, ...] | None = None


class _Schedule(Foreign):
    id: str
    name: str | None = None
    summary: str | None = None
    time_zone: TimeZone
    schedule_layers: tuple[_Layer, ...] = ()
    overrides_subschedule: _SubSchedule | None = None
    overrides: tuple[_Entry, ...] = ()
    final_schedule: _SubSchedule | None = None


class _Strategy(Foreign):
    type: str = "assign_to_everyone"


class _Rule(Foreign):
    escalation_delay_in_minutes: int = Field(ge=0)
    targets: tuple[_Ref, ...] = Field(min_length=1)
    escalation_rule_assignment_strategy: _Strategy | None = None


class _Policy(Foreign):
    id: str
    name: str | None = None
    summary: str | None = None
    escalation_rules: tuple[_Rule, ...] = Field(min_length=1)
    num_loops: int = Field(default=0, ge=0)


class _UrgencyRule(Foreign):
    type: str = "constant"
    urgency: str | None = None


class _Service(Foreign):
    id: str
    name: str | None = None
    acknowledgement_timeout: int | None = None
    escalation_policy: _Ref | None = None
    incident_urgency_rule: _UrgencyRule | None = None


class _File(Foreign):
    schedule: _Schedule | None = None
    schedules: tuple[_Schedule, ...] = ()
    overrides: tuple[_Entry, ...] = ()
    escalation_policy: _Policy | None = None
    escalation_policies: tuple[_Policy, ...] = ()
    service: _Service | None = None
    services: tuple[_Service, ...] = ()
    users: tuple[_User, ...] = ()


def recognises(source: Source) -> bool:
    return any("schedule_layers" in data or "escalation_rules" in data for _, data in source.objects)


def read(source: Source, _: Window) -> Imported:
    """Raises InputError with every disagreement."""
    file = validate(source.document, _File)
    draft = Draft(source)
    for position, user in enumerate(file.users):
        _user(draft, user, ["users", position])
    schedules = _numbered("schedule", file.schedule, "schedules", file.schedules)
    for path, schedule in schedules:
        with source.at(path):
            _schedule(draft, schedule, path, file.overrides if len(schedules) == 1 else ())
    if file.overrides and len(schedules) != 1:
        hint = "put them into their schedule, as `overrides` beside `schedule_layers`"
        draft.remark(UNKNOWN, ["overrides"], "the export does not say to which schedule these overrides belong", hint)
    services = [service for _, service in _numbered("service", file.service, "services", file.services)]
    policies = _numbered("escalation_policy", file.escalation_policy, "escalation_policies", file.escalation_policies)
    for path, policy in policies:
        using = [s for s in services if s.escalation_policy is not None and s.escalation_policy.id == policy.id]
        with source.at(path):
            _policy(draft, policy, path, using)
    return draft.finished(FORMAT, "PagerDuty")


def _schedule(draft: Draft, schedule: _Schedule, path: Sequence[PathStep], more: Sequence[_Entry]) -> None:
    layers = []
    for position, layer in enumerate(schedule.schedule_layers):
        if not layer.users:
            place = [*path, "schedule_layers", position]
            draft.remark(UNKNOWN, place, "the layer has no users; users who were deleted are not in an export")
            continue
        layers.append(_layer(draft, layer, ZoneInfo(schedule.time_zone)))
    rendered = schedule.overrides_subschedule.rendered_schedule_entries if schedule.overrides_subschedule else ()
    overrides = {(entry.start, entry.end): entry for entry in (*rendered, *schedule.overrides, *more)}
    if not overrides:
        hint = "ask for the schedule with `since` and `until`, or for its /overrides"
        draft.remark(UNKNOWN, path, "overrides are in an export only for the span that was asked for", hint)
    rotation = Rotation(
        title=schedule.name or schedule.summary or schedule.id,
        timezone=schedule.time_zone,
        layers=tuple(reversed(layers)),
        overrides=tuple(
            Override(start=entry.start, end=entry.end, person=_person(draft, entry.user) if entry.user else None)
            for entry in overrides.values()
        ),
    )
    final = schedule.final_schedule.rendered_schedule_entries if schedule.final_schedule else ()
    draft.rotation(
        schedule.id,
        rotation,
        [Shift(start=e.start, end=e.end, people=(_person(draft, e.user),)) for e in final if e.user is not None],
    )


def _layer(draft: Draft, layer: _Layer, zone: ZoneInfo) -> Layer:
    turn = timedelta(seconds=layer.rotation_turn_length_seconds)
    first = layer.rotation_virtual_start.astimezone(zone).replace(tzinfo=None)
    begins = layer.start.astimezone(zone).replace(tzinfo=None)
    if first > begins:
        # Turns before the virtual start come round as those after it: go back by whole rounds.
        cycle = turn * len(layer.users)
        first -= -((begins - first) // cycle) * cycle
    return Layer.model_validate(
        {
            "people": [_person(draft, user.user) for user in layer.users],
            "start": first,
            "length": written(turn),
            "restrictions": [_restriction(restriction) for restriction in layer.restrictions or ()],
            "since": layer.start if begins > first else None,
            "until": layer.end,
        }
    )


def _restriction(restriction: _Restriction) -> Restriction:
    """The same span of ours, by its end instead of its duration."""
    start = time.fromisoformat(restriction.start_time_of_day)
    ends_s = start.hour * 3600 + start.minute * 60 + start.second + restriction.duration_seconds
    end = (datetime.min + timedelta(seconds=ends_s)).time().isoformat()
    if restriction.start_day_of_week is None:
        return Restriction(start=start.isoformat(), end=end)
    day = restriction.start_day_of_week - 1
    end_day = _WEEKDAYS[(day + ends_s // _DAY_S) % len(_WEEKDAYS)]
    return Restriction(days=(_WEEKDAYS[day],), start=start.isoformat(), end=end, end_day=end_day)


def _policy(draft: Draft, policy: _Policy, path: Sequence[PathStep], services: Sequence[_Service]) -> None:
    steps = []
    for position, rule in enumerate(policy.escalation_rules):
        place = [*path, "escalation_rules", position]
        strategy = rule.escalation_rule_assignment_strategy
        if strategy is not None and strategy.type == "round_robin":
            draft.remark(DIFFERENT, place, "the rule pages its targets in turn; here all of them are paged")
        people, rotations = [], []
        for target in rule.targets:
            if target.type.startswith("schedule"):
                rotations.append(target.id)
            else:
                people.append(_person(draft, target))
        wait = written(timedelta(minutes=rule.escalation_delay_in_minutes))
        steps.append(Step.model_validate({"people": people, "rotations": rotations, "wait": wait}))
    urgency, timeout = _of_services(draft, path, services)
    title = policy.name or policy.summary or policy.id
    fields = {"title": title, "steps": steps, "repeat": policy.num_loops, "urgency": urgency}
    draft.policy(policy.id, EscalationPolicy.model_validate({**fields, "acknowledge_timeout": timeout}))


def _of_services(draft: Draft, path: Sequence[PathStep], services: Sequence[_Service]) -> tuple[str, str | None]:
    """Urgency and acknowledgement timeout, which belong to the services that use a policy."""
    if not services:
        hint = "add the answer of /services to the export"
        draft.remark(UNKNOWN, path, "urgency and acknowledgement timeout stand in services, which are not here", hint)
        return "high", None
    urgencies = {service.incident_urgency_rule.urgency for service in services if service.incident_urgency_rule}
    timeouts = {service.acknowledgement_timeout for service in services}
    if len(urgencies) > 1 or len(timeouts) > 1:
        message = "the services of the policy differ in urgency or acknowledgement timeout; the first one counts"
        draft.remark(DIFFERENT, path, message)
    first = services[0]
    urgency = first.incident_urgency_rule.urgency if first.incident_urgency_rule else "high"
    if urgency not in ("high", "low"):
        draft.remark(DIFFERENT, path, "the urgency depends on hours or severity; here it is high")
        urgency = "high"
    return urgency, written(first.acknowledgement_timeout) if first.acknowledgement_timeout else None


def _user(draft: Draft, user: _User, path: Sequence[PathStep]) -> None:
    """Answers of /users?include[]=notification_rules: `phone_contact_method` is the channel `phone`."""
    zone = user.time_zone if user.time_zone in available_timezones() else None
    if user.time_zone is not None and zone is None:
        draft.remark(UNKNOWN, path, f"the time zone {user.time_zone!r} of {user.id!r} is not one of the IANA database")
    draft.person(user.id, user.name, zone)
    for urgency in ("high", "low"):
        rules = sorted(
            (r.start_delay_in_minutes, r.contact_method.channel)
            for r in user.notification_rules
            if r.urgency == urgency
        )
        if rules:
            draft.notified(user.id, urgency, [(channel, timedelta(minutes=minutes)) for minutes, channel in rules])


def _person(draft: Draft, user: _Ref) -> str:
    return draft.person(user.id, user.title)


def _numbered(one: str, single: T | None, many: str, several: Sequence[T]) -> list[tuple[list[PathStep], T]]:
    """Objects with their paths, whether the answer holds one or a list."""
    found: list[tuple[list[PathStep], T]] = [([one], single)] if single is not None else []
    return found + [([many, position], value) for position, value in enumerate(several)]
