"""Grafana OnCall: schedules, shifts, users and escalation chains, as its public API (v1) gives them.

    GET /api/v1/schedules    /on_call_shifts    /users    /escalation_policies    /escalation_chains
    /personal_notification_rules

Any of these answers, pages of them (`results`), or one object with several under keys of their own.  A shift recurs as
in RFC 5545 and its groups of `rolling_users` take turns: each occurrence is a turn of an hourly or daily shift (with
`by_day` each `interval` occurrences), each period of `interval` weeks or months of a weekly or monthly one.  The higher
`level` goes first; overrides go before all.  `recurrence` spells the occurrences out over a window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from pydantic import Field

from topologies.escalation import EscalationPolicy
from topologies.fields import TimeZone
from topologies.importers.foreign import Foreign
from topologies.importers.oncall.draft import DIFFERENT, UNKNOWN, Draft, Imported, Window, written
from topologies.importers.oncall.recurrence import RecurringShift, shifts_of
from topologies.importers.oncall.source import Source
from topologies.loading.nodes import Step as PathStep
from topologies.people import PageUrgency
from topologies.rotations import Rotation, Shift

FORMAT = "grafana-oncall"
_SHIFT_TYPES = ("single_event", "recurrent_event", "rolling_users", "override")
_SCHEDULE_TYPES = ("web", "calendar", "ical")


class _User(Foreign):
    id: str
    username: str | None = None
    name: str | None = None
    email: str | None = None
    timezone: TimeZone | None = None


class _Schedule(Foreign):
    id: str = "schedule"
    name: str = ""
    type: str
    time_zone: TimeZone | None = None
    shifts: tuple[str | RecurringShift, ...] | None = None
    ical_url_primary: str | None = None
    ical_url_overrides: str | None = None


class _ChainStep(Foreign):
    id: str = ""
    escalation_chain_id: str
    position: int = 0
    type: str | None = None
    duration: int | None = None
    important: bool | None = None
    persons_to_notify: tuple[str, ...] | None = None
    persons_to_notify_next_each_time: tuple[str, ...] | None = None
    notify_on_call_from_schedule: str | None = None
    team_to_notify: str | None = Field(default=None)


class _PersonalRule(Foreign):
    user_id: str
    position: int = 0
    important: bool = False
    type: str
    duration: int = Field(default=0, ge=0)


class _Chain(Foreign):
    id: str
    name: str


def recognises(source: Source) -> bool:
    return any(_is_shift(data) or _is_schedule(data) or "escalation_chain_id" in data for _, data in source.objects)


def _is_shift(data: Mapping[str, object]) -> bool:
    return data.get("type") in _SHIFT_TYPES and "duration" in data


def _is_schedule(data: Mapping[str, object]) -> bool:
    return data.get("type") in _SCHEDULE_TYPES and ("shifts" in data or "ical_url_primary" in data)


def read(source: Source, window: Window) -> Imported:
    """Raises InputError with every disagreement."""
    draft = Draft(source)
    shifts: dict[str, RecurringShift] = {}
    schedules: list[tuple[Sequence[PathStep], _Schedule]] = []
    chains: dict[str, list[_ChainStep]] = {}
    personal: dict[tuple[str, bool], list[_PersonalRule]] = {}
    names: dict[str, str] = {}
    for path, data in source.objects:
        if _is_shift(data):
            shift = source.part(path, data, RecurringShift)
            shifts[shift.id] = shift
        elif _is_schedule(data):
            schedules.append((path, source.part(path, data, _Schedule)))
        elif "escalation_chain_id" in data:
            step = source.part(path, data, _ChainStep)
            chains.setdefault(step.escalation_chain_id, []).append(step)
        elif "user_id" in data and "type" in data:
            rule = source.part(path, data, _PersonalRule)
            personal.setdefault((rule.user_id, rule.important), []).append(rule)
        elif "username" in data:
            user = source.part(path, data, _User)
            draft.person(user.id, user.name or user.username, user.timezone)
        elif "name" in data and "id" in data:
            chain = source.part(path, data, _Chain)
            names[chain.id] = chain.name
    for (user_id, important), rules in personal.items():
        _personal_rules(draft, user_id, "high" if important else "low", sorted(rules, key=lambda rule: rule.position))
    if not schedules and shifts:
        draft.remark(UNKNOWN, [], "the export holds shifts and no schedule: they are taken as one, in UTC")
        schedules.append(([], _Schedule(id="shifts", type="calendar", shifts=tuple(shifts.values()))))
    for place, schedule in schedules:
        with source.at(place):
            _schedule(draft, place, schedule, shifts, window)
    for id, steps in chains.items():
        with source.at([]):
            _chain(draft, id, names.get(id, id), sorted(steps, key=lambda step: step.position))
    return draft.finished(FORMAT, "Grafana OnCall")


def _schedule(
    draft: Draft, path: Sequence[PathStep], schedule: _Schedule, known: Mapping[str, RecurringShift], window: Window
) -> None:
    for url in (schedule.ical_url_primary, schedule.ical_url_overrides):
        if url:
            hint = "save that calendar as a file and show it"
            draft.remark(
                UNKNOWN, path, "a part of the schedule is a calendar at an address, which is not looked up", hint
            )
    listed: list[RecurringShift] = []
    for shift in schedule.shifts or ():
        if isinstance(shift, RecurringShift):
            listed.append(shift)
        elif shift in known:
            listed.append(known[shift])
        else:
            draft.remark(UNKNOWN, [*path, "shifts"], f"the shift {shift!r} is not in this export")
    zone = schedule.time_zone or "UTC"
    highest = max((shift.level for shift in listed), default=0)
    spans: list[Shift] = []
    for shift in listed:
        level = highest + 1 if shift.type == "override" else shift.level
        for person in shift.everybody:
            draft.person(person)
        spans += shifts_of(shift, zone, window, level, from_web=schedule.type == "web")
    if any(shift.frequency is not None for shift in listed):
        span = f"{window.start:%Y-%m-%d} to {window.end:%Y-%m-%d}"
        draft.remark(UNKNOWN, path, f"recurring shifts are spelt out from {span}; outside of it nobody is on call")
    draft.rotation(schedule.id, Rotation(title=schedule.name or schedule.id, timezone=zone, shifts=tuple(spans)))


def _personal_rules(draft: Draft, user: str, urgency: PageUrgency, rules: Sequence[_PersonalRule]) -> None:
    """Rules follow one another, those that wait put off the rest; important ones are for urgent pages."""
    attempts, after = [], timedelta()
    for rule in rules:
        if rule.type == "wait":
            after += timedelta(seconds=rule.duration)
        else:
            attempts.append((rule.type.removeprefix("notify_by_").replace("_", "-"), after))
    draft.notified(user, urgency, attempts)


def _chain(draft: Draft, id: str, title: str, steps: Sequence[_ChainStep]) -> None:
    """Notifying steps one after another; a step that waits gives its time to the one before it."""
    notifying: list[dict[str, object]] = []
    delay, repeat = timedelta(), 0
    for step in steps:
        if step.type == "wait":
            pause = timedelta(seconds=step.duration or 0)
            if notifying:
                notifying[-1]["wait"] = written(pause)
            else:
                delay += pause
        elif step.type == "repeat_escalation":
            repeat = 5  # Grafana OnCall repeats a chain up to five times.
        elif targets := _targets(draft, step):
            notifying.append({**targets, "wait": "0s"})
        else:
            draft.remark(DIFFERENT, [], f"the step {step.type!r} of the chain {title!r} pages nobody and is left out")
    if not notifying:
        draft.remark(UNKNOWN, [], f"the chain {title!r} pages nobody and is left out")
        return
    importance = {bool(step.important) for step in steps if step.important is not None}
    if len(importance) > 1:
        draft.remark(DIFFERENT, [], f"some steps of the chain {title!r} are important: all of them are taken as urgent")
    urgency = "low" if importance == {False} else "high"
    fields = {"title": title, "steps": notifying, "delay": written(delay), "repeat": repeat, "urgency": urgency}
    draft.policy(id, EscalationPolicy.model_validate(fields))


def _targets(draft: Draft, step: _ChainStep) -> dict[str, object]:
    people = list(step.persons_to_notify or ())
    if step.persons_to_notify_next_each_time:
        people = list(step.persons_to_notify_next_each_time[:1])
        draft.remark(DIFFERENT, [], "people are notified in turn, alert by alert; here it is always the first of them")
    for person in people:
        draft.person(person)
    targets: dict[str, object] = {"people": people} if people else {}
    if step.notify_on_call_from_schedule:
        targets["rotations"] = [step.notify_on_call_from_schedule]
    if step.team_to_notify:
        draft.remark(UNKNOWN, [], f"the members of the team {step.team_to_notify!r} are not in this export")
        targets["teams"] = [step.team_to_notify]
    return targets
