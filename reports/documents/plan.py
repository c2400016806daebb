"""The scenario that a run was played from, as it was kept in the run folder: what was planned, beside what happened.

A run folder keeps the files as they were read, and apart from them the settings that were made on them.  A record of a
real incident has no scenario: then there is no plan to show.
"""

from __future__ import annotations

from pathlib import Path

from scenarios.models import Scenario
from topologies.canonical import canonical
from topologies.loading.document import read_document
from topologies.loading.estate import parse_settings
from topologies.loading.gathering import Gathered
from topologies.loading.overlay import overlay
from topologies.loading.validation import validate


def planned(folder: Path) -> Scenario | None:
    """The scenario with its settings, from the inputs of a run folder; None where none was kept.

    Raises InputError when it can no longer be read.
    """
    kept = sorted((folder / "inputs" / "scenario").glob("*"))
    if not kept:
        return None
    settings = folder / "inputs" / "settings.txt"
    gathered = Gathered()
    lines = settings.read_text(encoding="utf-8").splitlines() if settings.is_file() else []
    made = parse_settings(lines, gathered)
    gathered.complete()
    document = overlay(read_document(kept[0]), Scenario, [setting for setting in made if setting.root == "scenario"])
    return canonical(validate(document, Scenario))
