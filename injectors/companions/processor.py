"""Busy loops on given processors, until a moment of the boot clock."""

from __future__ import annotations

import multiprocessing
import os
import time

from injectors.companions.bounds import bind, is_over, parser, say_that_it_holds


def _spin(processor: int, until_boot_ms: int, parent: int) -> None:
    """Looks at the clock and at its parent ten times a second at least: an orphan ends."""
    bind(until_boot_ms)
    os.sched_setaffinity(0, {processor})
    while not is_over(until_boot_ms) and os.getppid() == parent:
        end = time.perf_counter() + 0.1
        while time.perf_counter() < end:
            pass


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--processors", required=True)
    arguments.add_argument("--loops", required=True, type=int)
    given = arguments.parse_args()
    context = multiprocessing.get_context("fork")
    loops = [
        context.Process(target=_spin, args=(int(processor), given.until, os.getpid()), daemon=True)
        for processor in given.processors.split(",")
        for _ in range(given.loops)
    ]
    for loop in loops:
        loop.start()
    say_that_it_holds()
    for loop in loops:
        loop.join()


if __name__ == "__main__":
    main()
