"""Bodies have the shape that the platforms document, and tell of a run what they would have told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import blackstart
from reports.index import TimelineIndex
from reports.webhooks import PLATFORMS, webhook_lines
from tests.reports.building import Story, of_every_kind

DATE = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}
TEXT = {"type": "string"}


def closed(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def linked(type: str) -> dict[str, Any]:
    uri = {"type": "string", "pattern": "^https://"}
    return closed(html_url=uri, id=TEXT, self=uri, summary=TEXT, type={"const": type})


def or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


ABOUT = linked("incident_reference")
POLICY = or_null(linked("escalation_policy_reference"))
INCIDENT = closed(
    id=TEXT,
    type={"const": "incident"},
    self=TEXT,
    html_url=TEXT,
    number={"type": "integer", "minimum": 1},
    status={"enum": ["triggered", "acknowledged", "resolved"]},
    incident_key=TEXT,
    created_at=DATE,
    title=TEXT,
    service=or_null(linked("service_reference")),
    assignees={"type": "array", "items": linked("user_reference")},
    escalation_policy=POLICY,
    teams={"type": "array", "items": linked("team_reference")},
    priority=or_null(linked("priority_reference")),
    urgency={"enum": ["high", "low"]},
    conference_bridge={"type": "null"},
    resolve_reason={"type": "null"},
)
DATA = {
    "incident.triggered": INCIDENT,
    "incident.acknowledged": INCIDENT,
    "incident.escalated": INCIDENT,
    "incident.reassigned": INCIDENT,
    "incident.priority_updated": INCIDENT,
    "incident.reopened": INCIDENT,
    "incident.resolved": INCIDENT,
    "incident.annotated": closed(
        incident=ABOUT, id=TEXT, content=TEXT, trimmed={"type": "boolean"}, type={"const": "incident_note"}
    ),
    "incident.status_update_published": closed(
        incident=ABOUT, id=TEXT, message=TEXT, trimmed={"type": "boolean"}, type={"const": "incident_status_update"}
    ),
    "incident.responder.added": closed(
        incident=ABOUT,
        user=linked("user_reference"),
        escalation_policy=POLICY,
        message=TEXT,
        state={"const": "pending"},
        type={"const": "incident_responder"},
    ),
}
DATA["incident.responder.replied"] = {
    **DATA["incident.responder.added"],
    "properties": {**DATA["incident.responder.added"]["properties"], "state": {"enum": ["accepted", "declined"]}},
}
PAGERDUTY = closed(
    event=closed(
        id=TEXT,
        event_type={"enum": sorted(DATA)},
        resource_type={"const": "incident"},
        occurred_at=DATE,
        agent=or_null(linked("user_reference")),
        client=or_null(closed(name=TEXT)),
        data={"type": "object"},
    )
)
"""After the documentation of PagerDuty's V3 webhooks."""

MOMENT = {"anyOf": [DATE, {"const": ""}]}
COLUMNS = {
    "incident": closed(
        sys_id={"type": "string", "pattern": "^[0-9a-f]{32}$"},
        number={"type": "string", "pattern": r"^INC\d{7}$"},
        short_description=TEXT,
        state={"enum": ["1", "2", "6", "7"]},
        priority={"enum": ["", "1", "2", "3", "4", "5"]},
        severity=TEXT,
        impact={"enum": ["", "1", "2", "3"]},
        urgency={"enum": ["", "1", "2", "3"]},
        category=TEXT,
        assigned_to=TEXT,
        assignment_group=TEXT,
        caller_id=TEXT,
        cmdb_ci=TEXT,
        parent_incident=TEXT,
        work_notes=TEXT,
        sys_updated_by=TEXT,
        opened_at=DATE,
        resolved_at=MOMENT,
        closed_at=MOMENT,
        sys_updated_on=DATE,
    ),
    "problem": closed(
        sys_id={"type": "string", "pattern": "^[0-9a-f]{32}$"},
        number={"type": "string", "pattern": r"^PRB\d{7}$"},
        short_description=TEXT,
        state={"enum": ["101", "103", "104", "106"]},
        known_error={"enum": ["true", "false"]},
        cause_notes=TEXT,
        workaround=TEXT,
        assigned_to=TEXT,
        related_incidents=TEXT,
        sys_updated_by=TEXT,
        opened_at=DATE,
        resolved_at=MOMENT,
        sys_updated_on=DATE,
    ),
}
SERVICENOW = closed(
    event_type={"type": "string", "pattern": r"^(incident|problem)\.(created|updated|resolved|closed)$"},
    instance=TEXT,
    timestamp=DATE,
    record={"type": "object"},
)
"""After the business-rule events of ServiceNow's incident and problem tables."""

