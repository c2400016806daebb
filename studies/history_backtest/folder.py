"""The files of a back-test in a folder, each written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

from studies.calibration import write_page
from studies.history_backtest.document import document
from studies.history_backtest.drawing import draw_backtest
from studies.history_backtest.study import HistoryBacktest
from timeline.files import write_whole

DOCUMENT = "backtest.json"


def write_folder(folder: Path, test: HistoryBacktest) -> None:
    """Writes `backtest.json`, the figures and a page of them; the folder is made where it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    write_page(folder, "Back-test of a history", draw_backtest(test))
    write_whole(folder / DOCUMENT, json.dumps(document(test), ensure_ascii=False, indent=2) + "\n")
