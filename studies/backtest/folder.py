"""The documents of a back-test in a folder, each written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reports.figures.canvas import Figure
from timeline.files import write_whole

PAGE, DOCUMENT, FIGURES = "report.html", "backtest.json", "figures"


def write_folder(folder: Path, document: dict[str, Any], page: str, figures: Sequence[Figure]) -> None:
    """Writes `figures/`, `backtest.json` and `report.html`; the folder is made where it is not there."""
    (folder / FIGURES).mkdir(parents=True, exist_ok=True)
    for figure in figures:
        write_whole(folder / FIGURES / f"{figure.id}.svg", figure.svg)
    write_whole(folder / DOCUMENT, json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    write_whole(folder / PAGE, page)