KITCHEN = Path(__file__).parents[2] / "practices/library/kiosk/outage.yaml"


def bodies(index: TimelineIndex, platform: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in webhook_lines(index, platform).splitlines()]


def objections(platform: str, body: dict[str, Any]) -> list[str]:
    outer, inner, part = (
        (PAGERDUTY, DATA[body["event"]["event_type"]], body["event"]["data"])
        if platform == "pagerduty"
        else (SERVICENOW, COLUMNS[body["event_type"].partition(".")[0]], body["record"])
    )
    check = jsonschema.Draft202012Validator
    return [e.message for schema, data in ((outer, body), (inner, part)) for e in check(schema).iter_errors(data)]


@pytest.fixture(scope="module")
def played() -> TimelineIndex:
    """A run with priority, problems, stages and an automation."""
    settings = [
        "organisation.priority={}",
        "organisation.problems={work: {team: back, analysis: 10m, workaround: 5m}}",
        "organisation.lifecycle={on_entry: {triaged: {note: {do: {set: {field: category, value: database}}}}}}",
    ]
    return TimelineIndex(blackstart.simulate(blackstart.load(KITCHEN, settings=settings), seed=5))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_body_has_the_documented_shape(played: TimelineIndex, platform: str) -> None:
    for index in (played, TimelineIndex(of_every_kind())):
        found = bodies(index, platform)
        assert len(found) > 10
        assert [o for body in found for o in objections(platform, body)] == []


def test_the_shape_is_not_met_by_just_anything(played: TimelineIndex) -> None:
    body = bodies(played, "pagerduty")[0]
    body["event"]["data"]["status"] = "open"
    assert objections("pagerduty", body)
    other = bodies(played, "servicenow")[0]
    other["record"]["sys_id"] = "INC1"
    assert objections("servicenow", other)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_they_come_in_the_order_of_the_run_and_the_same_each_time(played: TimelineIndex, platform: str) -> None:
    moments = [body.get("timestamp") or body["event"]["occurred_at"] for body in bodies(played, platform)]
    assert moments == sorted(moments)
    assert webhook_lines(played, platform) == webhook_lines(played, platform)


def test_an_incident_has_one_id_and_goes_from_triggered_to_resolved(played: TimelineIndex) -> None:
    events = [body["event"] for body in bodies(played, "pagerduty")]
    changed = [e for e in events if e["data"]["type"] == "incident"]
    first = changed[0]["data"]["id"]
    assert next(e["event_type"] for e in changed if e["data"]["id"] == first) == "incident.triggered"
    assert {e["data"]["status"] for e in changed if e["data"]["id"] == first} >= {"triggered", "acknowledged"}
    assert len({e["id"] for e in events}) == len(events)


def test_what_happened_stands_in_the_columns(played: TimelineIndex) -> None:
    records = [body["record"] for body in bodies(played, "servicenow") if body["event_type"].startswith("incident")]
    assert {r["category"] for r in records} == {"", "database"}
    assert "2" in {r["priority"] for r in records} | {r["impact"] for r in records}
    problems = [body for body in bodies(played, "servicenow") if body["event_type"].startswith("problem")]
    assert problems[0]["event_type"] == "problem.created"
    assert problems[-1]["record"]["known_error"] == "true"
    assert problems[-1]["record"]["cause_notes"] == "crash on store-a"


def test_who_did_it_is_the_agent_and_a_tool_is_the_client() -> None:
    story = Story()
    opened = story.add(1, "incident.opened", "incident:i1", actor="system:itsm")
    story.add(2, "incident.assigned", "incident:i1", opened, actor="person:ann")
    story.add(3, "automation.acted", "incident:i1", opened, actor="automation:tell", rule="tell")
    events = [body["event"] for body in bodies(TimelineIndex(story.end(5)), "pagerduty")]
    told = [(e["event_type"], (e["agent"] or {}).get("summary"), (e["client"] or {}).get("name")) for e in events]
    assert told == [
        ("incident.triggered", None, "system:itsm"),
        ("incident.acknowledged", "ann", None),
        ("incident.annotated", None, "automation:tell"),
    ]


def test_the_truth_is_told_to_nobody() -> None:
    story = Story()
    fault = story.add(0, "fault.started", "fault:f")
    story.add(1, "function.disrupted", "function:payments", fault)
    story.add(2, "evidence.lost", "component:db", fault)
    index = TimelineIndex(story.end(5))
    assert [webhook_lines(index, platform) for platform in PLATFORMS] == ["", ""]
