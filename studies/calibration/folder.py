"""The figures of a fit in a folder, each written whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reports.figures.canvas import Figure
from timeline.files import write_whole


def write_figures(folder: Path, figures: Sequence[Figure]) -> None:
    """Each figure as `figures/<id>.svg`; folders are made where they are not there."""
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    for figure in figures:
        write_whole(folder / "figures" / f"{figure.id}.svg", figure.svg)
