"""Where replications are played: here, or by processes of this machine.

A back-end is given tasks and gives their rows **in the order of the tasks**, the same to the bit on each: a replication
depends on its plan, the seed and its number, never on what was played before it or beside it.

Processes are started afresh (no state is inherited), are given the plans once, and end with their parent, also when it
is killed.  So many tasks are under way as keep them busy and no more: memory does not grow with the sweep.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator, Iterable, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Protocol

from reports.scoring import score
from simulator.collection import rarely_collecting
from simulator.exercise import ExercisePlan, run_exercise
from studies.processes import start_with_parent
from studies.sweep.outcomes import Replication, replication_of
from timeline.findings import BlackstartError

_AHEAD = 4
"""Tasks under way for each process."""
WORKER_BYTES = 400 * 2**20
"""What a process is reckoned to need: `benchmarks/sweep.py` measures 110 MB for a small estate and under 300 MB for
the largest that is shipped."""


class Task(NamedTuple):
    """One replication of one arm."""

    arm: str
    replication: int


class WorkerLost(BlackstartError):
    """A process ended without an answer; what was finished is kept."""


class Backend(Protocol):
    """Plays replications; to be entered and left."""

    def __enter__(self) -> Backend: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    def play(self, tasks: Iterable[Task]) -> Generator[Replication, None, None]:
        """Rows in the order of the tasks; closing the generator drops what is under way."""
        ...


class Player:
    """The plans of a sweep, loaded: plays one task after the other."""

    def __init__(self, plans: Mapping[str, ExercisePlan], seed: int) -> None:
        self._plans, self._seed = plans, seed

    def play(self, task: Task) -> Replication:
        with rarely_collecting():
            timeline = run_exercise(self._plans[task.arm], self._seed, replication=task.replication)
            return replication_of(task.arm, task.replication, score(timeline))


class InProcess:
    """Plays here, one after the other."""

    def __init__(self, plans: Mapping[str, ExercisePlan], seed: int) -> None:
        self._player = Player(plans, seed)

    def __enter__(self) -> InProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    def play(self, tasks: Iterable[Task]) -> Generator[Replication, None, None]:
        for task in tasks:
            yield self._player.play(task)


class Processes:
    """Plays on so many processes."""

    def __init__(self, plans: Mapping[str, ExercisePlan], seed: int, jobs: int) -> None:
        self._under_way = jobs * _AHEAD
        self._pool = ProcessPoolExecutor(
            jobs, mp_context=get_context("spawn"), initializer=_start_worker, initargs=(plans, seed)
        )

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def play(self, tasks: Iterable[Task]) -> Generator[Replication, None, None]:
        """Raises WorkerLost when a process dies."""
        waiting: deque[Future[Replication]] = deque()
        try:
            for task in tasks:
                waiting.append(self._pool.submit(_play, task))
                if len(waiting) >= self._under_way:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise WorkerLost(
                "a process of the sweep ended without an answer, out of memory perhaps: what is finished is kept; "
                "the same command goes on from there, with fewer --jobs if memory is short"
            ) from None
        finally:
            for future in waiting:
                future.cancel()


def backend_for(plans: Mapping[str, ExercisePlan], seed: int, jobs: int) -> Backend:
    """Processes where more than one is wanted."""
    return InProcess(plans, seed) if jobs == 1 else Processes(plans, seed, jobs)


def usual_jobs() -> int:
    """As many processes as there are processors to use and memory for."""
    return max(min(len(os.sched_getaffinity(0)), available_bytes(Path("/proc/meminfo")) // WORKER_BYTES), 1)


def available_bytes(meminfo: Path) -> int:
    """Memory that new processes may take, as Linux tells it."""
    for line in meminfo.read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return WORKER_BYTES


_player: Player


def _start_worker(plans: Mapping[str, ExercisePlan], seed: int) -> None:
    global _player
    start_with_parent()
    _player = Player(plans, seed)


def _play(task: Task) -> Replication:
    return _player.play(task)
