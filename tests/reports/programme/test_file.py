"""The programme file: what is refused, and where; the calendar that is made of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from icalendar import Calendar

from reports.programme.calendar import calendar_of
from reports.programme.loading import load_programme
from scenarios.shipped import shipped_scenarios
from tests.reports.programme.building import CRASH, HEAD, POLICY, loaded, written
from timeline.findings import InputError
from topologies.shipped import shipped_estates

WHOLE = HEAD + POLICY + CRASH


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        ("corner-lab\n", "corner-lap\n", "3:9", "corner-lab"),
        ("type: functional", "type: functonal", "9:11", "functional"),
        ("[corner-lab-crash]", "[corner-lab-clash]", "10:17", "corner-lab-crash"),
        ("when: 2026-06", "when: 2026-16", "11:11", "neither a day nor a month"),
        ("when: 2026-06", "when: 2027-06", "11:11", "does not lie within 2026-01-01 to 2026-12-31"),
        ("[ordering]", "[odering]", "12:17", "ordering"),
        ("owner: technical-lead", "owner: technical-led", "13:12", "technical-lead"),
        ("owner:", "woner:", "13:5", "owner"),
        ("12 months", "52w", "5:", "counts in months"),
        ("[tabletop, functional]", "[]", "5:36", "at least"),
        ("last_day: 2026-12-31", "last_day: 2025-12-31", "4:", "before the first"),
        ("when: 2026-06", "when: 2026-06\n    status: cancelled", "8:5", "says why"),
    ],
)
def test_mistakes_are_told_with_their_place(tmp_path: Path, old: str, new: str, place: str, says: str) -> None:
    assert old in WHOLE
    with pytest.raises(InputError) as raised:
        loaded(tmp_path, WHOLE.replace(old, new))
    told = str(raised.value)
    assert f"programme.yaml:{place}" in told
    assert says in told


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        loaded(tmp_path, WHOLE.replace("[ordering]", "[nothing]").replace("2026-06", "2027-06"))
    assert {f.id for f in raised.value.findings} == {"reference.unknown", "programme.outside-period"}


def test_a_scenario_may_lie_beside_the_programme(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(shipped_scenarios()["corner-lab-crash"].read_text())
    found = load_programme(written(tmp_path, WHOLE.replace("[corner-lab-crash]", "[mine.yaml]")))
    assert set(found.scenarios) == {"mine"}


def test_the_calendar_has_each_exercise_as_it_is_planned() -> None:
    programme = load_programme(shipped_estates()["meridian-bank"] / "programme.yaml").programme
    text = calendar_of(programme)
    assert text == calendar_of(programme)
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75  # RFC 5545, 3.1
    events = {str(event["SUMMARY"]): event for event in Calendar.from_ical(text).walk("VEVENT")}
    assert len(events) == len(programme.exercises) == len({str(event["UID"]) for event in events.values()})
    day, month = events["Loss of the northern data centre at night"], events["No mobile network, no paging"]
    assert (day["DTSTART"].dt, day["DTEND"].dt) == (date(2026, 3, 14), date(2026, 3, 15))
    assert (month["DTSTART"].dt, month["DTEND"].dt) == (date(2026, 11, 1), date(2026, 12, 1))
    assert (day["STATUS"], month["STATUS"]) == ("CONFIRMED", "TENTATIVE")


def test_an_exercise_that_is_moved_keeps_its_identity(tmp_path: Path) -> None:
    def uid(text: str) -> str:
        (event,) = Calendar.from_ical(calendar_of(loaded(tmp_path, text).programme)).walk("VEVENT")
        return str(event["UID"])

    assert uid(WHOLE) == uid(WHOLE.replace("2026-06", "2026-07-03"))
