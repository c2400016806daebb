"""Everything that was scored as rows of one table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reports.scoring.model import Scores


@dataclass(frozen=True, slots=True)
class Figure:
    """One scored figure; times are in seconds, `value` is None where nothing called for it.

    `id` is the objective's or the measure's; `target` tells the measure of an objective's target.
    """

    kind: str
    """score, objective, target or measure."""
    id: str
    title: str
    target: str = ""
    subject: str = ""
    practice: str = ""
    unit: str = ""
    value: float | None = None
    is_open: bool = False
    """Still running at the end: the value can only get worse."""
    rating: str = ""
    met: bool | None = None


def figures(scores: Scores) -> Iterator[Figure]:
    """In the order of `scores.json`."""
    yield Figure("score", "score", scores.title, value=scores.score, met=scores.objectives_met)
    for objective in scores.objectives:
        rating = str(objective.rating) if objective.rating is not None else ""
        yield Figure(
            "objective", objective.id, objective.title, value=objective.score, rating=rating, met=objective.met
        )
        for target in objective.targets:
            yield Figure(
                "target",
                objective.id,
                target.title,
                target.measure,
                target.subject or "",
                "",
                str(target.unit),
                target.value,
                target.censored,
                str(target.rating) if target.rating is not None else "",
            )
    for measure in scores.measures:
        yield Figure(
            "measure",
            measure.id,
            measure.title,
            practice=measure.practice,
            unit=str(measure.unit),
            value=measure.value,
            is_open=measure.censored,
        )
