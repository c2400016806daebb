"""The measures by which two replays are compared: a stress or a changed organisation beside what was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from studies.paired import FEWEST, Difference, paired_difference
from studies.replay.comparison import Estimate
from studies.replay.running import End
from studies.replay.study import Floats, Plan, Replication, Staffed
from studies.replay.survival import attainment


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a replication; NaN where there is nothing to measure."""

    id: str
    title: str
    unit: str
    """`s`, `ratio` or `count`."""
    of: Callable[[Plan, Replication], float]


def _quantile(values: Floats, share: float) -> float:
    known = values[~np.isnan(values)]
    return float(np.quantile(known, share)) if len(known) else float("nan")


def _busiest(staffed: Staffed) -> float:
    return max(staffed.busy_s.values(), default=0.0) / staffed.span_s if staffed.span_s else float("nan")


def _of_staff(figure: Callable[[Staffed], float]) -> Callable[[Plan, Replication], float]:
    """Nothing to measure where nobody was played."""
    return lambda _, one: float("nan") if one.staffed is None else float(figure(one.staffed))


def _attained(planned: Plan, one: Replication) -> float:
    share = attainment(planned, one)
    return float("nan") if share is None else share


MEASURES = (
    Measure("acknowledge_p50", "time to acknowledge, median", "s", lambda _, r: _quantile(r.acknowledge_s, 0.5)),
    Measure("acknowledge_p90", "time to acknowledge, 90 %", "s", lambda _, r: _quantile(r.acknowledge_s, 0.9)),
    Measure("restored_p50", "time until service is back, median", "s", lambda _, r: _quantile(r.restored_s, 0.5)),
    Measure("restored_p90", "time until service is back, 90 %", "s", lambda _, r: _quantile(r.restored_s, 0.9)),
    Measure("rto_attained", "losses of functions over within the RTO", "ratio", _attained),
    Measure("mitigated", "incidents mitigated", "ratio", lambda _, r: r.ends[End.MITIGATED] / max(len(r.incidents), 1)),
    Measure("pages", "pages that arrived", "count", _of_staff(lambda s: s.pages)),
    Measure("pages_at_night", "of them at night", "count", _of_staff(lambda s: s.pages_at_night)),
    Measure("handed_off", "hand-overs to another team", "count", _of_staff(lambda s: s.handed_off)),
    Measure("busiest", "share of the time that the busiest person works", "ratio", _of_staff(_busiest)),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure over replications; None where there is nothing to measure."""

    measure: Measure
    estimate: Estimate | None


@dataclass(frozen=True, slots=True)
class Changed:
    """A measure under two variants; `difference` is None with fewer than `FEWEST` replications."""

    measure: Measure
    first: Estimate
    second: Estimate
    difference: Difference | None


def measured(planned: Plan, done: Sequence[Replication]) -> tuple[Measured, ...]:
    """Every measure over the replications."""
    found = []
    for measure in MEASURES:
        values = [measure.of(planned, one) for one in done]
        found.append(Measured(measure, None if np.isnan(values).any() else Estimate.over(values)))
    return tuple(found)


def changes(
    first: Plan, before: Sequence[Replication], second: Plan, after: Sequence[Replication]
) -> tuple[Changed, ...]:
    """Every measure under two variants, replication by replication; those that one of them has nothing of left out."""
    found = []
    for measure in MEASURES:
        one = [measure.of(first, replication) for replication in before]
        other = [measure.of(second, replication) for replication in after]
        if np.isnan([*one, *other]).any():
            continue
        difference = paired_difference(one, other) if len(one) >= FEWEST else None
        found.append(Changed(measure, Estimate.over(one), Estimate.over(other), difference))
    return tuple(found)
