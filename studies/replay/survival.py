"""Whether the plan survives: for each business function how often its RTO holds, how bad it gets, what breaks first.

A function is down from the start of an incident whose fault takes it away until service is back; one that never comes
back misses every RTO.  *What breaks* in an incident that misses its RTO is the stage that took longest:

    notice       until somebody is told            (or nobody ever is)
    answer       until somebody takes it on        (or nobody ever does)
    diagnosis    until the cause is found
    remedy       until service is back             (or nobody may end it)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from studies.replay.comparison import Estimate
from studies.replay.incidents import Incident
from studies.replay.study import Floats, Plan, Replication
from timeline.instants import SECOND

WORST = 0.99
"""Share of the incidents that come out better than the worst that is told."""


class Stage(StrEnum):
    NOTICE = "notice"
    ANSWER = "answer"
    DIAGNOSIS = "diagnosis"
    REMEDY = "remedy"


@dataclass(frozen=True, slots=True)
class Break:
    """The first incident, in the order of time, that misses the RTO of a function in most replications."""

    incident: Incident
    stage: Stage
    """What took longest in most of them."""


@dataclass(frozen=True, slots=True)
class Survival:
    """How a business function fares.  `worst_s` is infinite where it does not come back."""

    function: str
    rto_ms: int | None
    incidents: float
    """That take it away, a replication."""
    attained: Estimate | None
    """Share of them within the RTO; None without an RTO."""
    worst_s: float
    """The percentile `WORST` of the time without it, over all replications."""
    first: Break | None
    stages: Counter[Stage]
    """What broke, over all incidents that missed the RTO in all replications."""


def survival(planned: Plan, done: Sequence[Replication]) -> tuple[Survival, ...]:
    """Functions that some incident takes away, the least attained first."""
    losses = [_losses(planned, one) for one in done]
    functions = [id for id in planned.subject.estate.functions if any(id in by for by in losses)]
    found = [_of_function(id, planned.subject.estate.functions[id].rto, done, losses) for id in functions]
    return tuple(sorted(found, key=lambda one: (1.0 if one.attained is None else one.attained.value, -one.worst_s)))


def attainment(planned: Plan, one: Replication) -> float | None:
    """Share of all losses of functions with an RTO that were over within it; None where there are none."""
    down_s = _down_s(one)
    held = [
        down_s[places] * SECOND <= rto
        for id, places in _losses(planned, one).items()
        if (rto := planned.subject.estate.functions[id].rto) is not None
    ]
    return float(np.concatenate(held).mean()) if held else None


def _losses(planned: Plan, one: Replication) -> dict[str, list[int]]:
    """For each function the places of the incidents that take it away."""
    found: dict[str, list[int]] = {}
    for number, incident in enumerate(one.incidents):
        for id in planned.lost[incident.pair]:
            found.setdefault(id, []).append(number)
    return found


def _down_s(one: Replication) -> Floats:
    return np.where(np.isnan(one.restored_s), np.inf, one.restored_s)


def _of_function(
    id: str, rto_ms: int | None, done: Sequence[Replication], losses: Sequence[dict[str, list[int]]]
) -> Survival:
    shares: list[float] = []
    stages_of: dict[str, Counter[Stage]] = {}
    missing: dict[str, Incident] = {}
    downs = [_down_s(one)[by.get(id, [])] for one, by in zip(done, losses, strict=True)]
    for one, by, down_s in zip(done, losses, downs, strict=True):
        if rto_ms is None or not len(down_s):
            continue
        held = down_s * SECOND <= rto_ms
        shares.append(float(held.mean()))
        for place in np.asarray(by[id])[~held].tolist():
            incident = one.incidents[place]
            missing[incident.id] = incident
            stages_of.setdefault(incident.id, Counter())[broke(one, place)] += 1
    usual = [missing[one] for one, stages in stages_of.items() if 2 * stages.total() > len(done)]
    first = min(usual, key=lambda one: (one.at_ms, one.id), default=None)
    every = np.concatenate(downs)
    return Survival(
        function=id,
        rto_ms=rto_ms,
        incidents=len(every) / len(done),
        attained=Estimate.over(shares) if shares else None,
        worst_s=float(np.quantile(every, WORST, method="higher")),
        first=None if first is None else Break(first, stages_of[first.id].most_common(1)[0][0]),
        stages=sum(stages_of.values(), Counter[Stage]()),
    )


def broke(one: Replication, number: int) -> Stage:
    """The stage of an incident that took longest; the one in which it stopped, where it was not restored."""
    moments = [0.0, *(float(of[number]) for of in (one.told_s, one.acknowledged_s, one.found_s, one.restored_s))]
    lengths = np.diff(moments)
    return tuple(Stage)[int(np.isnan(lengths).argmax() if np.isnan(lengths).any() else lengths.argmax())]
