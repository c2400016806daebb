"""What every document of a run is written from, gathered once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from reports.achieved import FunctionRow, function_rows
from reports.documents.improvement import Area, areas
from reports.figures import Figure, draw
from reports.index import TimelineIndex
from reports.scoring import Scores
from reports.verdict import Sentence, verdict
from scenarios.models import Scenario


@dataclass(frozen=True)
class Source:
    """A run: its timeline and scores, the scenario it was played from where one was kept, and the classification."""

    index: TimelineIndex
    scores: Scores
    plan: Scenario | None
    classification: str

    @property
    def marking(self) -> str:
        """What stands on every page.  Pages of an exercise say so, that nobody takes them for a real event."""
        return self.classification if self.index.is_partial else f"EXERCISE EXERCISE EXERCISE · {self.classification}"

    @property
    def subject(self) -> str:
        return "incident" if self.index.is_partial else "exercise"

    @cached_property
    def functions(self) -> list[FunctionRow]:
        return function_rows(self.index)

    @cached_property
    def areas(self) -> list[Area]:
        return areas(self.index, self.scores)

    @cached_property
    def sentences(self) -> list[Sentence]:
        return verdict(self.index, self.scores)

    @cached_property
    def figures(self) -> list[Figure]:
        return draw(self.index)
