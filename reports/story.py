"""A timeline told as a story: one plain sentence an event, for those who were not there.

Not every event is worth a sentence: repeated pages and the pulse of the machinery are left to the full list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reports.index import where_of
from timeline.events import Event
from timeline.instants import HOUR, format_duration


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence, the event that it tells, and the side that the event belongs to."""

    event: Event
    side: str
    text: str


def story(events: Iterable[Event]) -> list[Line]:
    """The sentences of a timeline, in order."""
    lines = []
    for event in events:
        tell = _SENTENCES.get(event.kind)
        if tell is not None:
            side, sentence = tell
            lines.append(Line(event, side, sentence(event.detail, event)))
    return lines


Sentence = Callable[[Any, Event], str]


def _name(event: Event) -> str:
    return event.subject.id


def _who(event: Event) -> str:
    return event.actor.id


def _page(d: Any, e: Event) -> str:
    where = f" for {d.incident}" if e.subject.kind != "vendor" else ""
    return f"{d.person} is called over {d.channel or 'the usual way'}{where} ({d.purpose or 'page'})"


def _percent(ratio: float) -> str:
    return f"{ratio:.0%}"


def _backlog(detail: Any) -> str:
    return f"{detail.work_ms / HOUR:.1f} hours of work"


_SENTENCES: Mapping[str, tuple[str, Sentence]] = {
    "exercise.started": ("exercise", lambda d, _: f"The exercise begins: {d.title}"),
    "exercise.ended": ("exercise", lambda *_: "The exercise ends"),
    "fault.started": ("estate", lambda d, _: f"{d.description} ({d.fault} on {d.target})"),
    "fault.ended": ("estate", lambda d, _: f"{d.fault} on {d.target} is over, ended by {d.ended_by}"),
    "function.disrupted": (
        "business",
        lambda d, e: (
            f"{_name(e)} falls below its minimum level ({_percent(d.level_ratio)} of normal): its RTO clock runs"
        ),
    ),
    "function.degraded": ("business", lambda d, e: f"{_name(e)} works in part ({_percent(d.level_ratio)} of normal)"),
    "function.restored": ("business", lambda d, e: f"{_name(e)} is back ({_percent(d.level_ratio)} of normal)"),
    "workplace.closed": (
        "places",
        lambda d, e: f"{_name(e)} is lost: {d.reason}; {d.people} people of the business functions stop working",
    ),
    "workplace.evacuated": ("places", lambda _, e: f"Everybody is out of {_name(e)}"),
    "workplace.reopened": (
        "places",
        lambda d, e: f"{_name(e)} is open again" + (f"; {d.people} people go back in" if d.people else ""),
    ),
    "staff.relocating": ("places", lambda d, e: f"{d.people} of {d.function} ({d.need}) leave {_name(e)} for {d.to}"),
    "staff.short": (
        "places",
        lambda d, e: f"{_name(e)} is below its minimum of people: {d.present} of {d.minimum} ({d.need})",
    ),
    "staff.minimum_reached": (
        "places",
        lambda d, e: f"{_name(e)} has its minimum of people: {d.present} of {d.needed} needed ({d.need})",
    ),
    "staff.changed": ("places", lambda d, e: f"{_name(e)} has {d.present} of {d.needed} people ({d.need})"),
    "fallback.started": (
        "business",
        lambda d, e: f"{_name(e)} is carried on by hand ({_percent(d.throughput_ratio)} of normal): {d.title}",
    ),
    "fallback.ended": ("business", lambda d, e: f"The manual work for {_name(e)} ends: {d.reason}"),
    "backlog.growing": (
        "business",
        lambda d, e: f"Work of {_name(e)} is left undone: {_backlog(d)}, growing at {_percent(d.rate_ratio)} of normal",
    ),
    "backlog.catching_up": ("business", lambda d, e: f"{_name(e)} catches up: {_backlog(d)} wait"),
    "backlog.cleared": ("business", lambda _, e: f"{_name(e)} has caught up"),
    "data.lost": (
        "business",
        lambda d, e: (
            f"{_name(e)} loses {format_duration(d.lost_ms)} of data on {d.component}"
            + (f", about {d.transactions:.0f} transactions" if d.transactions else "")
        ),
    ),
    "monitoring.stopped": ("monitoring", lambda _, e: f"{_name(e)} stops working: monitoring is blind here"),
    "monitoring.resumed": ("monitoring", lambda _, e: f"{_name(e)} works again"),
    "alert.firing": ("monitoring", lambda d, _: f"Alert {d.name} fires{_labels(d)}"),
    "notification.lost": ("monitoring", lambda d, _: f"A notification to {d.receiver} cannot be delivered: {d.reason}"),
    "report.received": (
        "users",
        lambda d, _: f"{d.count} user{'s' if d.count > 1 else ''} report{'' if d.count > 1 else 's'}: {d.text}",
    ),
    "alarm.raised": ("users", lambda d, _: f"The {d.sender} call: {d.text}"),
    "inject.delivered": ("exercise", lambda d, _: f"{d.sender} to {d.audience} by {d.channel}: {d.text}"),
    "page.sent": ("response", _page),
    "page.acknowledged": ("response", lambda d, _: f"{d.person} answers ({d.purpose or 'page'})"),
    "page.unanswered": ("response", lambda d, _: f"Nobody answers step {d.step + 1} of {d.policy}: it escalates"),
    "page.exhausted": ("response", lambda d, _: f"The policy {d.policy} has reached nobody"),
    "incident.opened": ("response", lambda d, e: f"Incident {_name(e)} is opened from {d.source}: {d.title}"),
    "incident.merged": ("response", lambda d, e: f"Incident {_name(e)} becomes part of {d.parent}"),
    "incident.triaged": ("response", lambda d, e: f"{_who(e)} has judged {_name(e)}: {d.severity}"),
    "incident.reassigned": ("response", lambda d, e: f"{_name(e)} goes to {d.team}, {_who(e)} takes over"),
    "incident.severity_changed": ("response", lambda d, e: f"{_name(e)} is now {d.severity}"),
    "incident.declared": ("response", lambda d, e: f"{_who(e)} declares {_name(e)} a major incident ({d.severity})"),
    "incident.mitigated": ("response", lambda _, e: f"{_who(e)} has verified that service is back"),
    "incident.resolved": ("response", lambda _, e: f"Incident {_name(e)} is resolved"),
    "role.assigned": ("response", lambda d, _: f"{d.person} takes the role {d.role}"),
    "role.unfilled": ("response", lambda d, _: f"Nobody could be reached for the role {d.role}"),
    "crisis.convened": ("response", lambda d, _: f"The crisis team is together: {', '.join(d.roles)}"),
    "diagnosis.checked": ("response", lambda d, _: f"{d.person} checks {d.checked}: {d.finding}"),
    "diagnosis.handed_off": ("response", lambda d, _: f"The search goes {d.finding}: {d.person}"),
    "diagnosis.concluded": ("response", lambda d, _: f"{d.person} has found the cause: {d.finding}"),
    "decision.made": ("response", lambda d, _: f"{d.by} decides: {d.question} {d.chosen} ({d.evidence})"),
    "approval.requested": ("response", lambda d, e: f"{d.requested_by} asks for approval: {d.action} {_name(e)}"),
    "approval.granted": ("response", lambda d, e: f"{d.approver} approves: {d.action} {_name(e)}"),
    "approval.refused": ("response", lambda d, e: f"{d.action} {_name(e)} is refused: {d.reason}"),
    "task.started": ("response", lambda d, _: f"{d.person} begins: {d.title}"),
    "task.completed": ("response", lambda d, _: f"Done: {d.title}"),
    "task.failed": ("response", lambda d, _: f"Failed: {d.title} ({d.reason})"),
    "task.skipped": ("response", lambda d, _: f"Never begun: {d.title} ({d.reason})"),
    "command.submitted": ("response", lambda d, e: f"{_who(e)} orders {d.action} of {d.target}"),
    "command.refused": ("response", lambda d, _: f"{d.action} of {d.target} may not be ordered: {d.reason}"),
    "command.completed": ("estate", lambda d, _: f"{d.action} of {d.target} is done"),
    "command.failed": ("estate", lambda d, _: f"{d.action} of {d.target} comes to nothing: {d.reason}"),
    "update.sent": ("response", lambda d, e: f"{_name(e)} are told: {d.text}"),
    "update.failed": ("response", lambda d, e: f"The update to {_name(e)} fails: {d.text}"),
}


def _labels(detail: Any) -> str:
    where = where_of(detail)
    return f" for {where}" if where else ""
