"""Each source by itself: what a row tells, and what is refused."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.history.incident.markers import Marked, Marker, markers_in
from tests.scenarios.history.incident.building import SAMPLE, record_of, seconds_of, told
from timeline.details import AlertDetail, DecisionDetail, IncidentDetail, MessageDetail, PageDetail
from timeline.findings import InputError

PAGES = {"kind": "pages"}
CHAT = {"kind": "chat"}
MONITORING = {"kind": "monitoring"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Decision: wait", Marker(Marked.DECISION, "wait")),
        ("/decision wait", Marker(Marked.DECISION, "wait")),
        ("DECLARED: sev2", Marker(Marked.DECLARED, "sev2")),
        ("/declare", Marker(Marked.DECLARED, "")),
        ("Role (scribe): @ada", Marker(Marked.ROLE, "@ada", "scribe")),
        ("/role scribe", Marker(Marked.ROLE, "", "scribe")),
        ("Update (executives): half is back", Marker(Marked.UPDATE, "half is back", "executives")),
        ("/report ordering no cart", Marker(Marked.REPORT, "no cart", "ordering")),
        ("Update: of nobody", None),
        ("we should make a decision: soon", None),
        ("/decisions wait", None),
        ("Decision:", None),
    ],
)
def test_only_lines_that_begin_with_a_marker_are_read(text: str, expected: Marker | None) -> None:
    assert list(markers_in(text)) == ([] if expected is None else [expected])


def test_a_decision_takes_the_lines_that_go_with_it(tmp_path: Path) -> None:
    text = "Decision: fail over\nOptions: fail over; wait\nBecause: it is quicker\nand so on"
    record = record_of(tmp_path, "c.json", [{"ts": "1773137100.0", "user": "U1", "text": text}], CHAT)
    (decision,) = told(record, "decision.made")
    detail = decision.detail
    assert isinstance(detail, DecisionDetail)
    assert (detail.options, detail.chosen, detail.by) == (("fail over", "wait"), "fail over", "u1")
    assert (detail.question, detail.evidence) == ("", "it is quicker")


def test_a_table_of_teams_messages(tmp_path: Path) -> None:
    content = (
        "Timestamp,From,Message,event\n"
        "2026-03-10T10:05:00Z,Desk One,,joined\n"
        '2026-03-10T10:06:00Z,Desk One,"<p>Decision: wait &amp; see</p>",\n'
        "2026-03-10T10:07:00Z,,who am I,\n"
    )
    record = record_of(tmp_path, "teams.csv", content, CHAT)
    assert seconds_of(record, "bridge", "decision") == [(300, "bridge.joined"), (360, "decision.made")]
    (decision,) = told(record, "decision.made")
    assert isinstance(decision.detail, DecisionDetail)
    assert decision.detail.chosen == "wait & see"
    assert [reason for _, reason in record.refused()] == ["the message does not say who wrote it"]


def test_log_entries_of_pagerduty(tmp_path: Path) -> None:
    def entry(minute: int, type: str, **more: Any) -> dict[str, Any]:
        return {"type": type, "created_at": f"2026-03-10T10:{minute:02d}:00Z", "incident": {"id": "P9"}, **more}

    notified = {"notification": {"type": "phone", "status": "success"}}
    entries = [
        entry(1, "trigger_log_entry"),
        entry(2, "notify_log_entry", user={"summary": "Duty One"}, channel=notified),
        entry(3, "notify_log_entry", user={"summary": "Duty One"}, channel={"notification": {"status": "busy"}}),
        entry(4, "escalate_log_entry"),
        entry(5, "acknowledge_log_entry", agent={"summary": "Duty One"}),
        entry(6, "acknowledge_log_entry"),
    ]
    known = {"INC1": {"aliases": ["P9"]}}
    record = record_of(tmp_path, "pages.json", {"log_entries": entries}, PAGES, incidents=known)
    assert seconds_of(record, "page") == [
        (120, "page.sent"),
        (120, "page.delivered"),
        (180, "page.sent"),
        (240, "page.unanswered"),
        (300, "page.acknowledged"),
    ]
    details = [e.detail for e in told(record, "page")]
    assert {d.incident for d in details if isinstance(d, PageDetail)} == {"INC1"}
    assert [reason for _, reason in record.refused()] == ["page.acknowledged names nobody"]
    (report,) = record.sources
    assert (report.used, report.context, report.refused) == (4, 1, 1)


def test_an_answer_follows_from_its_page_and_a_page_from_its_incident(tmp_path: Path) -> None:
    content = (
        "at,person,event\n"
        "2026-03-10T10:02:00Z,a,delivered\n"
        "2026-03-10T10:01:00Z,a,sent\n"
        "2026-03-10T10:03:00Z,a,acknowledged\n"
    )
    record = record_of(tmp_path, "pages.csv", content, PAGES)
    sent, delivered, acknowledged = told(record, "page")
    assert (sent.causes, delivered.causes, acknowledged.causes) == ((), (sent.seq,), (delivered.seq,))


def test_a_series_of_alerts_ends_a_step_after_its_last_sample_and_a_gap_parts_it(tmp_path: Path) -> None:
    def at(*minutes: int) -> list[list[Any]]:
        return [[1773136800 + 60 * minute, "1"] for minute in minutes]

    metric = {"__name__": "ALERTS", "alertname": "Down", "alertstate": "firing", "instance": "a"}
    still = {**metric, "alertname": "Slow"}
    pending = {**metric, "alertstate": "pending"}
    result = [
        {"metric": metric, "values": at(2, 3, 5)},
        {"metric": pending, "values": at(1)},
        {"metric": still, "values": at(4, 5, 6)},
        {"metric": {"alertstate": "firing"}, "values": at(1)},
    ]
    answer = {"status": "success", "data": {"resultType": "matrix", "result": result}}
    record = record_of(tmp_path, "alerts.json", answer, MONITORING)
    assert [(e.at_ms // 60_000, e.kind, e.subject.id) for e in told(record, "alert")] == [
        (1, "alert.pending", "Down"),
        (2, "alert.firing", "Down"),
        (4, "alert.firing", "Slow"),
        (4, "alert.resolved", "Down"),
        (5, "alert.firing", "Down"),
        (6, "alert.resolved", "Down"),
    ]
    (report,) = record.sources
    assert (report.rows, report.used, report.refused) == (4, 3, 1)


def test_an_alert_of_alertmanager_ends_only_where_it_is_resolved_and_counts_once(tmp_path: Path) -> None:
    labels = {"alertname": "Down", "job": "a"}
    fired = {"labels": labels, "startsAt": "2026-03-10T10:01:00Z", "endsAt": "2026-03-10T10:06:00Z"}
    bodies = [
        {"alerts": [{**fired, "status": "firing"}]},
        {"alerts": [{**fired, "status": "resolved"}]},
        {"alerts": [{**fired, "labels": {"alertname": "Slow"}, "status": {"state": "active"}}]},
    ]
    content = "\n".join(json.dumps(body) for body in bodies)
    record = record_of(tmp_path, "alerts.json", content, MONITORING)
    assert [(e.at_ms // 60_000, e.kind, e.subject.id) for e in told(record, "alert")] == [
        (1, "alert.firing", "Down"),
        (1, "alert.firing", "Slow"),
        (6, "alert.resolved", "Down"),
    ]
    # Both rows that told the firing are kept with its event.
    down = told(record, "alert.firing")[0].seq
    assert sum(down in events for _, events in record.rows) == 2


def test_a_table_of_alerts_with_labels(tmp_path: Path) -> None:
    content = (
        "name,from,to,labels\n"
        "Down,2026-03-10T10:01:00Z,2026-03-10T10:03:00Z,instance=db;severity=page\n"
        "Down,2026-03-10T10:05:00Z,2026-03-10T10:04:00Z,\n"
        "Down,2026-03-10T10:05:00Z,,nonsense\n"
    )
    record = record_of(tmp_path, "alerts.csv", content, MONITORING)
    fired = told(record, "alert.firing")
    assert [e.at_ms for e in fired] == [60_000]
    assert isinstance(fired[0].detail, AlertDetail)
    assert dict(fired[0].detail.labels) == {"alertname": "Down", "instance": "db", "severity": "page"}
    reasons = [reason for _, reason in record.refused()]
    assert reasons == ["the alert ends before it begins", "labels: 'nonsense' is not key=value"]


def test_one_record_of_servicenow_and_one_issue_of_jira(tmp_path: Path) -> None:
    servicenow = {"result": {"number": "INC1", "short_description": "Down", "opened_at": "2026-03-10 10:04:00"}}
    stated = {"kind": "tickets", "format": "servicenow"}
    record = record_of(tmp_path / "a", "one.json", servicenow, stated)
    assert seconds_of(record, "incident") == [(240, "incident.opened")]
    fields = {"created": "2026-03-10T10:05:00Z", "summary": "Down", "resolutiondate": "2026-03-10T11:00:00Z"}
    jira = {"id": "1", "key": "OPS-7", "fields": fields}
    record = record_of(tmp_path / "b", "one.json", jira, {**stated, "format": "jsm"})
    assert seconds_of(record, "incident") == [(300, "incident.opened"), (3600, "incident.resolved")]
    opened = told(record, "incident.opened")[0].detail
    assert isinstance(opened, IncidentDetail)
    assert opened.source == ""  # a ticket does not say what it was opened from


def test_an_issue_that_moves_within_a_team_stays_with_it_and_hides_who_has_it(tmp_path: Path) -> None:
    def moved(minute: int, to: str) -> dict[str, Any]:
        change = {"field": "assignee", "fromString": None, "toString": to}
        return {"created": f"2026-03-10T10:{minute:02d}:00Z", "author": {"displayname": "x"}, "items": [change]}

    histories = [moved(6, "Desk One"), moved(7, "Desk Two"), moved(8, "Stranger Three")]
    fields = {"created": "2026-03-10T10:05:00Z", "summary": "Stranger Three saw it"}
    issue = {"id": "1", "key": "OPS-7", "fields": fields, "changelog": {"histories": histories}}
    desk = {"one": {"names": ["Desk One"], "team": "desk"}, "two": {"names": ["Desk Two"], "team": "desk"}}
    stated = {"kind": "tickets", "format": "jsm"}
    record = record_of(tmp_path, "one.json", issue, stated, people=desk)
    details = [e.detail for e in told(record, "incident.assigned", "incident.reassigned")]
    assert [d.team for d in details if isinstance(d, IncidentDetail)] == ["desk", "Stranger Three"]
    hidden = record_of(tmp_path, "one.json", issue, stated, people=desk, key=b"key")
    assert "Stranger" not in hidden.source_lines() + repr(list(hidden.timeline))


def test_what_customers_were_told_is_public_where_that_is_stated(tmp_path: Path) -> None:
    updates = [{"status": "investigating", "body": "Looking.", "display_at": "2026-03-10T10:10:00Z"}]
    page = {"incidents": [{"id": "s", "name": "Down", "impact": "major", "incident_updates": updates}]}
    record = record_of(tmp_path, "page.json", page, {"kind": "status-page", "data_class": "public"})
    (sent,) = told(record, "update.sent")
    assert isinstance(sent.detail, MessageDetail)
    assert (sent.detail.text, sent.detail.audience, sent.data_class) == (
        "investigating: Looking.",
        "customers",
        "public",
    )


@pytest.mark.parametrize(
    ("stated", "id"),
    [
        ({"kind": "tickets"}, "incident.format"),
        ({"kind": "tickets", "format": "csv"}, "incident.format"),
        ({"kind": "tickets", "format": "jms"}, "incident.format"),
        ({"kind": "chats"}, "model.not-one-of"),
        ({"kind": "pages"}, "history.columns"),
    ],
)
def test_a_file_that_cannot_be_read_ends_with_what_was_expected(
    tmp_path: Path, stated: dict[str, Any], id: str
) -> None:
    with pytest.raises(InputError) as error:
        record_of(tmp_path, "file.csv", "a,b\n1,2\n", stated)
    assert [f.id for f in error.value.findings] == [id]
    assert error.value.findings[0].hint


def test_a_record_does_not_reach_out_of_its_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        record_of(tmp_path, "file.csv", "a\n", PAGES, files={"../file.csv": PAGES})
    assert error.value.findings[0].id == "incident.outside"


_ALERT = {"labels": {"alertname": "A"}, "startsAt": "2026-03-10T10:01:00Z", "endsAt": "2026-03-10T10:02:00Z"}
_NOTIFIED = {
    "type": "notify_log_entry",
    "created_at": "2026-03-10T10:01:00Z",
    "incident": {"id": "P"},
    "user": {"summary": "d"},
    "channel": {"notification": {"type": "sms", "status": "success"}},
}
_DOCUMENTS: dict[str, Any] = {
    "monitoring": json.loads((SAMPLE / "alerts.json").read_text()),
    "status-page": json.loads((SAMPLE / "status.json").read_text()),
    "chat": json.loads((SAMPLE / "slack/inc-orders/2026-03-10.json").read_text()),
    "pages": {"log_entries": [_NOTIFIED, {**_NOTIFIED, "type": "acknowledge_log_entry"}]},
    "alerts": [{**_ALERT, "status": "resolved"}],
}
_JUNK = st.sampled_from([None, True, -1, 1e18, "x", "", [], {}, [[1, 2]], {"a": 1}, float("nan"), float("inf")])


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from _places(one, (*path, key))


def _with(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    if not path:
        return junk
    changed = copy.copy(value)
    changed[path[0]] = _with(value[path[0]], path[1:], junk)
    return changed


@settings(max_examples=120, deadline=None)
@given(data=st.data(), name=st.sampled_from(sorted(_DOCUMENTS)), junk=_JUNK)
def test_whatever_stands_in_an_export_it_is_read_refused_or_an_error_that_says_where(
    data: st.DataObject, name: str, junk: Any
) -> None:
    path = data.draw(st.sampled_from(list(_places(_DOCUMENTS[name]))))
    kind = "monitoring" if name == "alerts" else name
    with TemporaryDirectory() as folder:
        try:
            record = record_of(Path(folder), "f.json", _with(_DOCUMENTS[name], path, junk), {"kind": kind})
        except InputError as refused:
            places = {finding.place.file for finding in refused.findings}
            record = None
    if record is None:
        assert all(place.endswith("f.json") for place in places)
        return
    (report,) = record.sources
    assert report.rows == report.used + report.context + report.refused
    assert min(report.used, report.context, report.refused) >= 0
