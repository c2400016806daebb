"""The files of a plan from history in a folder, each written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

from studies.history_plan.document import document
from studies.history_plan.drawing import draw_plan
from studies.history_plan.page import html_page
from studies.history_plan.problems import problems_csv, problems_document
from studies.history_plan.study import HistoryPlan
from timeline.files import write_whole

PAGE, DOCUMENT, PROBLEMS = "plan.html", "plan.json", "problems"


def write_folder(folder: Path, title: str, plan: HistoryPlan) -> None:
    """Writes page, document and problem candidates; the folder is made where it is not there."""
    page = html_page(title, plan, draw_plan(plan))
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / DOCUMENT, _json(document(plan)))
    write_whole(folder / f"{PROBLEMS}.json", _json(problems_document(plan.problems, plan.policy)))
    write_whole(folder / f"{PROBLEMS}.csv", problems_csv(plan.problems))
    write_whole(folder / PAGE, page)


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"
