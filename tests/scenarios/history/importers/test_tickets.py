"""PagerDuty, Opsgenie, Jira Service Management, XES."""

from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.history.importers.building import imported
from timeline.findings import InputError

INCIDENT = {
    "id": "P1",
    "type": "incident",
    "incident_number": 12,
    "title": "Disk full on db-1",
    "created_at": "2026-03-01T10:00:00Z",
    "status": "resolved",
    "last_status_change_at": "2026-03-01T11:00:00Z",
    "urgency": "high",
    "service": {"id": "S1", "type": "service_reference", "summary": "Database"},
    "teams": [{"id": "T1", "summary": "Storage"}],
    "acknowledgements": [],
}


def entry(kind: str, at: str, **other: Any) -> dict[str, Any]:
    return {
        "type": f"{kind}_log_entry",
        "created_at": f"2026-03-01T{at}:00Z",
        "incident": {"id": "P1"},
        "agent": {"summary": "Ann"},
        **other,
    }


ENTRIES = [
    entry("resolve", "11:00"),
    entry("trigger", "10:00"),
    entry("assign", "10:00", assignees=[{"summary": "Ann"}]),
    entry("notify", "10:01"),
    entry("escalate", "10:15", assignees=[{"summary": "Ben"}]),
    entry("acknowledge", "10:20"),
    entry("annotate", "10:30"),
]


@pytest.mark.parametrize(
    "answer",
    [
        {"incidents": [INCIDENT], "log_entries": ENTRIES},
        {"log_entries": ENTRIES, "incidents": [INCIDENT]},
        [{**INCIDENT, "log_entries": ENTRIES}],
        [*ENTRIES, INCIDENT],
    ],
    ids=["both", "entries first", "entries inside", "one list"],
)
def test_log_entries_give_detection_acknowledgement_and_resolution(answer: Any, tmp_path: Path) -> None:
    done = imported(tmp_path, "pagerduty", answer)
    record = done.record
    assert (
        f"{record.detected_at:%H:%M} {record.acknowledged_at:%H:%M} {record.resolved_at:%H:%M}" == "10:01 10:20 11:00"
    )
    assert (record.service, record.team, record.priority, record.priority_rank) == ("Database", "Storage", "high", 1)
    assert (record.reassignments, record.updates) == (1, 7)
    assert [(s.before, s.after) for s in done.steps if s.kind == "assigned"] == [(None, "Ann"), ("Ann", "Ben")]


def test_an_object_of_json_lines_may_carry_its_entries(tmp_path: Path) -> None:
    import json

    text = json.dumps({**INCIDENT, "log_entries": ENTRIES})
    assert imported(tmp_path, "pagerduty", text).record.updates == 7


def test_without_entries_there_is_no_acknowledgement_and_the_last_change_resolved(tmp_path: Path) -> None:
    record = imported(tmp_path, "pagerduty", {"incidents": [INCIDENT]}).record
    assert (record.acknowledged_at, record.reassignments, record.updates) == (None, None, None)
    assert f"{record.resolved_at:%H:%M}" == "11:00"


def test_an_open_incident_is_not_resolved(tmp_path: Path) -> None:
    taken_on = {"status": "acknowledged", "acknowledgements": [{"at": "2026-03-01T10:07:00Z"}]}
    record = imported(tmp_path, "pagerduty", [{**INCIDENT, **taken_on}]).record
    assert record.resolved_at is None
    assert f"{record.acknowledged_at:%H:%M}" == "10:07"


def test_entries_of_other_incidents_and_of_none_are_refused(tmp_path: Path) -> None:
    orphan, nameless = entry("notify", "10:00", incident={"id": "P9"}), entry("notify", "10:00", incident=None)
    done = imported(tmp_path, "pagerduty", {"incidents": [INCIDENT], "log_entries": [*ENTRIES, orphan, nameless]})
    assert sorted(done.reasons.values()) == [
        "a log entry of incident P9, which is not in the file",
        "the entry names no incident",
    ]
    assert done.summary.rows == 10


