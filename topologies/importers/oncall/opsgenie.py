"""Opsgenie (and Jira Service Management's on-call, which kept its form): schedules, overrides and escalations.

    GET /v2/schedules?expand=rotation    GET /v2/schedules/{id}/overrides    GET /v2/escalations

All rotations of a schedule are on call at once.  A rotation changes every `length` hours, days or weeks from its
`startDate`; restrictions are times of day, or spans from a weekday's hour to another's.  Delays of an escalation's
rules count from the alert, not from the rule before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Literal

from pydantic import Field

from topologies.escalation import EscalationPolicy, Step
from topologies.fields import TimeZone
from topologies.importers.foreign import Foreign
from topologies.importers.oncall.draft import DIFFERENT, UNKNOWN, Draft, Imported, Window, written
from topologies.importers.oncall.source import Source
from topologies.loading.nodes import Step as PathStep
from topologies.rotations import Layer, Override, Restriction, Rotation

FORMAT = "opsgenie"
_TURN = {"hourly": timedelta(hours=1), "daily": timedelta(days=1), "weekly": timedelta(weeks=1)}
_UNIT = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1), "days": timedelta(days=1)}


class _Party(Foreign):
    """A participant or a recipient."""

    type: str
    id: str | None = None
    username: str | None = None
    name: str | None = None


class _Span(Foreign):
    start_day: str | None = Field(default=None, alias="startDay")
    start_hour: int = Field(alias="startHour", ge=0, le=24)
    start_min: int = Field(default=0, alias="startMin", ge=0, lt=60)
    end_day: str | None = Field(default=None, alias="endDay")
    end_hour: int = Field(alias="endHour", ge=0, le=24)
    end_min: int = Field(default=0, alias="endMin", ge=0, lt=60)


class _TimeRestriction(Foreign):
    type: Literal["time-of-day", "weekday-and-time-of-day"]
    restriction: _Span | None = None
    restrictions: tuple[_Span, ...] = ()


class _Rotation(Foreign):
    id: str | None = None
    name: str = ""
    start: datetime = Field(alias="startDate")
    end: datetime | None = Field(default=None, alias="endDate")
    type: Literal["hourly", "daily", "weekly"]
    length: int = Field(default=1, ge=1)
    participants: tuple[_Party, ...] = ()
    time_restriction: _TimeRestriction | None = Field(default=None, alias="timeRestriction")
    enabled: bool = True


class _Override(Foreign):
    user: _Party
    start: datetime = Field(alias="startDate")
    end: datetime = Field(alias="endDate")
    rotations: tuple[dict[str, object], ...] = ()


class _Schedule(Foreign):
    id: str
    name: str = ""
    timezone: TimeZone
    enabled: bool = True
    rotations: tuple[_Rotation, ...] = ()
    overrides: tuple[_Override, ...] = ()


class _Delay(Foreign):
    amount: int = Field(alias="timeAmount", ge=0)
    unit: str = Field(default="minutes", alias="timeUnit")


class _Rule(Foreign):
    condition: str = "if-not-acked"
    notify: str = Field(default="default", alias="notifyType")
    delay: _Delay
    recipient: _Party

    @property
    def after(self) -> timedelta:
        return self.delay.amount * _UNIT.get(self.delay.unit, _UNIT["minutes"])


class _Repeat(Foreign):
    wait: int = Field(default=0, alias="waitInterval", ge=0)
    count: int = Field(default=0, ge=0)


class _Escalation(Foreign):
    id: str
    name: str = ""
    rules: tuple[_Rule, ...] = Field(min_length=1)
    repeat: _Repeat | None = None


def recognises(source: Source) -> bool:
    return any(
        ("rotations" in data and "timezone" in data)
        or "participants" in data
        or (isinstance(rules := data.get("rules"), list) and any("recipient" in rule for rule in rules))
        for _, data in source.objects
    )


def read(source: Source, _: Window) -> Imported:
    """Raises InputError with every disagreement."""
    draft = Draft(source)
    schedules: list[tuple[Sequence[PathStep], _Schedule]] = []
    overrides: list[_Override] = []
    for path, data in source.objects:
        if "rotations" in data and "timezone" in data:
            schedules.append((path, source.part(path, data, _Schedule)))
        elif "rules" in data:
            with source.at(path):
                _escalation(draft, path, source.part(path, data, _Escalation))
        elif "user" in data and "startDate" in data:
            overrides.append(source.part(path, data, _Override))
    if overrides and len(schedules) != 1:
        draft.remark(UNKNOWN, [], "the export does not say to which schedule its overrides belong")
    for place, schedule in schedules:
        with source.at(place):
            _schedule(draft, place, schedule, overrides if len(schedules) == 1 else [])
    return draft.finished(FORMAT, "Opsgenie")


def _schedule(draft: Draft, path: Sequence[PathStep], schedule: _Schedule, more: Sequence[_Override]) -> None:
    layers = []
    for position, rotation in enumerate(schedule.rotations):
        place = [*path, "rotations", position]
        if schedule.enabled and rotation.enabled and rotation.participants:
            layers.append(_layer(draft, place, rotation))
    overrides = []
    for override in (*schedule.overrides, *more):
        if override.rotations and len(override.rotations) < len(schedule.rotations):
            message = "an override of some rotations only; here it takes the place of everybody on call"
            draft.remark(DIFFERENT, path, message)
        overrides.append(Override(start=override.start, end=override.end, person=_person(draft, override.user)))
    if not overrides:
        draft.remark(UNKNOWN, path, "overrides are not in this export", "add the answer of /overrides to it")
    title = schedule.name or schedule.id
    rotation_of_ours = Rotation(
        title=title, timezone=schedule.timezone, layers=tuple(layers), overrides=tuple(overrides)
    )
    draft.rotation(schedule.id, rotation_of_ours)


def _layer(draft: Draft, path: Sequence[PathStep], rotation: _Rotation) -> Layer:
    turns = []
    for party in rotation.participants:
        if party.type not in ("user", "none"):
            message = (
                f"whom the {party.type} {party.name or party.id!r} stands for is not in this export: nobody is known"
            )
            draft.remark(UNKNOWN, path, message)
        turns.append([_person(draft, party)] if party.type == "user" else [])
    spans = rotation.time_restriction
    restrictions = [] if spans is None else [*spans.restrictions, *([spans.restriction] if spans.restriction else [])]
    return Layer.model_validate(
        {
            "people": turns,
            "start": rotation.start,
            "length": written(_TURN[rotation.type] * rotation.length),
            "restrictions": [_restriction(span) for span in restrictions],
            "until": rotation.end,
            "level": 0,
        }
    )


def _restriction(span: _Span) -> Restriction:
    start, end = (
        f"{hour % 24:02d}:{minute:02d}"
        for hour, minute in ((span.start_hour, span.start_min), (span.end_hour, span.end_min))
    )
    if span.start_day is None or span.end_day is None:
        return Restriction(start=start, end=end)
    days = {"days": [span.start_day.lower()], "end_day": span.end_day.lower()}
    return Restriction.model_validate({**days, "start": start, "end": end})


def _escalation(draft: Draft, path: Sequence[PathStep], escalation: _Escalation) -> None:
    """Rules with one delay are one step; a step waits until the next delay."""
    rules = sorted(escalation.rules, key=lambda rule: rule.after)
    moments = [(after, list(together)) for after, together in groupby(rules, key=lambda rule: rule.after)]
    repeat = escalation.repeat or _Repeat()
    waits = [later - earlier for (earlier, _), (later, _) in pairwise(moments)]
    waits.append(timedelta(minutes=repeat.wait))
    steps = [_step(draft, path, together, wait) for (_, together), wait in zip(moments, waits, strict=True)]
    fields = {"title": escalation.name or escalation.id, "steps": steps, "delay": written(moments[0][0])}
    draft.policy(escalation.id, EscalationPolicy.model_validate({**fields, "repeat": repeat.count}))


def _step(draft: Draft, path: Sequence[PathStep], rules: Sequence[_Rule], wait: timedelta) -> Step:
    people: list[str] = []
    rotations: list[str] = []
    following: list[str] = []
    teams: list[str] = []
    for rule in rules:
        target = rule.recipient.id or rule.recipient.name or rule.recipient.username or "unknown"
        if rule.condition != "if-not-acked":
            draft.remark(DIFFERENT, path, f"the condition {rule.condition!r} is taken as 'if-not-acked'")
        if rule.recipient.type == "user":
            people.append(_person(draft, rule.recipient))
        elif rule.recipient.type == "schedule" and rule.notify == "next":
            following.append(target)
        elif rule.recipient.type == "schedule":
            rotations.append(target)
        else:
            draft.remark(UNKNOWN, path, f"the members of {rule.recipient.type} {target!r} are not in this export")
            teams.append(target)
        if rule.notify not in ("default", "next"):
            message = f"'notifyType: {rule.notify}' is not known here; whoever is on call is paged"
            draft.remark(DIFFERENT, path, message)
    fields = {"people": people, "rotations": rotations, "next_on_call": following, "teams": teams}
    return Step.model_validate({**fields, "wait": written(wait)})


def _person(draft: Draft, party: _Party) -> str:
    """A user by the user name (mostly the mail address), which all answers have, else by the id."""
    return draft.person(party.username or party.id or party.name or "unknown", party.name)
