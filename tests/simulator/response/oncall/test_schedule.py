"""Layers, restrictions and overrides, put together."""

import pytest

from simulator.response.oncall import OnCall
from tests.simulator.response.oncall.rotas import (
    EPOCH,
    WEEKDAYS,
    at,
    layer,
    override,
    restriction,
    rotation,
    schedule,
    who,
)
from topologies.roster import Roster

OFFICE = restriction("09:00", "17:00", *WEEKDAYS)
NIGHT = restriction("22:00", "06:00")
FRIDAY_NIGHT = restriction("22:00", "06:00", "friday")
ROUND_THE_CLOCK = restriction("08:00", "08:00", "saturday")

RESTRICTED = [
    # zone, restriction, moment, on call
    ("Europe/Zurich", OFFICE, "2026-03-27T08:59+01:00", False),
    ("Europe/Zurich", OFFICE, "2026-03-27T09:00+01:00", True),
    ("Europe/Zurich", OFFICE, "2026-03-27T16:59:59.999+01:00", True),
    ("Europe/Zurich", OFFICE, "2026-03-27T17:00+01:00", False),
    ("Europe/Zurich", OFFICE, "2026-03-28T12:00+01:00", False),
    ("Europe/Zurich", OFFICE, "2026-03-30T07:00Z", True),
    ("Europe/Zurich", OFFICE, "2026-03-30T06:59Z", False),
    ("Asia/Kolkata", OFFICE, "2026-03-30T03:29Z", False),
    ("Asia/Kolkata", OFFICE, "2026-03-30T03:30Z", True),
    ("Asia/Kolkata", OFFICE, "2026-03-30T11:30Z", False),
    ("UTC", NIGHT, "2026-01-10T21:59Z", False),
    ("UTC", NIGHT, "2026-01-10T22:00Z", True),
    ("UTC", NIGHT, "2026-01-11T05:59Z", True),
    ("UTC", NIGHT, "2026-01-11T06:00Z", False),
    ("UTC", FRIDAY_NIGHT, "2026-01-09T23:00Z", True),
    ("UTC", FRIDAY_NIGHT, "2026-01-10T05:00Z", True),
    ("UTC", FRIDAY_NIGHT, "2026-01-10T23:00Z", False),
    ("UTC", FRIDAY_NIGHT, "2026-01-09T05:00Z", False),
    ("UTC", ROUND_THE_CLOCK, "2026-01-11T07:59Z", True),
    ("UTC", ROUND_THE_CLOCK, "2026-01-11T08:00Z", False),
    # The night in which an hour is missing or doubled: 22:00 to 06:00 on the clock, 7 or 9 hours long.
    ("Europe/Zurich", NIGHT, "2026-03-29T03:59Z", True),
    ("Europe/Zurich", NIGHT, "2026-03-29T04:00Z", False),
    ("Europe/Zurich", NIGHT, "2026-10-25T04:59Z", True),
    ("Europe/Zurich", NIGHT, "2026-10-25T05:00Z", False),
]


@pytest.mark.parametrize(("zone", "span", "moment", "on_call"), RESTRICTED)
def test_restriction(zone: str, span: object, moment: str, on_call: bool) -> None:
    holder = schedule(zone, layer("a", "2026-01-01T00:00", "1d", span)).at(at(moment))  # type: ignore[arg-type]
    assert holder == who("a" if on_call else None)


def test_later_layer_goes_first_and_leaves_the_rest_to_the_earlier() -> None:
    rota = schedule("UTC", layer("n", "2026-01-01T00:00"), layer("d", "2026-01-01T00:00", "1d", OFFICE))
    assert [rota.at(at(f"2026-01-05T{hour}Z")) for hour in ("08:59", "09:00", "17:00")] == [("n",), ("d",), ("n",)]


