"""What differs between two runs, as lines for a code review: the same two runs always give the same lines.

First what they were made of, then scores, objectives with their targets and critical tasks, measures, and last the
first event at which the timelines part.  Only what differs is told.  Event 0 is not compared as an event: it states the
run (its seed, its title, its objectives), and what matters of that is told before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeVar

from reports.index import TimelineIndex
from reports.quantities import write_moment, write_seconds, write_value
from reports.scoring import score_index
from reports.scoring.model import MeasureScore, ObjectiveScore, Scores, TargetScore, TaskScore
from timeline.events import Event
from timeline.journal import Timeline
from timeline.store import encode

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not the same: where, what it was in the first run, what it is in the second.

    None: it is not there.  `verdict` is `better`, `worse`, or empty where neither can be said.
    """

    path: str
    before: str | None
    after: str | None
    verdict: str = ""

    def line(self) -> str:
        told = f"{self.path}: {_or_none(self.before)} -> {_or_none(self.after)}"
        return f"{told} ({self.verdict})" if self.verdict else told


@dataclass(frozen=True, slots=True)
class Parting:
    """The first event that is not the same in both: its number, and what each timeline has there (None: its end)."""

    seq: int
    before: str | None
    after: str | None

    def lines(self) -> tuple[str, str, str]:
        return (
            f"timelines part at event {self.seq}",
            f"  - {self.before or 'ends here'}",
            f"  + {self.after or 'ends here'}",
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs; false when nothing does."""

    made_of: tuple[Change, ...]
    scores: tuple[Change, ...]
    objectives: tuple[Change, ...]
    measures: tuple[Change, ...]
    parting: Parting | None

    def __bool__(self) -> bool:
        return bool(self.made_of or self.scores or self.objectives or self.measures or self.parting)

    def lines(self) -> list[str]:
        changes = (*self.made_of, *self.scores, *self.objectives, *self.measures)
        told = [change.line() for change in changes]
        return [*told, *self.parting.lines()] if self.parting else told


def difference(before: Timeline, after: Timeline) -> Difference:
    """What differs from one run to another.  Raises InputError when one of them cannot be scored."""
    indices = TimelineIndex(before), TimelineIndex(after)
    scores = score_index(indices[0]), score_index(indices[1])
    return Difference(
        made_of=tuple(_fields(*scores, ("scenario", "title", "estate", "seed", "version", "epoch", "evidence_class"))),
        scores=tuple(_headline(*scores)),
        objectives=tuple(_objectives(*scores)),
        measures=tuple(_measures(*scores)),
        parting=_parting(*indices),
    )


def _fields(before: Scores, after: Scores, names: Sequence[str]) -> Iterator[Change]:
    for name in names:
        values = getattr(before, name), getattr(after, name)
        if values[0] != values[1]:
            yield Change(name, str(values[0]), str(values[1]))


def _headline(before: Scores, after: Scores) -> Iterator[Change]:
    if before.score != after.score:
        yield Change("score", _points(before.score), _points(after.score), _higher(before.score, after.score))
    yield from _fields(before, after, ("objectives_met", "complete", "events", "until_ms"))


def _objectives(before: Scores, after: Scores) -> Iterator[Change]:
    for id, one, other in _pairs(before.objectives, after.objectives, lambda o: o.id):
        path = f"objective {id}"
        if _rated(one) != _rated(other):
            scores = (None if one is None else one.score, None if other is None else other.score)
            yield Change(path, _rated(one), _rated(other), _higher(*scores))
        if one is not None and other is not None:
            yield from _parts(path, one, other)


def _parts(path: str, before: ObjectiveScore, after: ObjectiveScore) -> Iterator[Change]:
    for id, one, other in _pairs(before.targets, after.targets, _target_id):
        if _target(one) != _target(other):
            yield Change(f"{path}, target {id}", _target(one), _target(other))
    for id, task, same in _pairs(before.critical_tasks, after.critical_tasks, lambda t: t.task):
        if _task(task) != _task(same):
            yield Change(f"{path}, task {id}", _task(task), _task(same))


def _measures(before: Scores, after: Scores) -> Iterator[Change]:
    for id, one, other in _pairs(before.measures, after.measures, lambda m: m.id):
        if _figure(one) != _figure(other) or _counts(one) != _counts(other):
            yield Change(f"measure {id}", _figure(one), _figure(other), _moved(one, other))


def _figure(measure: MeasureScore | None) -> str | None:
    if measure is None or measure.value is None:
        return None
    return f"{write_value(measure.value, measure.unit, at_least=measure.censored)} of {len(measure.samples)}"


def _counts(measure: MeasureScore | None) -> float | None:
    """The value itself: two values may be written alike."""
    return None if measure is None else measure.value


def _moved(before: MeasureScore | None, after: MeasureScore | None) -> str:
    if before is None or after is None or before.value is None or after.value is None or before.value == after.value:
        return ""
    by = after.value - before.value
    sign = "+" if by > 0 else "\N{MINUS SIGN}"
    amount = write_value(abs(by), after.unit)
    better = (by < 0) == (after.direction == "lower")
    return f"{sign}{amount}, {'better' if better else 'worse'}"


def _rated(objective: ObjectiveScore | None) -> str | None:
    if objective is None:
        return None
    return f"{objective.rating or 'not rated'} {_points(objective.score)}"


def _target_id(target: TargetScore) -> str:
    return target.measure if target.subject is None else f"{target.measure} of {target.subject}"


def _target(target: TargetScore | None) -> str | None:
    return None if target is None else f"{target.rating or 'not exercised'}, {target.explanation}"


def _task(task: TaskScore | None) -> str | None:
    if task is None:
        return None
    late = "" if task.delay_s is None else f", {write_seconds(task.delay_s)} against the plan"
    return f"{task.rating or 'not rated'}{late}"


def _or_none(text: str | None) -> str:
    return "none" if text is None else text


def _points(score: float | None) -> str:
    return "–" if score is None else f"{score:.4g}"


def _higher(before: float | None, after: float | None) -> str:
    if before is None or after is None or before == after:
        return ""
    return "better" if after > before else "worse"


def _pairs(
    before: Sequence[T], after: Sequence[T], id_of: Callable[[T], str]
) -> Iterator[tuple[str, T | None, T | None]]:
    """Both sides by id, in the order of the first run, then what only the second has."""
    first, second = _by_id(before, id_of), _by_id(after, id_of)
    for id in [*first, *(id for id in second if id not in first)]:
        yield id, first.get(id), second.get(id)


def _by_id(items: Sequence[T], id_of: Callable[[T], str]) -> Mapping[str, T]:
    """By id; a second one of the same id is told apart by its number."""
    found: dict[str, T] = {}
    for item in items:
        id, number = id_of(item), 2
        while id in found:
            id, number = f"{id_of(item)} #{number}", number + 1
        found[id] = item
    return found


def _parting(before: TimelineIndex, after: TimelineIndex) -> Parting | None:
    for one, other in zip_longest(before.events, after.events):
        event = one or other
        if event.seq != before.started.seq and (one is None or other is None or encode(one) != encode(other)):
            return Parting(event.seq, _told(before, one), _told(after, other))
    return None


def _told(index: TimelineIndex, event: Event | None) -> str | None:
    if event is None:
        return None
    actor = "" if event.actor == event.subject else f" by {event.actor}"
    return f"{write_moment(event.at_ms, index.epoch)} {event.kind} {event.subject}{actor}"
