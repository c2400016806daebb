"""A sweep over factors as a document: `sweep.json`, and what `--json` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from studies.factors.study import Explained, FactorStudy


def document(study: FactorStudy) -> dict[str, Any]:
    """Every estimate is `value` with its 95 % interval `low` to `high`."""
    record, swept = study.folder.study.arms[0], study.folder.study
    return {
        "folder": str(study.folder.path),
        "scenario": record.scenario,
        "estate": record.estate,
        "seed": swept.seed,
        "shard": str(swept.shard),
        "design": study.factors.design.model_dump(exclude_none=True),
        "factors": {id: factor.model_dump(exclude_none=True) for id, factor in study.factors.factors.items()},
        "points": len(study.points),
        "replications": study.played,
        "complete": study.complete,
        "responses": {one.response.id: _explained(study, one) for one in study.responses},
        "left_out": {left.id: {"missing": left.missing} for left in study.left_out},
    }


def _explained(study: FactorStudy, one: Explained) -> dict[str, Any]:
    names = [arm.name for arm in study.folder.study.arms]
    found: dict[str, Any] = {"title": one.response.title, "open": one.response.open}
    if one.mean is not None:
        found["mean"] = asdict(one.mean)
    if one.points:
        found["points"] = [
            {"point": name, "values": _values(study, place), **asdict(estimate)}
            for place, (name, estimate) in enumerate(zip(names, one.points, strict=True))
        ]
    if one.best is not None:
        found["best_is_among"] = [names[place] for place in one.best.kept]
    if one.effects:
        found["effects"] = [
            {"factor": e.factor, "from": e.start, "to": e.to, **asdict(e.difference)} for e in one.effects
        ]
    if one.indices:
        found["sobol"] = {i.factor: {"first": asdict(i.first), "total": asdict(i.total)} for i in one.indices}
    if one.elementary:
        found["elementary"] = {
            e.factor: {"mu": asdict(e.mu), "mu_star": asdict(e.mu_star), "sigma": e.sigma} for e in one.elementary
        }
    return found


def _values(study: FactorStudy, place: int) -> dict[str, Any]:
    at = study.points[place].at
    return {id: f.value(coordinate) for (id, f), coordinate in zip(study.factors.factors.items(), at, strict=True)}
