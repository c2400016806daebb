"""Real exports import with the counts that their sources state.

They lie outside of the project, and are not copied into it; `BLACKSTART_SHARED_DATA` says where, else `../shared/data`.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from scenarios.history.importers import IMPORTERS
from scenarios.history.importers.csv_file import read
from scenarios.history.importers.importing import Summary, import_history
from scenarios.history.importers.intake import Intake, Reading
from scenarios.history.importers.proposal import propose
from scenarios.history.record import IncidentRecord, read_history
from scenarios.history.steps import StepKind, read_steps

ROOT = Path(__file__).parents[3]


def export(name: str) -> Path:
    """A real export; skips where there is none."""
    stated = os.environ.get("BLACKSTART_SHARED_DATA")
    folders = [Path(stated)] if stated else [ROOT.parent / "shared/data", ROOT.parent.parent / "shared/data"]
    found = next((folder / "incidents" / name for folder in folders if (folder / "incidents" / name).exists()), None)
    if found is None:
        pytest.skip(f"there is no {name} in {' or '.join(map(str, folders))}")
    return found


def imported(format: str, name: str, folder: Path) -> tuple[Summary, list[IncidentRecord]]:
    path, out = export(name), folder / "history.parquet"
    intake = Intake(path, Reading())
    if format == "csv":
        mapping = propose(Intake(path, Reading())).mapping
        return import_history(lambda given: read(given, mapping), intake, out), read_history(out)
    return import_history(IMPORTERS[format], intake, out), read_history(out)


def test_a_log_of_servicenow(tmp_path: Path) -> None:
    summary, records = imported("servicenow-log", "servicenow_event_log/incident_event_log_sample.csv", tmp_path)
    assert (summary.incidents, summary.rows, summary.refused) == (890, 5998, [])
    assert sum((record.reassignments or 0) > 0 for record in records) == 391
    assert sum((record.reopenings or 0) > 0 for record in records) == 10
    assert sum(record.resolved_at is None for record in records) == 29
    assert {finding.id for finding in summary.findings} == {"history.no-zone"}
    assert all(record.opened_at.year == 2016 for record in records)
    groups = {step.after for step in read_steps(tmp_path / "history.parquet") if step.kind is StepKind.ASSIGNED}
    # 62 values with the one that means "missing".
    assert len(groups) == 61


def test_the_incidents_of_google_cloud(tmp_path: Path) -> None:
    summary, records = imported("gcp", "gcp_status/incidents.json", tmp_path)
    assert (summary.incidents, summary.rows, summary.updates, summary.refused) == (811, 811, 3847, [])
    years = Counter(record.impact_from.year for record in records if record.impact_from)
    assert years == {2019: 14, 2020: 104, 2021: 151, 2022: 211, 2023: 331}
    assert Counter(record.priority for record in records) == {"low": 383, "medium": 373, "high": 55}
    assert sum(record.resolved_at is None for record in records) == 2
    after_the_fact = [r for r in records if r.resolved_at is not None and r.resolved_at < r.opened_at]
    assert len(after_the_fact) > 0
    assert all(record.restore_time is not None for record in after_the_fact)


def test_the_status_page_of_github(tmp_path: Path) -> None:
    summary, records = imported("statuspage", "github_status/incidents.json", tmp_path)
    assert (summary.incidents, summary.rows, summary.updates, summary.refused) == (450, 450, 1654, [])
    assert Counter(r.priority for r in records) == {"minor": 366, "major": 72, "none": 11, "critical": 1}
    assert all(record.resolved_at is not None for record in records)
    minutes = sorted((r.resolved_at - r.opened_at).total_seconds() / 60 for r in records if r.resolved_at)
    assert round((minutes[224] + minutes[225]) / 2) == 72


def test_the_log_of_a_help_desk_by_a_proposed_mapping(tmp_path: Path) -> None:
    summary, records = imported("csv", "helpdesk_event_log/helpdesk.csv", tmp_path)
    assert (summary.incidents, summary.rows, summary.steps, summary.refused) == (3804, 13710, 13710, [])
    assert summary.first is not None
    assert summary.last is not None
    assert f"{summary.first:%Y-%m-%d %H:%M:%S} {summary.last:%Y-%m-%d %H:%M:%S}" == (
        "2010-01-13 17:40:25 2012-11-06 01:41:28"
    )
    assert len({step.after for step in read_steps(tmp_path / "history.parquet")}) == 9
    assert sum((record.updates or 0) + 1 for record in records) == 13710


@pytest.mark.parametrize(
    ("trace", "rows", "without_impact"),
    [
        ("github-status_global-status", 230, 0),
        ("slack_global-status", 261, 1),
        ("discord_global-status", 34, 0),
        ("atlassian_bitbucket", 65, 0),
        ("atlassian_developers", 136, 0),
        ("atlassian_jira-software", 35, 2),
        ("atlassian_opsgenie", 28, 0),
    ],
)
def test_traces_of_uptime_by_a_proposed_mapping(trace: str, rows: int, without_impact: int, tmp_path: Path) -> None:
    summary, records = imported("csv", f"cloud_uptime_archive/{trace}_operator_reported.csv", tmp_path)
    assert (summary.incidents, summary.rows, summary.refused, summary.relative) == (rows, rows, [], True)
    assert sum(record.impact_ratio == 0 for record in records) == without_impact
    assert sum(record.impact_from is None for record in records) == without_impact
    assert all(record.restore_time is not None for record in records)