def test_the_export_counts_seconds_from_the_creation(tmp_path: Path) -> None:
    text = (
        "id,incident_number,description,service_name,created_on,resolved_on,seconds_to_first_ack,seconds_to_resolve,"
        "assignment_count,urgency\n"
        "P1,12,Disk,Database,2026-03-01T10:00:00+00:00,,90,3600,2,high\n"
        "P2,13,Disk,Database,2026-03-01T10:00:00+00:00,,,,1,low\n"
    )
    done = imported(tmp_path, "pagerduty", text)
    first, second = done.records["P1"], done.records["P2"]
    assert f"{first.acknowledged_at:%H:%M:%S} {first.resolved_at:%H:%M}" == "10:01:30 11:00"
    assert (first.priority_rank, first.reassignments, second.reassignments) == (1, 1, 0)
    assert (second.priority_rank, second.resolved_at) == (2, None)


def test_names_of_assignees_are_pseudonyms_on_request(tmp_path: Path) -> None:
    done = imported(tmp_path, "pagerduty", {"incidents": [INCIDENT], "log_entries": ENTRIES}, key=b"secret")
    written = {name for step in done.steps for name in (step.actor, step.before, step.after)}
    assert not {"Ann", "Ben"} & written
    assert len(written - {None}) == 2


def test_alerts_of_opsgenie_have_milliseconds_to_acknowledgement_and_close(tmp_path: Path) -> None:
    alert = {
        "id": "a1",
        "tinyId": "17",
        "message": "CPU",
        "status": "closed",
        "createdAt": "2026-03-01T10:00:00.500Z",
        "priority": "P2",
        "source": "monitoring",
        "responders": [{"type": "user", "id": "u"}, {"type": "team", "id": "ops"}],
        "report": {"ackTime": 15702, "closeTime": 60503},
    }
    record = imported(tmp_path, "opsgenie", {"data": [alert], "took": 0.1}).record
    assert f"{record.acknowledged_at:%H:%M:%S.%f} {record.resolved_at:%H:%M:%S.%f}" == "10:00:16.202000 10:01:01.003000"
    assert (record.priority_rank, record.team, record.number) == (2, "ops", "17")


def test_incidents_of_opsgenie_have_an_impact_or_an_assumed_end(tmp_path: Path) -> None:
    base = {"id": "i1", "message": "x", "status": "resolved", "createdAt": "2026-03-01T10:00:00Z", "priority": "P1"}
    span = {"impactStartDate": "2026-03-01T09:00:00Z", "impactEndDate": "2026-03-01T10:30:00Z"}
    updated = {"updatedAt": "2026-03-01T12:00:00Z"}
    done = imported(
        tmp_path,
        "opsgenie",
        {
            "data": [
                {**base, **span, **updated, "impactedServices": ["web"]},
                {**base, **updated, "id": "i2"},
                {**base, **span, "id": "i3", "status": "open"},
            ]
        },
    )
    assert f"{done.records['i1'].resolved_at:%H:%M} {done.records['i2'].resolved_at:%H:%M}" == "10:30 12:00"
    assert (done.records["i1"].service, done.records["i3"].resolved_at) == ("web", None)
    assert done.remarks == {"history.assumed-end"}


def change(at: str, field: str, before: str | None, after: str | None) -> dict[str, Any]:
    return {
        "created": f"2026-03-01T{at}:00.000+0100",
        "author": {"displayName": "Ann"},
        "items": [{"field": field, "fromString": before, "toString": after}],
    }


def jsm_issue(key: str = "OPS-1", **fields: Any) -> dict[str, Any]:
    return {
        "key": key,
        "fields": {
            "summary": "Mail is slow",
            "issuetype": {"name": "[System] Incident"},
            "created": "2026-03-01T10:00:00.000+0100",
            "resolutiondate": "2026-03-01T15:00:00.000+0100",
            "priority": {"name": "High"},
            "components": [{"name": "Mail"}, {"name": "Web"}],
            "resolution": {"name": "Done"},
            **fields,
        },
        "changelog": {
            "histories": [
                change("15:00", "resolution", None, "Done"),
                change("10:05", "assignee", None, "Ann"),
                change("10:10", "status", "Open", "In progress"),
                change("11:00", "assignee", "Ann", "Ben"),
                change("12:00", "resolution", None, "Done"),
                change("13:00", "resolution", "Done", None),
                change("16:00", "status", "Resolved", "Closed"),
            ]
        },
    }


