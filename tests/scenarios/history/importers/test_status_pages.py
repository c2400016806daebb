"""Status pages: Atlassian Statuspage, Google Cloud, Upptime."""

from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.history.importers.building import imported
from timeline.findings import InputError


def incident(**other: Any) -> dict[str, Any]:
    return {
        "id": "abc",
        "name": "Delays in the API",
        "status": "resolved",
        "impact": "major",
        "created_at": "2026-03-01T10:05:00.000Z",
        "started_at": "2026-03-01T10:00:00.000Z",
        "updated_at": "2026-03-01T12:00:00.000Z",
        "monitoring_at": "2026-03-01T11:00:00.000Z",
        "resolved_at": "2026-03-01T12:00:00.000Z",
        "components": [{"id": "1", "name": "API"}, {"id": "2", "name": "Web"}],
        "incident_updates": [
            {"status": "resolved", "display_at": "2026-03-01T12:00:00.000Z"},
            {"status": "monitoring", "display_at": "2026-03-01T11:00:00.000Z"},
            {"status": "investigating", "display_at": "2026-03-01T10:05:00.000Z"},
            {"status": "investigating", "display_at": "2026-03-01T10:30:00.000Z"},
        ],
        **other,
    }


def test_a_page_tells_impact_and_updates(tmp_path: Path) -> None:
    done = imported(tmp_path, "statuspage", {"page": {"id": "p"}, "incidents": [incident()]})
    record = done.record
    assert (record.service, record.component, record.priority_rank, record.updates) == ("API", "API, Web", 2, 4)
    assert f"{record.impact_from:%H:%M} {record.opened_at:%H:%M} {record.mitigated_at:%H:%M}" == "10:00 10:05 11:00"
    assert done.moments_of("abc") == [
        ("opened", "03-01 10:05"),
        ("state", "03-01 10:05"),
        ("update", "03-01 10:30"),
        ("state", "03-01 11:00"),
        ("resolved", "03-01 12:00"),
    ]


def test_a_missing_resolution_is_that_of_the_last_resolving_update(tmp_path: Path) -> None:
    done = imported(tmp_path, "statuspage", [incident(resolved_at=None)])
    assert f"{done.record.resolved_at:%H:%M}" == "12:00"


def test_a_note_without_impact_has_none(tmp_path: Path) -> None:
    record = imported(tmp_path, "statuspage", [incident(impact="none")]).record
    assert (record.impact_from, record.impact_to, record.priority_rank) == (None, None, 4)
    assert record.resolved_at is not None


def test_maintenance_and_unreadable_ones_are_refused_and_nothing_is_lost(tmp_path: Path) -> None:
    done = imported(
        tmp_path,
        "statuspage",
        [
            incident(),
            incident(id="m", scheduled_for="2026-03-05T00:00:00Z"),
            incident(id="b", created_at="soon"),
            incident(id=None),
            incident(updated_at="2026-03-01T11:00:00.000Z", status="monitoring"),
            incident(id="c", created_at=None),
        ],
    )
    assert sorted(done.reasons.values()) == [
        "created_at is missing",
        "created_at: 'soon' is not a moment",
        "scheduled maintenance, no incident",
        "the item has no id",
        "the same incident, newer, is at line 2",
    ]
    assert done.summary.rows == done.summary.incidents + len(done.reasons) == 6


def test_an_update_without_time_counts_but_is_no_step(tmp_path: Path) -> None:
    done = imported(tmp_path, "statuspage", [incident(incident_updates=[{"status": "identified", "display_at": "x"}])])
    assert "history.update-without-time" in done.remarks
    assert done.record.updates == 1


def gcp(**other: Any) -> dict[str, Any]:
    return {
        "id": "xyz",
        "number": "17",
        "begin": "2026-03-01T10:00:00+00:00",
        "created": "2026-03-01T10:30:00+00:00",
        "end": "2026-03-01T14:00:00+00:00",
        "modified": "2026-03-01T14:00:00+00:00",
        "external_desc": "Elevated errors",
        "service_name": "Storage",
        "severity": "high",
        "affected_products": [{"title": "Storage"}, {"title": "Functions"}],
        "updates": [
            {"when": "2026-03-01T14:00:00+00:00", "status": "AVAILABLE"},
            {"when": "2026-03-01T10:30:00+00:00", "status": "SERVICE_OUTAGE"},
        ],
        **other,
    }


