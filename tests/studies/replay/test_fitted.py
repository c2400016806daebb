"""Fitted replay against known truth, and replays on several processes."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kstest, norm

import blackstart
from blackstart._coverage import coverage_input
from scenarios.history.calibration.model_file import HistoryModel, read_model
from scenarios.history.record import IncidentRecord, write_history
from simulator.randomness import Streams
from studies.replay.comparison import Target, compare
from studies.replay.detection_table import DetectionTables
from studies.replay.document import document
from studies.replay.fitted import Fitted
from studies.replay.futures import future
from studies.replay.mapping import place, propose
from studies.replay.study import replay
from studies.replay.survival import Stage, survival
from tests.studies.replay.building import incident, organisation, recorded_plan, subject
from tests.studies.replay.test_futures import MODEL
from timeline.findings import InputError

Z90 = float(norm.ppf(0.9))
ACKNOWLEDGE = """acknowledge:
  distribution: lognormal(median=5m, p90=20m)
  family: lognormal
  n: 1000
  median: {value: 5m, low: 4m, high: 6m, n: 1000}
  p90: {value: 20m, low: 15m, high: 25m, n: 1000}
  shapes: {}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "model.yaml").write_text(MODEL.replace("Shop:", "api:") + ACKNOWLEDGE)
    return tmp_path / "model.yaml"


@pytest.fixture
def model(path: Path) -> HistoryModel:
    return read_model(path)


def test_times_are_those_of_the_model(model: HistoryModel) -> None:
    incidents = [incident(f"i{n}", n) for n in range(500)]
    done = replay(Fitted(model), lambda _: incidents, replications=4)
    acknowledged = np.concatenate([one.acknowledge_s for one in done])
    restored = np.concatenate([one.restore_s for one in done])
    assert kstest(acknowledged, "lognorm", (math.log(4) / Z90, 0, 300)).pvalue > 0.01
    assert kstest(restored, "lognorm", (math.log(4) / Z90, 0, 3600)).pvalue > 0.01
    assert kstest(restored, "lognorm", (math.log(4) / Z90, 0, 4500)).pvalue < 0.01


def test_a_service_stretches_them(model: HistoryModel) -> None:
    mail = [replace(incident(f"i{n}", n), name="Mail") for n in range(800)]
    (done,) = replay(Fitted(model), lambda _: mail, replications=1)
    assert np.median(done.restore_s) == pytest.approx(3 * 3600, rel=0.12)


def test_the_share_within_the_rto_is_that_of_the_distribution(model: HistoryModel) -> None:
    """The function declares 30 minutes: half of the median, ln(2) below it."""
    incidents = [incident(f"i{n}", n) for n in range(400)]
    done = replay(Fitted(model), lambda _: incidents, replications=10)
    (function,) = survival(recorded_plan(subject(organisation())), done)
    expected = norm.cdf(-math.log(2) / (math.log(4) / Z90))
    assert function.attained is not None
    assert function.attained.value == pytest.approx(expected, abs=0.02)
    assert set(function.stages) <= {Stage.ANSWER, Stage.REMEDY}


def test_a_future_and_its_replay_agree_in_distribution(model: HistoryModel) -> None:
    records = future(model, datetime(2026, 1, 1, tzinfo=UTC), 40, Streams(1))
    given = subject(organisation())
    placed = place(records, propose(records, given.estate), given.estate)
    done = replay(Fitted(model), lambda _: placed.incidents, replications=40)
    for target in Target:
        compared = compare(done, target)
        assert compared is not None
        assert compared.distance.value < 0.08
        assert compared.in_band == pytest.approx(0.8, abs=0.05)


def test_nobody_is_played(path: Path) -> None:
    done = blackstart.replay(path, "corner-lab", fitted=True, weeks=4, replications=20, deal=True)
    answer = document(done)
    assert answer["phases"] == "fitted"
    assert answer["measures"]["pages"] is None
    assert answer["measures"]["busiest"] is None
    assert answer["measures"]["restored_p50"]["value"] > 0


def test_a_model_without_a_time_to_restore_is_refused(path: Path) -> None:
    text = path.read_text()
    begin, end = text.index("restore:"), text.index("acknowledge:")
    path.write_text(text[:begin] + text[end:])
    with pytest.raises(InputError, match="no time to restore"):
        blackstart.replay(path, "corner-lab", fitted=True, weeks=4, deal=True)


def test_any_number_of_processes_writes_the_same_bytes(tmp_path: Path) -> None:
    """Two components are tried for detection, and two replications of a history and of its stress are played."""
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    records = [
        IncidentRecord(
            id=f"i{n}", service=("api", "web")[n % 2], opened_at=at.replace(day=2 + n), source="csv", source_line=n
        )
        for n in range(6)
    ]
    write_history(tmp_path / "h.parquet", records)
    written = []
    for jobs in (1, 2):
        out = tmp_path / str(jobs)
        blackstart.replay(tmp_path / "h.parquet", "corner-lab", stress="scale=2", replications=2, jobs=jobs, out=out)
        written.append({path.name: path.read_bytes() for path in sorted(out.iterdir())})
    assert written[0] == written[1]
    assert set(written[0]) == {"replay.html", "replay.json", "incidents.csv", "mapping.yaml"}


def test_a_detection_table_spares_trials_and_changes_nothing(model: HistoryModel, tmp_path: Path) -> None:
    records = future(model, datetime(2026, 1, 1, tzinfo=UTC), 2, Streams(1))
    write_history(tmp_path / "h.parquet", records)
    table = tmp_path / "table.json"

    def answer(**changes: object) -> str:
        given: dict[str, object] = {"deal": True, "replications": 1, **changes}
        return json.dumps(document(blackstart.replay(tmp_path / "h.parquet", "corner-lab", **given)))  # type: ignore[arg-type]

    plain, first = answer(), answer(detection_table=table)
    kept = table.read_text()
    assert plain == first == answer(detection_table=table)
    assert table.read_text() == kept
    forged = json.loads(kept)
    (entries,) = forged["tables"].values()
    pair = next(pair for pair, told in entries.items() if told is not None)
    entries[pair]["after_ms"] += 3_600_000
    table.write_text(json.dumps(forged))
    assert answer(detection_table=table) != plain, "what is known is not tried again"
    changed = answer(detection_table=table, overlay=["estate.components.api.recovery.restart=1m"])
    assert changed == answer(overlay=["estate.components.api.recovery.restart=1m"]), "of other files nothing is known"
    assert len(json.loads(table.read_text())["tables"]) == 2


def test_a_file_that_is_no_detection_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('{"format": "something"}')
    with pytest.raises(InputError, match="is no detection table"):
        DetectionTables(tmp_path / "t.json")


def test_the_key_of_a_table_follows_what_it_depends_on(tmp_path: Path) -> None:
    tables = DetectionTables(tmp_path / "t.json")
    lab, at = coverage_input("corner-lab").documents, datetime(2026, 3, 3, 10, tzinfo=UTC)
    known = tables.of(lab, at, 1)
    assert tables.of(coverage_input("corner-lab").documents, at, 1) is known
    assert tables.of(lab, at, 2) is not known
    assert tables.of(lab, at.replace(hour=11), 1) is not known
