"""iCalendar (RFC 5545): calendars whose events are shifts, as Google Calendar, Grafana OnCall and PagerDuty have them.

The summary of an event is the person, with a level before it where there are several (`[L2] ann`, as Grafana OnCall
has it); `On Call - Ann - Primary` is what PagerDuty writes.  Recurrences (RRULE, RDATE, EXDATE, RECURRENCE-ID) are
spelt out over a window by the library recurring-ical-events.  Events of whole days and those in floating time are
local to the calendar (X-WR-TIMEZONE).  The same kind of file also says who is on leave.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

from timeline.findings import InputError, Place
from topologies.importers.oncall.draft import UNKNOWN, Draft, Imported, Window
from topologies.importers.oncall.source import Source
from topologies.people import Leave
from topologies.rotations import Rotation, Shift

if TYPE_CHECKING:
    from icalendar import Calendar

FORMAT = "ics"
_LEVEL = re.compile(r"^\s*\[L(\d+)\]\s*")
_PAGERDUTY = re.compile(r"^On Call - (?P<person>.+) - (?P<schedule>.+?)$")

_NOT_ALLOWED = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError)
"""What the libraries raise, here and there, for calendars that RFC 5545 does not allow."""


@dataclass(frozen=True, slots=True)
class _Event:
    """One occurrence; times are aware."""

    start: datetime
    end: datetime
    person: str
    level: int


def read(source: Source, window: Window) -> Imported:
    """Raises InputError when the text is no calendar."""
    calendar = _parsed(source)
    draft = Draft(source)
    zone = _zone(draft, calendar)
    shifts = []
    for event in _events(source, calendar, zone, window):
        draft.person(event.person)
        shifts.append(Shift(start=event.start, end=event.end, people=(event.person,), level=event.level))
    if any("RRULE" in component for component in calendar.walk("VEVENT")):
        span = f"{window.start:%Y-%m-%d} to {window.end:%Y-%m-%d}"
        draft.remark(UNKNOWN, [], f"recurring events are spelt out from {span}; outside of it nobody is on call")
    title = str(calendar.get("X-WR-CALNAME", "")) or "calendar"
    draft.rotation(title, Rotation(title=title, timezone=zone.key, shifts=tuple(shifts)))
    return draft.finished(FORMAT, title)


def shifts_above(rotation: Rotation, overrides: Path, window: Window) -> Rotation:
    """A rotation with the events of a calendar on a level above all others, as Grafana OnCall takes a second calendar.

    Raises InputError when the file is no calendar.
    """
    source = Source.read(overrides)
    calendar = _parsed(source)
    level = 1 + max([0, *(shift.level for shift in rotation.shifts), *_levels(rotation)])
    above = tuple(
        Shift(start=event.start, end=event.end, people=(event.person,), level=level)
        for event in _events(source, calendar, _zone(Draft(source), calendar), window)
    )
    return rotation.model_copy(update={"shifts": (*rotation.shifts, *above)})


def _levels(rotation: Rotation) -> Iterator[int]:
    return (place if layer.level is None else layer.level for place, layer in enumerate(rotation.layers))


def leave_of(absences: Path, window: Window) -> dict[str, tuple[Leave, ...]]:
    """Who is away when, by the summaries of a calendar of absences.  Raises InputError when it is no calendar."""
    source = Source.read(absences)
    calendar = _parsed(source)
    away: dict[str, tuple[Leave, ...]] = {}
    for event in _events(source, calendar, _zone(Draft(source), calendar), window):
        away[event.person] = (*away.get(event.person, ()), Leave(start=event.start, end=event.end))
    return away


def _parsed(source: Source) -> Calendar:
    from icalendar import Calendar

    try:
        return Calendar.from_ical(source.text)
    except _NOT_ALLOWED as error:
        raise _unreadable(source, error) from None


def _unreadable(source: Source, error: Exception) -> InputError:
    message = f"the calendar cannot be read: {error}"
    return InputError.single("oncall.calendar", Place(source.name), message, "is it a whole .ics file?")


def _zone(draft: Draft, calendar: Calendar) -> ZoneInfo:
    """The zone of the calendar; UTC, with a remark, where it names none that is known."""
    named = str(calendar.get("X-WR-TIMEZONE", ""))
    if named in available_timezones():
        return ZoneInfo(named)
    zones = {str(zone.get("TZID", "")) for zone in calendar.walk("VTIMEZONE")} & available_timezones()
    if len(zones) == 1:
        return ZoneInfo(zones.pop())
    draft.remark(UNKNOWN, [], "the calendar does not say its time zone: days begin at midnight UTC")
    return ZoneInfo("UTC")


def _events(source: Source, calendar: Calendar, zone: ZoneInfo, window: Window) -> list[_Event]:
    """The occurrences within a window, in order of time; cancelled ones and those without a summary left out.

    Raises InputError for events that RFC 5545 does not allow.
    """
    import recurring_ical_events  # type: ignore[import-untyped]

    try:
        found = recurring_ical_events.of(calendar).between(window.start, window.end)
        occurrences = [event for event in (_event(occurrence, zone) for occurrence in found) if event is not None]
    except _NOT_ALLOWED as error:
        raise _unreadable(source, error) from None
    return sorted(occurrences, key=lambda event: (event.start, event.end, event.person))


def _event(event: Any, zone: ZoneInfo) -> _Event | None:
    summary = str(event.get("SUMMARY", "")).strip()
    level = _LEVEL.match(summary)
    person = summary[level.end() :].strip() if level else summary
    if duty := _PAGERDUTY.match(person):
        person = duty["person"]
    start, end = _aware(event.start, zone), _aware(event.end, zone)
    if not person or end <= start or str(event.get("STATUS", "")).upper() == "CANCELLED":
        return None
    return _Event(start, end, person, int(level[1]) if level else 0)


def _aware(moment: date, zone: ZoneInfo) -> datetime:
    """A moment in UTC; dates and floating times are local."""
    local = moment if isinstance(moment, datetime) else datetime.combine(moment, time())
    return (local if local.tzinfo is not None else local.replace(tzinfo=zone)).astimezone(UTC)
