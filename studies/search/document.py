"""The answer of a search as one JSON document."""

from __future__ import annotations

from typing import Any

from studies.intervals import Proportion
from studies.search.space import Space
from studies.search.study import Finding, Outcome
from studies.search.worst_start import Judged, WorstStart


def document(space: Space, outcome: Outcome) -> dict[str, Any]:
    """Findings in their rank."""
    return {
        "findings": [_finding(space, finding) for finding in outcome.findings],
        "unsure": [{"combination": sorted(doubt.combination), **_share(doubt.broken)} for doubt in outcome.doubts],
        "complete_to_order": outcome.complete_to,
        "exercises": outcome.exercises,
        "elements": len(space.elements),
        "judged": _by_order(outcome.searched),
        "contain_a_finding": _by_order(outcome.passed_over),
        "settled_by_levels": _by_order(outcome.by_levels),
        "untried": [{"fault": fault, "reason": reason} for fault, reason in space.untried],
    }


def _finding(space: Space, finding: Finding) -> dict[str, Any]:
    return {
        "combination": sorted(finding.combination),
        "order": len(finding.combination),
        "what": space.titles(finding.combination),
        "objectives": list(finding.objectives),
        **_share(finding.broken),
        "seed": finding.seed,
        "found_by": "what went well" if finding.guided else "trying all",
    }


def _share(of: Proportion) -> dict[str, Any]:
    return {"broken": of.hits, "exercises": of.trials, "p": of.p, "low": of.low, "high": of.high}


def _by_order(counts: dict[int, int]) -> dict[str, int]:
    return {str(order): count for order, count in sorted(counts.items())}


def worst_start_document(answer: WorstStart) -> dict[str, Any]:
    """The last beginnings, the worst first, and what was seen of all."""
    return {
        "worst": [_judged(one) for one in answer.last],
        "seen": {id: {"hurt": hurt, "exercises": count} for id, (hurt, count) in sorted(answer.seen.items())},
        "exercises": answer.exercises,
    }


def _judged(one: Judged) -> dict[str, Any]:
    less = None if one.less is None else {"mean": one.less.difference, "low": one.less.low, "high": one.less.high}
    return {
        "at": one.beginning.at.isoformat(),
        "is": list(one.beginning.words),
        "hurt": one.hurt,
        "objectives_broken": one.broken,
        "less_than_the_worst": less,
    }
