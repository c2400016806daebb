"""Exercises of combinations, played here or by processes, each once: what was played before is not played again.

A *trial* is one exercise, of one combination under one seed.  Its result depends on nothing else, so trials are kept in
a file, and a search that was interrupted finds them there: it goes the same way again, without playing.

A line of the file:

    {"combination": ["crash-db-a"], "seed": 7, "broken": ["restore"], "relied_on": [], "hurt": 12.5}
"""

from __future__ import annotations

import json
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, TextIO

from reports.scoring import Scores, score
from reports.scoring.ratings import Outcome
from simulator.collection import rarely_collecting
from simulator.exercise import ExercisePlan, run_exercise
from studies.search.space import Names, Space
from studies.search.staging import plan_of
from studies.search.supports import relied_on
from timeline.findings import InputError, Place

_AHEAD = 4
"""Trials under way for each process."""
_FAILED = frozenset({Outcome.MISSED, Outcome.FAR_MISSED, Outcome.BROKEN_AND_OPEN})


class Task(NamedTuple):
    """A combination (sorted) under a seed."""

    combination: tuple[str, ...]
    seed: int


@dataclass(frozen=True, slots=True)
class Trial:
    """What one exercise showed: objectives that broke; where none did, the elements that would have taken away what it
    relied on; and how much it hurt (see `Stage.hurt`; None: not told)."""

    broken: tuple[str, ...]
    relied_on: tuple[str, ...]
    hurt: float | None


class OutOfBudget(Exception):
    """More exercises are wanted than may be played."""


@dataclass(frozen=True)
class Stage:
    """What every trial shares."""

    plan: ExercisePlan
    space: Space
    objectives: tuple[str, ...]
    """Those that are to break."""
    hurt: str | None = None
    """A measure; None stands for the points that the exercise lost of 100."""

    def play(self, task: Task) -> Trial:
        combination = frozenset(task.combination)
        plan = plan_of(self.plan, self.space, combination)
        with rarely_collecting():
            timeline = run_exercise(plan, task.seed)
            scores = score(timeline)
        broken = broken_objectives(scores, self.objectives, tasks_count=self.space.given)
        relied = () if broken else relied_on(plan, self.space, combination, timeline, scores)
        return Trial(broken, relied, self._hurt(scores))

    def _hurt(self, scores: Scores) -> float | None:
        if self.hurt is None:
            return None if scores.score is None else 100.0 - scores.score
        return next((measure.value for measure in scores.measures if measure.id == self.hurt), None)


def broken_objectives(scores: Scores, objectives: Sequence[str], *, tasks_count: bool) -> tuple[str, ...]:
    """Those that were definitely missed: a target beyond its bound by more than a near miss.

    One that was merely still open at the end is not.  Critical tasks belong to the faults that a playbook was written
    for, so they count only where those faults are given.
    """
    return tuple(
        objective.id
        for objective in scores.objectives
        if objective.id in objectives
        and not objective.met
        and (
            any(target.outcome in _FAILED for target in objective.targets)
            or (tasks_count and any(t.rating is not None and not t.rating.is_met for t in objective.critical_tasks))
        )
    )


class Trials:
    """Plays trials; to be entered and left.  `kept` is the file of what was played; None keeps nothing."""

    def __init__(
        self,
        stage: Stage,
        jobs: int = 1,
        kept: Path | None = None,
        at_most: int | None = None,
        out_of_time: Callable[[], bool] = lambda: False,
    ) -> None:
        self.stage, self.played = stage, 0
        self._jobs, self._kept, self._at_most, self._out_of_time = jobs, kept, at_most, out_of_time
        self._known: dict[Task, Trial] = dict(_read(kept)) if kept is not None and kept.exists() else {}
        self._pool: ProcessPoolExecutor | None = None
        self._file: TextIO | None = None
        self._asked: set[Task] = set()

    def __enter__(self) -> Trials:
        if self._jobs > 1:
            self._pool = ProcessPoolExecutor(
                self._jobs, mp_context=get_context("spawn"), initializer=_start, initargs=(self.stage,)
            )
        if self._kept is not None:
            self._file = self._kept.open("a", encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        if self._file is not None:
            self._file.close()

    def play(self, tasks: Sequence[Task]) -> list[Trial]:
        """Trials in the order of the tasks, each a different one.

        Raises OutOfBudget when more exercises would be asked for than are allowed, those of earlier sessions included
        (a search that is taken up again ends where one without a break would have), or when time is up.
        """
        asked = self._asked | set(tasks)
        if self._out_of_time() or (self._at_most is not None and len(asked) > self._at_most):
            raise OutOfBudget
        self._asked = asked
        missing = [task for task in tasks if task not in self._known]
        for task, trial in zip(missing, self._played(missing), strict=True):
            self._keep(task, trial)
        return [self._known[task] for task in tasks]

    @property
    def asked(self) -> int:
        """Exercises that the search has looked at."""
        return len(self._asked)

    def _played(self, tasks: Iterable[Task]) -> Iterator[Trial]:
        if self._pool is None:
            yield from map(self.stage.play, tasks)
            return
        waiting: deque[Future[Trial]] = deque()
        for task in tasks:
            waiting.append(self._pool.submit(_play, task))
            if len(waiting) >= self._jobs * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _keep(self, task: Task, trial: Trial) -> None:
        self._known[task] = trial
        self.played += 1
        if self._file is not None:
            row = {"combination": task.combination, "seed": task.seed, "broken": trial.broken}
            self._file.write(json.dumps({**row, "relied_on": trial.relied_on, "hurt": trial.hurt}) + "\n")
            self._file.flush()


def task_of(combination: Names, seed: int) -> Task:
    return Task(tuple(sorted(combination)), seed)


def _read(path: Path) -> Iterator[tuple[Task, Trial]]:
    """What is there; a last line that a kill cut off is dropped from the file.  Raises InputError for any other."""
    whole, _, cut = path.read_text(encoding="utf-8").rpartition("\n")
    if cut:
        os.truncate(path, len(whole.encode()) + bool(whole))
    for number, line in enumerate(whole.splitlines(), start=1):
        try:
            row = json.loads(line)
            trial = Trial(tuple(row["broken"]), tuple(row["relied_on"]), row["hurt"])
            yield Task(tuple(row["combination"]), row["seed"]), trial
        except (ValueError, KeyError, TypeError):
            raise InputError.single(
                "search.damaged",
                Place(str(path), number),
                "this line is no exercise of a search",
                "begin the search anew",
            ) from None


_stage: Stage


def _start(stage: Stage) -> None:
    global _stage
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it, and ends its pool
    _stage = stage


def _play(task: Task) -> Trial:
    return _stage.play(task)
