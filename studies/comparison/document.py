"""A comparison as a document: `comparison.json`, and what `--json` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from reports.measures import MEASURES
from studies.comparison.study import Comparison, MeasureDifference, ObjectiveDifference
from studies.paired import QuantileDifference
from studies.sweep import ArmRecord
from studies.sweep.document import as_json


def document(comparison: Comparison) -> dict[str, Any]:
    """Differences are B less A; `low` to `high` are 95 % intervals, null beyond what was seen."""
    return {
        "scenario": comparison.first.scenario,
        "a": _variant(comparison.first),
        "b": _variant(comparison.second),
        "replications": comparison.replications,
        "differing": comparison.differing,
        "identical": comparison.identical,
        "objectives": {objective.id: _objective(objective) for objective in comparison.objectives},
        "measures": {measure.measure: _measure(measure) for measure in comparison.measures},
        "folder": str(comparison.folder.path),
        "seed": comparison.folder.study.seed,
    }


def _variant(arm: ArmRecord) -> dict[str, Any]:
    return {"estate": arm.estate, "settings": list(arm.settings)}


def _objective(objective: ObjectiveDifference) -> dict[str, Any]:
    pairs = objective.pairs
    return {
        "a": as_json(objective.first),
        "b": as_json(objective.second),
        "difference": pairs.difference,
        "low": pairs.low,
        "high": pairs.high,
        "both": pairs.both,
        "only_a": pairs.only_first,
        "only_b": pairs.only_second,
        "p_value": pairs.p_value,
        "variance_ratio": objective.variance_ratio,
    }


def _measure(measure: MeasureDifference) -> dict[str, Any]:
    mean = None if measure.mean is None else asdict(measure.mean)
    return {
        "unit": MEASURES[measure.measure].unit.value,
        "pairs": measure.pairs,
        "differing": measure.differing,
        "only_a": measure.only_first,
        "only_b": measure.only_second,
        "censored": measure.censored,
        "mean": None if mean is None else {"a": mean.pop("first"), "b": mean.pop("second"), **mean},
        "p50": _quantile(measure.median),
        "p90": _quantile(measure.p90),
    }


def _quantile(found: QuantileDifference) -> dict[str, Any]:
    return {
        "a": found.first,
        "b": found.second,
        "difference": found.difference,
        "low": found.low,
        "high": found.high,
    }
