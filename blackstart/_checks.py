"""Weak spots of files, without running anything."""

from __future__ import annotations

from pathlib import Path

from timeline.findings import Finding
from topologies.checks import check_path


def check(path: str | Path) -> list[Finding]:
    """Findings on an estate or a scenario.  Raises InputError when it cannot be read."""
    return check_path(path)
