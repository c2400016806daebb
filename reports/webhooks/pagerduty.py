"""A run as the bodies of PagerDuty's V3 webhooks.

Shape and event types are those of https://developer.pagerduty.com/docs/webhooks-overview: one `event` a body, whose
`data` is an `incident`, an `incident_note`, an `incident_responder` or an `incident_status_update`.  `agent` is the
person who did it; where nobody did, it is null and `client` names the tool (`automation:<id>`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reports.index import TimelineIndex, detail_of
from reports.webhooks.records import Change, IncidentRecord, changes, stable_id
from timeline.details import PageDetail
from timeline.events import Event
from timeline.references import RefKind

_API, _WEB = "https://api.pagerduty.invalid", "https://blackstart.pagerduty.invalid"
"""Links lead nowhere: nothing of a run is on the real platform."""

_OF_INCIDENT = {
    "incident.opened": "incident.triggered",
    "incident.reopened": "incident.reopened",
    "incident.assigned": "incident.acknowledged",
    "incident.reassigned": "incident.reassigned",
    "page.unanswered": "incident.escalated",
    "incident.prioritised": "incident.priority_updated",
    "incident.resolved": "incident.resolved",
}
_OF_NOTE = ("automation.acted", "trigger.fired", "diagnosis.concluded", "security.bridge_opened")
_FIRST_RESPONSE = "first-response"
_LOW = ("low",)


@dataclass(frozen=True, slots=True)
class Linked:
    """A reference to another object."""

    html_url: str
    id: str
    self: str
    summary: str
    type: str


@dataclass(frozen=True, slots=True)
class Incident:
    id: str
    type: str
    self: str
    html_url: str
    number: int
    status: str
    incident_key: str
    created_at: str
    title: str
    service: Linked | None
    assignees: tuple[Linked, ...]
    escalation_policy: Linked | None
    teams: tuple[Linked, ...]
    priority: Linked | None
    urgency: str
    conference_bridge: None
    resolve_reason: None


@dataclass(frozen=True, slots=True)
class Note:
    incident: Linked
    id: str
    content: str
    trimmed: bool
    type: str = "incident_note"


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    incident: Linked
    id: str
    message: str
    trimmed: bool
    type: str = "incident_status_update"


@dataclass(frozen=True, slots=True)
class Responder:
    incident: Linked
    user: Linked
    escalation_policy: Linked | None
    message: str
    state: str
    type: str = "incident_responder"


@dataclass(frozen=True, slots=True)
class Client:
    name: str


@dataclass(frozen=True, slots=True)
class OutboundEvent:
    id: str
    event_type: str
    resource_type: str
    occurred_at: str
    agent: Linked | None
    client: Client | None
    data: Incident | Note | StatusUpdate | Responder


@dataclass(frozen=True, slots=True)
class Body:
    """One POST."""

    event: OutboundEvent


def pagerduty_events(index: TimelineIndex) -> Iterator[Body]:
    """One body for each change that PagerDuty has an event type for."""
    for change in changes(index):
        if change.incident is None:
            continue
        told = _told(change, change.incident)
        if told is None:
            continue
        event_type, data = told
        actor = change.event.actor
        by_person = actor.kind is RefKind.PERSON
        yield Body(
            OutboundEvent(
                stable_id(index.exercise.scenario, index.exercise.seed, change.event.seq, length=26),
                event_type,
                "incident",
                change.at,
                _linked("users", actor.id, "user_reference") if by_person else None,
                None if by_person else Client(str(actor)),
                data,
            )
        )


def _told(change: Change, record: IncidentRecord) -> tuple[str, Incident | Note | StatusUpdate | Responder] | None:
    event = change.event
    about = _linked("incidents", record.id, "incident_reference", record.title)
    id = stable_id("note", event.seq)
    if event.kind in _OF_INCIDENT:
        return _OF_INCIDENT[event.kind], _incident(record)
    if event.kind in _OF_NOTE:
        return "incident.annotated", Note(about, id, change.text, trimmed=False)
    if event.kind == "update.sent":
        return "incident.status_update_published", StatusUpdate(about, id, change.text, trimmed=False)
    if event.kind == "page.sent" and _asks_for_help(event):
        page = detail_of(event, PageDetail)
        return "incident.responder.added", _responder(about, record, page.person, page.purpose, "pending")
    if event.kind == "bridge.joined":
        return "incident.responder.replied", _responder(about, record, event.actor.id, "", "accepted")
    return None


def _asks_for_help(event: Event) -> bool:
    return not detail_of(event, PageDetail).purpose.startswith(_FIRST_RESPONSE)


def _responder(about: Linked, record: IncidentRecord, who: str, message: str, state: str) -> Responder:
    return Responder(about, _linked("users", who, "user_reference"), _policy(record), message, state)


def _incident(record: IncidentRecord) -> Incident:
    id = stable_id("incidents", record.id)
    return Incident(
        id=id,
        type="incident",
        self=f"{_API}/incidents/{id}",
        html_url=f"{_WEB}/incidents/{id}",
        number=record.number,
        status=record.status,
        incident_key=record.id,
        created_at=record.opened_at,
        title=record.title,
        service=_linked("services", record.component, "service_reference") if record.component else None,
        assignees=(_linked("users", record.person, "user_reference"),) if record.person else (),
        escalation_policy=_policy(record),
        teams=(_linked("teams", record.team, "team_reference"),) if record.team else (),
        priority=_linked("priorities", record.priority.upper(), "priority_reference") if record.priority else None,
        urgency="low" if record.urgency in _LOW else "high",
        conference_bridge=None,
        resolve_reason=None,
    )


def _policy(record: IncidentRecord) -> Linked | None:
    if record.policy is None:
        return None
    return _linked("escalation_policies", record.policy, "escalation_policy_reference")


def _linked(collection: str, name: str, type: str, summary: str = "") -> Linked:
    id = stable_id(collection, name)
    return Linked(f"{_WEB}/{collection}/{id}", id, f"{_API}/{collection}/{id}", summary or name, type)
