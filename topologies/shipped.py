"""The estates and obligations that come with Blackstart, by name: in `library`, in a source tree and in a wheel."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

TOPOLOGY = "topology.yaml"


def shipped_estates() -> dict[str, Path]:
    """Name to folder, in alphabetical order."""
    return {path.parent.name: path.parent for path in sorted(_library().glob(f"*/{TOPOLOGY}"))}


def shipped_obligations() -> dict[str, Path]:
    """Name to file, in alphabetical order."""
    return {path.stem: path for path in sorted(_library().glob("obligations/*.yaml"))}


def _library() -> Path:
    return Path(str(files("topologies"))) / "library"
