"""Figures as files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from reports.figures.canvas import Figure
from timeline.files import write_whole


def write_figures(folder: Path, figures: Iterable[Figure]) -> None:
    """Writes each as `<id>.svg`; the folder is made where it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    for figure in figures:
        write_whole(folder / f"{figure.id}.svg", figure.svg)
