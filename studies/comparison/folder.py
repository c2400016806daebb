"""The documents of a comparison in its folder, each written whole or not at all."""

from __future__ import annotations

import json

from reports.figures.files import write_figures
from studies.comparison.document import document
from studies.comparison.drawing import draw
from studies.comparison.page import html_page
from studies.comparison.study import Comparison
from studies.sweep.folder import FIGURES
from timeline.files import write_whole

PAGE, DOCUMENT = "comparison.html", "comparison.json"


def write_documents(comparison: Comparison) -> None:
    """Writes `figures/`, `comparison.json` and `comparison.html`."""
    folder = comparison.folder.path
    figures = draw(comparison)
    page = html_page(comparison, figures)
    write_figures(folder / FIGURES, figures)
    write_whole(folder / DOCUMENT, json.dumps(document(comparison), ensure_ascii=False, indent=2) + "\n")
    write_whole(folder / PAGE, page)
