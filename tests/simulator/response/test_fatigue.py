"""Sleep that pages took slows the next answer: the model against its equations, and its effect on pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.kernel import Kernel
from simulator.randomness import Streams
from simulator.response.fatigue import RESTED, Sleeper, Weariness, sleepers
from simulator.response.oncall import OnCall
from simulator.response.oncall.clock import LocalClock
from simulator.response.paging import Call, Pager
from simulator.response.staff import Staff
from tests.simulator.response.building import Channels, Rig, organisation, person
from timeline.details import IncidentDetail, PageDetail
from timeline.instants import HOUR, MINUTE
from timeline.journal import Timeline
from timeline.references import SCENARIO, incident
from topologies.organisation import Organisation
from topologies.working import Fatigue

MIDNIGHT = datetime(2026, 3, 10, tzinfo=UTC)
VIENNA = ZoneInfo("Europe/Vienna")


def sleeper(timezone: str = "UTC", **fields: Any) -> Sleeper:
    return Sleeper(Fatigue(**fields), LocalClock(timezone, MIDNIGHT))


def integrated(awake: list[tuple[int, int]], at_h: int) -> float:
    """Lost nights by stepping through the two equations, four seconds a step, from rest; `awake` are spans of hours."""
    step_h = 1 / 900

    def pressure(spans: list[tuple[int, int]], until_h: float) -> float:
        value = 0.0
        for step in range(round((until_h + 24 * 12) / step_h)):
            hour = step * step_h - 24 * 12
            asleep = (hour % 24 >= 23 or hour % 24 < 7) and not any(start <= hour < end for start, end in spans)
            value += step_h * (-value / 4.2 if asleep else (1 - value) / 18.2)
        return value

    unit = pressure([(-1, 7)], 7) - pressure([], 7)
    return (pressure(awake, at_h) - pressure([], at_h)) / unit


@pytest.mark.parametrize(
    ("awake", "at_h"), [([(2, 7)], 7), ([(2, 7)], 16), ([(0, 3), (24, 28)], 31)], ids=["morning", "day", "two nights"]
)
def test_lost_nights_follow_the_two_process_model(awake: list[tuple[int, int]], at_h: int) -> None:
    someone = sleeper(back_to_sleep="0s")
    for start, end in awake:
        someone.notice(start * HOUR)
        someone.work(start * HOUR)
        someone.rest(end * HOUR)
    assert someone.lost_nights(at_h * HOUR) == pytest.approx(integrated(awake, at_h), abs=1e-3)


def test_a_night_without_sleep_is_one_lost_night() -> None:
    someone = sleeper()
    someone.work(-1 * HOUR)
    someone.rest(7 * HOUR)
    assert someone.lost_nights(7 * HOUR) == pytest.approx(1)
    assert someone.weariness(7 * HOUR, at_work=False) == Weariness(pytest.approx(1.5), pytest.approx(2.0))  # type: ignore[arg-type]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 40 * 24 * HOUR), max_size=8), st.sampled_from(["UTC", "Europe/Vienna", "Asia/Tokyo"]))
def test_undisturbed_sleep_costs_exactly_nothing(moments: list[int], timezone: str) -> None:
    """March 10 to April 19: Vienna's clocks change in between."""
    someone = sleeper(timezone)
    assert [someone.weariness(at_ms, at_work=False) for at_ms in sorted(moments)] == [RESTED] * len(moments)


@pytest.mark.parametrize("at_h", [8, 12, 22])
def test_a_page_by_day_costs_no_sleep(at_h: int) -> None:
    someone = sleeper()
    someone.notice(at_h * HOUR)
    assert someone.weariness(at_h * HOUR + 5 * MINUTE, at_work=True) == RESTED


def test_more_pages_at_night_never_cost_less() -> None:
    lost = []
    for pages in range(5):
        someone = sleeper()
        for number in range(pages):
            someone.notice((2 * number - 1) * HOUR)
        lost.append(someone.lost_nights(8 * HOUR))
    assert lost == sorted(set(lost))


def test_sleep_inertia_wears_off_within_the_hour_after_waking() -> None:
    someone = sleeper(back_to_sleep="0s", lost_night_slows=1)
    someone.notice(3 * HOUR)
    someone.work(3 * HOUR)
    slower = [someone.weariness(3 * HOUR + minutes * MINUTE, at_work=True).slower for minutes in (0, 18, 60)]
    assert slower == [1.5, pytest.approx(1.5 ** (1 / 2.718281828)), pytest.approx(1.5**0.03567, rel=1e-3)]


