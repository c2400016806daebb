"""What every companion is bound by: its time on the boot clock, little memory, and to be the first that is killed."""

from __future__ import annotations

import argparse
import contextlib
import resource
from pathlib import Path

from injectors.identity import boot_ms

MEMORY_BYTES = 512 * 1024 * 1024
LONGEST_MS = 24 * 3_600_000


def parser(description: str | None) -> argparse.ArgumentParser:
    """Arguments that all companions have: the token that they are found by, and when they end."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--token", required=True)
    made.add_argument("--until", required=True, type=int, help="milliseconds of the boot clock")
    return made


def bind(until_boot_ms: int) -> None:
    """Makes this process bounded, also where its own code fails: by its share of the processor, memory and files."""
    left_s = max(1, min(until_boot_ms - boot_ms(), LONGEST_MS) // 1000 + 1)
    resource.setrlimit(resource.RLIMIT_CPU, (left_s, left_s + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


HOLDING = "holding"


def say_that_it_holds() -> None:
    """From now on the target feels it: said by the name of the process, which needs no file and ends with it."""
    Path("/proc/self/comm").write_text(HOLDING)


def is_over(until_boot_ms: int) -> bool:
    return boot_ms() >= until_boot_ms
