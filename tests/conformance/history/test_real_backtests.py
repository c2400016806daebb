"""Back-tests of real histories: the counts on both sides of the cut are theirs, and the answer is whole.

The histories lie outside of the project; `BLACKSTART_SHARED_DATA` says where, else `../shared/data`.
"""

import os
from pathlib import Path

import pytest

from scenarios.history.importers import servicenow_log, statuspage
from scenarios.history.importers.importing import Importer, import_history
from scenarios.history.importers.intake import Intake, Reading
from scenarios.history.record import read_history
from studies.history_backtest import backtest_history, document

_STATED = os.environ.get("BLACKSTART_SHARED_DATA")
SHARED = Path(_STATED) if _STATED else Path(__file__).parents[3].parent / "shared" / "data"


def _document(importer: Importer, file: str, folder: Path) -> dict[str, object]:
    path = SHARED / "incidents" / file
    if not path.is_file():
        pytest.skip(f"{file} of the shared data is not here: set BLACKSTART_SHARED_DATA")
    import_history(importer, Intake(path, Reading()), folder / "h.parquet")
    return document(backtest_history(read_history(folder / "h.parquet")))


def test_a_status_page(tmp_path: Path) -> None:
    answer = _document(statuspage.read, "github_status/incidents.json", tmp_path)
    restore = answer["target"]["restore"]  # type: ignore[index]
    assert restore["train"] + restore["test"] == 450
    assert restore["test_open_at_end"] == 0
    assert restore["crps"]["model"] < restore["crps"]["last_period"]
    assert 0.4 < restore["coverage"]["50"] < 0.6
    assert answer["inputs"] == ["service", "hour", "load", "period"]
    assert answer["not_tested"] == {"acknowledge": "the history has no such time"}


@pytest.mark.prove
def test_a_log_whose_last_day_is_foretold_from_its_first_two(tmp_path: Path) -> None:
    answer = _document(servicenow_log.read, "servicenow_event_log/incident_event_log_sample.csv", tmp_path)
    for target, missing in (("acknowledge", 1), ("restore", 29)):
        found = answer["target"][target]  # type: ignore[index]
        assert found["train"] + found["test"] == 890 - missing
        assert found["train_open_at_cut"] > 200
        assert 0 < found["crps"]["model"] < found["crps"]["fitted_family_alone"]
