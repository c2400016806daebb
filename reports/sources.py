"""Where the parameters behind a verdict come from: `sources.json` of a run folder, and shares by basis.

A source stands for the path that it names and for everything below it; the longest path wins.  What no source stands
for is *not stated*.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from timeline.files import write_whole
from topologies.fields import Source

SOURCES = "sources.json"
NOT_STATED = "not stated"
_ORDER = ("measured", "fitted", "expert", "assumed", NOT_STATED)

Sources = Mapping[str, Source]


@dataclass(frozen=True, slots=True)
class BasisShare:
    """How many of some parameters have a basis."""

    basis: str
    parameters: int
    ratio: float


def write_sources(folder: Path, sources: Sources) -> None:
    """Writes the table, by path, into a run folder."""
    table = {path: source.model_dump(exclude_none=True) for path, source in sorted(sources.items())}
    write_whole(folder / SOURCES, json.dumps(table, ensure_ascii=False, indent=1) + "\n")


def read_sources(folder: Path) -> dict[str, Source]:
    """The table of a run folder; empty where there is none."""
    path = folder / SOURCES
    if not path.is_file():
        return {}
    return {name: Source.model_validate(source) for name, source in json.loads(path.read_text("utf-8")).items()}


def basis_of(path: str, sources: Sources) -> str:
    """The basis of the parameter at a path."""
    while path:
        if path in sources:
            return sources[path].basis
        path = path.rpartition(".")[0]
    return NOT_STATED


def shares(paths: Iterable[str], sources: Sources) -> tuple[BasisShare, ...]:
    """How many of these parameters have each basis, from the firmest to the least; those that none has left out."""
    counts = Counter(basis_of(path, sources) for path in paths)
    return tuple(BasisShare(basis, counts[basis], counts[basis] / counts.total()) for basis in _ORDER if counts[basis])
