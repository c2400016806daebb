"""Who carries how much: shifts, nights, weekends, pages, limits; and pages of the past from a file."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from reports.figures.workload import draw_load, hours_of_day
from reports.workload.limits import TOO_LONG, TOO_MANY, Limits, exceeded
from reports.workload.load import ASPECTS, Load, PersonLoad, Span, load_of
from reports.workload.pages import Page, busiest_window
from reports.workload.past import read_past
from tests.simulator.response.building import organisation, person
from timeline.findings import InputError, Place
from timeline.instants import HOUR, MINUTE, UNIX_EPOCH, from_wall
from topologies.organisation import Organisation

WEEK = ("2026-01-05T09:00+00:00", "2026-01-12T09:00+00:00")
FORTNIGHT = (WEEK[0], "2026-01-19T09:00+00:00")


def moment(text: str) -> int:
    return from_wall(datetime.fromisoformat(text), UNIX_EPOCH)


def span(bounds: tuple[str, str]) -> Span:
    return Span(*map(moment, bounds))


def rota(*people: str, length: str = "1w", **fields: Any) -> dict[str, Any]:
    layers = [{"people": list(people), "start": "2026-01-05T09:00:00", "length": length}]
    return {"title": "a rotation", "timezone": "UTC", "layers": layers, **fields}


def staffed(**rotations: dict[str, Any]) -> Organisation:
    """Ann and Ben live by UTC, Chi in Singapore."""
    zones = {"ann": "UTC", "ben": "UTC", "chi": "Asia/Singapore"}
    people = {id: person(None, timezone=zone) for id, zone in zones.items()}
    data = organisation(people=people, rotations=rotations, policies={}, teams={}, receivers={}, roles={})
    return Organisation.model_validate({**data, "holidays": [date(2026, 1, 6)]})


def of(load: Load, id: str) -> PersonLoad:
    return next(p for p in load.people if p.person == id)


def page(person: str, at: str, incident: str = "", minutes: int = 0) -> Page:
    at_ms = moment(at)
    occupied = (at_ms, at_ms + minutes * MINUTE) if minutes else None
    local_hour = datetime.fromisoformat(at).astimezone(UTC).hour
    return Page(person, at_ms, incident or at, local_hour >= 22 or local_hour < 7, occupied)


def test_a_week_on_call() -> None:
    """Monday 09:00 to Monday 09:00: seven nights of nine hours, one weekend, one holiday."""
    load = load_of(staffed(first=rota("ann", "ben")), ["first"], [span(FORTNIGHT)])
    ann, ben = of(load, "ann"), of(load, "ben")
    assert (ann.shifts, ann.on_call_ratio, ann.paged) == (1, 0.5, None)
    assert (ann.duty.on_call_ms, ann.duty.night_ms, ann.duty.weekend_ms) == (168 * HOUR, 63 * HOUR, 48 * HOUR)
    assert (ann.duty.weekends, ann.duty.holidays) == ({date(2026, 1, 10)}, {date(2026, 1, 6)})
    assert (ben.duty.weekends, ben.duty.holidays) == ({date(2026, 1, 17)}, set())


def test_the_night_is_that_of_the_holder() -> None:
    """22:00 to 07:00 UTC is 06:00 to 15:00 in Singapore: one hour of sleep."""
    overrides = [{"start": "2026-01-06T22:00:00", "end": "2026-01-07T07:00:00", "person": "chi"}]
    load = load_of(staffed(first=rota("ann", overrides=overrides)), ["first"], [span(WEEK)])
    assert of(load, "chi").duty.night_ms == 1 * HOUR
    assert of(load, "ann").duty.night_ms == 54 * HOUR


def test_two_rotations_at_once_count_once() -> None:
    org = staffed(first=rota("ann"), second=rota("ann", "ben", length="12h"))
    load = load_of(org, ["first", "second"], [span(WEEK)])
    assert of(load, "ann").on_call_ratio == 1
    assert of(load, "ann").shifts == 1 + 7
    assert of(load, "ben").on_call_ratio == 0.5


def test_who_never_has_a_turn_in_the_span_counts_with_nothing() -> None:
    load = load_of(staffed(first=rota("ann", "ben")), ["first"], [span(WEEK)], [])
    assert of(load, "ben").on_call_ratio == 0
    assert of(load, "ben").paged is not None
    inequality = {aspect.id: aspect.inequality(load.people) for aspect in ASPECTS}
    assert inequality["on_call_hours"] == pytest.approx(0.5)
    assert inequality["pages"] is None


def test_pages_by_person() -> None:
    pages = [
        page("ann", "2026-01-06T03:00+00:00", "a", 60),
        page("ann", "2026-01-06T03:30+00:00", "a", 60),
        page("ann", "2026-01-06T14:59+00:00", "b"),
        page("ann", "2026-01-06T15:01+00:00", "c"),
        page("ben", "2026-02-01T00:00+00:00"),
    ]
    load = load_of(staffed(first=rota("ann", "ben")), ["first"], [span(WEEK)], pages)
    paged = of(load, "ann").paged
    assert paged is not None
    assert (paged.pages, paged.sleep_pages, paged.per_shift, paged.busiest) == (4, 2, 4.0, 2)
    assert paged.occupied_ms == 90 * MINUTE
    assert {aspect.id: aspect.inequality(load.people) for aspect in ASPECTS}["pages"] == 0.5


@pytest.mark.parametrize(("hours", "most"), [([0, 11, 12], 2), ([0, 11.99, 12.5, 13], 3), ([0, 12, 24], 1), ([], 0)])
def test_the_busiest_twelve_hours(hours: list[float], most: int) -> None:
    pages = [Page("ann", round(hour * HOUR), str(hour), None) for hour in hours]
    assert len(busiest_window(pages)) == most


def findings(load: Load, limits: Limits) -> list[tuple[str, str]]:
    return [(f.id, f.message.split()[0]) for f in exceeded(load, limits, lambda _: Place("organisation.yaml"))]


def test_limits_are_exceeded_only_above_them() -> None:
    pages = [page("ann", f"2026-01-06T{hour:02}:00+00:00") for hour in (8, 9, 10)]
    load = load_of(staffed(first=rota("ann", "ben")), ["first"], [span(FORTNIGHT)], pages)
    assert findings(load, Limits()) == [(TOO_MANY, "ann"), (TOO_LONG, "ann"), (TOO_LONG, "ben")]
    assert findings(load, Limits(3, 0.5)) == []
    assert findings(load, Limits(2, 0.49)) == [(TOO_MANY, "ann"), (TOO_LONG, "ann"), (TOO_LONG, "ben")]


def test_hours_of_the_day_are_those_of_the_person() -> None:
    org = staffed(first=rota("ann", "chi"))
    load = load_of(org, ["first"], [span(FORTNIGHT)], [page("chi", "2026-01-13T03:10+00:00")])
    assert hours_of_day(load, org)[1].nonzero()[0].tolist() == [11]
    duty = hours_of_day(load_of(org, ["first"], [span(FORTNIGHT)]), org)
    assert duty.tolist() == [[7.0] * 24] * 2


def test_figures_are_drawn_the_same_each_time() -> None:
    org = staffed(first=rota("ann", "ben"))
    load = load_of(org, ["first"], [span(WEEK)], [page("ann", "2026-01-06T03:00+00:00")])
    drawn = draw_load(load, org, Limits())
    assert [figure.id for figure in drawn] == ["duty", "pages", "hours"]
    assert drawn == draw_load(load, org, Limits())
    assert "ann" in drawn[0].svg


def past(tmp_path: Path, text: str) -> list[Page]:
    file = tmp_path / "pages.csv"
    file.write_text(text)
    return read_past(file, staffed(first=rota("ann", "ben"), none=rota("ann", layers=[])))


def test_pages_of_the_past(tmp_path: Path) -> None:
    rows = """at,person,rotation,incident,minutes,until,note