@pytest.mark.parametrize(("odds", "rested", "chance"), [(1, 0.3, 0.3), (2, 0.5, 2 / 3), (2, 0.0, 0.0), (9, 1.0, 1.0)])
def test_odds_of_missing(odds: float, rested: float, chance: float) -> None:
    assert Weariness(missed_odds=odds).missed(rested) == pytest.approx(chance)


def test_who_sleeps_where_the_hours_are_in_the_day() -> None:
    someone = sleeper(asleep_from="08:00", asleep_until="16:00")
    someone.notice(10 * HOUR)
    assert someone.lost_nights(16 * HOUR) > 0


def storm(fatigue: dict[str, Any] | None, pages: int, seed: int = 1) -> dict[str, list[int]]:
    """Milliseconds to acknowledge of each page, by person: Ann is paged by night again and again, Max once a morning.

    The first of Ann's calls keeps her at work for three hours.
    """
    plain = organisation(
        people={
            id: person(answer=dict.fromkeys(("day", "night"), "lognormal(median=2m, p90=6m)")) for id in ("ann", "max")
        },
        policies={id: {"title": id, "steps": [{"people": [id], "wait": "4h"}]} for id in ("ann", "max")},
        teams={"crew": {"title": "Crew"}},
        roles={},
    )
    plain["working"]["fatigue"] = fatigue
    org = Organisation.model_validate(plain)
    start = datetime(2026, 3, 10, 0, 0, tzinfo=VIENNA)
    timeline = Timeline()
    kernel = Kernel(timeline, Streams(seed), start)
    staff = Staff(kernel.env, org, sleepers(org, start))
    pager = Pager(kernel, org, OnCall(org, start), staff, Channels())

    def call(who: str, name: str, at_ms: int, works_ms: int) -> Any:
        yield kernel.env.timeout(at_ms)
        opened = kernel.emit("incident.opened", incident(name), SCENARIO, IncidentDetail("detected"))
        answer = yield from pager.escalate(who, Call(name, "first response", opened.seq))
        if answer is not None and works_ms:
            staff.engage(who, name)
            yield kernel.env.timeout(works_ms)
            staff.release(name)

    for number in range(pages):
        kernel.env.process(call("ann", f"night-{number}", HOUR + number * HOUR, 3 * HOUR if number == 0 else 0))
    kernel.env.process(call("ann", "last", 30 * HOUR, 0))
    kernel.env.process(call("max", "morning", 9 * HOUR, 0))
    kernel.env.run()
    sent: dict[str, int] = {}
    took: dict[str, list[int]] = {"ann": [], "max": []}
    for event in timeline.of_kind("page.sent", "page.acknowledged"):
        assert isinstance(event.detail, PageDetail)
        if event.kind == "page.sent":
            sent[event.detail.incident] = event.at_ms
        else:
            took[event.detail.person].append(event.at_ms - sent[event.detail.incident])
    return took


@pytest.mark.parametrize("seed", range(5))
def test_a_storm_of_night_pages_slows_the_one_who_is_paged_and_nobody_else(seed: int) -> None:
    rested, weary = storm(None, 6, seed), storm({}, 6, seed)
    assert weary["max"] == rested["max"]
    assert weary["ann"][0] == rested["ann"][0]
    assert all(slow > quick for slow, quick in zip(weary["ann"][1:], rested["ann"][1:], strict=True))


def test_without_a_storm_fatigue_changes_nothing() -> None:
    assert storm({}, 0) == storm(None, 0)


def test_factors_of_one_change_nothing() -> None:
    neutral = {"lost_night_slows": 1, "lost_night_misses": 1, "inertia_slows": 1}
    assert storm(neutral, 6) == storm(None, 6)


def test_the_weary_miss_more_pages() -> None:
    """Two hundred people up all night, asked at seven whether they notice a page that the rested miss half of."""
    someone = sleeper()
    someone.work(-HOUR)
    someone.rest(7 * HOUR)
    missed = someone.weariness(7 * HOUR, at_work=False).missed(0.5)
    draws = [Streams(seed).chance(missed, "person/ann", "misses-page", "x") for seed in range(200)]
    rested = [Streams(seed).chance(0.5, "person/ann", "misses-page", "x") for seed in range(200)]
    assert all(weary or not fresh for weary, fresh in zip(draws, rested, strict=True))
    assert sum(draws) > sum(rested)


def test_an_exercise_states_fatigue_only_behind_answers_that_it_slowed() -> None:
    plain = organisation()
    plain["working"]["fatigue"] = {}
    rig = Rig(org=plain).alert("db").play()
    assert not [e for e in rig.of("page.acknowledged") if "organisation.working.fatigue" in e.rests_on]
    quiet = Rig().alert("db").play()
    assert list(rig.timeline) == list(quiet.timeline)
