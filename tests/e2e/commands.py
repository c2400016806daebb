"""The real `blackstart` command in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def blackstart(
    *arguments: str, cwd: Path, hash_seed: str = "0", timeout_s: int = 120
) -> subprocess.CompletedProcess[str]:
    """Runs a command line to its end."""
    return subprocess.run(
        command(*arguments),
        cwd=cwd,
        env=environment(hash_seed),
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from console.main import main; main()", *arguments]


def environment(hash_seed: str = "0") -> dict[str, str]:
    return {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
