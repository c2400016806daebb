"""The documents of a sweep in its folder, each written whole or not at all."""

from __future__ import annotations

import json

from reports.figures.files import write_figures
from studies.sweep.document import document
from studies.sweep.page import drawn, html_page
from studies.sweep.summary import Summary
from timeline.files import write_whole

PAGE, DOCUMENT, FIGURES = "report.html", "sweep.json", "figures"


def write_documents(summary: Summary) -> None:
    """Writes `figures/`, `sweep.json` and `report.html`."""
    folder = summary.folder.path
    arms = drawn(summary)
    page = html_page(summary, arms)
    write_figures(folder / FIGURES, [figure for arm in arms for figure in (*arm.objectives, *arm.measures)])
    write_whole(folder / DOCUMENT, json.dumps(document(summary), ensure_ascii=False, indent=2) + "\n")
    write_whole(folder / PAGE, page)
