"""Pages that come, and what they make of a rota."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from reports.workload.pages import Page
from simulator.randomness import Streams
from simulator.response.oncall.clock import LocalClock
from studies.paired import Difference
from studies.rota.arrivals import Arrivals, arrivals_in, expected_sleep_pages, fit, poisson_quantile, read_arrivals
from studies.rota.comparison import OUTCOMES, compare
from studies.rota.posing import Wishes, pose, with_rota
from studies.rota.trial import Setting, Trial, try_rota
from tests.reports.workload.test_load import FORTNIGHT, WEEK, moment, rota, span, staffed
from timeline.distributions import Distribution
from timeline.findings import InputError
from timeline.instants import HOUR, MINUTE, UNIX_EPOCH
from topologies.organisation import Organisation
from topologies.working import Fatigue

VARIED = Distribution.parse("lognormal(median=2m, p90=6m)")
UTC_CLOCK = LocalClock("UTC", UNIX_EPOCH)
NIGHTLY = Arrivals(per_week=14, by_hour=tuple(float(hour < 6) for hour in range(24)))


def org(fatigue: bool = False, **answer: Any) -> Organisation:
    found = staffed(first=rota("ann", "ben", "chi", length="1d"))
    people = {id: p.model_copy(update={"answer": p.answer.model_copy(update=answer)}) for id, p in found.people.items()}
    working = found.working.model_copy(update={"fatigue": Fatigue() if fatigue else None})
    return found.model_copy(update={"people": people, "working": working})


def setting(arrivals: Arrivals = NIGHTLY, **fields: Any) -> Setting:
    return Setting(**{"rotation": "first", "policy": None, "span": span(FORTNIGHT), "arrivals": arrivals, **fields})


@pytest.mark.parametrize("mean", [0.0, 0.01, 0.7, 5.0, 60.0])
def test_poisson_quantiles_against_their_definition(mean: float) -> None:
    def at_most(count: int) -> float:
        if not mean:
            return 1.0
        return math.fsum(math.exp(-mean + n * math.log(mean) - math.lgamma(n + 1)) for n in range(count + 1))

    for p in (0.001, 0.2, 0.5, 0.9, 0.9999):
        count = poisson_quantile(p, mean)
        assert at_most(count) >= p - 1e-12
        assert count == 0 or at_most(count - 1) < p + 1e-12


def test_as_many_pages_come_as_the_profile_says_and_when_it_says() -> None:
    profile = Arrivals(per_week=30, by_hour=(0.0,) * 6 + (1.0,) * 6 + (3.0,) * 12, by_weekday=(1.0,) * 5 + (0.5, 0.0))
    found = [
        UTC_CLOCK.wall(arrival.at_ms)
        for seed in range(100)
        for arrival in arrivals_in(profile, span(WEEK), UTC_CLOCK, Streams(seed))
    ]
    # Monday 09:00 to Monday 09:00 is every hour of the week once; 3 standard deviations of a Poisson count.
    assert len(found) == pytest.approx(3000, abs=3 * 3000**0.5)
    assert not [at for at in found if at.hour < 6 or at.weekday() == 6]
    morning = sum(at.hour < 12 for at in found)
    assert morning == pytest.approx(3000 / 7, abs=3 * (3000 / 7) ** 0.5)


def test_what_one_hour_brings_does_not_depend_on_the_others() -> None:
    whole = list(arrivals_in(NIGHTLY, span(FORTNIGHT), UTC_CLOCK, Streams(1)))
    half = list(arrivals_in(NIGHTLY, span(WEEK), UTC_CLOCK, Streams(1)))
    assert half == whole[: len(half)]
    assert len(whole) > len(half) > 0


def test_sleep_hours_are_those_of_the_sleeper() -> None:
    """From midnight to six by UTC it is eight to fourteen in Singapore."""
    week, singapore = span(WEEK), LocalClock("Asia/Singapore", UNIX_EPOCH)
    assert expected_sleep_pages(NIGHTLY, week, UTC_CLOCK, UTC_CLOCK) == pytest.approx(14)
    assert expected_sleep_pages(NIGHTLY, week, UTC_CLOCK, singapore) == 0


def test_a_profile_fitted_to_pages_that_it_made_is_near_to_it() -> None:
    profile = Arrivals(per_week=400, by_hour=(1.0,) * 12 + (3.0,) * 12, by_weekday=(2.0,) * 5 + (1.0,) * 2)
    pages = [
        Page("ann", a.at_ms, a.name, False, (a.at_ms, a.at_ms + 30 * MINUTE))
        for a in arrivals_in(profile, span(FORTNIGHT), UTC_CLOCK, Streams(5))
    ]
    fitted = fit(pages, span(FORTNIGHT), UTC_CLOCK)
    assert fitted.per_week == pytest.approx(400, rel=0.1)
    assert sum(fitted.by_hour[12:]) / sum(fitted.by_hour) == pytest.approx(0.75, abs=0.05)
    assert sum(fitted.by_weekday[5:]) / sum(fitted.by_weekday) == pytest.approx(2 / 12, abs=0.04)
    assert fitted.occupies.median_ms == 30 * MINUTE
    with pytest.raises(InputError, match="too little"):
        fit(pages[:9], span(FORTNIGHT), UTC_CLOCK)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("per_week: 0", "per_week"),
        ("per_week: 5\nby_hour: [1, 2]", "by_hour"),
        ("per_week: 5\nby_weekday: [0, 0, 0, 0, 0, 0, 0]", "not all of them are zero"),
        ("per_weak: 5", "per_week"),
    ],
)
def test_a_profile_that_cannot_be_read(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "arrivals.yaml"
    file.write_text(f"format: blackstart/arrivals/1\n{text}\n")
    with pytest.raises(InputError) as refused:
        read_arrivals(file)
    assert words in str(refused.value)


def test_pages_go_to_whoever_holds_the_rotation() -> None:
    trial = try_rota(org(), setting(), 0)
    assert trial.load.pages
    for page in trial.load.pages:
        day = (page.at_ms - moment(FORTNIGHT[0])) // (24 * HOUR)
        assert page.person == ("ann", "ben", "chi")[day % 3]
    assert trial.incidents == trial.first_step == len(trial.acknowledged_s)
    assert set(trial.acknowledged_s) == {70.0}


def test_a_policy_of_the_organisation_is_used_where_it_pages_the_rotation() -> None:
    data = org(missed_night=1.0, missed_day=1.0).model_dump(mode="json")
    data["people"]["zoe"] = org().people["ann"].model_dump(mode="json")
    steps = [{"rotations": ["first"], "wait": "10m"}, {"people": ["zoe"], "wait": "10m"}]
    data["policies"] = {"team": {"title": "team", "steps": steps}}
    trial = try_rota(Organisation.model_validate(data), setting(), 0)
    assert trial.first_step == 0
    assert set(trial.acknowledged_s) == {600 + 70.0}


def test_two_rotas_see_the_same_pages_and_a_person_answers_the_same_page_alike() -> None:
    before = org(day=VARIED, night=VARIED)
    task = pose(before, "first", Wishes(span(FORTNIGHT)))
    holders = ["ann", *(slot.today or "" for slot in task.slots[1:])]
    holders[1] = "chi"
    after = with_rota(before, "first", task.slots, holders)
    first, second = try_rota(before, setting(), 3), try_rota(after, setting(), 3)
    assert [p.incident for p in _pages(first)] == [p.incident for p in _pages(second)]
    stayed = [(x, y) for x, y in zip(_pages(first), _pages(second), strict=True) if x.person == y.person]
    moved = [(x, y) for x, y in zip(_pages(first), _pages(second), strict=True) if x.person != y.person]
    assert stayed
    assert all(x == y for x, y in ((_timing(x), _timing(y)) for x, y in stayed))
    assert all((x.person, y.person) == ("ben", "chi") for x, y in moved)


def _pages(trial: Trial) -> tuple[Page, ...]:
    assert trial.load.pages is not None
    return trial.load.pages


def _timing(page: Page) -> tuple[Any, ...]:
    return page.person, page.at_ms, page.occupied


def test_a_rota_that_changes_nothing_differs_by_exactly_nothing() -> None:
    before = org(fatigue=True, day=VARIED, night=VARIED, missed_night=0.2)
    task = pose(before, "first", Wishes(span(FORTNIGHT)))
    same = with_rota(before, "first", task.slots, [slot.today or "" for slot in task.slots])
    compared = compare(before, same, setting(), 20)
    assert [c.outcome for c in compared] == list(OUTCOMES)
    assert {c.difference and (c.difference.difference, c.difference.low, c.difference.high) for c in compared} == {
        (0, 0, 0)
    }


def test_all_pages_to_one_person_are_as_unequal_as_can_be() -> None:
    unequal = _alone(fatigue=False)["gini_pages"]
    assert unequal.second == pytest.approx(2 / 3)
    assert unequal.low > 0.3


def test_all_nights_to_one_person_slow_the_answers_only_where_people_tire() -> None:
    assert _alone(fatigue=False)["acknowledge_mean_s"].difference == 0
    assert _alone(fatigue=True)["acknowledge_mean_s"].low > 0


def _alone(*, fatigue: bool) -> dict[str, Difference]:
    """Ann holds every slot, with six pages a night that keep her up for an hour; rested, all answer in a minute."""
    before = org(fatigue)
    task = pose(before, "first", Wishes(span(FORTNIGHT)))
    alone = with_rota(before, "first", task.slots, ["ann"] * len(task.slots))
    profile = NIGHTLY.model_copy(update={"per_week": 42.0, "occupies": Distribution.parse("1h")})
    compared = compare(before, alone, setting(profile), 20)
    return {c.outcome.id: c.difference for c in compared if c.difference is not None}
