"""What time on call costs, against counting the minutes of a wall clock."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.response.oncall import OnCall, hardship, shifts_of
from simulator.response.oncall.clock import LocalClock
from tests.simulator.response.building import organisation
from tests.simulator.response.oncall.rotas import EPOCH, at
from timeline.instants import HOUR, MINUTE, to_wall
from topologies.organisation import Organisation

HOLIDAYS = (date(2026, 3, 29), date(2026, 4, 6))
ZONES = ["UTC", "Europe/Vienna", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]
QUARTER = 15 * MINUTE
BEGIN = at("2026-03-27T00:00:00+00:00") // QUARTER
MOMENTS = st.lists(st.integers(BEGIN, BEGIN + 12 * 96), min_size=2, max_size=6, unique=True)


@settings(max_examples=60, deadline=None)
@given(MOMENTS, st.sampled_from(ZONES))
def test_it_is_what_a_wall_clock_shows_quarter_of_an_hour_by_quarter(moments: list[int], zone: str) -> None:
    """Twelve days in which the clocks change in Vienna (29 March) and on Lord Howe (5 April, by half an hour)."""
    ordered = sorted(moments)
    spans = [(QUARTER * a, QUARTER * b) for a, b in zip(ordered[::2], ordered[1::2], strict=False)]
    clocks = [to_wall(ms, EPOCH).astimezone(ZoneInfo(zone)) for a, b in spans for ms in range(a, b, QUARTER)]
    found = hardship(spans, LocalClock(zone, EPOCH), HOLIDAYS)
    assert found.on_call_ms == len(clocks) * QUARTER
    assert found.night_ms == sum(c.hour >= 22 or c.hour < 7 for c in clocks) * QUARTER
    assert found.weekend_ms == sum(c.weekday() >= 5 for c in clocks) * QUARTER
    assert found.holiday_ms == sum(c.date() in HOLIDAYS for c in clocks) * QUARTER
    assert found.holidays == {c.date() for c in clocks} & set(HOLIDAYS)
    saturdays = {c.date().toordinal() - c.weekday() + 5 for c in clocks if c.weekday() >= 5}
    assert {day.toordinal() for day in found.weekends} == saturdays


@pytest.mark.parametrize(
    ("zone", "night", "hours"),
    [
        ("Europe/Vienna", "2026-03-28", 8),
        ("Europe/Vienna", "2026-10-24", 10),
        ("Europe/Vienna", "2026-06-01", 9),
        ("UTC", "2026-03-28", 9),
    ],
)
def test_the_night_in_which_the_clocks_change_is_shorter_or_longer(zone: str, night: str, hours: int) -> None:
    clock = LocalClock(zone, EPOCH)
    noon = clock.at_ms(datetime.fromisoformat(f"{night}T12:00:00"))
    assert hardship([(noon, noon + 24 * HOUR)], clock).night_ms == hours * HOUR


def test_overlapping_spans_count_once() -> None:
    clock = LocalClock("UTC", EPOCH)
    assert hardship([(0, 5 * HOUR), (3 * HOUR, 8 * HOUR)], clock) == hardship([(0, 8 * HOUR)], clock)


def test_shifts_of_several_rotations_leave_out_gaps() -> None:
    layer = {"people": ["ann", "max"], "start": "2026-01-05T08:00:00", "length": "1d"}
    days = [{"start": "08:00", "end": "20:00"}]
    org = Organisation.model_validate(
        organisation(
            rotations={
                "whole": {"title": "whole", "timezone": "UTC", "layers": [layer]},
                "days": {"title": "days", "timezone": "UTC", "layers": [{**layer, "restrictions": days}]},
            }
        )
    )
    begin = at("2026-01-05T08:00:00+00:00")
    found = shifts_of(OnCall(org, EPOCH), ["whole", "days"], begin, begin + 48 * HOUR)
    assert [(s.rotation, s.person, (s.from_ms - begin) // HOUR, (s.to_ms - begin) // HOUR) for s in found] == [
        ("whole", "ann", 0, 24),
        ("whole", "max", 24, 48),
        ("days", "ann", 0, 12),
        ("days", "max", 24, 36),
    ]
