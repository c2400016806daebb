"""Practice 8.4 in an exercise: nights full of pages slow the answers of those who are paged, and nothing else."""

from __future__ import annotations

from functools import cache

import pytest

import blackstart
from timeline.details import PageDetail
from timeline.instants import MINUTE
from timeline.journal import Timeline

NIGHT = "corner-lab-bad-night"
NOBODY_TIRES = "organisation.working.fatigue=null"
LEAD_ALONE = (
    "organisation.rotations.shop-primary.layers.0.people=[shop-lead]",
    "organisation.rotations.shop-secondary.layers.0.people=[shop-lead]",
)
SEEDS = (1, 2, 3, 4)


@cache
def timeline(seed: int, *settings: str) -> Timeline:
    return blackstart.simulate(blackstart.load(NIGHT, settings=settings), seed=seed)


def figure(measure: str, seed: int, *settings: str) -> float:
    value = blackstart.score(timeline(seed, *settings)).measure(measure).value
    assert value is not None
    return value


def reactions(played: Timeline) -> dict[tuple[str, ...], int]:
    """Milliseconds from delivery to acknowledgement of each page that was answered."""
    delivered: dict[tuple[str, ...], int] = {}
    took: dict[tuple[str, ...], int] = {}
    for event in played.of_kind("page.delivered", "page.acknowledged"):
        detail = event.detail
        assert isinstance(detail, PageDetail)
        page = (detail.incident, detail.person, detail.purpose, detail.channel, str(detail.step), str(detail.attempt))
        if event.kind == "page.delivered":
            delivered[page] = event.at_ms
        else:
            took[page] = event.at_ms - delivered[page]
    return took


@pytest.mark.parametrize("seed", SEEDS)
def test_those_who_are_woken_answer_the_same_pages_later(seed: int) -> None:
    weary, rested = reactions(timeline(seed)), reactions(timeline(seed, NOBODY_TIRES))
    same = weary.keys() & rested.keys()
    assert len(same) >= 3
    assert sum(weary[page] for page in same) > sum(rested[page] for page in same)


@pytest.mark.parametrize("seed", SEEDS)
def test_until_somebody_has_been_woken_the_night_is_the_same_to_the_bit(seed: int) -> None:
    weary, rested = timeline(seed), timeline(seed, NOBODY_TIRES)
    woken = weary.first("page.acknowledged")
    assert woken is not None
    assert woken.at_ms > 31 * MINUTE
    count = woken.seq + 1
    assert list(weary[:count]) == list(rested[:count])


def test_by_day_with_undisturbed_nights_fatigue_changes_no_event() -> None:
    day = "corner-lab-crash"
    tires = blackstart.simulate(blackstart.load(day))
    assert list(tires) == list(blackstart.simulate(blackstart.load(day, settings=(NOBODY_TIRES,))))


@pytest.mark.parametrize("seed", SEEDS)
def test_what_does_not_wait_for_people_is_not_touched(seed: int) -> None:
    for measure in ("alert_recall", "alert_precision"):
        assert figure(measure, seed) == figure(measure, seed, NOBODY_TIRES)


def test_one_person_for_both_calls_carries_more() -> None:
    alone = [figure("pages_per_person", seed, *LEAD_ALONE) for seed in SEEDS]
    shared = [figure("pages_per_person", seed) for seed in SEEDS]
    assert all(more >= fewer for more, fewer in zip(alone, shared, strict=True))
    assert sum(alone) > sum(shared)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_night_is_too_much_by_the_limits(seed: int) -> None:
    assert figure("incidents_per_shift", seed) > 2
    assert figure("sleep_hour_pages", seed) > 4
