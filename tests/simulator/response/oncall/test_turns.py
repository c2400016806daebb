"""Whose turn it is, around every kind of hand-over.

Expected people are worked out by hand from the hand-over's local time and the offset from UTC that the IANA database
gives for that day; local times that do not exist or exist twice follow RFC 5545 section 3.3.5.
"""

import pytest

from tests.simulator.response.oncall.rotas import at, layer, schedule, who

WEEK = "1w"
CASES = [
    # zone, people, first hand-over, length, moment, who
    # Before the first turn, and both sides of a hand-over.
    ("Europe/Zurich", "abc", "2026-03-02T08:00", WEEK, "2026-03-02T07:59:59.999+01:00", None),
    ("Europe/Zurich", "abc", "2026-03-02T08:00", WEEK, "2026-03-02T08:00+01:00", "a"),
    ("Europe/Zurich", "abc", "2026-03-02T08:00", WEEK, "2026-03-09T07:59:59.999+01:00", "a"),
    ("Europe/Zurich", "abc", "2026-03-02T08:00", WEEK, "2026-03-09T08:00+01:00", "b"),
    ("Europe/Zurich", "abc", "2026-03-02T08:00", WEEK, "2026-03-16T08:00+01:00", "c"),
    ("Europe/Zurich", "abc", "2026-03-02T08:00", WEEK, "2026-03-23T08:00+01:00", "a"),
    # Europe, 29 March 2026: the clocks go from 02:00 to 03:00; Monday 08:00 is 06:00Z from then on.
    ("Europe/Zurich", "abc", "2026-03-02T08:00", WEEK, "2026-03-30T05:59:59Z", "a"),
    ("Europe/Zurich", "abc", "2026-03-02T08:00", WEEK, "2026-03-30T06:00Z", "b"),
    # Europe, 25 October 2026: back to winter time; 34 weeks after the start, Monday 08:00 is 07:00Z.
    ("Europe/Zurich", "abc", "2026-03-02T08:00", WEEK, "2026-10-26T06:59:59Z", "a"),
    ("Europe/Zurich", "abc", "2026-03-02T08:00", WEEK, "2026-10-26T07:00Z", "b"),
    # America, 8 March 2026: daily at 09:00.
    ("America/New_York", "abc", "2026-03-06T09:00", "1d", "2026-03-07T13:59Z", "a"),
    ("America/New_York", "abc", "2026-03-06T09:00", "1d", "2026-03-07T14:00Z", "b"),
    ("America/New_York", "abc", "2026-03-06T09:00", "1d", "2026-03-08T12:59Z", "b"),
    ("America/New_York", "abc", "2026-03-06T09:00", "1d", "2026-03-08T13:00Z", "c"),
    # America, 1 November 2026.
    ("America/New_York", "abc", "2026-10-30T09:00", "1d", "2026-11-01T13:59Z", "b"),
    ("America/New_York", "abc", "2026-10-30T09:00", "1d", "2026-11-01T14:00Z", "c"),
    # A hand-over at a local time that does not exist: 02:30 EST is what the clock shows as 03:30 EDT.
    ("America/New_York", "ab", "2026-03-07T02:30", "1d", "2026-03-08T07:29Z", "a"),
    ("America/New_York", "ab", "2026-03-07T02:30", "1d", "2026-03-08T07:30Z", "b"),
    ("America/New_York", "ab", "2026-03-07T02:30", "1d", "2026-03-09T06:29Z", "b"),
    ("America/New_York", "ab", "2026-03-07T02:30", "1d", "2026-03-09T06:30Z", "a"),
    # A hand-over at a local time that exists twice happens at the first.
    ("America/New_York", "ab", "2026-10-31T01:30", "1d", "2026-11-01T05:29Z", "a"),
    ("America/New_York", "ab", "2026-10-31T01:30", "1d", "2026-11-01T05:30Z", "b"),
    ("America/New_York", "ab", "2026-10-31T01:30", "1d", "2026-11-01T06:30Z", "b"),
    ("America/New_York", "ab", "2026-10-31T01:30", "1d", "2026-11-02T06:29Z", "b"),
    ("America/New_York", "ab", "2026-10-31T01:30", "1d", "2026-11-02T06:30Z", "a"),
    # Hourly through the night in which 02:00 does not exist: the third turn is left out.
    ("Europe/Zurich", "abc", "2026-03-29T00:00", "1h", "2026-03-29T00:59Z", "b"),
    ("Europe/Zurich", "abc", "2026-03-29T00:00", "1h", "2026-03-29T01:00Z", "a"),
    ("Europe/Zurich", "abc", "2026-03-29T00:00", "1h", "2026-03-29T02:00Z", "b"),
    # Hourly through the night in which 02:00 exists twice: the third turn lasts two hours.
    ("Europe/Zurich", "abc", "2026-10-25T00:00", "1h", "2026-10-25T00:00Z", "c"),
    ("Europe/Zurich", "abc", "2026-10-25T00:00", "1h", "2026-10-25T01:30Z", "c"),
    ("Europe/Zurich", "abc", "2026-10-25T00:00", "1h", "2026-10-25T02:00Z", "a"),
    # Twelve-hour shifts keep 08:00 and 20:00; the night of the change is an hour shorter.
    ("Europe/London", "dn", "2026-03-28T08:00", "12h", "2026-03-28T19:59Z", "d"),
    ("Europe/London", "dn", "2026-03-28T08:00", "12h", "2026-03-28T20:00Z", "n"),
    ("Europe/London", "dn", "2026-03-28T08:00", "12h", "2026-03-29T06:59Z", "n"),
    ("Europe/London", "dn", "2026-03-28T08:00", "12h", "2026-03-29T07:00Z", "d"),
    # A length that divides neither day nor week.
    ("UTC", "abc", "2026-01-01T00:00", "36h", "2026-01-02T11:59Z", "a"),
    ("UTC", "abc", "2026-01-01T00:00", "36h", "2026-01-02T12:00Z", "b"),
    ("UTC", "abc", "2026-01-01T00:00", "36h", "2026-01-05T12:00Z", "a"),
    # Leap day 2028, and the day after 28 February in other years.
    ("UTC", "abc", "2028-02-28T00:00", "1d", "2028-02-29T00:00Z", "b"),
    ("UTC", "abc", "2028-02-28T00:00", "1d", "2028-03-01T00:00Z", "c"),
    ("UTC", "abc", "2027-02-28T00:00", "1d", "2027-03-01T00:00Z", "b"),
    ("UTC", "ab", "2028-02-23T00:00", WEEK, "2028-02-29T23:59:59Z", "a"),
    ("UTC", "ab", "2028-02-23T00:00", WEEK, "2028-03-01T00:00Z", "b"),
    ("UTC", "ab", "2028-02-29T12:00", "365d", "2029-02-28T12:00Z", "b"),
    # Year end.
    ("UTC", "ab", "2026-12-28T00:00", WEEK, "2027-01-03T23:59:59Z", "a"),
    ("UTC", "ab", "2026-12-28T00:00", WEEK, "2027-01-04T00:00Z", "b"),
    ("Asia/Tokyo", "ab", "2026-12-31T18:00", "1d", "2027-01-01T08:59Z", "a"),
    ("Asia/Tokyo", "ab", "2026-12-31T18:00", "1d", "2027-01-01T09:00Z", "b"),
    # Zones off by half and quarter hours.
    ("Asia/Kolkata", "ab", "2026-06-01T09:00", "1d", "2026-06-02T03:29Z", "a"),
    ("Asia/Kolkata", "ab", "2026-06-01T09:00", "1d", "2026-06-02T03:30Z", "b"),
    ("Asia/Kathmandu", "ab", "2026-06-01T09:00", "1d", "2026-06-02T03:14Z", "a"),
    ("Asia/Kathmandu", "ab", "2026-06-01T09:00", "1d", "2026-06-02T03:15Z", "b"),
    # ... with changes of their own: Adelaide on 5 April 2026 from +10:30 to +09:30.
    ("Australia/Adelaide", "ab", "2026-04-04T09:00", "1d", "2026-04-03T22:29Z", None),
    ("Australia/Adelaide", "ab", "2026-04-04T09:00", "1d", "2026-04-03T22:30Z", "a"),
    ("Australia/Adelaide", "ab", "2026-04-04T09:00", "1d", "2026-04-04T23:29Z", "a"),
    ("Australia/Adelaide", "ab", "2026-04-04T09:00", "1d", "2026-04-04T23:30Z", "b"),
    # Lord Howe changes by half an hour, on 4 October 2026 from +10:30 to +11.
    ("Australia/Lord_Howe", "ab", "2026-10-03T09:00", "1d", "2026-10-03T21:59Z", "a"),
    ("Australia/Lord_Howe", "ab", "2026-10-03T09:00", "1d", "2026-10-03T22:00Z", "b"),
    # Chatham on 5 April 2026 from +13:45 to +12:45.
    ("Pacific/Chatham", "ab", "2026-04-04T09:00", "1d", "2026-04-04T20:14Z", "a"),
    ("Pacific/Chatham", "ab", "2026-04-04T09:00", "1d", "2026-04-04T20:15Z", "b"),
    # Newfoundland on 8 March 2026 from -03:30 to -02:30.
    ("America/St_Johns", "ab", "2026-03-07T09:00", "1d", "2026-03-08T11:29Z", "a"),
    ("America/St_Johns", "ab", "2026-03-07T09:00", "1d", "2026-03-08T11:30Z", "b"),
    # The south: Sydney on 5 April 2026 from +11 to +10.
    ("Australia/Sydney", "ab", "2026-03-30T09:00", WEEK, "2026-04-05T22:59Z", "a"),
    ("Australia/Sydney", "ab", "2026-03-30T09:00", WEEK, "2026-04-05T23:00Z", "b"),
    # No change of clocks at all.
    ("America/Phoenix", "ab", "2026-03-07T09:00", "1d", "2026-03-08T15:59Z", "a"),
    ("America/Phoenix", "ab", "2026-03-07T09:00", "1d", "2026-03-08T16:00Z", "b"),
    # Samoa left out 30 December 2011: that day's turn never begins.
    ("Pacific/Apia", "abc", "2011-12-29T09:00", "1d", "2011-12-30T18:59Z", "a"),
    ("Pacific/Apia", "abc", "2011-12-29T09:00", "1d", "2011-12-30T19:00Z", "c"),
    # A first hand-over with an offset of its own.
    ("Europe/Zurich", "ab", "2026-06-01T06:00Z", "1d", "2026-06-02T05:59Z", "a"),
    ("Europe/Zurich", "ab", "2026-06-01T06:00Z", "1d", "2026-06-02T06:00Z", "b"),
]


@pytest.mark.parametrize(("zone", "people", "start", "length", "moment", "holder"), CASES)
def test_turn(zone: str, people: str, start: str, length: str, moment: str, holder: str | None) -> None:
    assert schedule(zone, layer(people, start, length)).at(at(moment)) == who(holder)
