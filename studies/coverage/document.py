"""A study of alerting as one JSON document: durations in seconds, intervals as [least, most]."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from studies.coverage.findings import CoverageFinding
from studies.coverage.inventory import Share
from studies.coverage.matrix import Cell, Interval, Row
from studies.coverage.mutation import Fate
from studies.coverage.study import Coverage
from studies.coverage.verdicts import Judgement
from timeline.instants import SECOND


def document(coverage: Coverage, findings: Sequence[CoverageFinding]) -> dict[str, Any]:
    """What could be judged comes first, then expectations, the matrix, and what is wrong."""
    inventory, question = coverage.inventory, coverage.question
    return {
        "estate": coverage.subject.name,
        "assessable": {
            "alerting_rules": _share(inventory.alerting_rules),
            "recording_rules": _share(inventory.recording_rules),
            "label_matchers": _share(inventory.label_matchers),
            "set_aside": [{"rule": rule.rule, "selectors": list(rule.selectors)} for rule in inventory.set_aside],
        },
        "question": {
            "at": question.epoch.isoformat(),
            "lasts_s": question.lasts_ms / SECOND,
            "quiet_s": question.quiet_ms / SECOND,
            "draws": question.draws,
            "seed": question.seed,
            "prometheus": question.semantics.value,
        },
        "expectations": [_judgement(coverage, one) for one in coverage.judgements],
        "faults": [_row(coverage, row) for row in coverage.rows],
        "pairs": [_row(coverage, row) for row in coverage.pairs],
        "false_alerts": [
            {"alert": one.alert, "times": one.times, "first_s": one.first_ms / SECOND}
            for one in coverage.quiet.false_alerts
        ],
        "mutants": None if coverage.fates is None else [_fate(fate) for fate in coverage.fates],
        "findings": [
            {**one.finding.to_json(), "id": one.id, "kind": str(one.kind), "accepted": one.accepted} for one in findings
        ],
    }


def _share(share: Share) -> dict[str, int]:
    return {"of": share.of, "mapped": share.mapped}


def _judgement(coverage: Coverage, one: Judgement) -> dict[str, Any]:
    expected = coverage.subject.expectations[one.expectation]
    return {
        "id": one.expectation,
        "fault": one.case,
        "expected": {"alerts": list(expected.alerts), "within_s": expected.within / SECOND, "team": expected.team},
        "predicted": {"alerts": list(one.alerts), "told_s": _interval(one.told), "teams": list(one.teams)},
        "verdict": str(one.verdict),
        "met_in": one.met_in,
        "draws": one.draws,
    }


def _row(coverage: Coverage, row: Row) -> dict[str, Any]:
    return {
        "id": row.case.id,
        "faults": [{"fault": f.kind, "target": f.target, "parameters": dict(f.parameters)} for f in row.case.faults],
        "disrupts": list(row.disrupted),
        "alerts": [_cell(coverage, cell) for cell in row.cells],
    }


def _cell(coverage: Coverage, cell: Cell) -> dict[str, Any]:
    return {
        "alert": cell.alert,
        "fired_s": _interval(cell.fired),
        "told_s": _interval(cell.first_told),
        "draws": cell.draws,
        "receivers": {
            receiver: {
                "told_s": _interval(told),
                "teams": list(coverage.addressees.of(receiver).teams),
                "pages": coverage.addressees.of(receiver).pages,
            }
            for receiver, told in cell.told.items()
        },
    }


def _interval(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.low_ms / SECOND, interval.high_ms / SECOND]


def _fate(fate: Fate) -> dict[str, Any]:
    mutant = fate.mutant
    return {
        "id": mutant.id,
        "rule": mutant.rule,
        "operator": str(mutant.mutation.operator),
        "before": mutant.mutation.before,
        "after": mutant.mutation.after,
        "query": mutant.query,
        "killed_by": fate.killed_by,
    }
