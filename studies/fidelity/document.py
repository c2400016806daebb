"""A fidelity run as one JSON document, and as JUnit XML for a build."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from studies.coverage.verdicts import Verdict as Met
from studies.fidelity.history import Regression
from studies.fidelity.study import Fidelity
from studies.fidelity.verdicts import Cell, brier, off_by_ms


def document(fidelity: Fidelity, regressions: Sequence[Regression] = ()) -> dict[str, Any]:
    """Times in milliseconds from the onset of each fault."""
    off = off_by_ms(fidelity.cells)
    return {
        "estate": fidelity.subject.name,
        "scenario": fidelity.plan.scenario,
        "prediction": fidelity.prediction.digest,
        "faults": [
            {
                "id": one.fault,
                "lasted_ms": one.lasted_ms,
                "users_hurt_ms": one.users_hurt_ms,
                "journeys": one.journeys,
                "journeys_failed": one.journeys_failed,
                "left": list(one.left),
                "steady_after": one.steady_after,
                "clock_ahead_ms": round(one.clock_ahead_ms, 1),
            }
            for one in fidelity.observed
        ],
        "left_out": [{"fault": o.fault, "target": o.target, "reason": o.reason} for o in fidelity.left_out],
        "expectations": [
            {
                "id": one.expectation,
                "fault": one.case,
                "verdict": str(one.verdict),
                "alerts": list(one.alerts),
                "told_ms": one.told.low_ms if one.told is not None else None,
                "teams": list(one.teams),
            }
            for one in fidelity.judgements
        ],
        "cells": [_cell(fidelity, cell) for cell in fidelity.cells if cell.predicted or cell.observed],
        "rules": [
            {
                "alert": score.alert,
                "both": score.both,
                "only_observed": score.only_observed,
                "only_predicted": score.only_predicted,
                "neither": score.neither,
                "precision": score.precision,
                "recall": score.recall,
            }
            for score in fidelity.scores
        ],
        "regressions": [
            {"fault": one.fault, "alert": one.alert, "seen": one.seen, "no_longer_told": list(one.receivers)}
            for one in regressions
        ],
        "agreement": {
            "cells": len(fidelity.cells),
            "disagreeing": len(fidelity.disagreeing),
            "brier": brier(fidelity.cells) if fidelity.cells else None,
            "fired_on_both_sides": off[0] if off else 0,
            "median_off_by_ms": off[1] if off else None,
            "tolerance_ms": fidelity.tolerance_ms,
        },
    }


def _cell(fidelity: Fidelity, cell: Cell) -> dict[str, Any]:
    predicted, observed = cell.predicted, cell.observed
    return {
        "fault": cell.fault,
        "alert": cell.alert,
        "verdict": str(cell.verdict),
        "agrees": cell.agrees,
        "predicted": None
        if predicted is None
        else {"share": cell.share, "fired_ms": list(predicted.fired_ms), "told_ms": dict(predicted.told_ms)},
        "observed": None
        if observed is None
        else {
            "pending_ms": observed.pending_ms,
            "firing_ms": observed.firing_ms,
            "told_ms": dict(observed.told_ms),
            "resolved_told_ms": dict(observed.resolved_told_ms),
        },
        "reasons": fidelity.reasons_of(cell),
    }


def junit_xml(fidelity: Fidelity, regressions: Sequence[Regression] = ()) -> str:
    """A test case for each expectation, for each cell that was predicted or fired, and for each regression."""
    suite = ElementTree.Element("testsuite", name="alert fidelity")
    failures = 0
    for judged in fidelity.judgements:
        case = ElementTree.SubElement(suite, "testcase", classname="expectation", name=judged.expectation)
        if judged.verdict is not Met.MET:
            failures += 1
            ElementTree.SubElement(case, "failure", message=str(judged.verdict))
    for cell in (cell for cell in fidelity.cells if cell.predicted or cell.observed):
        case = ElementTree.SubElement(suite, "testcase", classname=cell.fault, name=cell.alert)
        if not cell.agrees:
            failures += 1
            why = "; ".join(fidelity.reasons_of(cell))
            ElementTree.SubElement(case, "failure", message=f"{cell.verdict}: {why}")
    for one in regressions:
        failures += 1
        case = ElementTree.SubElement(suite, "testcase", classname="regression", name=f"{one.alert} in {one.fault}")
        ElementTree.SubElement(case, "failure", message=f"{one.words}; last seen {one.seen}")
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(failures))
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"
