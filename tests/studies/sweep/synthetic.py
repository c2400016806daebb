"""A sweep whose truth is known: an objective that is met with a given probability, times of a given mean, cut off.

Its back-end is as cheap as a draw; as a program it plays a sweep into a folder and is killed where it is told:

    python -m tests.studies.sweep.synthetic FOLDER REPLICATIONS before|after|never CALL

`before` or `after` the CALL-th time that a file takes the place of another.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from studies.sweep import Replication, Study, Task, Until, play, writing
from studies.sweep.arms import ArmRecord, ObjectiveRecord, TargetRecord
from studies.sweep.outcomes import FigureRow, ObjectiveRow, SampleRow, TargetRow

MEASURE = "time_to_restore"
TARGET = TargetRecord(measure=MEASURE, subject=None, at_most=60.0, at_least=None)
ARM = ArmRecord(
    name="made-up",
    scenario="made-up",
    title="Made up",
    estate="none",
    settings=(),
    inputs="0" * 64,
    objectives=(ObjectiveRecord(id="restore", title="Restored in time", targets=(TARGET,), tasks=()),),
)


def study(replications: int, *, seed: int = 1, until: Until | None = None) -> Study:
    return Study(version="0", seed=seed, replications=replications, until=until, arms=(ARM,))


@dataclass(frozen=True)
class Source:
    """Met with probability `p`; times are exponential with `mean_s`, seen until `end_s` at the latest."""

    seed: int = 1
    p: float = 0.8
    mean_s: float = 60.0
    end_s: float = np.inf

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    def play(self, tasks: Iterable[Task]) -> Generator[Replication, None, None]:
        for task in tasks:
            yield self.row(task)

    def row(self, task: Task) -> Replication:
        random = np.random.default_rng([self.seed, task.replication])
        met, lasted = bool(random.random() < self.p), float(random.exponential(self.mean_s))
        seen, censored = min(lasted, self.end_s), lasted > self.end_s
        outcome = "undecided" if censored and seen <= 60 else "met" if seen <= 60 else "missed"
        return Replication(
            arm=task.arm,
            replication=task.replication,
            seed=self.seed,
            events=1,
            objectives_met=met,
            score=100.0 * met,
            objectives=(ObjectiveRow("restore", "P" if met else "U", met, 100.0 * met),),
            targets=(TargetRow("restore", MEASURE, None, seen, censored, outcome),),
            tasks=(),
            figures=(FigureRow(MEASURE, seen, censored),),
            samples=(SampleRow(MEASURE, "fault:it", seen, censored),),
        )


def rows(count: int, source: Source) -> list[Replication]:
    return [source.row(Task(ARM.name, number)) for number in range(count)]


def _killed(when: str, call: int) -> None:
    """From now on the process is killed around one of its renames."""
    replace, calls = Path.replace, 0

    def deadly(path: Path, target: Any) -> Path:
        nonlocal calls
        calls += 1
        if calls == call and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        done = replace(path, target)
        if calls == call and when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    Path.replace = deadly  # type: ignore[method-assign]


def main(folder: str, replications: str, when: str, call: str) -> None:
    _killed(when, int(call))
    with writing(Path(folder), study(int(replications))) as opened:
        play(opened, Source())
        opened.finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