def test_the_changelog_gives_acknowledgement_reassignments_and_reopenings(tmp_path: Path) -> None:
    done = imported(tmp_path, "jsm", {"issues": [jsm_issue()]})
    record = done.record
    assert f"{record.acknowledged_at:%H:%M} {record.resolved_at:%H:%M} {record.closed_at:%H:%M}" == "09:10 14:00 15:00"
    assert (record.reassignments, record.reopenings, record.priority_rank) == (1, 1, 2)
    assert (record.service, record.component, record.cause) == ("Mail", "Mail, Web", "Done")


def test_without_a_changelog_nothing_is_said_of_changes(tmp_path: Path) -> None:
    record = imported(tmp_path, "jsm", {"issues": [{k: v for k, v in jsm_issue().items() if k != "changelog"}]}).record
    assert (record.acknowledged_at, record.reassignments, record.reopenings, record.updates) == (None,) * 4


def test_requests_and_changes_are_refused(tmp_path: Path) -> None:
    done = imported(
        tmp_path,
        "jsm",
        {
            "issues": [
                jsm_issue(),
                jsm_issue("OPS-2", issuetype={"name": "Service Request"}),
                jsm_issue("OPS-3", issuetype={"name": "Change"}),
                {"key": "OPS-4"},
            ]
        },
    )
    assert sorted(done.reasons.values()) == [
        "an issue of type 'Change', no incident",
        "an issue of type 'Service Request', no incident",
        "the issue has no fields",
    ]


def test_the_export_of_issues_repeats_columns_and_writes_months(tmp_path: Path) -> None:
    text = (
        "Summary,Issue key,Issue id,Issue Type,Priority,Resolution,Created,Resolved,Component/s,Component/s\n"
        '"Mail, slow",OPS-1,1001,Incident,Highest,Done,02/Jan/26 3:04 PM,02/Jan/26 5:04 PM,Mail,Web\n'
    )
    record = imported(tmp_path, "jsm", text, zone="UTC").record
    assert (record.title, record.service, record.priority_rank, record.opened_at.hour) == ("Mail, slow", "Mail", 1, 15)


XES = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0">
  <trace>
    <string key="concept:name" value="case1"/>
    <string key="priority" value="High"/>
    <event>
      <string key="concept:name" value="Fix"/>
      <string key="org:group" value="Network"/>
      <date key="time:timestamp" value="2026-03-01T11:00:00.000+01:00"/>
    </event>
    <event>
      <string key="concept:name" value="Open"><string key="nested" value="x"/></string>
      <string key="org:resource" value="Ann"/>
      <string key="org:group" value="Desk"/>
      <date key="time:timestamp" value="2026-03-01T10:00:00.000+01:00"/>
    </event>
    <event><string key="concept:name" value="Late"/></event>
  </trace>
  <trace><string key="concept:name" value="empty"/></trace>
</log>
"""


def test_traces_are_incidents(tmp_path: Path) -> None:
    done = imported(tmp_path, "xes", XES)
    record = done.record
    assert (record.id, record.priority_rank, record.team, record.reassignments) == ("case1", 2, "Desk", 1)
    assert f"{record.opened_at:%H:%M} {record.resolved_at:%H:%M}" == "09:00 10:00"
    assert done.reasons == {17: "the event has no time:timestamp"}
    assert done.summary.rows == 3
    assert done.remarks == {"history.assumed-end", "history.empty-case"}


def test_where_activities_are_called_like_states_a_case_without_an_end_is_open(tmp_path: Path) -> None:
    second = """<trace><string key="concept:name" value="case2"/><event><string key="concept:name" value="Resolved"/>
        <date key="time:timestamp" value="2026-03-02T11:00:00Z"/></event></trace></log>"""
    done = imported(tmp_path, "xes", XES.replace("</log>", second))
    assert done.records["case1"].resolved_at is None
    assert done.records["case2"].resolved_at is not None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<log><trace></log>", "1:15: .*no XML: mismatched tag"),
        ("<html></html>", "expected a <log>"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><log>&a;</log>', "DOCTYPE|document type"),
    ],
)
def test_what_is_no_safe_xes_is_refused(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=says):
        imported(tmp_path, "xes", text)
