"""A programme as iCalendar (RFC 5545): an all-day event for each exercise, over the whole month where no day is set."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256

from reports.programme.model import PlannedExercise, Programme

_STATUS = {"planned": "TENTATIVE", "approved": "CONFIRMED", "cancelled": "CANCELLED"}


def calendar_of(programme: Programme) -> str:
    """The same programme gives the same bytes: events are stamped with the beginning of its period.

    An exercise keeps its UID when it is moved, so that a calendar program moves it too.
    """
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("PRODID", "-//Blackstart//Exercise programme//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("X-WR-CALNAME", programme.title)
    stamp = datetime.combine(programme.period.first_day, time(), UTC)
    for id, exercise in programme.exercises.items():
        event = Event()
        event.add("UID", f"{sha256(f'{programme.estate}/{programme.title}/{id}'.encode()).hexdigest()[:24]}@blackstart")
        event.add("DTSTAMP", stamp)
        event.add("DTSTART", exercise.when.first_day)
        event.add("DTEND", exercise.when.last_day + timedelta(days=1))
        event.add("SUMMARY", exercise.title)
        event.add("CATEGORIES", [str(exercise.type)])
        event.add("STATUS", _STATUS[exercise.status])
        event.add("TRANSP", "TRANSPARENT")
        event.add("DESCRIPTION", "\n".join(_description(exercise)))
        calendar.add_component(event)
    return bytes(calendar.to_ical()).decode("utf-8")


def _description(exercise: PlannedExercise) -> Iterator[str]:
    yield f"Scenarios: {', '.join(exercise.scenarios)}"
    if exercise.functions:
        yield f"Business functions: {', '.join(exercise.functions)}"
    if exercise.teams:
        yield f"Teams: {', '.join(exercise.teams)}"
    yield f"Owner: {exercise.owner}"
    yield from (f"Objective: {objective}" for objective in exercise.objectives)
    if exercise.because:
        yield f"Cancelled: {exercise.because}"
