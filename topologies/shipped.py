"""The estates that come with Blackstart, by name.  They are folders of `library`, in a source tree and in a wheel."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

TOPOLOGY = "topology.yaml"


def shipped_estates() -> dict[str, Path]:
    """Name to folder, in alphabetical order."""
    library = Path(str(files("topologies"))) / "library"
    return {path.parent.name: path.parent for path in sorted(library.glob(f"*/{TOPOLOGY}"))}
