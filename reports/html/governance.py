"""Rows of the sections on service levels and on the time after the incident."""

from __future__ import annotations

from dataclasses import dataclass

from reports.index import TimelineIndex, detail_of
from reports.measures.service_levels import promises
from reports.quantities import write_ms
from reports.story import Line, story
from timeline.details import ActionDetail, ServiceLevelDetail
from timeline.events import Event

_AFTER = ("review", "disclosure", "risk")


@dataclass(frozen=True, slots=True)
class LevelRow:
    """One promise of a service level agreement, with how much was left of it."""

    due: Event
    detail: ServiceLevelDetail
    kept: Event | None
    """What kept it: the acknowledgement, or the resolution."""
    outcome: str
    verdict: str
    """`good`, `bad`, or `none` while it is open."""


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One action of a review, and whether it was done in time."""

    opened: Event
    detail: ActionDetail
    closed: Event | None
    verdict: str


def level_rows(index: TimelineIndex) -> list[LevelRow]:
    """The promises that hold in the end, each with its outcome."""
    rows = []
    for promise in promises(index):
        left_ms = promise.left_ms(index.until_ms)
        over = promise.is_over(index.until_ms)
        if promise.met is None and not over:
            outcome, verdict = "open", "none"
        else:
            outcome = f"{write_ms(abs(left_ms))} {'over' if over else 'left'}"
            outcome += "" if promise.met else ", and not kept yet"
            verdict = "bad" if over else "good"
        causes = [] if promise.met is None else [index.events[seq] for seq in promise.met.causes]
        kept = next((event for event in causes if event.family == "incident"), None)
        rows.append(LevelRow(promise.due, promise.detail, kept, outcome, verdict))
    return rows


def after_lines(index: TimelineIndex) -> list[Line]:
    """What was done after the exercise, but for actions."""
    return [line for line in story(index.events) if line.event.family in _AFTER]


def action_rows(index: TimelineIndex) -> list[ActionRow]:
    closed = {event.subject: event for event in index.of_kind("action.closed")}
    looked_until_ms = index.events[len(index.events) - 1].at_ms
    rows = []
    for opened in index.of_kind("action.opened"):
        detail, done = detail_of(opened, ActionDetail), closed.get(opened.subject)
        late = (looked_until_ms if done is None else done.at_ms) > detail.due_at_ms
        rows.append(ActionRow(opened, detail, done, "bad" if late else "good" if done else "none"))
    return rows
