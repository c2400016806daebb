"""Scenarios, playbooks and files of factors that come with Blackstart, by name: files of `library`, also in a wheel."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def shipped_scenarios() -> dict[str, Path]:
    """Name to file, in alphabetical order."""
    return _named("*.yaml")


def shipped_playbooks() -> dict[str, Path]:
    """Name to file, in alphabetical order."""
    return _named("playbooks/*.yaml")


def shipped_factors() -> dict[str, Path]:
    """Name to file, in alphabetical order."""
    return _named("factors/*.yaml")


def _named(pattern: str) -> dict[str, Path]:
    library = Path(str(files("scenarios"))) / "library"
    return {path.stem: path for path in sorted(library.glob(pattern))}
