"""Priority of an incident from its impact and its urgency (ITIL 4 incident management), as a matrix.

*Impact* is how much suffers, *urgency* how soon that becomes intolerable.  Each is the level of the first row that
applies to what is known; the last row applies otherwise.  `priority: {}` takes the usual matrix.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from topologies.fields import DurationMs, Id, Model

Level = Literal["high", "medium", "low"]
_LEVELS: tuple[Level, ...] = ("high", "medium", "low")


class PriorityRow(Model):
    """Conditions of a level; all that are given have to hold."""

    level: Level
    functions_disrupted: int | None = Field(default=None, ge=1)
    critical_functions: bool = False
    clients_affected: int | None = Field(default=None, ge=1)
    rto_left_below: DurationMs | None = None
    corrupt_data: bool = False
    workplace_lost: bool = False
    otherwise: bool = False


_IMPACT = (
    PriorityRow(level="high", workplace_lost=True),
    PriorityRow(level="high", corrupt_data=True),
    PriorityRow(level="high", functions_disrupted=2),
    PriorityRow(level="medium", functions_disrupted=1),
    PriorityRow(level="low", otherwise=True),
)
_URGENCY = (
    PriorityRow.model_validate({"level": "high", "rto_left_below": "1h"}),
    PriorityRow(level="high", functions_disrupted=1, critical_functions=True),
    PriorityRow(level="medium", functions_disrupted=1),
    PriorityRow(level="low", otherwise=True),
)
_MATRIX: dict[Level, dict[Level, str]] = {
    "high": {"high": "p1", "medium": "p2", "low": "p3"},
    "medium": {"high": "p2", "medium": "p3", "low": "p4"},
    "low": {"high": "p3", "medium": "p4", "low": "p5"},
}


class PriorityMatrix(Model):
    """Rows of impact and urgency, and the priority of each pair."""

    impact: tuple[PriorityRow, ...] = Field(default=_IMPACT, min_length=1)
    urgency: tuple[PriorityRow, ...] = Field(default=_URGENCY, min_length=1)
    matrix: dict[Level, dict[Level, Id]] = Field(default_factory=lambda: dict(_MATRIX))
    """Impact, then urgency, to the priority."""

    @model_validator(mode="after")
    def _is_complete(self) -> PriorityMatrix:
        for name, rows in (("impact", self.impact), ("urgency", self.urgency)):
            if not rows[-1].otherwise:
                raise ValueError(f"the last row of {name} applies otherwise (otherwise: true)")
        missing = [f"{i} {u}" for i in _LEVELS for u in _LEVELS if u not in self.matrix.get(i, {})]
        if missing:
            raise ValueError(f"the matrix has no priority for impact and urgency {', '.join(missing)}")
        return self

    @property
    def order(self) -> tuple[str, ...]:
        """Priorities from the first to be served on: as the matrix lists them from high to low."""
        ranks = range(len(_LEVELS))
        pairs = sorted(((i, u) for i in ranks for u in ranks), key=lambda pair: pair[0] + pair[1])
        return tuple(dict.fromkeys(self.matrix[_LEVELS[i]][_LEVELS[u]] for i, u in pairs))
