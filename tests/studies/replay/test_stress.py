"""Named stresses: what they make of a history."""

from collections import Counter
from datetime import UTC, date

import pytest

from simulator.randomness import Streams
from studies.replay import World, parse_stress
from studies.replay.incidents import Incident
from tests.studies.replay.building import START_MS, incident, organisation, topology
from timeline.findings import InputError
from timeline.instants import DAY, HOUR, MINUTE, UNIX_EPOCH, WEEK, to_wall
from topologies.estate import Estate
from topologies.organisation import Organisation

DEMAND = {"entry": "api", "peak_rps": 5, "by_hour": [0.1] * 18 + [1.0] + [0.1] * 5}


def world(**sections: object) -> World:
    things = topology()
    things["functions"]["orders"]["demand"] = DEMAND
    return World(Estate.model_validate(things), Organisation.model_validate({**organisation(), **sections}))


HISTORY = (
    incident("a", 0),
    incident("b", 60 * 24 * 8),
    incident("c", 60 * 24 * 8 + 30),
    incident("d", 60 * 24 * 9),
    incident("e", 60 * 24 * 23),
)
"""From Monday 5 January 2026 on; the second week is the heaviest, its Tuesday the busiest day."""


def stressed(text: str, seed: int = 1, **sections: object) -> tuple[Incident, ...]:
    return parse_stress(text, world(**sections))(HISTORY, Streams(seed))


def day(one: Incident) -> date:
    return to_wall(one.at_ms, UNIX_EPOCH).astimezone(UTC).date()


def test_the_worst_week_comes_again_and_again() -> None:
    made = stressed("worst-week=3")
    assert [one.id for one in made] == ["b", "c", "d", "b~2", "c~2", "d~2", "b~3", "c~3", "d~3"]
    assert {later.at_ms - earlier.at_ms for earlier, later in zip(made, made[3:], strict=False)} == {WEEK}


def test_so_many_begin_within_five_minutes() -> None:
    made = stressed("overlap=2")
    pairs = [made[:2], made[2:4]]
    assert all(0 <= second.at_ms - first.at_ms <= 5 * MINUTE for first, second in pairs)
    assert sorted(one.id for one in made) == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(("factor", "count"), [("1", 5), ("3", 15)])
def test_rates_are_scaled_at_their_hour_of_the_week(factor: str, count: int) -> None:
    made = stressed(f"scale={factor}")
    assert len(made) == count
    assert len({one.id for one in made}) == count
    origin = {one.id: one for one in HISTORY}
    for one in made:
        apart = (one.at_ms - origin[one.id.partition("~")[0]].at_ms) % WEEK
        assert min(apart, WEEK - apart) <= HOUR / 2


def test_a_rate_between_whole_numbers_is_kept_on_average() -> None:
    sizes = [len(stressed("scale=1.5", seed)) for seed in range(200)]
    assert sum(sizes) / len(sizes) == pytest.approx(1.5 * len(HISTORY), rel=0.05)
    assert stressed("scale=1.5", 4) == stressed("scale=1.5", 4)


def test_the_busiest_day_falls_on_the_first_holiday_as_well() -> None:
    made = stressed("holiday", holidays=["2026-01-26"])
    storm = [one for one in made if one.id.endswith("~storm")]
    assert [one.id for one in storm] == ["b~storm", "c~storm"]
    assert {day(one) for one in storm} == {date(2026, 1, 26)}
    assert len(made) == len(HISTORY) + 2


def test_a_public_holiday_of_the_place_where_people_live_counts() -> None:
    """6 January is Epiphany, a holiday in Austria and none in Germany as a whole; there none lies in the span."""
    people = organisation()["people"]
    of = {id: {**person, "holidays": {"country": "AT"}} for id, person in people.items()}
    storm = [one for one in stressed("holiday", people=of) if one.id.endswith("~storm")]
    assert {day(one) for one in storm} == {date(2026, 1, 6)}
    elsewhere = {id: {**person, "holidays": {"country": "DE"}} for id, person in people.items()}
    with pytest.raises(InputError, match="states no holiday"):
        stressed("holiday", people=elsewhere)


def test_a_holiday_may_be_named() -> None:
    assert {day(one) for one in stressed("holiday=2026-01-20") if "~" in one.id} == {date(2026, 1, 20)}


def test_the_busiest_hour_falls_on_the_peak_of_every_working_day() -> None:
    made = [one for one in stressed("peak=orders") if "~" in one.id]
    assert Counter(day(one).weekday() for one in made) == {0: 2, 1: 2, 2: 2, 3: 2, 4: 2}
    assert {(one.at_ms % DAY) // HOUR for one in made} == {18}
    assert {day(one) for one in made} == {date(2026, 1, number) for number in range(12, 17)}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("worst-weak", "did you mean 'worst-week'"),
        ("scale=x", "'x' does not do for scale"),
        ("overlap=1", "a number from 2 on"),
        ("holiday=Easter", "'Easter' is no day"),
        ("holiday", "states no holiday from 2026-01-05"),
        ("peak=order", "did you mean 'orders'"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, says: str) -> None:
    with pytest.raises(InputError) as refused:
        stressed(text)
    assert says in str(refused.value)


def test_the_history_begins_where_the_tests_think() -> None:
    assert to_wall(START_MS, UNIX_EPOCH).strftime("%A %H") == "Monday 08"
