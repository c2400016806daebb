"""Why something happened: from an effect to its causes, step by step, as a review asks.

The graph of `Event.causes` has every step of the machinery in it.  A review is about those that tell something: faults,
what was down because of them, what people decided and did.  `direct_causes` goes up to the nearest of these; `ask_why`
answers as people do: what is down because something that it stands on is down in the same moment is one answer, not
ten.

    function payments disrupted <- payments down <- core banking down <- database down <- crash of the database
    ask_why(payments disrupted)  ->  database down;   ask_why(database down)  ->  crash of the database
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from timeline.events import Event
from timeline.references import RefKind

_HEALTH = "signal.health_changed"
_TELLING = frozenset(
    {
        _HEALTH,
        "fault.started",
        "workplace.closed",
        "staff.short",
        "data.lost",
        "data.split_brain_began",
        "data.corruption_carried",
        "command.completed",
        "decision.made",
        "recovery.workaround_failed",
    }
)
_TELLING_FAMILIES = frozenset({"flow"})


def tells(event: Event) -> bool:
    """Whether an event is an answer to a question why.  The health of a function only repeats what its disruption
    says."""
    if event.kind == _HEALTH:
        return event.subject.kind is not RefKind.FUNCTION
    return event.kind in _TELLING or event.family in _TELLING_FAMILIES


def direct_causes(events: Sequence[Event], event: Event) -> list[Event]:
    """The nearest causes that tell something, in order."""
    found: dict[int, Event] = {}
    seen: set[int] = set()
    frontier = list(event.causes)
    while frontier:
        seq = frontier.pop()
        if seq in seen:
            continue
        seen.add(seq)
        cause = events[seq]
        if tells(cause):
            found[seq] = cause
        else:
            frontier.extend(cause.causes)
    return [found[seq] for seq in sorted(found)]


def ask_why(events: Sequence[Event], event: Event) -> list[Event]:
    """The answers to one question why, in order: what passed trouble on within a moment is passed over."""
    found: dict[int, Event] = {}
    frontier, seen = direct_causes(events, event), set[int]()
    while frontier:
        cause = frontier.pop()
        if cause.seq in seen:
            continue
        seen.add(cause.seq)
        behind = [c for c in direct_causes(events, cause) if _passed_on(c, cause)]
        if behind:
            frontier.extend(direct_causes(events, cause))
        else:
            found[cause.seq] = cause
    return [found[seq] for seq in sorted(found)]


def _passed_on(cause: Event, effect: Event) -> bool:
    return cause.kind == effect.kind == _HEALTH and cause.at_ms == effect.at_ms


def roots(events: Sequence[Event], effects: Iterable[Event]) -> list[Event]:
    """Everything behind effects that has no cause itself, in order."""
    found: dict[int, Event] = {}
    seen: set[int] = set()
    frontier = list(effects)
    while frontier:
        event = frontier.pop()
        if event.seq in seen:
            continue
        seen.add(event.seq)
        behind = direct_causes(events, event)
        frontier.extend(behind)
        if not behind and tells(event):
            found[event.seq] = event
    return [found[seq] for seq in sorted(found)]
