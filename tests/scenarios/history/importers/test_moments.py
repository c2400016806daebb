"""Moments as exports write them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.history.importers.moments import DateOrder, Evidence, MomentReader, weigh

ROME = ZoneInfo("Europe/Rome")


def read(text: str, zone: str = "UTC", order: DateOrder = DateOrder.DAY_FIRST) -> str:
    return MomentReader(ZoneInfo(zone), order).read(text).isoformat()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01T09:15:00Z", "2026-03-01T09:15:00+00:00"),
        ("2026-03-01T09:15:00+01:00", "2026-03-01T08:15:00+00:00"),
        ("2026-03-01T09:15:00.123456+0100", "2026-03-01T08:15:00.123000+00:00"),
        ("2026-03-01 09:15", "2026-03-01T09:15:00+00:00"),
        ("2026-03-01 09:15:00 UTC", "2026-03-01T09:15:00+00:00"),
        ("2026-03-01 09:15:00 +0200", "2026-03-01T07:15:00+00:00"),
        ("2026-03-01", "2026-03-01T00:00:00+00:00"),
        ("2026/03/01 09:15:30", "2026-03-01T09:15:30+00:00"),
        ("29-02-2016 01:16", "2016-02-29T01:16:00+00:00"),
        ("1.3.2026 9:15", "2026-03-01T09:15:00+00:00"),
        ("01/03/2026 09:15 PM", "2026-03-01T21:15:00+00:00"),
        ("01/03/26 12:05 am", "2026-03-01T00:05:00+00:00"),
        ("02/Jan/26 3:04 PM", "2026-01-02T15:04:00+00:00"),
        ("01-Mar-2026 09:15:00", "2026-03-01T09:15:00+00:00"),
        ("Mar 1, 2026 9:15 AM", "2026-03-01T09:15:00+00:00"),
        ("1772356500", "2026-03-01T09:15:00+00:00"),
        ("1772356500000", "2026-03-01T09:15:00+00:00"),
    ],
)
def test_moments_are_read(text: str, expected: str) -> None:
    assert read(text) == expected


def test_the_order_is_that_of_the_file() -> None:
    assert read("02/03/2026 10:00", order=DateOrder.MONTH_FIRST) == "2026-02-03T10:00:00+00:00"
    assert read("02.03.2026 10:00", order=DateOrder.MONTH_FIRST) == "2026-03-02T10:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("03/13/2026", "no day-first date"),
        ("31/02/2026", "not a moment"),
        ("yesterday", "not a moment"),
        ("01/03/2026 25:00", "not a moment"),
        ("01/03/2026 13:00 PM", "not a moment"),
        ("2026-13-01", "not a moment"),
        ("1900-01-01 00:00:00", "filler"),
        ("9999-12-31", "filler"),
        ("1200000", "not a moment"),
        ("30 Feb 2026", "not a moment"),
        ("1 Foo 2026", "not a moment"),
    ],
)
def test_what_is_no_moment_says_so(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read(text)


def test_a_moment_without_zone_is_of_the_zone_of_the_file_and_told() -> None:
    reader = MomentReader(ROME)
    assert reader.read("2026-07-01 10:00").hour == 8
    assert reader.read("2026-01-01 10:00").hour == 9
    assert reader.zoneless == "2026-07-01 10:00"


def test_changes_of_the_clocks_are_counted() -> None:
    reader = MomentReader(ROME)
    assert reader.read("2026-10-25 02:30") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    reader.read("2026-03-29 02:30")
    reader.read("2026-03-29 04:30")
    assert reader.clock_changes == 2


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["29-02-2016", "01-02-2016"], DateOrder.DAY_FIRST),
        (["02/29/2016", "01/02/2016"], DateOrder.MONTH_FIRST),
        (["1.2.2016"], DateOrder.DAY_FIRST),
        (["01/02/2016", "05/05/2016"], None),
        (["2016-02-29", None, ""], None),
    ],
)
def test_one_telling_date_gives_the_order(texts: list[str | None], expected: DateOrder | None) -> None:
    assert weigh(texts).order is expected


def test_dates_that_tell_nothing_are_counted_and_equal_numbers_do_not_matter() -> None:
    assert weigh(["01/02/2016", "03/04/2016", "05/05/2016"]) == Evidence(0, 0, 2)


def test_a_file_of_iso_moments_is_not_read_to_its_end() -> None:
    texts = iter(["2016-02-29"] * 1_000_000)
    weigh(texts)
    assert sum(1 for _ in texts) > 990_000


@settings(max_examples=200)
@given(
    moment=st.datetimes(datetime(1970, 1, 2), datetime(2199, 12, 30)),
    pattern=st.sampled_from(
        ["%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M:%S", "%d-%m-%Y %I:%M:%S %p", "%d %b %Y %H:%M:%S", "%Y/%m/%d %H:%M:%S"]
    ),
    offset=st.sampled_from(["", "Z", " UTC", "+01:00", " -0330"]),
)
def test_what_strftime_writes_is_read(moment: datetime, pattern: str, offset: str) -> None:
    shift = {"+01:00": timedelta(hours=1), " -0330": -timedelta(hours=3, minutes=30)}.get(offset, timedelta())
    expected = moment.replace(microsecond=0, tzinfo=UTC) - shift
    assert MomentReader(ZoneInfo("UTC")).read(moment.strftime(pattern) + offset) == expected