2026-01-13T23:00,,first,a,30,,later row first
2026-01-06T08:00+08:00,chi,,a,,2026-01-06T08:20+08:00,
2026-01-06T08:00,chi,,,,,Singapore's clock
2026-01-07T08:00,,none,,,,nobody held it
"""
    found = [
        (p.person, p.at_ms, p.sleep_hours, p.occupied and p.occupied[1] - p.occupied[0]) for p in past(tmp_path, rows)
    ]
    assert found == [
        ("chi", moment("2026-01-06T00:00+00:00"), False, 20 * MINUTE),
        ("chi", moment("2026-01-06T00:00+00:00"), False, None),
        ("ben", moment("2026-01-13T23:00+00:00"), True, 30 * MINUTE),
    ]


@pytest.mark.parametrize(
    ("rows", "line", "words"),
    [
        ("when,person\n", 1, "at, and person or rotation"),
        ("at,person\n2026-01-06,an\n", 2, "did you mean 'ann'"),
        ("at,rotation\n2026-01-06,frist\n", 2, "did you mean 'first'"),
        ("at,person\nyesterday,ann\n", 2, "not a moment"),
        ("at,person,rotation\n2026-01-06,,\n", 2, "neither a person nor a rotation"),
        ("at,person,minutes\n2026-01-06,ann,ten\n", 2, "not a number of minutes"),
        ("at,person,minutes\n2026-01-06,ann,-5\n", 2, "ends before it begins"),
        ("", 1, "it names none"),
    ],
)
def test_a_row_that_cannot_be_read(tmp_path: Path, rows: str, line: int, words: str) -> None:
    with pytest.raises(InputError) as refused:
        past(tmp_path, rows)
    assert words in str(refused.value)
    assert [finding.place.line for finding in refused.value.findings] == [line]


def test_all_bad_rows_are_reported_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        past(tmp_path, "at,person\nx,ann\n2026-01-06,ann\ny,ann\n")
    assert [finding.place.line for finding in refused.value.findings] == [2, 4]
