"""The documents of a back-test in a folder, each written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

from reports.figures.files import write_figures
from studies.backtest.answer import Answer
from studies.backtest.document import document
from studies.backtest.drawing import draw
from studies.backtest.page import html_page
from timeline.files import write_whole

PAGE, DOCUMENT, FIGURES = "report.html", "backtest.json", "figures"


def write_folder(folder: Path, answer: Answer) -> None:
    """Writes `figures/`, `backtest.json` and `report.html`; the folder is made where it is not there."""
    figures = draw(answer.tests, answer.question)
    page = html_page(answer, figures)
    write_figures(folder / FIGURES, figures)
    write_whole(folder / DOCUMENT, json.dumps(document(answer), ensure_ascii=False, indent=2) + "\n")
    write_whole(folder / PAGE, page)
