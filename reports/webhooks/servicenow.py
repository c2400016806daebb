"""A run as the bodies that ServiceNow's business rules send.

A business rule on a table posts the record after each insert or update (`RESTMessageV2`); what the body holds is up to
the rule.  This is the usual one: `event_type`, `instance`, `timestamp` and the `record` under the names of its columns,
with the codes of the base system for `state`, `priority`, `impact` and `urgency` as text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reports.index import TimelineIndex
from reports.webhooks.records import Change, IncidentRecord, ProblemRecord, changes, stable_id

_INSTANCE = "blackstart"
_NEW, _IN_PROGRESS, _RESOLVED, _CLOSED = "1", "2", "6", "7"
_STATE = {"detected": _NEW, "resolved": _RESOLVED, "closed": _CLOSED}
_LEVEL = {"high": "1", "medium": "2", "low": "3"}
_PROBLEM_STATE = {
    "open": "101",
    "root-cause-found": "103",
    "known-error": "104",
    "resolved": "106",
}
"""New, root cause analysis, fix in progress, resolved."""
_WORDS = {"opened": "created", "resolved": "resolved", "closed": "closed"}
_TOLD_ELSEWHERE = ("page.sent", "page.unanswered", "bridge.joined", "update.sent")
"""Changes that are no update of the record of an incident in ServiceNow."""


@dataclass(frozen=True, slots=True)
class IncidentColumns:
    """A row of `incident`; what is not known is empty, as in every column of ServiceNow."""

    sys_id: str
    number: str
    short_description: str
    state: str
    priority: str
    severity: str
    impact: str
    urgency: str
    category: str
    assigned_to: str
    assignment_group: str
    caller_id: str
    cmdb_ci: str
    parent_incident: str
    work_notes: str
    sys_updated_by: str
    opened_at: str
    resolved_at: str
    closed_at: str
    sys_updated_on: str


@dataclass(frozen=True, slots=True)
class ProblemColumns:
    """A row of `problem`."""

    sys_id: str
    number: str
    short_description: str
    state: str
    known_error: str
    cause_notes: str
    workaround: str
    assigned_to: str
    related_incidents: str
    sys_updated_by: str
    opened_at: str
    resolved_at: str
    sys_updated_on: str


@dataclass(frozen=True, slots=True)
class Body:
    """One POST."""

    event_type: str
    instance: str
    timestamp: str
    record: IncidentColumns | ProblemColumns


def servicenow_events(index: TimelineIndex) -> Iterator[Body]:
    """One body for each insert and update of an incident or a problem."""
    for change in changes(index):
        verb = _WORDS.get(change.event.kind.partition(".")[2], "updated")
        if change.problem is not None:
            yield Body(f"problem.{verb}", _INSTANCE, change.at, _problem(change, change.problem))
        elif change.incident is not None and change.event.kind not in _TOLD_ELSEWHERE:
            verb = verb if change.event.family == "incident" else "updated"
            yield Body(f"incident.{verb}", _INSTANCE, change.at, _incident(change, change.incident))


def _incident(change: Change, record: IncidentRecord) -> IncidentColumns:
    return IncidentColumns(
        sys_id=_sys_id("incident", record.id),
        number=f"INC{record.number:07d}",
        short_description=record.title,
        state=_STATE.get(record.state, _IN_PROGRESS),
        priority=_digits(record.priority),
        severity=_digits(record.severity),
        impact=_LEVEL.get(record.impact or "", ""),
        urgency=_LEVEL.get(record.urgency or "", ""),
        category=record.category or "",
        assigned_to=record.person or "",
        assignment_group=record.team or "",
        caller_id=record.source,
        cmdb_ci=record.component or "",
        parent_incident=_sys_id("incident", record.parent) if record.parent else "",
        work_notes=change.text,
        sys_updated_by=str(change.event.actor),
        opened_at=record.opened_at,
        resolved_at=record.resolved_at or "",
        closed_at=record.closed_at or "",
        sys_updated_on=record.updated_at,
    )


def _problem(change: Change, record: ProblemRecord) -> ProblemColumns:
    detail = record.detail
    return ProblemColumns(
        sys_id=_sys_id("problem", record.id),
        number=f"PRB{record.number:07d}",
        short_description=record.title,
        state=_PROBLEM_STATE[detail.state],
        known_error="true" if detail.state == "known-error" else "false",
        cause_notes=detail.cause or "",
        workaround=detail.workaround or "",
        assigned_to=detail.person or "",
        related_incidents=",".join(_sys_id("incident", id) for id in detail.incidents),
        sys_updated_by=str(change.event.actor),
        opened_at=record.opened_at,
        resolved_at=record.resolved_at or "",
        sys_updated_on=record.updated_at,
    )


def _sys_id(table: str, id: str) -> str:
    return stable_id(table, id, length=32).lower()


def _digits(level: str | None) -> str:
    """The number in `p2` or `sev1`; the name itself where there is none."""
    digits = "".join(character for character in level or "" if character.isdigit())
    return digits or (level or "")
