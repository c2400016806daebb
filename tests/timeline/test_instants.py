"""Durations and wall-clock moments."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.instants import HOUR, MINUTE, format_clock, format_duration, from_wall, parse_duration, to_wall


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("90s", 90_000),
        ("2h30m", 9_000_000),
        ("1.5h", 5_400_000),
        ("250ms", 250),
        ("1w", 604_800_000),
        ("-5m", -300_000),
    ],
)
def test_reads_durations_as_people_write_them(text: str, ms: int) -> None:
    assert parse_duration(text) == ms


@pytest.mark.parametrize("text", ["", "90", "h", "5 m", "1h-5m", "1m 30s", "five minutes", "1h2"])
def test_refuses_what_has_no_unit_or_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


@given(st.integers(-(10**11), 10**11))
def test_a_written_duration_reads_back_exactly(ms: int) -> None:
    assert parse_duration(format_duration(ms)) == ms


def test_wall_clock_counts_real_hours_across_a_daylight_saving_change() -> None:
    epoch = datetime(2026, 3, 29, 1, 30, tzinfo=ZoneInfo("Europe/Zurich"))
    moment = to_wall(HOUR, epoch)
    assert (moment.hour, moment.minute) == (3, 30)
    assert from_wall(moment, epoch) == HOUR


def test_clock_shows_what_lies_before_the_start_as_negative() -> None:
    assert format_clock(-5 * MINUTE) == "-00:05:00"
