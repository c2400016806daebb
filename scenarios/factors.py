"""A file of factors: what a sweep varies, and at which points of their space it plays.

    format: blackstart/factors/1
    title: What moves the recovery of the shop?
    factors:
      decision:
        path: organisation.working.decision
        levels: [2m, 15m]
      start-up:
        path: estate.components.db-b.recovery.start-up
        distribution: lognormal(median=45s, p90=3m)
    design: {kind: factorial}

A *factor* is a path as for `--set` with the values that it takes: *levels*, or a range with a law, of which a
*coordinate* between 0 and 1 picks one: the value that this share of all stays below.  A *point* is one coordinate for
each factor.

Designs, and what each is for:

- `factorial`: every combination of levels; main effects and the best of few points;
- `latin-hypercube`, `sobol`: points spread over the space (McKay, Beckman, Conover 1979; Sobol' 1967, scrambled after
  Owen 1995); the probability of an objective over all of it, and straight-line effects;
- `saltelli`: two samples A and B and, for each factor, A with that factor of B (Saltelli et al. 2010); Sobol' indices;
- `morris`: paths that move one factor at a time (Morris 1991); elementary effects, where the budget is small.

All but the factorial are drawn anew for each of `replicates`, from which intervals come.
"""

from __future__ import annotations

import math
from typing import Any, Literal

from pydantic import Field, model_validator

from timeline.instants import format_duration, parse_duration
from topologies.fields import Duration, Id, Model

FORMAT = "blackstart/factors/1"
FEWEST_REPLICATES = 5
"""Replicates below which an interval from their spread says too little."""
_OUTERMOST = 0.01
"""Where a distribution has no ends, its coordinates 0 and 1 mean this share and the rest."""

Range = tuple[float | str, float | str]
"""Both numbers, or both durations."""


class Factor(Model):
    """A path and the values that it takes: one of the four fields says which."""

    title: str = ""
    path: str
    levels: tuple[Any, ...] | None = Field(default=None, min_length=2)
    uniform: Range | None = None
    log_uniform: Range | None = None
    distribution: Duration | None = None

    @model_validator(mode="after")
    def _takes_values(self) -> Factor:
        ways = {"levels": self.levels, "uniform": self.uniform, "log_uniform": self.log_uniform}
        given = [name for name, value in (*ways.items(), ("distribution", self.distribution)) if value is not None]
        if len(given) != 1:
            raise ValueError("a factor has one of levels, uniform, log_uniform or distribution")
        if self.levels is not None and len({repr(level) for level in self.levels}) < len(self.levels):
            raise ValueError("a level is there twice")
        limits = self.uniform or self.log_uniform
        if limits is not None:
            low, high = _numbers(limits)
            if not low < high or (self.log_uniform is not None and low <= 0):
                raise ValueError("the range must rise, and for log_uniform begin above 0")
        return self

    def value(self, coordinate: float) -> Any:
        """The value at a coordinate from 0 to 1, as it would stand in a file.  A distribution gives a duration."""
        if self.levels is not None:
            return self.levels[self.level(coordinate)]
        if self.distribution is not None:
            share = min(max(coordinate, _OUTERMOST), 1 - _OUTERMOST) if coordinate in (0.0, 1.0) else coordinate
            return format_duration(self.distribution.quantile(share))
        limits = self.uniform or self.log_uniform
        assert limits is not None, "one of the four is given"
        low, high = _numbers(limits)
        if self.uniform is not None:
            value = low + coordinate * (high - low)
        else:
            value = low * math.exp(coordinate * math.log(high / low))
        return format_duration(round(value)) if isinstance(limits[0], str) else float(f"{value:.12g}")

    def level(self, coordinate: float) -> int:
        """The number of the level at a coordinate: each has an equal share.  Only of a factor with levels."""
        assert self.levels is not None
        return min(int(coordinate * len(self.levels)), len(self.levels) - 1)

    def position(self, coordinate: float) -> float:
        """Where on its way from lowest to highest a factor stands, from 0 to 1: levels are evenly apart."""
        return coordinate if self.levels is None else self.level(coordinate) / (len(self.levels) - 1)

    def coordinate_of_level(self, number: int) -> float:
        """The middle of the share of a level."""
        assert self.levels is not None
        return (number + 0.5) / len(self.levels)


class Design(Model):
    """Which points are played."""

    kind: Literal["factorial", "latin-hypercube", "sobol", "saltelli", "morris"]
    points: int | None = Field(default=None, ge=2, le=4096)
    """Of a replicate; of one of its samples A and B for `saltelli`.  For Sobol' points a power of two."""
    replicates: int | None = Field(default=None, ge=FEWEST_REPLICATES, le=1000)
    """Randomised repetitions of the design; for `morris` the paths."""
    grid: int | None = Field(default=None, ge=2, le=20)
    """Of `morris`: positions of a factor, an even number."""

    @model_validator(mode="after")
    def _fields_of_its_kind(self) -> Design:
        sampled = self.kind in ("latin-hypercube", "sobol", "saltelli")
        if sampled and self.points is None:
            raise ValueError(f"a {self.kind} design states its `points`")
        if not sampled and self.points is not None:
            raise ValueError(f"a {self.kind} design has no `points`")
        if self.kind in ("sobol", "saltelli") and self.points is not None and self.points & (self.points - 1):
            below = 1 << (self.points.bit_length() - 1)
            raise ValueError(f"Sobol' points are balanced in powers of two: write {below} or {2 * below}")
        if self.kind == "factorial" and self.replicates is not None:
            raise ValueError("a factorial design is not drawn: its repetitions are the replications (-n)")
        if self.grid is not None and (self.kind != "morris" or self.grid % 2):
            raise ValueError("`grid` is an even number, and belongs to morris")
        return self

    @property
    def replicate_count(self) -> int:
        return 1 if self.kind == "factorial" else self.replicates or 10


class Factors(Model):
    """A whole file."""

    format: Literal["blackstart/factors/1"]
    title: str = ""
    factors: dict[Id, Factor] = Field(min_length=1)
    design: Design
    replications: int = Field(default=20, ge=1, le=10_000)
    """Of each point; `-n` overrules it."""
    responses: tuple[Id, ...] = ()
    """Objectives and measures to explain; when left out every objective, and the times of the milestones."""

    @model_validator(mode="after")
    def _factorial_has_levels(self) -> Factors:
        ranges = [id for id, factor in self.factors.items() if factor.levels is None]
        if self.design.kind == "factorial" and ranges:
            raise ValueError(f"a factorial design needs levels, and {', '.join(ranges)} has a range")
        paths = [factor.path for factor in self.factors.values()]
        twice = sorted({path for path in paths if paths.count(path) > 1})
        if twice:
            raise ValueError(f"two factors move {', '.join(twice)}")
        return self


def _numbers(limits: Range) -> tuple[float, float]:
    """Ends of a range, durations in milliseconds.  Raises ValueError when they are of two sorts."""
    if len({isinstance(limit, str) for limit in limits}) > 1:
        raise ValueError("both ends of a range are numbers, or both durations")
    low, high = (float(parse_duration(limit)) if isinstance(limit, str) else limit for limit in limits)
    return low, high
