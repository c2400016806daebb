"""The search: all small combinations, then larger ones that what went well suggests.

1. **Exhaustive**, up to order 2 (one or two elements) or what is asked for: every possible combination, but for those
   that contain one which is known to break the objective, and those in which nothing goes wrong.
2. **Guided**, beyond: each good run says what could have been taken from it (`supports`).  Combinations that take
   something from every good run so far (`hitting`) are tried; the good ones among them give new sets, and it goes on
   until none is left.  Then every combination up to the order asked for either contains a finding or leaves some good
   run all that it relied on, as far as that was seen.

A combination is screened first, then confirmed under fresh seeds (`evidence`), then minimised (`minimising`).  Seeds
depend on nothing but the place of an exercise in its combination, so all combinations meet the same chances, and any
number of processes finds the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from studies.intervals import Proportion, proportion
from studies.search.evidence import Rule, Verdict
from studies.search.hitting import minimal_hitting_sets
from studies.search.levels import Undisturbed, speak_of_functions
from studies.search.minimising import minimised
from studies.search.space import Names, Sort, Space
from studies.search.trials import OutOfBudget, Trial, Trials, task_of

_FRESH = 1_000_000
"""Distance of the seeds that confirm from those that screen."""
_TOGETHER = 64
"""Combinations judged at once: a budget is looked at between them."""
_BATCH = 4
"""Fresh exercises of a combination between two looks."""
Progress = Callable[[str, int], None]
"""Told what is being done and how many exercises there are so far."""


@dataclass(frozen=True, slots=True)
class Question:
    """How far to search, and when an objective counts as broken."""

    order: int = 3
    exhaustive_to: int = 2
    rule: Rule = field(default_factory=Rule)
    seed: int = 1
    by_levels: bool = True
    """Combinations that disrupt no function, by the levels of the estate, are not played where that settles it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A minimal combination that breaks objectives."""

    combination: Names
    objectives: tuple[str, ...]
    """Those that it breaks in at least half as many of the exercises as any."""
    broken: Proportion
    """Of fresh exercises."""
    seed: int
    """The first of them in which it breaks."""
    guided: bool
    """Found beyond the exhaustive orders."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A combination that may or may not break in the share asked for."""

    combination: Names
    broken: Proportion


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a search found, the likeliest of the simplest first."""

    findings: tuple[Finding, ...]
    doubts: tuple[Doubt, ...]
    searched: dict[int, int]
    """Combinations judged, by order."""
    passed_over: dict[int, int]
    """Those that contain a finding, by order."""
    by_levels: dict[int, int]
    """Those that disrupt no function by the levels of the estate and were not played, by order."""
    complete_to: int
    """The order up to which nothing is left to try."""
    exercises: int


@dataclass(slots=True)
class _Judged:
    """Verdicts so far."""

    verdicts: dict[Names, Verdict] = field(default_factory=dict)
    confirmed: dict[Names, list[Trial]] = field(default_factory=dict)
    """Fresh exercises, in the order of their seeds."""
    asked: int = 0
    relied_on: dict[Names, set[str]] = field(default_factory=dict)
    """What its good exercises relied on, by combination."""

    @property
    def supports(self) -> list[Names]:
        """What has to be hit: of each combination that does not break, all that any of its good exercises relied on.

        (Of all of them together: whoever breaks only half of the exercises need not hit every one.)
        """
        held = [c for c, verdict in self.verdicts.items() if verdict is not Verdict.BREAKS]
        return [frozenset(self.relied_on[c]) for c in held if c in self.relied_on]


def search(trials: Trials, question: Question, progress: Progress = lambda _, __: None) -> Outcome:
    """Searches until nothing is left or the budget of exercises ends; then `complete_to` says how far it came."""
    return _Search(trials, question, progress).outcome()


class _Search:
    def __init__(self, trials: Trials, question: Question, progress: Progress) -> None:
        self._trials, self._question, self._progress = trials, question, progress
        self._space: Space = trials.stage.space
        self._judged = _Judged()
        self._breakers: list[Names] = []
        self._passed_over: dict[int, int] = {}
        self._by_levels: dict[int, int] = {}
        self._complete_to = -1
        stage = trials.stage
        by_levels = question.by_levels and not stage.space.given and speak_of_functions(stage.plan, stage.objectives)
        self._levels = Undisturbed(stage.plan, stage.space) if by_levels else None

    def outcome(self) -> Outcome:
        try:
            exhaustive_to = min(self._question.order, self._question.exhaustive_to)
            for order in range(exhaustive_to + 1):
                self._exhaust(order)
                self._complete_to = order
            if self._question.order > exhaustive_to:
                self._guided()
                self._complete_to = self._question.order
        except OutOfBudget:
            pass
        searched: dict[int, int] = {}
        for combination in self._judged.verdicts:
            searched[len(combination)] = searched.get(len(combination), 0) + 1
        doubts = [Doubt(c, self._share(c)) for c, v in self._judged.verdicts.items() if v is Verdict.UNSURE]
        return Outcome(
            findings=tuple(sorted(map(self._finding, self._breakers), key=_rank)),
            doubts=tuple(sorted(doubts, key=lambda doubt: (len(doubt.combination), sorted(doubt.combination)))),
            searched=searched,
            passed_over=self._passed_over,
            by_levels={order: count for order, count in self._by_levels.items() if count},
            complete_to=self._complete_to,
            exercises=self._trials.asked,
        )

    # All of one order

    def _exhaust(self, order: int) -> None:
        wanted = []
        for ids in combinations(self._space.elements, order):
            combination = frozenset(ids)
            if not self._space.possible(combination) or not self._space.worth_playing(combination):
                continue
            if self._holds_a_breaker(combination):
                self._passed_over[order] = self._passed_over.get(order, 0) + 1
            else:
                wanted.append(combination)
        if wanted:
            self._progress(f"all {len(wanted)} of order {order}", self._trials.asked)
        for begin in range(0, len(wanted), _TOGETHER):
            together = wanted[begin : begin + _TOGETHER]
            undisturbed = self._undisturbed(order, together)
            self._by_levels[order] = self._by_levels.get(order, 0) + len(undisturbed)
            self._judge([c for c in together if c not in undisturbed])
            self._breakers += [c for c in together if self._judged.verdicts.get(c) is Verdict.BREAKS]

    def _undisturbed(self, order: int, combinations: Sequence[Names]) -> set[Names]:
        return self._levels.among(combinations) if self._levels is not None and order > 1 else set()

    def _holds_a_breaker(self, combination: Names) -> bool:
        return any(breaker <= combination for breaker in self._breakers)

    # What good runs suggest

    def _guided(self) -> None:
        while fresh := [c for c in self._suggested() if c not in self._judged.verdicts]:
            self._progress(f"{len(fresh)} suggested by what went well", self._trials.asked)
            smallest = min(map(len, fresh))
            wanted = [c for c in fresh if len(c) == smallest]
            self._judge(wanted)
            for combination in wanted:
                if self._judged.verdicts[combination] is Verdict.BREAKS and not self._holds_a_breaker(combination):
                    self._breakers.append(minimised(combination, self._breaks))

    def _suggested(self) -> Iterator[Names]:
        def allowed(combination: Names) -> bool:
            return self._space.possible(combination) and not self._holds_a_breaker(combination)

        # On a day on which nothing goes wrong all is well: what breaks it has a fault, or the scenario gives some.
        quiet = [] if self._space.worth_playing(frozenset()) else [frozenset(self._space.of_sort(Sort.FAULT))]
        yield from minimal_hitting_sets([*self._judged.supports, *quiet], self._question.order, allowed)

    def _breaks(self, combination: Names) -> bool:
        if not self._space.worth_playing(combination):
            return False
        self._judge([combination])
        return self._judged.verdicts[combination] is Verdict.BREAKS

    # Verdicts

    def _judge(self, wanted: Sequence[Names]) -> None:
        """Screens and, where it broke, confirms; the order of `wanted` decides nothing but how sure is sure enough."""
        unknown = [c for c in wanted if c not in self._judged.verdicts]
        suspects = set(self._screened(unknown))
        for combination in unknown:
            if combination not in suspects:
                self._judged.verdicts[combination] = Verdict.HOLDS
        self._confirm([c for c in unknown if c in suspects])

    def _screened(self, wanted: Iterable[Names]) -> list[Names]:
        """Those that broke in one of the first exercises."""
        whole, suspects = list(wanted), list[Names]()
        for number in range(self._question.rule.screening):
            results = self._play([(c, self._question.seed + number) for c in whole])
            suspects += [c for c, trial in zip(whole, results, strict=True) if trial.broken]
            whole = [c for c, trial in zip(whole, results, strict=True) if not trial.broken]
        return suspects

    def _confirm(self, suspects: Sequence[Names]) -> None:
        numbers = {c: self._judged.asked + place for place, c in enumerate(suspects, start=1)}
        self._judged.asked += len(suspects)
        waiting, first = list(suspects), self._question.seed + _FRESH
        while waiting:
            seen = len(self._judged.confirmed.get(waiting[0], ()))
            results = self._play([(c, first + seen + turn) for c in waiting for turn in range(_BATCH)])
            for place, combination in enumerate(waiting):
                kept = self._judged.confirmed.setdefault(combination, [])
                kept += results[place * _BATCH : (place + 1) * _BATCH]
                broken = sum(bool(trial.broken) for trial in kept)
                verdict = self._question.rule.verdict(broken, len(kept), numbers[combination])
                if verdict is not None:
                    self._judged.verdicts[combination] = verdict
            waiting = [c for c in waiting if c not in self._judged.verdicts]

    def _play(self, wanted: Sequence[tuple[Names, int]]) -> list[Trial]:
        results = self._trials.play([task_of(c, seed) for c, seed in wanted])
        for (combination, _), trial in zip(wanted, results, strict=True):
            if not trial.broken:
                self._judged.relied_on.setdefault(combination, set()).update(trial.relied_on)
        return results

    # The answer

    def _share(self, combination: Names) -> Proportion:
        kept = self._judged.confirmed[combination]
        return proportion(sum(bool(trial.broken) for trial in kept), len(kept))

    def _finding(self, combination: Names) -> Finding:
        kept = self._judged.confirmed[combination]
        counts: dict[str, int] = {}
        for trial in kept:
            for objective in trial.broken:
                counts[objective] = counts.get(objective, 0) + 1
        often = max(counts.values())
        return Finding(
            combination=combination,
            objectives=tuple(id for id in self._trials.stage.objectives if 2 * counts.get(id, 0) >= often),
            broken=self._share(combination),
            seed=self._question.seed + _FRESH + next(n for n, trial in enumerate(kept) if trial.broken),
            guided=len(combination) > self._question.exhaustive_to,
        )


def _rank(finding: Finding) -> tuple[int, float, list[str]]:
    """The simplest first, of those the likeliest."""
    return len(finding.combination), -finding.broken.p, sorted(finding.combination)
