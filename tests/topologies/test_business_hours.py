"""Business hours against a clock that is read minute by minute, over weekends, holidays and changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from topologies.business_hours import WEEKDAYS, BusinessCalendar, Year, after, worked

MINUTE = timedelta(minutes=1)
VIENNA = ZoneInfo("Europe/Vienna")
ZONES = st.sampled_from(["Europe/Vienna", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Havana"])
MOMENTS = st.one_of(
    st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC)),
    # around the changes of the clock, where mistakes live
    st.datetimes(datetime(2026, 3, 28), datetime(2026, 3, 30), timezones=st.just(UTC)),
    st.datetimes(datetime(2026, 10, 24), datetime(2026, 11, 2), timezones=st.just(UTC)),
).map(lambda moment: moment.replace(second=0, microsecond=0))


@st.composite
def calendars(draw: st.DrawFn) -> BusinessCalendar:
    hours: dict[str, list[str]] = {}
    for day in draw(st.lists(st.sampled_from(WEEKDAYS), min_size=1, unique=True)):
        cuts = draw(st.lists(st.integers(0, 96), min_size=2, max_size=4, unique=True).map(sorted))
        hours[day] = [f"{_time(a)}-{_time(b)}" for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    days = draw(st.lists(st.dates(datetime(2026, 3, 1).date(), datetime(2026, 11, 1).date()), max_size=3))
    return calendar(hours, timezone=draw(ZONES), holidays={"days": days})


def _time(quarter: int) -> str:
    return f"{quarter // 4:02d}:{quarter % 4 * 15:02d}"


def calendar(hours: dict[str, list[str]], timezone: str = "Europe/Vienna", **fields: Any) -> BusinessCalendar:
    return BusinessCalendar.model_validate({"timezone": timezone, "hours": hours, **fields})


def office(**fields: Any) -> BusinessCalendar:
    return calendar({day: ["09:00-17:00"] for day in WEEKDAYS[:5]}, **fields)


def shows_hours(calendar: BusinessCalendar, minute: datetime) -> bool:
    """The oracle: what the clock on the wall shows in this minute, held against the hours of its day."""
    local = minute.astimezone(ZoneInfo(calendar.timezone))
    if calendar.holidays is not None and local.date() in calendar.holidays:
        return False
    now = f"{local:%H:%M}"
    spans = (span.split("-") for span in calendar.hours.get(WEEKDAYS[local.weekday()], ()))
    return any(start <= now < end for start, end in spans)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIENNA)


@given(calendars(), MOMENTS, st.integers(1, 4 * 24 * 60))
@settings(max_examples=60, deadline=None)
def test_time_worked_is_the_number_of_minutes_in_which_the_clock_shows_hours(
    calendar: BusinessCalendar, since: datetime, minutes: int
) -> None:
    counted = sum(shows_hours(calendar, since + n * MINUTE) for n in range(minutes))
    assert worked(calendar.openings(since), since + minutes * MINUTE) == counted * MINUTE


@given(calendars(), MOMENTS, st.integers(1, 600))
@settings(max_examples=60, deadline=None)
def test_work_ends_after_as_many_minutes_as_the_clock_shows_hours(
    calendar: BusinessCalendar, since: datetime, minutes: int
) -> None:
    ended = after(minutes * MINUTE, calendar.openings(since))
    assert worked(calendar.openings(since), ended) == minutes * MINUTE
    assert shows_hours(calendar, ended - MINUTE)


@given(calendars(), MOMENTS)
@settings(max_examples=60, deadline=None)
def test_openings_run_forward_and_do_not_touch(calendar: BusinessCalendar, since: datetime) -> None:
    found = list(calendar.openings(since))
    assert found[0][0] >= since
    assert all(begun < ended for begun, ended in found)
    assert all(one[1] < other[0] for one, other in pairwise(found))


@given(calendars(), st.integers(1, 32).map(lambda quarters: quarters * timedelta(minutes=15)))
@settings(max_examples=25, deadline=None)
def test_no_quarter_of_an_hour_waits_longer_than_the_longest_wait(
    calendar: BusinessCalendar, length: timedelta
) -> None:
    since = datetime(2026, 3, 20, tzinfo=UTC)
    spans = [span for span in calendar.openings(since) if span[0] < since + timedelta(days=40)]
    try:
        longest = Year(spans).longest_wait(length)
    except ValueError:
        return
    waits = []
    for quarter in range(20 * 96):
        begun = since + quarter * timedelta(minutes=15)
        own = ((max(a, begun), b) for a, b in spans if b > begun)
        try:
            waits.append(after(length, own) - begun)
        except ValueError:
            break
    assert longest.length >= max(waits)
    # It is reached, or approached: a moment later the wait is as long but for that moment.
    shortly = longest.begun + timedelta(seconds=1)
    reached = after(length, ((max(a, shortly), b) for a, b in spans if b > shortly)) - shortly
    assert longest.length - reached <= timedelta(seconds=1)


@pytest.mark.parametrize(
    ("begun", "hours", "ended"),
    [
        ("2026-03-13T16:00", 4, "2026-03-16T12:00"),
        ("2026-04-02T16:00", 4, "2026-04-07T12:00"),  # Good Friday is a day off here, Easter Monday is for all
        ("2026-03-14T10:00", 8, "2026-03-16T17:00"),
    ],
)
def test_work_goes_on_when_the_place_opens_again(begun: str, hours: int, ended: str) -> None:
    hours_of_office = office(holidays={"country": "AT", "days": ["2026-04-03"]})
    assert after(timedelta(hours=hours), hours_of_office.openings(at(begun))) == at(ended)


def test_a_day_of_hours_is_an_hour_shorter_in_spring_and_longer_in_autumn() -> None:
    nights = calendar({"sunday": ["00:00-24:00"]})
    lengths = {
        day: worked(nights.openings(at(f"{day}T00:00")), at(f"{day}T00:00") + timedelta(days=2))
        for day in ("2026-03-29", "2026-10-25", "2026-11-01")
    }
    assert [length / timedelta(hours=1) for length in lengths.values()] == [23, 25, 24]


def test_the_longest_wait_of_an_office_is_over_its_longest_weekend() -> None:
    year = Year(list(office(holidays={"country": "AT"}).openings(at("2026-01-10T00:00"))))
    wait = year.longest_wait(timedelta(hours=4))
    # From just after 13:00 on the Friday before the national holiday, in whose weekend the clock is put back.
    assert (wait.begun, wait.ended) == (at("2026-10-23T13:00"), at("2026-10-27T09:00"))
    assert wait.length == timedelta(hours=93)


def test_who_never_closes_makes_nobody_wait() -> None:
    always = calendar({day: ["00:00-24:00"] for day in WEEKDAYS})
    assert Year(list(always.openings(at("2026-01-01T00:00")))).longest_wait(timedelta(hours=4)).length == timedelta(
        hours=4
    )


@pytest.mark.parametrize(
    "hours", [{}, {"monday": []}, {"monday": ["17:00-09:00"]}, {"monday": ["09:00-12:00", "11:00-17:00"]}]
)
def test_hours_run_forward(hours: dict[str, list[str]]) -> None:
    with pytest.raises(ValidationError):
        calendar(hours)
