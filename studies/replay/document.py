"""A replay as one JSON document (`blackstart replay --json`).  Times in seconds; null where unknown or never."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from typing import Any

from studies.replay.comparison import Compared, Estimate, Target
from studies.replay.measures import Changed, Measured
from studies.replay.survival import WORST, Survival
from studies.replay.whole import HistoryReplay, Variant
from timeline.instants import SECOND, UNIX_EPOCH, to_wall


def document(done: HistoryReplay) -> dict[str, Any]:
    """The whole answer as plain data."""
    placed = done.placed
    return {
        "estate": done.base.title,
        "records": done.records,
        "replayed": len(placed.incidents),
        "unmapped": placed.left_out,
        "unmapped_names": [
            {"name": one.name, "failure_mode": one.mode, "reason": one.reason, "records": one.records}
            for one in placed.unmapped
        ],
        "detection": str(done.asked.source),
        "phases": "modelled" if done.asked.fitted is None else "fitted",
        "seed": done.asked.seed,
        "replications": done.asked.replications,
        "calendar": done.calendar,
        "moved_weeks": done.moved_weeks,
        "compared": {str(one.target): _compared(one) for one in done.compared},
        "plan_survival": _plan_survival(done.base),
        **_variant(done.base),
        "other": None if done.other is None else {"title": done.other.title, **_variant(done.other)},
        "differences": {one.measure.id: _changed(one) for one in done.changed},
    }


def incident_table(done: HistoryReplay) -> str:
    """CSV with one row an incident: recorded and modelled times in seconds, the latter as median and middle 80 %."""
    targets = {one.target: one for one in done.compared}
    of = {
        target: {incident.id: place for place, incident in enumerate(one.incidents)} for target, one in targets.items()
    }
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = [f"{target}_{what}_s" for target in Target for what in ("recorded", "modelled", "low", "high")]
    writer.writerow(["id", "begins", "name", "component", "fault", *columns])
    for incident in done.placed.incidents:
        row: list[Any] = [incident.id, to_wall(incident.at_ms, UNIX_EPOCH).isoformat(), incident.name, *incident.pair]
        for target in Target:
            place = of.get(target, {}).get(incident.id)
            row += ["", "", "", ""] if place is None else _row(targets[target], place)
        writer.writerow(row)
    return text.getvalue()


def _row(one: Compared, place: int) -> list[float]:
    return [round(float(of[place]), 3) for of in (one.recorded_s, one.modelled_s, one.low_s, one.high_s)]


def _estimate(one: Estimate | None) -> dict[str, float] | None:
    return None if one is None else {"value": one.value, "low": one.low, "high": one.high}


def _compared(one: Compared) -> dict[str, Any]:
    return {
        "incidents": len(one.incidents),
        "only_recorded": one.only_recorded,
        "recorded": {f"p{share:.0%}".rstrip("%"): value for share, value in one.recorded.items()},
        "modelled": {f"p{share:.0%}".rstrip("%"): _estimate(value) for share, value in one.modelled.items()},
        "distance": _estimate(one.distance),
        "in_band": one.in_band,
        "slower": one.slower,
    }


def _variant(one: Variant) -> dict[str, Any]:
    replications = one.replications
    return {
        "measures": {m.measure.id: _measured(m) for m in one.measured},
        "ends": _shares([dict(r.ends) for r in replications]),
        "told_by": _shares([dict(r.told_by) for r in replications]),
        "functions": {f.function: _survival(f) for f in one.survival},
    }


def _plan_survival(one: Variant) -> dict[str, Any]:
    """Whether the plan survives: losses within their RTO, the worst percentile of any function, what breaks first."""
    attained = next(m.estimate for m in one.measured if m.measure.id == "rto_attained")
    worst = max((f.worst_s for f in one.survival if f.rto_ms is not None), default=None)
    broken = [f for f in one.survival if f.first is not None]
    first = min(broken, key=lambda f: f.first.incident.at_ms if f.first else 0, default=None)
    return {
        "rto_attained": _estimate(attained),
        f"worst_p{WORST * 100:.0f}_s": None if worst is None or math.isinf(worst) else worst,
        "first_to_break": None if first is None else {"function": first.function, **_survival(first)["first_to_break"]},
    }


def _shares(counts: Sequence[dict[Any, int]]) -> dict[str, float]:
    """The mean count a replication."""
    keys = sorted({str(key) for one in counts for key in one})
    return {key: sum(one.get(key, 0) for one in counts) / len(counts) for key in keys}


def _measured(one: Measured) -> dict[str, Any] | None:
    found = _estimate(one.estimate)
    return None if found is None else {**found, "unit": one.measure.unit}


def _survival(one: Survival) -> dict[str, Any]:
    first = one.first
    return {
        "rto_s": None if one.rto_ms is None else one.rto_ms / SECOND,
        "incidents": one.incidents,
        "rto_attained": _estimate(one.attained),
        f"p{WORST * 100:.0f}_s": None if math.isinf(one.worst_s) else one.worst_s,
        "breaks": {str(stage): count for stage, count in one.stages.most_common()},
        "first_to_break": None
        if first is None
        else {
            "incident": first.incident.id,
            "at": to_wall(first.incident.at_ms, UNIX_EPOCH).isoformat(),
            "component": first.incident.pair.target,
            "fault": first.incident.pair.fault,
            "stage": str(first.stage),
        },
    }


def _changed(one: Changed) -> dict[str, Any]:
    difference = one.difference
    return {
        "first": one.first.value,
        "second": one.second.value,
        "difference": one.second.value - one.first.value if difference is None else difference.difference,
        "low": None if difference is None else difference.low,
        "high": None if difference is None else difference.high,
        "unit": one.measure.unit,
    }
