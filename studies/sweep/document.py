"""A sweep as a document: `sweep.json`, and what `--json` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from reports.measures import MEASURES
from studies.intervals import Proportion, Quantile
from studies.risk import Risk
from studies.sweep.distributions import Distribution
from studies.sweep.summary import ArmSummary, ObjectiveSummary, Summary, TargetSummary


def document(summary: Summary) -> dict[str, Any]:
    """One arm at the top; several by their names under `scenarios`, with the replications of all at the top."""
    study = summary.folder.study
    head: dict[str, Any] = {"folder": str(summary.folder.path), "seed": study.seed, "shard": str(study.shard)}
    if summary.risk is not None:
        head["risk"] = _risk(summary.risk, summary.currency)
    if len(summary.arms) == 1:
        return {**_arm(summary.arms[0]), **head}
    return {
        "replications": sum(arm.replications for arm in summary.arms),
        "scenarios": {arm.record.name: _arm(arm) for arm in summary.arms},
        **head,
    }


def _risk(risk: Risk, currency: str | None) -> dict[str, Any]:
    curves = {"aggregate": risk.aggregate, "occurrence": risk.occurrence}
    return {
        "currency": currency,
        "expected_annual_loss": asdict(risk.expected),
        "once_in_years": {str(years): asdict(found) for years, found in risk.returns},
        "perils": {
            peril.name: {"per_year": peril.per_year, "expected": peril.expected, "open": peril.open}
            for peril in risk.perils
        },
        "exceedance": {
            "loss": risk.losses.tolist(),
            **{
                name: {"p": of.probability.tolist(), "low": of.low.tolist(), "high": of.high.tolist()}
                for name, of in curves.items()
            },
        },
    }


def _arm(arm: ArmSummary) -> dict[str, Any]:
    return {
        "scenario": arm.record.scenario,
        "estate": arm.record.estate,
        "settings": list(arm.record.settings),
        "replications": arm.replications,
        "all_objectives": as_json(arm.all_met),
        "objectives": {objective.record.id: _objective(objective) for objective in arm.objectives},
        "measures": {one.measure: distribution(one) for one in arm.measures},
    }


def _objective(objective: ObjectiveSummary) -> dict[str, Any]:
    return {
        **as_json(objective.met),
        "undecided": objective.undecided,
        "not_exercised": objective.not_exercised,
        "targets": [_target(target) for target in objective.targets],
        "critical_tasks": {task.record.id: as_json(task.met) for task in objective.tasks},
    }


def _target(target: TargetSummary) -> dict[str, Any]:
    met, figures = target.met, target.figures
    return {
        **target.wanted.model_dump(),
        "probability": None if met is None else as_json(met),
        "figures": distribution(figures) if figures.values else None,
    }


def as_json(found: Proportion) -> dict[str, Any]:
    """Its interval is `low` to `high`."""
    return {"met": found.hits, "p": found.p, "low": found.low, "high": found.high}


def distribution(figures: Distribution) -> dict[str, Any]:
    """`low` to `high` is the interval of the median, `p90_low` to `p90_high` that of the 90th percentile; null: beyond
    what was seen, with `censored` figures still open."""
    p50, p90 = figures.quantile(0.5), figures.quantile(0.9)
    return {
        "unit": MEASURES[figures.measure].unit.value,
        "measured": len(figures.values),
        "censored": figures.open,
        "p50": p50.value,
        "low": p50.low,
        "high": p50.high,
        **_p90(p90),
    }


def _p90(found: Quantile) -> dict[str, Any]:
    return {"p90": found.value, "p90_low": found.low, "p90_high": found.high}
