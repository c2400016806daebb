"""Whether a later exercise shows that an action helped.

It is the same scenario again, and the figure of the measure that the action is linked to: within the target of the
objective, where there was one that had been missed, or else better than in the exercise that the action came from.  A
figure that is still open at the end of the timeline shows nothing.  One exercise is one draw: where chance matters,
`blackstart compare` says how often.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from reports.improvement.model import Action, Status
from reports.index import TimelineIndex
from reports.measures import MEASURES, Direction, Figure
from timeline.details import Target


class Shown(StrEnum):
    """What an exercise says about an action."""

    HELPED = "helped"
    NOT_YET = "not yet"
    NOT_EXERCISED = "not exercised"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The verdict of one exercise on one action, with the figure then and now."""

    action: Action
    shown: Shown
    now: float | None


def verify(actions: Iterable[Action], index: TimelineIndex, source: str) -> list[Evidence]:
    """What a run says about each action of its scenario that is open or closed and that another run brought up.

    `source` is the hash of its timeline: no exercise verifies its own actions.
    """
    return [
        _judge(action, index)
        for action in actions
        if action.status in (Status.OPEN, Status.CLOSED)
        and action.scenario == index.exercise.scenario
        and action.source != source
        and action.measure in MEASURES
    ]


def figure_of(index: TimelineIndex, measure: str, subject: str = "") -> Figure | None:
    """The figure of a measure, of one subject where one is named."""
    samples = MEASURES[measure].samples(index)
    return MEASURES[measure].figure([s for s in samples if not subject or str(s.subject) == subject])


def target_of(index: TimelineIndex, measure: str) -> Target | None:
    """The target that an objective of the exercise sets for a measure as a whole, or else for a part of it."""
    targets = [t for o in index.exercise.objectives for t in o.targets if t.measure == measure]
    return min(targets, key=lambda target: target.subject is not None, default=None)


def _judge(action: Action, index: TimelineIndex) -> Evidence:
    figure = figure_of(index, action.measure, action.subject)
    if figure is None or figure.censored:
        return Evidence(action, Shown.NOT_EXERCISED, None)
    return Evidence(action, Shown.HELPED if _is_met(action, figure.value) else Shown.NOT_YET, figure.value)


def _is_met(action: Action, value: float) -> bool:
    """A target that was met before shows nothing: then it has to be better than it was."""
    if _has_target(action) and (action.was is None or not _within(action, action.was)):
        return _within(action, value)
    if action.was is None:
        return False
    lower_is_better = MEASURES[action.measure].direction is Direction.LOWER
    return value < action.was if lower_is_better else value > action.was


def _has_target(action: Action) -> bool:
    return action.at_most is not None or action.at_least is not None


def _within(action: Action, value: float) -> bool:
    above = action.at_least is None or value >= action.at_least
    return above and (action.at_most is None or value <= action.at_most)
