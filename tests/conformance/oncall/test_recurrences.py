"""Schedules against the recurrences of RFC 5545, expanded by the library recurring-ical-events.

A layer of n people is the same as n endless events, each person's every n turns.  Both are walked through a year with
its changes of clocks.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reports.oncall import calendar_of
from simulator.response.oncall import OnCall
from tests.conformance.oncall.test_tables import EPOCH
from timeline.instants import DAY, to_wall
from topologies.importers.oncall import Window, import_roster
from topologies.roster import Roster
from topologies.rotations import Rotation

ZONES = [
    "Europe/Vienna",
    "America/New_York",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Asia/Kathmandu",
]
START = datetime(2026, 1, 5, 9, 30)
RULES = [
    # people, length or months, the rule of each person's event, from one turn to the next
    ("ab", {"length": "12h"}, "FREQ=DAILY", timedelta(hours=12)),
    ("abc", {"length": "1d"}, "FREQ=DAILY;INTERVAL=3", timedelta(days=1)),
    ("abcd", {"length": "1w"}, "FREQ=WEEKLY;INTERVAL=4", timedelta(weeks=1)),
    ("ab", {"length": "2w"}, "FREQ=WEEKLY;INTERVAL=4", timedelta(weeks=2)),
]


def calendar(zone: str, people: str, rule: str, turn: timedelta) -> str:
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{person}\r\nDTSTAMP:20260101T000000Z\r\n"
        f"DTSTART;TZID={zone}:{START + number * turn:%Y%m%dT%H%M%S}\r\n"
        f"DTEND;TZID={zone}:{START + (number + 1) * turn:%Y%m%dT%H%M%S}\r\n"
        f"RRULE:{rule}\r\nSUMMARY:{person}\r\nEND:VEVENT\r\n"
        for number, person in enumerate(people)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nX-WR-TIMEZONE:{zone}\r\n{events}END:VCALENDAR\r\n"


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("people", "length", "rule", "turn"), RULES, ids=lambda value: str(value))
def test_turns_are_recurrences(
    zone: str, people: str, length: dict[str, str], rule: str, turn: timedelta, tmp_path: Path
) -> None:
    layer = {"people": list(people), "start": START, **length}
    ours = Rotation.model_validate({"title": "r", "timezone": zone, "layers": [layer]})
    file = tmp_path / "theirs.ics"
    file.write_text(calendar(zone, people, rule, turn))
    window = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC))
    theirs = import_roster(file, window).roster.rotations["calendar"]
    oncall = OnCall(Roster(title="r", rotations={"ours": ours, "theirs": theirs}), EPOCH)
    assert oncall.shifts("ours", 0, 380 * DAY) == oncall.shifts("theirs", 0, 380 * DAY)


@pytest.mark.parametrize("zone", ZONES)
def test_a_written_calendar_is_the_schedule_that_was_written(zone: str, tmp_path: Path) -> None:
    """Restrictions, groups and gaps through a year, exported and imported again."""
    layers = [
        {"people": ["a", ["b", "c"], []], "start": START, "length": "1d"},
        {
            "people": ["d"],
            "start": START,
            "months": 1,
            "restrictions": [{"days": ["sunday"], "start": "01:00", "end": "05:00"}],
        },
    ]
    ours = Rotation.model_validate({"title": "r", "timezone": zone, "layers": layers})
    shifts = OnCall(Roster(title="r", rotations={"r": ours}), EPOCH).shifts("r", 0, 365 * DAY)
    file = tmp_path / "written.ics"
    file.write_text(calendar_of("r", zone, shifts, {"a": "Ann"}, EPOCH))
    window = Window(to_wall(-DAY, EPOCH), to_wall(400 * DAY, EPOCH))
    again = import_roster(file, window).roster
    assert again.rotations["r"].timezone == zone
    assert OnCall(again, EPOCH).shifts("r", 0, 365 * DAY) == [
        (start, end, sorted(people)) for start, end, people in shifts
    ]
