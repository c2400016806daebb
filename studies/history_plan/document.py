"""What a history feeds into plans, as one JSON document (`history plan --json`).

    {"bottlenecks": [...], "headroom": [...], "problems": [...], "objectives": {"rto": [...], "rpo": [...]}}

Moments in ISO 8601 (UTC), times in seconds, null where unknown or not within sight.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from studies.history_plan.headroom import Headroom
from studies.history_plan.objectives import Kept
from studies.history_plan.problems import problems_document
from studies.history_plan.recurrence import Bottleneck
from studies.history_plan.study import HistoryPlan
from timeline.instants import UNIX_EPOCH, to_wall


def document(plan: HistoryPlan) -> dict[str, Any]:
    """The whole answer as plain data."""
    kept = plan.objectives
    found = problems_document(plan.problems, plan.policy)
    return {
        "incidents": plan.incidents,
        "without_service": plan.without_service,
        "calendar": plan.calendar,
        "bottlenecks": [{"rank": n + 1, **_bottleneck(one)} for n, one in enumerate(plan.bottlenecks)],
        "headroom": [_headroom(one) for one in plan.headroom],
        "not_forecast": [asdict(one) for one in plan.unforeseen],
        "problem_policy": found["policy"],
        "problems": [{key: value for key, value in one.items() if key != "evidence"} for one in found["problems"]],
        "objectives": None
        if kept is None
        else {
            "confidence": kept.confidence,
            "rto": [_kept(one) for one in kept.rto],
            "rpo": [_kept(one) for one in kept.rpo],
        },
    }


def _bottleneck(one: Bottleneck) -> dict[str, Any]:
    return {
        "service": one.service,
        "failure_mode": one.mode,
        "incidents": one.incidents,
        "recurrences": one.recurrences,
        "incidents_a_year": asdict(one.incidents_a_year),
        "hours_a_year": None if one.hours_a_year is None else asdict(one.hours_a_year),
        "trend": None if one.trend is None else asdict(one.trend),
        "direction": str(one.direction),
    }


def _headroom(one: Headroom) -> dict[str, Any]:
    return {
        "series": one.series,
        "limit": one.limit,
        "weeks": len(one.busy),
        "level": asdict(one.level),
        "headroom_ratio": asdict(one.headroom),
        "growth_a_year": asdict(one.growth_a_year),
        "correlation": one.correlation,
        "exceeded": one.exceeded,
        "crosses_at": moment(one.crosses_ms),
        "earliest_at": moment(one.earliest_ms),
        "latest_at": moment(one.latest_ms),
    }


def moment(at_ms: int | None) -> str | None:
    return None if at_ms is None else to_wall(at_ms, UNIX_EPOCH).isoformat(timespec="seconds")


def _kept(one: Kept) -> dict[str, Any]:
    return {
        "function": one.function,
        "declared_s": one.declared_s,
        "losses": one.losses,
        "open": one.open,
        "quantile_s": None if one.quantile is None else asdict(one.quantile),
        "proposed_s": one.proposed_s,
        "held": None if one.held is None else asdict(one.held),
    }
