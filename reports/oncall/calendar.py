"""A final schedule as iCalendar (RFC 5545): an event for each person and shift, in UTC, its summary the person's id.

Calendar programs subscribe to it, and `blackstart oncall show` reads it back as the same schedule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256

from timeline.instants import to_wall


def calendar_of(
    title: str,
    timezone: str,
    shifts: Iterable[tuple[int, int, list[str]]],
    names: Mapping[str, str],
    epoch: datetime,
) -> str:
    """The calendar of one rotation.  `shifts` are spans in exercise time with who holds them; gaps have no event.

    The same schedule gives the same bytes: events are stamped with their own start.
    """
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("PRODID", "-//Blackstart//On-call schedule//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("X-WR-CALNAME", title)
    calendar.add("X-WR-TIMEZONE", timezone)
    for start_ms, end_ms, people in shifts:
        start, end = to_wall(start_ms, epoch).astimezone(UTC), to_wall(end_ms, epoch).astimezone(UTC)
        for person in people:
            event = Event()
            event.add("UID", f"{sha256(f'{title}/{person}/{start.isoformat()}'.encode()).hexdigest()[:24]}@blackstart")
            event.add("DTSTAMP", start)
            event.add("DTSTART", start)
            event.add("DTEND", end)
            event.add("SUMMARY", person)
            if names.get(person, person) != person:
                event.add("DESCRIPTION", names[person])
            calendar.add_component(event)
    return bytes(calendar.to_ical()).decode("utf-8")
