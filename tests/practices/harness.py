"""A practice is broken where the files state it, and the same exercises are played with it whole and with it broken.

A *case* names a small scenario of `library`, what to set in its files to break the practice (`broken`: overlay paths
as for `--set`, with YAML values), and what that must do:

- measures in `worsens` get worse, at least one of them a measure of the practice itself;
- measures in `may_worsen` lie downstream: they may move, and must not get better on the whole;
- measures in `may_move` lie downstream as well, and may move either way; the id of a practice (`"4.4"`) stands for all
  measures of it;
- *every other* measure has the same samples to the bit in every pair: same subjects, values, open or not, same order.
  Of them those in `fixed` must have samples at all: where nothing is measured, nothing can be said to be the same.

A *pair* is one replication under the same random numbers, whole and broken.  Figures are compared as a measure is
judged (worst, mean, total), turned so that more is worse.  A figure with an open sample may get worse yet, so that all
that is known of it is that it is at least so bad: a pair is *worse* when the broken figure is above the whole one and
the whole one is final, *better* the other way round, and a *tie* where they are equal, where an open figure leaves it
undecided, or where one side has no figure.  The *sign test* over worse and better pairs is exact and one-sided; ties
say nothing (Dixon, Mood 1946; the scores of open values are those of Gehan 1965).  All of `worsens` have to hold, so
the p-value of a case is the largest of theirs (Berger 1982), and 48 of these are corrected by Holm (1979).

`make test` plays `FEW` pairs a case and asks for p < `FEW_LEVEL`; `make prove` plays `MANY` and corrects for all 48.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import comb
from pathlib import Path
from typing import TypeVar

import blackstart
from reports.index import TimelineIndex
from reports.measures import MEASURES, Direction, Sample, read_measures
from reports.practices import PRACTICES
from simulator.exercise import run_exercise

RESPONSE = (
    *("1.1", "1.2", "1.3", "1.4", "1.6"),
    *("2.1", "2.2", "2.3", "2.4", "2.6", "3.3", "3.4", "3.5"),
    *("4.1", "4.2", "4.3", "4.4", "4.5", "4.6"),
    *("5.1", "5.2", "5.3", "5.4", "5.6", "6.1", "6.4", "6.6", "7.5"),
    *("8.1", "8.2", "8.3", "8.4", "8.6"),
)
"""Practices whose measures read what people do once they are called: where others are called, later, or for another
incident, each of them may move either way."""

LIBRARY = Path(__file__).parent / "library"
SEED = 48
FEW, FEW_LEVEL = 16, 0.01
MANY, LEVEL = 200, 0.05


@dataclass(frozen=True)
class PracticeCase:
    """One practice, how it is broken, and what that does.  `scenario` is `<folder>/<file>` in the library."""

    practice: str
    scenario: str
    broken: Mapping[str, str]
    worsens: tuple[str, ...]
    why: str
    """The way from what is broken to what gets worse, in a sentence."""
    may_worsen: tuple[str, ...] = ()
    may_move: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    unbroken: Mapping[str, str] | None = None
    """What to set in the whole variant as well, before anything is broken."""

    def __post_init__(self) -> None:
        named = [*self.worsens, *self.may_worsen, *self.fixed, *(id for id in self.may_move if id not in PRACTICES)]
        if self.practice not in PRACTICES:
            raise ValueError(f"there is no practice {self.practice}")
        if unknown := sorted(set(named) - set(MEASURES)):
            raise ValueError(f"{self.practice}: there is no measure {', '.join(unknown)}")
        if twice := sorted({id for id in named if named.count(id) > 1}):
            raise ValueError(f"{self.practice}: named twice: {', '.join(twice)}")
        if self.practice not in {MEASURES[id].practice for id in self.worsens}:
            raise ValueError(f"{self.practice}: no measure of this practice is among those that must get worse")

    def __str__(self) -> str:
        return self.practice

    def may_move_with(self, entry: str) -> list[str]:
        """The measures that an entry of `may_move` stands for."""
        return [id for id, measure in MEASURES.items() if entry in (id, measure.practice) and id not in self.fixed]


@dataclass(frozen=True)
class Moved:
    """One measure over all pairs."""

    measure: str
    worse: int
    better: int
    differing: int
    """Pairs whose samples are not identical."""
    sampled: int
    """Pairs in which either side has samples."""

    @property
    def p_worse(self) -> float:
        """Chance of so many worse pairs, or more, were either way as likely."""
        return _at_least(self.worse, self.worse + self.better)

    @property
    def p_better(self) -> float:
        return _at_least(self.better, self.worse + self.better)

    def __str__(self) -> str:
        return f"{self.measure}: {self.worse} worse, {self.better} better, p = {self.p_worse:.2g}"


def _at_least(hits: int, tries: int) -> float:
    return float(sum(comb(tries, k) for k in range(hits, tries + 1)) / 2**tries)


@dataclass(frozen=True)
class Verdict:
    """What the pairs of a case show."""

    case: PracticeCase
    pairs: int
    moved: Mapping[str, Moved]

    @property
    def p(self) -> float:
        return max(self.moved[id].p_worse for id in self.case.worsens)

    def objections(self, level: float) -> list[str]:
        """Why the case does not hold; empty when it does."""
        case = self.case
        if not any(m.differing for m in self.moved.values()):
            return ["what is broken changes nothing at all"]
        free = {*case.worsens, *case.may_worsen, *(id for entry in case.may_move for id in case.may_move_with(entry))}
        found = [f"must get worse: {self.moved[id]}" for id in case.worsens if self.moved[id].p_worse >= level]
        found += [f"got better: {self.moved[id]}" for id in case.may_worsen if self.moved[id].p_better < level]
        found += [
            f"must stay the same, and differs in {m.differing} of {self.pairs} pairs: {m}"
            for m in self.moved.values()
            if m.measure not in free and m.differing
        ]
        return found + [f"has no samples: {id}" for id in case.fixed if not self.moved[id].sampled]


Read = Mapping[str, Sequence[Sample]]
"""The samples of one run, by measure."""


def judge(case: PracticeCase, pairs: int) -> Verdict:
    """Plays a case.  Raises InputError when a file, a path of `broken` or a value does not fit."""
    settings = tuple(f"{path}={value}" for path, value in (case.unbroken or {}).items())
    broken = (*settings, *(f"{path}={value}" for path, value in case.broken.items()))
    whole, other = _played(case.scenario, settings, pairs), _played(case.scenario, broken, pairs)
    moved = {id: _moved(id, [run[id] for run in whole], [run[id] for run in other]) for id in MEASURES}
    return Verdict(case, pairs, moved)


def assert_holds(case: PracticeCase) -> None:
    """The small version of the proof."""
    objections = judge(case, FEW).objections(FEW_LEVEL)
    assert not objections, "\n".join([f"{case.practice} on {case.scenario}: {case.why}", *objections])


@cache
def _played(scenario: str, settings: tuple[str, ...], pairs: int) -> list[Read]:
    """Runs are kept: cases of one scenario share its whole variant."""
    plan = blackstart.plan_of(blackstart.load(LIBRARY / f"{scenario}.yaml", settings=settings))
    runs = (run_exercise(plan, SEED, replication=number) for number in range(pairs))
    return [read_measures(TimelineIndex(timeline)) for timeline in runs]


def _moved(id: str, whole: list[Sequence[Sample]], broken: list[Sequence[Sample]]) -> Moved:
    signs = [_sign(id, one, other) for one, other in zip(whole, broken, strict=True)]
    return Moved(
        id,
        worse=signs.count(1),
        better=signs.count(-1),
        differing=sum(_seen(one) != _seen(other) for one, other in zip(whole, broken, strict=True)),
        sampled=sum(bool(one or other) for one, other in zip(whole, broken, strict=True)),
    )


def _seen(samples: Sequence[Sample]) -> list[tuple[str, str, bool]]:
    """What two runs must have in common to be the same: evidence is numbered anew in each."""
    return [(str(s.subject), float(s.value).hex(), s.censored) for s in samples]


def _sign(id: str, whole: Sequence[Sample], broken: Sequence[Sample]) -> int:
    """1 when the broken figure is worse for sure, -1 when it is better, 0 where nothing can be said."""
    measure = MEASURES[id]
    first, second = measure.figure(whole), measure.figure(broken)
    if first is None or second is None:
        return 0
    turned = 1 if measure.direction is Direction.LOWER else -1
    bad_first, bad_second = turned * first.value, turned * second.value
    if bad_second > bad_first and not first.censored:
        return 1
    return -1 if bad_first > bad_second and not second.censored else 0


def holm(p_values: Mapping[str, float], tests: int, level: float = LEVEL) -> list[str]:
    """Which of the cases, by name, fail when `tests` tests share one level (Holm's step-down procedure)."""
    ordered = sorted(p_values, key=p_values.__getitem__)
    passed = 0
    while passed < len(ordered) and p_values[ordered[passed]] <= level / (tests - passed):
        passed += 1
    return ordered[passed:]


F = TypeVar("F", bound=Callable[..., None])


def shows(*practices: str) -> Callable[[F], F]:
    """Marks a test of practices whose machinery no run of an exercise can show: studies, programmes, documents."""
    if unknown := sorted(set(practices) - set(PRACTICES)):
        raise ValueError(f"there is no practice {', '.join(unknown)}")

    def mark(test: F) -> F:
        test.shows = practices  # type: ignore[attr-defined]
        return test

    return mark
