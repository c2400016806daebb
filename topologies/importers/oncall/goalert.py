"""GoAlert: schedules, rotations, overrides and escalation policies, as its GraphQL answers them.

    query { schedules { nodes { id name timeZone targets { target { id type name } rules { start end weekdayFilter } }
            temporarySchedules { start end shifts { userID start end } } } }
            rotations { nodes { id name timeZone start type shiftLength users { id name } activeUserIndex
                                nextHandoffTimes(num: 1) } }
            userOverrides { nodes { id start end addUserID removeUserID target { id } } }
            escalationPolicies { nodes { id name repeat steps { stepNumber delayMinutes targets { id type name } } } } }

All rules of a schedule that apply are on call at once.  Whose turn a rotation is at is a state of GoAlert's, not a
matter of its start: `activeUserIndex` holds until the next hand-off.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from topologies.escalation import EscalationPolicy, Step
from topologies.fields import TimeZone
from topologies.importers.foreign import Foreign
from topologies.importers.oncall.draft import DIFFERENT, UNKNOWN, Draft, Imported, Window, written
from topologies.importers.oncall.source import Source
from topologies.loading.nodes import Step as PathStep
from topologies.rotations import Layer, Override, Rotation

FORMAT = "goalert"
_WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
"""In the order of a weekday filter."""
_SECONDS = {"hourly": 3600, "daily": 24 * 3600, "weekly": 7 * 24 * 3600}
_LATEST_DAY_OF_ALL_MONTHS = 28


class _ContactMethod(Foreign):
    type: str | None = None
    name: str | None = None


class _NotificationRule(Foreign):
    delay_minutes: int = Field(default=0, alias="delayMinutes", ge=0)
    contact_method: _ContactMethod = Field(alias="contactMethod")


class _User(Foreign):
    id: str
    name: str | None = None
    rules: tuple[_NotificationRule, ...] = Field(default=(), alias="notificationRules")


class _Target(Foreign):
    id: str
    type: str = ""
    name: str | None = None


class _Rule(Foreign):
    start: str = Field(pattern=r"^\d\d:\d\d$")
    end: str = Field(pattern=r"^\d\d:\d\d$")
    weekdays: tuple[bool, ...] = Field(alias="weekdayFilter", min_length=7, max_length=7)


class _Assigned(Foreign):
    target: _Target
    rules: tuple[_Rule, ...] = ()


class _FixedShift(Foreign):
    user: str = Field(alias="userID")
    start: datetime
    end: datetime


class _Temporary(Foreign):
    start: datetime
    end: datetime
    shifts: tuple[_FixedShift, ...] = ()


class _Schedule(Foreign):
    id: str
    name: str = ""
    timezone: TimeZone = Field(alias="timeZone")
    targets: tuple[_Assigned, ...] = ()
    temporary: tuple[_Temporary, ...] = Field(default=(), alias="temporarySchedules")


class _Rotation(Foreign):
    id: str
    name: str = ""
    timezone: TimeZone = Field(alias="timeZone")
    start: datetime
    type: Literal["hourly", "daily", "weekly", "monthly"]
    length: int = Field(default=1, alias="shiftLength", ge=1)
    users: tuple[_User, ...] = ()
    user_ids: tuple[str, ...] = Field(default=(), alias="userIDs")
    active: int | None = Field(default=None, alias="activeUserIndex")
    handoffs: tuple[datetime, ...] = Field(default=(), alias="nextHandoffTimes")


class _Override(Foreign):
    start: datetime
    end: datetime
    added: str | None = Field(default=None, alias="addUserID")
    removed: str | None = Field(default=None, alias="removeUserID")
    target: _Target | None = None


class _PolicyStep(Foreign):
    number: int = Field(default=0, alias="stepNumber")
    delay_minutes: int = Field(alias="delayMinutes", ge=0)
    targets: tuple[_Target, ...] = ()


class _Policy(Foreign):
    id: str
    name: str = ""
    repeat: int = 0
    steps: tuple[_PolicyStep, ...] = ()


def recognises(source: Source) -> bool:
    return any(
        ("timeZone" in data and ("shiftLength" in data or "targets" in data)) or "addUserID" in data or _is_policy(data)
        for _, data in source.objects
    )


def _is_policy(data: Mapping[str, object]) -> bool:
    steps = data.get("steps")
    return isinstance(steps, list) and any("delayMinutes" in step for step in steps if isinstance(step, dict))


def read(source: Source, _: Window) -> Imported:
    """Raises InputError with every disagreement."""
    draft = Draft(source)
    rotations: dict[str, _Rotation] = {}
    schedules: list[tuple[Sequence[PathStep], _Schedule]] = []
    overrides: list[_Override] = []
    for path, data in source.objects:
        if "shiftLength" in data:
            rotation = source.part(path, data, _Rotation)
            rotations[rotation.id] = rotation
            with source.at(path):
                _rotation(draft, path, rotation)
        elif "timeZone" in data and "targets" in data:
            schedules.append((path, source.part(path, data, _Schedule)))
        elif "addUserID" in data or "removeUserID" in data:
            overrides.append(source.part(path, data, _Override))
        elif _is_policy(data):
            with source.at(path):
                _policy(draft, path, source.part(path, data, _Policy))
        elif "id" in data and "name" in data:
            _user(draft, source.part(path, data, _User))
    for place, schedule in schedules:
        concerned = [override for override in overrides if _is_for(override, schedule, len(schedules))]
        with source.at(place):
            _schedule(draft, place, schedule, rotations, concerned)
    return draft.finished(FORMAT, "GoAlert")


def _user(draft: Draft, user: _User) -> None:
    draft.person(user.id, user.name)
    if user.rules:
        delays = sorted(user.rules, key=lambda rule: rule.delay_minutes)
        attempts = [
            (str(rule.contact_method.type or rule.contact_method.name).lower(), timedelta(minutes=rule.delay_minutes))
            for rule in delays
        ]
        draft.notified(user.id, "high", attempts)


def _is_for(override: _Override, schedule: _Schedule, schedules: int) -> bool:
    return schedules == 1 if override.target is None else override.target.id == schedule.id


def _rotation(draft: Draft, path: Sequence[PathStep], rotation: _Rotation) -> None:
    for user in rotation.users:
        _user(draft, user)
    if rotation.active is not None and not rotation.handoffs:
        hint = "ask for `nextHandoffTimes(num: 1)` as well"
        draft.remark(
            UNKNOWN, path, "since when the active user has the turn is not known: turns count from the start", hint
        )
    if rotation.type == "monthly" and rotation.start.day > _LATEST_DAY_OF_ALL_MONTHS:
        message = (
            "GoAlert hands over on the first days of the next month where a month is too short; here on its last day"
        )
        draft.remark(DIFFERENT, path, message)
    layers = (_layer(draft, rotation, ()),) if _members(rotation) else ()
    draft.rotation(rotation.id, Rotation(title=rotation.name or rotation.id, timezone=rotation.timezone, layers=layers))


def _members(rotation: _Rotation) -> list[str]:
    return list(rotation.user_ids or [user.id for user in rotation.users])


def _layer(draft: Draft, rotation: _Rotation, restrictions: Sequence[Mapping[str, object]]) -> Layer:
    """The turns of a rotation, the active user's ending at the next hand-off where that is known."""
    people = [draft.person(user) for user in _members(rotation)]
    zone = ZoneInfo(rotation.timezone)
    start = rotation.start.astimezone(zone).replace(tzinfo=None)
    if rotation.active is not None and rotation.handoffs:
        following = (rotation.active + 1) % len(people)
        people = people[following:] + people[:following]
        start = _rounds_before(rotation, rotation.handoffs[0].astimezone(zone).replace(tzinfo=None), start, len(people))
    monthly = rotation.type == "monthly"
    length = {"months": rotation.length} if monthly else {"length": written(_turn(rotation).total_seconds())}
    return Layer.model_validate({"people": people, "start": start, "restrictions": restrictions, "level": 0, **length})


