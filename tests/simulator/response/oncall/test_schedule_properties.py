"""What holds for every schedule, whatever its zone and lengths."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.response.oncall.clock import LocalClock
from simulator.response.oncall.schedule import Schedule
from simulator.response.oncall.turns import Turns
from tests.simulator.response.oncall.rotas import EPOCH, rotation
from timeline.instants import DAY, HOUR, MINUTE
from topologies.rotations import Layer, Override, Restriction

ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Zurich",
        "America/New_York",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "America/St_Johns",
        "Pacific/Apia",
    ]
)
LENGTHS = st.sampled_from([30 * MINUTE, HOUR, 5 * HOUR, 8 * HOUR, 12 * HOUR, DAY, 36 * HOUR, 7 * DAY])
STARTS = st.datetimes(datetime(2025, 12, 1), datetime(2026, 2, 1)).map(lambda d: d.replace(second=0, microsecond=0))
MOMENTS = st.integers(0, 365 * DAY)
CHANGES_OF_CLOCKS = [at_ms for day in (66, 87, 94, 276, 297, 304) for at_ms in (day * DAY, day * DAY + 8 * HOUR)]
NEAR_A_CHANGE = st.builds(lambda a, b: a + b, st.sampled_from(CHANGES_OF_CLOCKS), st.integers(-DAY, 2 * DAY))
CLOCK_TIMES = st.builds(lambda h, m: f"{h:02d}:{m:02d}", st.integers(0, 23), st.sampled_from([0, 15, 30]))
DAYS = st.lists(st.sampled_from(["monday", "wednesday", "saturday", "sunday"]), min_size=1, unique=True)
RESTRICTIONS = st.builds(lambda s, e, d: Restriction(start=s, end=e, days=tuple(d)), CLOCK_TIMES, CLOCK_TIMES, DAYS)


def taking_turns(
    people: Iterable[str], start: datetime, length: int, restrictions: Iterable[Restriction] = ()
) -> Layer:
    turns = tuple((person,) for person in people)
    return Layer.model_construct(people=turns, start=start, length=length, restrictions=tuple(restrictions))


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    layers = draw(
        st.lists(
            st.builds(
                lambda people, start, length, restrictions: taking_turns(people, start, length, restrictions),
                st.lists(st.sampled_from("abcd"), min_size=1, max_size=4),
                STARTS,
                LENGTHS,
                st.lists(RESTRICTIONS, max_size=2),
            ),
            max_size=3,
        )
    )
    return Schedule(rotation(draw(ZONES), *layers), EPOCH)


@given(schedules(), MOMENTS | NEAR_A_CHANGE)
@settings(max_examples=150)
def test_shifts_cover_the_window_and_agree_with_every_moment(rota: Schedule, start: int) -> None:
    end = start + 3 * DAY
    shifts = list(rota.shifts(start, end))
    assert (shifts[0][0], shifts[-1][1]) == (start, end)
    for one, two in pairwise(shifts):
        assert one[1] == two[0]
        assert one[2] != two[2]
    for begin, over, person in shifts:
        for moment in {begin, over - 1, (begin + over) // 2, *range(begin, over, 45 * MINUTE)}:
            assert rota.at(moment) == person


@given(ZONES, STARTS, LENGTHS, st.integers(1, 4), MOMENTS | NEAR_A_CHANGE)
@settings(max_examples=200)
def test_the_turn_is_that_of_the_last_hand_over(zone: str, start: datetime, length: int, people: int, at: int) -> None:
    """Against a search through all hand-overs: the latest that has happened, of simultaneous ones the last."""
    clock = LocalClock(zone, EPOCH)
    names = "abcd"[:people]
    around = (clock.wall(at) - start) // timedelta(milliseconds=length)
    hand_overs = [
        (clock.at_ms(start + number * timedelta(milliseconds=length)), number)
        for number in range(max(around - 60, 0), max(around + 60, 0))
    ]
    happened = [number for moment, number in hand_overs if moment <= at]
    expected = names[max(happened) % people] if happened else None
    assert Turns(taking_turns(names, start, length), clock).at(at) == (None if expected is None else (expected,))


@given(STARTS, LENGTHS, st.integers(1, 4), MOMENTS)
def test_turns_come_round(start: datetime, length: int, people: int, at: int) -> None:
    turns = Turns(taking_turns("abcd"[:people], start, length), LocalClock("UTC", EPOCH))
    if turns.at(at) is not None:
        assert turns.at(at) == turns.at(at + people * length)


@given(ZONES, STARTS, LENGTHS, st.integers(0, 300), st.integers(1, 72), MOMENTS)
def test_override_holds_exactly_in_its_span(
    zone: str, start: datetime, length: int, day: int, hours: int, at: int
) -> None:
    clock = LocalClock(zone, EPOCH)
    begin = datetime(2026, 1, 1) + timedelta(days=day)
    substitute = Override(start=begin, end=begin + timedelta(hours=hours), person="x")
    layer = taking_turns("a", start, length)
    rota = Schedule(rotation(zone, layer, overrides=(substitute,)), EPOCH)
    for moment in (at, clock.at_ms(substitute.start), clock.at_ms(substitute.end) - 1, clock.at_ms(substitute.end)):
        inside = clock.at_ms(substitute.start) <= moment < clock.at_ms(substitute.end)
        assert (rota.at(moment) == ("x",)) is inside
