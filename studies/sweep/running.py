"""A sweep played into its folder, arm after arm, replications in order.

Rows are written when a cell is full and every few seconds between, so a kill costs seconds.  Whether an interval is
narrow enough is asked where cells end, in order of replications: the answer is the same however many processes play.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from itertools import groupby
from types import TracebackType

from studies.sweep.backends import Backend, Task
from studies.sweep.outcomes import Replication
from studies.sweep.stopping import Stopping
from studies.sweep.store import CELL, SweepFolder

_WRITE_EVERY_S = 5.0
Progress = Callable[[int, int], None]
"""Told how many replications are there and how many are wanted, over all arms."""


def play(folder: SweepFolder, backend: Backend, progress: Progress = lambda _, __: None) -> None:
    """Plays what is missing."""
    arms = [arm.name for arm in folder.study.arms]
    total = sum(len(folder.wanted(arm)) for arm in arms)
    if folder.study.until is None:
        _play_all(folder, backend, arms, lambda done: progress(done, total))
        return
    before = 0
    for arm in arms:
        _play_until(folder, backend, arm, partial(_tell, progress, before, total))
        before += len(folder.wanted(arm))


def _tell(progress: Progress, before: int, total: int, done: int) -> None:
    progress(before + done, total)


def _play_all(folder: SweepFolder, backend: Backend, arms: Sequence[str], progress: Callable[[int], None]) -> None:
    """One stream of tasks over all arms: processes are busy also where each arm has few replications."""
    there = {arm: folder.done(arm) for arm in arms}
    done = sum(there.values())
    progress(done)
    tasks = (Task(arm, number) for arm in arms for number in folder.wanted(arm)[there[arm] :])
    with closing(backend.play(tasks)) as rows:
        for arm, of_arm in groupby(rows, key=lambda row: row.arm):
            with _CellWriter(folder, arm) as writer:
                for row in of_arm:
                    writer.add(row)
                    done += 1
                    progress(done)


def _play_until(folder: SweepFolder, backend: Backend, arm: str, progress: Callable[[int], None]) -> None:
    wanted = folder.wanted(arm)
    done = folder.done(arm)
    stopping = Stopping(folder.study.until)
    for row in folder.rows(arm):
        stopping.add(row)
    progress(done)
    if done == len(wanted) or stopping.narrow_enough():
        return
    tasks = (Task(arm, number) for number in wanted[done:])
    with closing(backend.play(tasks)) as rows, _CellWriter(folder, arm) as writer:
        for row in rows:
            writer.add(row)
            stopping.add(row)
            done += 1
            progress(done)
            if stopping.narrow_enough():
                break


class _CellWriter:
    """Collects the rows of a cell and writes them; at its end also those of one that is not full."""

    def __init__(self, folder: SweepFolder, arm: str) -> None:
        self._folder, self._arm = folder, arm
        self._cell = folder.last_cell(arm)
        self._written, self._at_s = len(self._cell), time.monotonic()

    def __enter__(self) -> _CellWriter:
        return self

    def add(self, row: Replication) -> None:
        self._cell.append(row)
        full = (row.replication + 1) % CELL == 0
        if full or time.monotonic() - self._at_s >= _WRITE_EVERY_S:
            self._write()
        if full:
            self._cell, self._written = [], 0

    def _write(self) -> None:
        if len(self._cell) > self._written:
            self._folder.write_cell(self._arm, self._cell)
            self._written = len(self._cell)
        self._at_s = time.monotonic()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._write()
