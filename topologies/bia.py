"""The business impact analysis beyond its targets: impact over time, what is tolerable, and what comes back first.

*Impact over time* says for each category how bad a disruption of a given length is (ISO/TS 22317): as a level or as an
amount in the currency of the estate.  Levels hold from their point on; amounts grow linearly between points.

The *impact tolerance* is the point beyond which disruption does intolerable harm (United Kingdom, operational
resilience: Bank of England SS1/21, FCA PS21/3): a length of disruption, a volume of work left undone, or both.

The *order of restoration* follows from the analysis: `timeline.restoration`.
"""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise

from pydantic import Field, model_validator

from topologies.fields import DurationMs, Model


class ImpactCategory(StrEnum):
    """What suffers."""

    FINANCIAL = "financial"
    CUSTOMER = "customer"
    LEGAL = "legal"
    SAFETY = "safety"
    REPUTATION = "reputation"


class ImpactLevel(StrEnum):
    """How much, in order."""

    NONE = "none"
    MINOR = "minor"
    MODERATE = "moderate"
    MAJOR = "major"
    SEVERE = "severe"

    @property
    def rank(self) -> int:
        return list(ImpactLevel).index(self)


class ImpactPoint(Model):
    """The impact of a disruption of this length: a level or an amount."""

    after: DurationMs = Field(ge=0)
    level: ImpactLevel | None = None
    amount: float | None = Field(default=None, ge=0)
    """In the currency of the estate."""

    @model_validator(mode="after")
    def _says_how_bad(self) -> ImpactPoint:
        if (self.level is None) == (self.amount is None):
            raise ValueError("a point states either a level or an amount")
        return self


class ImpactCurve(Model):
    """One category over the length of the disruption."""

    points: tuple[ImpactPoint, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _grows_with_time(self) -> ImpactCurve:
        if len({point.level is None for point in self.points}) > 1:
            raise ValueError("the points of one category are all levels or all amounts")
        for before, later in pairwise(self.points):
            if later.after <= before.after:
                raise ValueError("points stand in order of time, each moment once")
            if _badness(later) < _badness(before):
                raise ValueError("impact does not shrink while a disruption lasts")
        return self


class Tolerance(Model):
    """The point at which disruption is intolerable."""

    outage: DurationMs | None = Field(default=None, gt=0)
    """Length of one disruption."""
    backlog: DurationMs | None = Field(default=None, gt=0)
    """Work left undone at once, as hours of normal work at the peak."""

    @model_validator(mode="after")
    def _says_something(self) -> Tolerance:
        if self.outage is None and self.backlog is None:
            raise ValueError("a tolerance states an outage, a backlog, or both")
        return self


def _badness(point: ImpactPoint) -> float:
    if point.level is not None:
        return point.level.rank
    assert point.amount is not None
    return point.amount
