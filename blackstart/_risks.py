"""Results of exercises in the risk register."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from blackstart._runs import Run
from reports.index import TimelineIndex
from reports.risk_results import RiskResult, results, written_back
from timeline.findings import InputError
from topologies.loading.document import read_document
from topologies.risk_register import load_register


def risk_results(run: Run, register: Path | str, *, on: date) -> tuple[str, list[RiskResult]]:
    """The register as CSV with the results of a run in it, and these results.

    Raises InputError where the register cannot be read, or does not know a risk that the scenario names.
    """
    known = load_register(Path(register))
    found = results(known, _risks_of(run), run.scores, on)
    return written_back(known, found), found


def _risks_of(run: Run) -> list[str]:
    """The risks on the timeline; those of the scenario's file where the organisation had no register then."""
    if stated := TimelineIndex(run.timeline).exercise.risks:
        return [link.risk for link in stated]
    for file in sorted((run.folder / "inputs" / "scenario").glob("*.y*ml")):
        data = read_document(file).data
        if isinstance(data, dict):
            return [str(id) for id in data.get("risks") or ()]
    message = "neither the timeline nor the inputs of this run say which risks it tried"
    raise InputError.single("risks.unknown", str(run.folder), message)
