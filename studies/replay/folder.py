"""The files of a replay in a folder, each written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

from studies.replay.document import document, incident_table
from studies.replay.drawing import draw_replay
from studies.replay.mapping import ReplayMapping
from studies.replay.page import html_page
from studies.replay.whole import HistoryReplay
from timeline.files import write_whole
from topologies.writing import to_yaml

PAGE = "replay.html"
_HEAD = "# Which component a name of the history stands for; correct it and hand it in again with --mapping.\n"


def write_folder(folder: Path, done: HistoryReplay) -> None:
    """Writes page, document, table of incidents and mapping; the folder is made where it is not there."""
    page = html_page(done, draw_replay(done))
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "replay.json", json.dumps(document(done), ensure_ascii=False, indent=2) + "\n")
    write_whole(folder / "incidents.csv", incident_table(done))
    write_whole(folder / "mapping.yaml", mapping_text(done.placed.mapping))
    write_whole(folder / PAGE, page)


def mapping_text(mapping: ReplayMapping) -> str:
    """A mapping file."""
    return _HEAD + to_yaml(mapping.model_dump(mode="json"), leaves_in_line=True)
