"""The worst moment to begin: the same faults at every hour of a week, or on every day of a year.

Every beginning meets the same chances (common random numbers: the same seeds).  Exercises are not spread evenly, they
go where it hurts: **sequential halving** (Karnin, Koren, Somekh 2013, "Almost optimal exploration in multi-armed
bandits", ICML).  All are played a few times, the half that hurts less is dropped, the others are played on, and so on
until few are left; these are played until pairs are enough for an interval.

*Hurt* is that of `trials.Stage`: the points an exercise lost, or a measure.  Where a measure was not exercised nothing
hurt.  The intervals are of the last ones alone; picking the worst of many makes its own figure look somewhat worse than
it is, so the last ones are judged by fresh seeds only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from studies.paired import FEWEST, Difference, paired_difference
from studies.search.moments import Beginning
from studies.search.trials import Task, Trials, task_of

_FIRST = 2
"""Exercises of each beginning in the first round; each later round doubles them."""
_LEFT = 4
"""Beginnings that are judged at the end."""
_FRESH = 1_000_000
_MOST = 64
"""Exercises of each beginning in a round, at most."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One of the last beginnings: mean hurt over fresh seeds, and how much less it hurts than the worst (None: it is
    the worst)."""

    beginning: Beginning
    hurt: float
    broken: float
    """Share of exercises in which an objective broke."""
    less: Difference | None

    @property
    def can_be_told_apart(self) -> bool:
        return self.less is not None and not self.less.low <= 0.0 <= self.less.high


@dataclass(frozen=True, slots=True)
class WorstStart:
    """The last beginnings, the worst first, and what every beginning showed before it was dropped."""

    last: tuple[Judged, ...]
    seen: Mapping[str, tuple[float, int]]
    """Mean hurt and exercises behind it, by id."""
    exercises: int


def worst_start(
    trials: Trials, moments: Sequence[Beginning], seed: int, progress: Callable[[str, int], None] = lambda _, __: None
) -> WorstStart:
    """Raises OutOfBudget when the budget ends before the last ones are judged."""
    seen: dict[str, tuple[float, int]] = {}
    left, count = list(moments), _FIRST
    while len(left) > _LEFT:
        progress(f"{len(left)} beginnings", trials.asked)
        hurts = _played(trials, left, range(seed, seed + count))
        seen |= {one.id: (_mean(hurts[one.id]), count) for one in left}
        ranked = sorted(left, key=lambda one: (-seen[one.id][0], one.id))
        left, count = ranked[: max((len(left) + 1) // 2, _LEFT)], min(count * 2, _MOST)
    fresh = range(seed + _FRESH, seed + _FRESH + max(count, FEWEST))
    progress(f"the last {len(left)}", trials.asked)
    hurts = _played(trials, left, fresh)
    ranked = sorted(left, key=lambda one: (-_mean(hurts[one.id]), one.id))
    worst = ranked[0]
    broken = {one.id: _mean([bool(t.broken) for t in trials.play(_tasks(one, fresh))]) for one in ranked}
    last = [
        Judged(
            one,
            _mean(hurts[one.id]),
            broken[one.id],
            None if one is worst else paired_difference(hurts[one.id], hurts[worst.id]),
        )
        for one in ranked
    ]
    return WorstStart(tuple(last), seen, trials.asked)


def _played(trials: Trials, moments: Sequence[Beginning], seeds: range) -> dict[str, list[float]]:
    results = trials.play([task for one in moments for task in _tasks(one, seeds)])
    hurts = [trial.hurt or 0.0 for trial in results]
    return {one.id: hurts[place * len(seeds) : (place + 1) * len(seeds)] for place, one in enumerate(moments)}


def _tasks(one: Beginning, seeds: range) -> list[Task]:
    return [task_of(frozenset({one.id}), seed) for seed in seeds]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
