"""Real histories against a shipped estate: every record is replayed or counted, and what comes out is consistent.

The histories lie outside of the project; `BLACKSTART_SHARED_DATA` says where, else `../shared/data`.
"""

import os
from pathlib import Path

import numpy as np
import pytest

from blackstart._coverage import coverage_input
from scenarios.history.importers import IMPORTERS
from scenarios.history.importers.importing import import_history
from scenarios.history.importers.intake import Intake, Reading
from scenarios.history.record import read_history
from studies.replay import Asked, DetectionSource, place, propose, replay_history
from timeline.instants import UNIX_EPOCH

_STATED = os.environ.get("BLACKSTART_SHARED_DATA")
SHARED = Path(_STATED) if _STATED else Path(__file__).parents[4] / "shared" / "data"


@pytest.mark.parametrize(
    ("importer", "file"),
    [
        ("servicenow-log", "incidents/servicenow_event_log/incident_event_log_sample.csv"),
        ("statuspage", "incidents/github_status/incidents.json"),
        ("gcp", "incidents/gcp_status/incidents.json"),
    ],
)
def test_a_real_history_is_replayed_whole(importer: str, file: str, tmp_path: Path) -> None:
    if not (SHARED / file).is_file():
        pytest.skip(f"{file} of the shared data is not here: set BLACKSTART_SHARED_DATA")
    path = tmp_path / "h.parquet"
    import_history(IMPORTERS[importer], Intake(SHARED / file, Reading()), path)
    records, given = read_history(path)[:300], coverage_input("meridian-bank").subject
    placed = place(records, propose(records, given.estate, deal=True), given.estate)
    assert len(placed.incidents) + placed.left_out == len(records)
    assert placed.left_out == 0
    done = replay_history(records, placed, given, Asked(UNIX_EPOCH, DetectionSource.RECORDED, replications=1))
    (one,) = done.base.replications
    assert sum(one.ends.values()) == len(placed.incidents)
    for earlier, later in ((one.told_s, one.acknowledged_s), (one.acknowledged_s, one.restored_s)):
        assert not np.any(later < earlier)
    assert done.compared
