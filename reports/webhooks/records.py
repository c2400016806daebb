"""Records of incidents and problems as a platform keeps them, changed by one event of the timeline after the other.

A *change* is an event that a platform would tell of, with the record as it is after it.  What only the model knows (the
truth, what somebody thinks) changes no record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256

from reports.index import TimelineIndex, detail_of, is_external
from timeline.details import DiagnosisDetail, IncidentDetail, MessageDetail, PageDetail
from timeline.events import Event
from timeline.instants import to_wall
from timeline.references import RefKind
from timeline.workflow_details import PriorityDetail, ProblemDetail, WorkflowDetail


@dataclass(frozen=True, slots=True)
class IncidentRecord:
    """One incident at one moment; times are UTC."""

    id: str
    number: int
    title: str
    opened_at: str
    updated_at: str
    status: str = "triggered"
    """`triggered`, `acknowledged` or `resolved`, as PagerDuty knows it."""
    state: str = "detected"
    severity: str | None = None
    priority: str | None = None
    impact: str | None = None
    urgency: str | None = None
    person: str | None = None
    team: str | None = None
    policy: str | None = None
    category: str | None = None
    component: str | None = None
    """In which a cause was found."""
    parent: str | None = None
    source: str = ""
    resolved_at: str | None = None
    closed_at: str | None = None


@dataclass(frozen=True, slots=True)
class ProblemRecord:
    """One problem at one moment."""

    id: str
    number: int
    title: str
    opened_at: str
    updated_at: str
    detail: ProblemDetail
    resolved_at: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """An event with the record that it changed."""

    event: Event
    at: str
    incident: IncidentRecord | None = None
    problem: ProblemRecord | None = None
    text: str = ""
    """Words that were sent or put on record."""


_STATUS = {
    "incident.opened": "triggered",
    "incident.reopened": "triggered",
    "incident.assigned": "acknowledged",
    "incident.resolved": "resolved",
    "incident.closed": "resolved",
}


def utc(epoch: datetime, at_ms: int) -> str:
    """A moment of exercise time as both platforms write it: UTC, milliseconds, `Z`."""
    moment = to_wall(at_ms, epoch).astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def stable_id(*parts: object, length: int = 14) -> str:
    """An id that is the same in every export of a run."""
    return sha256("/".join(map(str, parts)).encode()).hexdigest()[:length].upper()


def changes(index: TimelineIndex) -> Iterator[Change]:
    """Every change of a record, in order."""
    incidents: dict[str, IncidentRecord] = {}
    problems: dict[str, ProblemRecord] = {}
    for event in index.events:
        at = utc(index.epoch, event.at_ms)
        if event.family == "problem":
            problems[event.subject.id] = _problem(problems, event, at)
            yield Change(event, at, problem=problems[event.subject.id])
            continue
        taken = _TAKES.get(event.kind)
        id = _incident_of(event) if taken is not None or event.family == "incident" else None
        if id is None:
            continue
        if event.kind == "incident.opened":
            detail = detail_of(event, IncidentDetail)
            incidents[id] = IncidentRecord(id, len(incidents) + 1, detail.title, at, at, source=detail.source)
        before = incidents.get(id)
        if before is None:
            continue
        changed = (taken or _follow)(before, event, at)
        incidents[id] = replace(changed, updated_at=at)
        yield Change(event, at, incident=incidents[id], text=_text(event))


def _follow(record: IncidentRecord, event: Event, at: str) -> IncidentRecord:
    """An event of the incident itself."""
    if isinstance(event.detail, PriorityDetail):
        judged = event.detail
        return replace(record, priority=judged.priority, impact=judged.impact, urgency=judged.urgency)
    detail = detail_of(event, IncidentDetail)
    changed = replace(
        record,
        state=detail.state,
        status=_STATUS.get(event.kind, record.status),
        severity=detail.severity,
        team=detail.team,
        parent=detail.parent,
    )
    if event.kind in ("incident.assigned", "incident.reassigned"):
        changed = replace(changed, person=event.actor.id)
    if event.kind == "incident.reopened":
        changed = replace(changed, resolved_at=None, closed_at=None)
    if event.kind == "incident.resolved":
        changed = replace(changed, resolved_at=at)
    return replace(changed, closed_at=at) if event.kind == "incident.closed" else changed


def _set(record: IncidentRecord, event: Event, _: str) -> IncidentRecord:
    detail = detail_of(event, WorkflowDetail)
    is_category = detail.action == "set" and detail.target == "category"
    return replace(record, category=detail.text) if is_category else record


def _page(record: IncidentRecord, event: Event, _: str) -> IncidentRecord:
    return replace(record, policy=detail_of(event, PageDetail).policy or record.policy)


def _cause(record: IncidentRecord, event: Event, _: str) -> IncidentRecord:
    return replace(record, component=detail_of(event, DiagnosisDetail).checked or record.component)


def _unchanged(record: IncidentRecord, _: Event, __: str) -> IncidentRecord:
    return record


_TAKES: Mapping[str, Callable[[IncidentRecord, Event, str], IncidentRecord]] = {
    "automation.acted": _set,
    "trigger.fired": _set,
    "page.sent": _page,
    "page.unanswered": _unchanged,
    "diagnosis.concluded": _cause,
    "update.sent": _unchanged,
    "bridge.joined": _unchanged,
    "security.bridge_opened": _unchanged,
}
"""Events beside those of the incident itself that a record shows."""


def _incident_of(event: Event) -> str | None:
    if event.subject.kind is RefKind.INCIDENT:
        return event.subject.id
    if isinstance(event.detail, PageDetail) and is_external(event):
        return None
    named = getattr(event.detail, "incident", None)
    return named if isinstance(named, str) else None


def _text(event: Event) -> str:
    detail = event.detail
    if isinstance(detail, MessageDetail):
        return detail.text
    if isinstance(detail, DiagnosisDetail):
        return f"Cause found: {detail.finding}"
    if isinstance(detail, WorkflowDetail):
        about = f" {detail.target}" if detail.target else ""
        return f"{detail.rule}: {detail.action}{about}" + (f": {detail.text}" if detail.text else "")
    return "Security is called in" if event.kind == "security.bridge_opened" else ""


def _problem(problems: Mapping[str, ProblemRecord], event: Event, at: str) -> ProblemRecord:
    detail = detail_of(event, ProblemDetail)
    before = problems.get(event.subject.id)
    if before is None:
        before = ProblemRecord(event.subject.id, len(problems) + 1, detail.title, at, at, detail)
    ended = at if event.kind == "problem.resolved" else before.resolved_at
    return replace(before, updated_at=at, detail=detail, resolved_at=ended)