def _turn(rotation: _Rotation) -> timedelta:
    return timedelta(seconds=_SECONDS[rotation.type] * rotation.length)


def _rounds_before(rotation: _Rotation, handoff: datetime, start: datetime, people: int) -> datetime:
    """The hand-off so many whole rounds earlier that the rotation's start is not before it."""
    if rotation.type != "monthly":
        cycle = _turn(rotation) * people
        return handoff - max(0, -((start - handoff) // cycle)) * cycle
    cycle_months = rotation.length * people
    months = (handoff.year - start.year) * 12 + handoff.month - start.month
    year, month = divmod(handoff.year * 12 + handoff.month - 1 - max(0, -(-months // cycle_months)) * cycle_months, 12)
    return start.replace(year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1]))


def _schedule(
    draft: Draft,
    path: Sequence[PathStep],
    schedule: _Schedule,
    rotations: Mapping[str, _Rotation],
    overrides: Sequence[_Override],
) -> None:
    layers = []
    for position, assigned in enumerate(schedule.targets):
        restrictions = [span for rule in assigned.rules if (span := _restriction(rule)) is not None]
        place = [*path, "targets", position]
        if not restrictions:
            continue
        if assigned.target.type == "rotation":
            rotation = rotations.get(assigned.target.id)
            if rotation is None or not _members(rotation):
                draft.remark(UNKNOWN, place, f"the rotation {assigned.target.id!r} is not in this export, or is empty")
                continue
            if rotation.timezone != schedule.timezone:
                message = (
                    f"hand-overs of {rotation.name!r} are in {rotation.timezone}; here they are in the schedule's zone"
                )
                draft.remark(DIFFERENT, place, message)
            layers.append(_layer(draft, rotation, restrictions))
        else:
            person = draft.person(assigned.target.id, assigned.target.name)
            always = {"people": [person], "start": datetime(2000, 1, 1), "length": "1d", "level": 0}
            layers.append(Layer.model_validate({**always, "restrictions": restrictions}))
    changes = [*(_override(draft, override) for override in overrides), *_temporary(draft, schedule.temporary)]
    title = schedule.name or schedule.id
    draft.rotation(
        schedule.id, Rotation(title=title, timezone=schedule.timezone, layers=tuple(layers), overrides=tuple(changes))
    )


def _restriction(rule: _Rule) -> dict[str, object] | None:
    days = [day for day, on in zip(_WEEKDAYS, rule.weekdays, strict=True) if on]
    return {"days": days, "start": rule.start, "end": rule.end} if days else None


def _override(draft: Draft, override: _Override) -> Override:
    added = draft.person(override.added) if override.added else None
    removed = draft.person(override.removed) if override.removed else None
    return Override(start=override.start, end=override.end, person=added, instead_of=removed, adds=removed is None)


def _temporary(draft: Draft, schedules: Sequence[_Temporary]) -> list[Override]:
    """A temporary schedule takes the place of everything, overrides included: nobody, and then its shifts."""
    changes = []
    for temporary in schedules:
        changes.append(Override(start=temporary.start, end=temporary.end))
        changes += [
            Override(start=shift.start, end=shift.end, person=draft.person(shift.user), adds=True)
            for shift in temporary.shifts
        ]
    return changes


def _policy(draft: Draft, path: Sequence[PathStep], policy: _Policy) -> None:
    steps = []
    for position, step in enumerate(sorted(policy.steps, key=lambda step: step.number)):
        people, rotations = [], []
        for target in step.targets:
            if target.type == "user":
                people.append(draft.person(target.id, target.name))
            elif target.type in ("schedule", "rotation"):
                rotations.append(target.id)
            else:
                place = [*path, "steps", position]
                draft.remark(DIFFERENT, place, f"a {target.type or 'target'} is notified, which pages nobody")
        if people or rotations:
            wait = written(60 * step.delay_minutes)
            steps.append(Step.model_validate({"people": people, "rotations": rotations, "wait": wait}))
    if not steps:
        draft.remark(UNKNOWN, path, f"the policy {policy.name!r} pages nobody and is left out")
        return
    title = policy.name or policy.id
    draft.policy(policy.id, EscalationPolicy(title=title, steps=tuple(steps), repeat=max(policy.repeat, 0)))
