"""The documents of a study in a folder, each written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from reports.figures.files import write_figures
from studies.coverage.document import document
from studies.coverage.drawing import draw
from studies.coverage.findings import CoverageFinding
from studies.coverage.page import html_page
from studies.coverage.study import Coverage
from timeline.files import write_whole

PAGE, DOCUMENT, FIGURES = "report.html", "coverage.json", "figures"


def write_folder(folder: Path, coverage: Coverage, findings: Sequence[CoverageFinding]) -> None:
    """Writes `figures/`, `coverage.json` and `report.html`; the folder is made where it is not there."""
    figures = draw(coverage)
    page = html_page(coverage, findings, figures)
    write_figures(folder / FIGURES, figures)
    write_whole(folder / DOCUMENT, json.dumps(document(coverage, findings), ensure_ascii=False, indent=2) + "\n")
    write_whole(folder / PAGE, page)
