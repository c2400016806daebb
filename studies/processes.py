"""Work in order on processes of this machine: the same answers, in the same order, whatever their number.

Each process builds its *workshop* once (what is expensive and the same for all tasks), then does one task after the
other.  Processes are started afresh and end with their parent, also when it is killed.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from typing import Any, TypeVar

from timeline.findings import BlackstartError

Shop = TypeVar("Shop")
Task = TypeVar("Task")
Answer = TypeVar("Answer")
_AHEAD = 4
"""Tasks under way for each process: memory does not grow with their number."""


class ProcessLost(BlackstartError):
    """A process ended without an answer."""


def in_order(
    build: Callable[..., Shop],
    args: tuple[Any, ...],
    work: Callable[[Shop, Task], Answer],
    tasks: Iterable[Task],
    jobs: int,
) -> Iterator[Answer]:
    """`work(build(*args), task)` for each task; here with one job, else on so many processes.

    `build` and `work` are functions of a module.  Raises ProcessLost where a process dies.
    """
    if jobs == 1:
        shop = build(*args)
        for task in tasks:
            yield work(shop, task)
        return
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_open, initargs=(build, args, work))
    waiting: deque[Future[Any]] = deque()
    try:
        for task in tasks:
            waiting.append(pool.submit(_answer, task))
            if len(waiting) >= jobs * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool:
        raise ProcessLost("a process ended without an answer, out of memory perhaps: try fewer --jobs") from None
    finally:
        pool.shutdown(cancel_futures=True)


_shop: Any
_work: Callable[[Any, Any], Any]


def _open(build: Callable[..., Any], args: tuple[Any, ...], work: Callable[[Any, Any], Any]) -> None:
    global _shop, _work
    start_with_parent()
    _shop, _work = build(*args), work


def _answer(task: Any) -> Any:
    return _work(_shop, task)


def start_with_parent() -> None:
    """To be called first in a process: interruptions are the parent's business, and its end is the end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it, and ends its pool
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A process that waits for work would not notice that its parent was killed."""
    parent = parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
