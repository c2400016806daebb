"""Where the time went: the gaps along a critical path, by what was being waited for.

A gap belongs to the event that ends it: the time before `approval.granted` was spent on an approval, the time before
`task.started` on people who were busy or had to be called in.  Because each event on the path waited for the one before
it, the gaps between two moments add up to the time between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.index import is_external
from timeline.events import Event

_BY_KIND = {
    "page.acknowledged": "waiting for an answer",
    "incident.declared": "deciding",
    "incident.opened": "triage",
    "incident.triaged": "triage",
    "incident.assigned": "triage",
    "incident.reassigned": "triage",
    "task.ready": "steps before",
    "task.started": "waiting for people",
    "task.completed": "work of people",
    "task.failed": "work of people",
    "task.repeated": "work of people",
    "task.escalated": "waiting for people",
}
_BY_FAMILY = {
    "alert": "monitoring",
    "notification": "monitoring",
    "monitoring": "monitoring",
    "report": "users' reports",
    "page": "paging",
    "incident": "triage",
    "role": "filling roles",
    "bridge": "filling roles",
    "diagnosis": "finding the cause",
    "approval": "approval",
    "decision": "deciding",
    "command": "technical action",
    "recovery": "technical action",
    "data": "technical action",
    "signal": "systems coming back",
    "function": "systems coming back",
    "inject": "injects",
    "alarm": "raising the alarm",
    "workplace": "evacuation",
    "staff": "people on their way",
    "fallback": "setting up manual work",
    "crisis": "filling roles",
}
_THIRD_PARTY = "third parties"
_OTHER = "other"


@dataclass(frozen=True, slots=True)
class Spent:
    """Time that went into one thing, and the events that ended its gaps."""

    on: str
    ms: int
    evidence: tuple[int, ...]


def time_spent(path: Sequence[Event], begun_ms: int) -> list[Spent]:
    """The time from `begun_ms` to the end of a path by what it was spent on, the longest first.

    Gaps that end before `begun_ms` do not count, one that spans it counts from there on.
    """
    total: dict[str, int] = {}
    ended_by: dict[str, list[int]] = {}
    last_ms = begun_ms
    for event in path:
        if event.at_ms > last_ms:
            on = waited_for(event)
            total[on] = total.get(on, 0) + event.at_ms - last_ms
            ended_by.setdefault(on, []).append(event.seq)
            last_ms = event.at_ms
    return sorted(
        (Spent(on, ms, tuple(ended_by[on])) for on, ms in total.items()), key=lambda spent: (-spent.ms, spent.on)
    )


def waited_for(event: Event) -> str:
    """What the time before an event was spent on."""
    if event.family == "page" and is_external(event):
        return _THIRD_PARTY
    return _BY_KIND.get(event.kind) or _BY_FAMILY.get(event.family, _OTHER)
