"""The worst moment to begin is found among all hours of a week, and told apart from the others by pairs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from blackstart import load, plan_of
from studies.search import Beginning, Limits, Trials, beginnings, usual_starts, worst_start
from studies.search.trials import OutOfBudget, Task, Trial
from tests.studies.search.planted import put_together, stage_of

PLAN = plan_of(load("corner-lab-crash"))


class Hurting(Trials):
    """As cheap as a look-up: hurt is that of the hour, plus what the seed brings to all alike."""

    def __init__(self, hurts: dict[str, float], at_most: int | None = None) -> None:
        self._hurts, self._most, self.seen = hurts, at_most, set[Task]()

    def play(self, tasks: Sequence[Task]) -> list[Trial]:
        self.seen |= set(tasks)
        if self._most is not None and len(self.seen) > self._most:
            raise OutOfBudget
        return [Trial((), (), self._hurts[task.combination[0]] + task.seed * 37 % 11) for task in tasks]

    @property
    def asked(self) -> int:
        return len(self.seen)


def week() -> tuple[list[Beginning], dict[str, float]]:
    moments = beginnings(PLAN, "week")
    hurts = {one.id: 5.0 * ("night" in one.words) + 3.0 * ("weekend" in one.words) for one in moments}
    return moments, {**hurts, moments[100].id: 20.0}


def test_the_worst_is_found_with_a_part_of_the_exercises() -> None:
    moments, hurts = week()
    trials = Hurting(hurts)
    answer = worst_start(trials, moments, seed=1)
    worst, *others = answer.last
    assert worst.beginning == moments[100]
    assert [hurts[one.beginning.id] for one in others] == [8.0] * 3
    assert {(one.less.difference, one.less.low, one.less.high) for one in others if one.less} == {(12.0, 12.0, 12.0)}
    assert all(one.can_be_told_apart for one in others)
    assert len(answer.seen) == 168
    assert answer.exercises < 168 * 20


def test_alike_beginnings_cannot_be_told_apart() -> None:
    moments, _ = week()
    answer = worst_start(Hurting(dict.fromkeys((one.id for one in moments), 1.0)), moments, seed=1)
    assert not any(one.can_be_told_apart for one in answer.last)


def test_a_budget_that_ends_gives_no_answer() -> None:
    moments, hurts = week()
    with pytest.raises(OutOfBudget):
        worst_start(Hurting(hurts, at_most=400), moments, seed=1)


def test_beginnings_say_what_is_special() -> None:
    words = {f"{one.at:%a %H}": one.words for one in beginnings(PLAN, "week")}
    assert words["Wed 03"] == ("night",)
    assert words["Sat 23"] == ("night", "weekend")
    assert words["Thu 10"] == ("peak",)
    year = beginnings(PLAN, "year")
    assert len({one.at.date() for one in year}) == 365
    assert {one.at.hour for one in year} == {10}


def test_the_usual_beginnings_are_named() -> None:
    assert {name: f"{at:%a %H:%M}" for name, at in usual_starts(PLAN)} == {
        "night": "Wed 03:00",
        "weekend": "Sun 12:00",
        "peak": "Wed 10:00",
    }


def test_at_night_the_only_one_who_wakes_must_not_be_away(tmp_path: Path) -> None:
    scenario = put_together("one-who-wakes", tmp_path)
    fault = "faults: {crash: {fault: crash, target: web, at: 5m}}\nabsent: [ann]\n"
    scenario.write_text(scenario.read_text() + fault)
    moments = beginnings(plan_of(load(scenario)), "week")[21:27]  # 21:00 to 02:00
    starts = tuple((one.id.removeprefix("start-"), one.at) for one in moments)
    with Trials(stage_of(scenario, Limits(kinds=(), people=(), starts=starts, given=True))) as trials:
        answer = worst_start(trials, moments, seed=1)
    assert all("night" in one.beginning.words for one in answer.last)
    assert {one.broken for one in answer.last} == {1.0}
    assert {id: hurt for id, (hurt, _) in answer.seen.items()} == {
        one.id: 100.0 * ("night" in one.words) for one in moments
    }