def test_follow_the_sun_hands_the_duty_round_the_world() -> None:
    """Three layers with office hours of eight hours each cover the day without a gap."""
    spans = [("s", "00:00", "08:00"), ("l", "08:00", "16:00"), ("n", "16:00", "00:00")]
    rota = schedule(
        "UTC", *(layer(person, "2026-01-01T00:00", "1d", restriction(start, end)) for person, start, end in spans)
    )
    day = list(rota.shifts(at("2026-01-05T00:00Z"), at("2026-01-06T00:00Z")))
    assert [(end - start, person) for start, end, person in day] == [(28_800_000, (p,)) for p in "sln"]


def test_layer_ends() -> None:
    rota = schedule("UTC", layer("a", "2026-01-01T00:00", until="2026-01-05T12:00"))
    assert (rota.at(at("2026-01-05T11:59Z")), rota.at(at("2026-01-05T12:00Z"))) == (("a",), ())
    assert rota.next_change(at("2026-01-06T00:00Z")) is None


OVERRIDES = (
    override("2026-01-05T10:00", "2026-01-05T12:00", "x"),
    override("2026-01-05T11:00", "2026-01-05T13:00", None),
)


@pytest.mark.parametrize(
    ("moment", "holder"),
    [
        ("2026-01-05T08:59:59Z", "a"),
        ("2026-01-05T09:00Z", "x"),
        ("2026-01-05T10:00Z", None),
        ("2026-01-05T11:59:59Z", None),
        ("2026-01-05T12:00Z", "a"),
    ],
)
def test_override_is_in_the_time_of_the_rotation_and_a_later_one_counts(moment: str, holder: str | None) -> None:
    rota = schedule("Europe/Zurich", layer("a", "2026-01-01T00:00"), overrides=OVERRIDES)
    assert rota.at(at(moment)) == who(holder)


def test_override_may_bring_its_own_offset() -> None:
    own = override("2026-01-05T10:00-05:00", "2026-01-05T12:00-05:00", "x")
    rota = schedule("Europe/Zurich", layer("a", "2026-01-01T00:00"), overrides=(own,))
    assert [rota.at(at(f"2026-01-05T{hour}Z")) for hour in ("14:59", "15:00", "17:00")] == [("a",), ("x",), ("a",)]


def oncall(*layers: object, zone: str = "UTC") -> OnCall:
    rota = rotation(zone, *layers)  # type: ignore[arg-type]
    return OnCall(Roster(title="a roster", rotations={"primary": rota}), EPOCH)


def test_shifts_merge_neighbours_and_show_gaps() -> None:
    duty = oncall(layer("a", "2026-01-01T00:00", "1h", restriction("09:00", "12:00")))
    day = at("2026-01-05T00:00Z")
    hour = 3_600_000
    assert duty.shifts("primary", day, day + 24 * hour) == [
        (day, day + 9 * hour, []),
        (day + 9 * hour, day + 12 * hour, ["a"]),
        (day + 12 * hour, day + 24 * hour, []),
    ]
    assert duty.gaps("primary", day, day + 12 * hour) == [(day, day + 9 * hour)]


def test_day_of_the_change_has_23_or_25_hours() -> None:
    duty = oncall(layer("ab", "2026-01-01T00:00"), zone="Europe/Zurich")
    lengths = {
        (end - start) // 3_600_000
        for start, end, _ in duty.shifts("primary", at("2026-03-01T00:00+01:00"), at("2026-11-01T00:00+01:00"))
    }
    assert lengths == {23, 24, 25}


def test_nobody_is_on_call_in_a_rotation_without_layers() -> None:
    duty = oncall()
    assert duty.holders("primary", 0) == []
    assert duty.shifts("primary", 0, 10) == [(0, 10, [])]
    assert duty.next_change("primary", 0) is None


def test_unknown_rotation_is_an_error() -> None:
    with pytest.raises(KeyError):
        oncall().holders("secondary", 0)


def test_an_override_may_last_for_ever() -> None:
    forever = override("2026-01-05T10:00-05:00", "9999-12-31T23:59-05:00", "x")
    rota = schedule("America/New_York", layer("a", "2026-01-01T00:00"), overrides=(forever,))
    assert rota.at(at("2099-01-01T00:00Z")) == ("x",)
