"""Practice by scenario: what was exercised, how well, and which events say so.

A run *exercises* a practice when a measure of that practice has at least one sample on its timeline: the machinery
acted, and something of it could be seen.  A scenario *states* the practices that it is for; one that is stated and not
exercised is a gap of the scenario or of the measures.

The *score* of a practice in a run is out of 100, the weighted mean (by the weight of the objective) of

- the score of each objective of the scenario that names the practice, and
- the points of each target on a measure of the practice that stands in another objective;

where neither was rated there is no score: it was measured, and nobody said what good looks like.  What was not
exercised has none either, whatever an objective says of it.  The score of a practice is the mean over the runs that
have one.

*Evidence* are the events behind the figures of its measures, as `<run>#<seq>`: of the deciding sample where a measure
is judged by its worst, of all its samples otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any

from reports.index import TimelineIndex
from reports.measures import MEASURES
from reports.practices.names import PRACTICES, Practice
from reports.scoring import Scores
from reports.scoring.model import MeasureScore
from reports.scoring.ratings import total_score
from timeline.journal import Timeline


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A run as it is read: what it is called here, which practices its scenario states, its scores."""

    name: str
    states: tuple[str, ...]
    scores: Scores


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One practice in one run.  `measures` are those of the practice that have a figure there."""

    run: str
    stated: bool
    score: float | None
    measures: tuple[MeasureScore, ...]

    @property
    def exercised(self) -> bool:
        return bool(self.measures)

    @property
    def evidence(self) -> tuple[str, ...]:
        """Each event once, in order."""
        return tuple(f"{self.run}#{seq}" for seq in sorted({seq for m in self.measures for seq in m.evidence}))


@dataclass(frozen=True, slots=True)
class Row:
    """One practice in all runs, in their order."""

    practice: Practice
    measures: tuple[str, ...]
    """All that there are for it."""
    rehearsals: tuple[Rehearsal, ...]

    @property
    def exercised_by(self) -> tuple[str, ...]:
        return tuple(r.run for r in self.rehearsals if r.exercised)

    @property
    def stated_in_vain_by(self) -> tuple[str, ...]:
        return tuple(r.run for r in self.rehearsals if r.stated and not r.exercised)

    @property
    def score(self) -> float | None:
        scores = [r.score for r in self.rehearsals if r.score is not None]
        return fsum(scores) / len(scores) if scores else None

    @property
    def evidence(self) -> tuple[str, ...]:
        return tuple(reference for r in self.rehearsals for reference in r.evidence)


def rehearsed(runs: Sequence[tuple[Timeline, Scores]]) -> list[Rehearsed]:
    """Runs as they are read; of several runs of one scenario each is called by its seed as well."""
    often = Counter(scores.scenario for _, scores in runs)
    return [
        Rehearsed(
            scores.scenario if often[scores.scenario] == 1 else f"{scores.scenario}@{scores.seed}",
            TimelineIndex(timeline).exercise.practices,
            scores,
        )
        for timeline, scores in runs
    ]


def rows_of(runs: Sequence[Rehearsed]) -> list[Row]:
    """All 48 practices, exercised or not."""
    return [
        Row(
            practice,
            tuple(m.id for m in MEASURES.values() if m.practice == practice.id),
            tuple(_rehearsal(practice.id, run) for run in runs),
        )
        for practice in PRACTICES.values()
    ]


def _rehearsal(practice: str, run: Rehearsed) -> Rehearsal:
    figures = tuple(m for m in run.scores.measures if m.practice == practice and m.value is not None)
    return Rehearsal(run.name, practice in run.states, _score(practice, run.scores) if figures else None, figures)


def _score(practice: str, scores: Scores) -> float | None:
    parts: list[tuple[float, float | None]] = []
    for objective in scores.objectives:
        if practice in objective.practices:
            parts.append((objective.weight, objective.score))
            continue
        rated = [t.rating for t in objective.targets if MEASURES[t.measure].practice == practice]
        parts += [(objective.weight, 100 * rating.points) for rating in rated if rating is not None]
    return total_score(parts)


def document_of(rows: Sequence[Row]) -> dict[str, Any]:
    """As JSON, by the id of the practice."""
    return {
        row.practice.id: {
            "title": row.practice.title,
            "module": row.practice.module,
            "exercised_by": list(row.exercised_by),
            "stated_in_vain_by": list(row.stated_in_vain_by),
            "measures": list(row.measures),
            "score": row.score,
            "evidence": list(row.evidence),
            "scenarios": {
                r.run: {"stated": r.stated, "score": r.score, "figures": {m.id: m.value for m in r.measures}}
                for r in row.rehearsals
                if r.exercised or r.stated
            },
        }
        for row in rows
    }
