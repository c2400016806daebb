"""Everything that a history feeds into plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.history.calibration.cases import watched_until_s
from scenarios.history.record import IncidentRecord, TimeBasis
from studies.backtest.store import SampleStore
from studies.history_plan.headroom import Headroom, Limits, Unforeseen, forecasts
from studies.history_plan.objectives import Objectives, objectives
from studies.history_plan.problems import Policy, Problem, problems
from studies.history_plan.recurrence import Bottleneck, bottlenecks
from studies.replay.mapping import Placed
from topologies.estate import Estate


@dataclass(frozen=True, slots=True)
class OnEstate:
    """The history on an estate."""

    estate: Estate
    placed: Placed


@dataclass(frozen=True, slots=True)
class HistoryPlan:
    """What a history says for planning; `objectives` is None without an estate, headroom empty without series."""

    incidents: int
    without_service: int
    calendar: bool
    policy: Policy
    bottlenecks: tuple[Bottleneck, ...]
    problems: tuple[Problem, ...]
    headroom: tuple[Headroom, ...]
    unforeseen: tuple[Unforeseen, ...]
    objectives: Objectives | None


def plan_from_history(
    records: Sequence[IncidentRecord],
    policy: Policy,
    *,
    on_estate: OnEstate | None = None,
    utilisation: SampleStore | None = None,
    limits: Limits | None = None,
    confidence: float = 0.9,
) -> HistoryPlan:
    """Everything about a history; `confidence` is the share of losses that a proposed objective holds for."""
    headroom, unforeseen = ((), ()) if utilisation is None else forecasts(utilisation, limits or Limits())
    kept = None
    if on_estate is not None:
        until_s = watched_until_s(records)
        kept = objectives(records, on_estate.placed, on_estate.estate, confidence, until_s)
    return HistoryPlan(
        incidents=len(records),
        without_service=sum(record.service is None for record in records),
        calendar=all(record.time_basis is TimeBasis.CALENDAR for record in records),
        policy=policy,
        bottlenecks=bottlenecks(records, policy.within.total_seconds()),
        problems=problems(records, policy),
        headroom=headroom,
        unforeseen=unforeseen,
        objectives=kept,
    )