def test_google_cloud_states_the_impact(tmp_path: Path) -> None:
    done = imported(tmp_path, "gcp", [gcp()])
    record = done.record
    assert (record.number, record.service, record.priority_rank, record.updates) == ("17", "Storage", 1, 2)
    assert record.restore_time is not None
    assert record.restore_time.total_seconds() == 4 * 3600
    assert [kind for kind, _ in done.moments_of("xyz")] == ["opened", "state", "resolved"]


def test_a_record_made_after_the_fact_keeps_its_times_and_is_told(tmp_path: Path) -> None:
    done = imported(tmp_path, "gcp", [gcp(end="2026-03-01T10:10:00+00:00")])
    assert done.record.restore_time is not None
    assert done.record.restore_time.total_seconds() == 600
    assert done.remarks == {"history.after-the-fact"}


def test_numbers_may_repeat_and_old_records_go_by_their_address(tmp_path: Path) -> None:
    old = {**gcp(), "id": None, "number": 17, "uri": "/incident/storage/17", "most-recent-update": {}}
    done = imported(tmp_path, "gcp", [gcp(), gcp(id="other"), old])
    assert sorted(done.records) == ["/incident/storage/17", "other", "xyz"]
    assert {record.number for record in done.records.values()} == {"17"}


def test_an_open_incident_has_no_end(tmp_path: Path) -> None:
    record = imported(tmp_path, "gcp", [gcp(end=None)]).record
    assert (record.resolved_at, record.impact_to, record.restore_time) == (None, None, None)


def issue(number: int, **other: Any) -> dict[str, Any]:
    return {
        "number": number,
        "title": "🛑 Web shop is down",
        "body": "In [`abc`](https://example.org), Web shop was **down**:\n- HTTP code: 503\n- Response time: 0 ms",
        "labels": [{"name": "status"}, {"name": "web-shop"}],
        "created_at": "2026-03-01T10:00:00Z",
        "closed_at": "2026-03-01T10:18:00Z",
        "comments": 1,
        **other,
    }


def test_issues_are_outages(tmp_path: Path) -> None:
    record = imported(tmp_path, "upptime", [issue(7)]).record
    assert (record.number, record.service, record.component, record.cause) == (
        "#7",
        "Web shop",
        "web-shop",
        "HTTP code 503",
    )
    assert (record.priority, record.priority_rank, record.updates) == ("down", 1, 1)
    assert record.restore_time is not None
    assert record.restore_time.total_seconds() == 18 * 60


def test_degraded_performance_is_less_urgent(tmp_path: Path) -> None:
    record = imported(tmp_path, "upptime", [issue(7, title="⚠️ Web shop has degraded performance")]).record
    assert (record.service, record.priority, record.priority_rank) == ("Web shop", "degraded", 2)


def test_the_command_line_of_github_writes_other_names(tmp_path: Path) -> None:
    other = {"number": 7, "title": "x", "labels": [{"name": "status"}], "createdAt": "2026-03-01T10:00:00Z"}
    record = imported(tmp_path, "upptime", [{**other, "closedAt": None}]).record
    assert (record.opened_at.hour, record.resolved_at) == (10, None)


def test_what_is_no_outage_is_refused_with_the_reason(tmp_path: Path) -> None:
    done = imported(
        tmp_path,
        "upptime",
        [
            issue(1, pull_request={"url": "x"}),
            issue(2, labels=[{"name": "bug"}]),
            issue(3, labels=[{"name": "status"}, {"name": "maintenance"}]),
            issue(4),
        ],
    )
    assert sorted(done.reasons.values()) == [
        "a pull request, no incident",
        "an issue without the label 'status', no incident",
        "planned maintenance, no incident",
    ]
    assert list(done.records) == ["4"]


@pytest.mark.parametrize("format", ["statuspage", "gcp", "upptime", "opsgenie"])
def test_what_is_no_json_is_refused_with_its_place(format: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="export:1:1"):
        imported(tmp_path, format, "number,opened\n1,2\n")
