"""What an exercise showed about the risks that it tried, written back into the register.

The register comes out as it was read, with four columns set for the risks of the exercise: when it was last tested, by
which exercise, whether its objectives were met, and the finding that remains.  Columns that are not there are added.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reports.scoring import Scores
from timeline.findings import Finding, InputError, Place, Severity, nearest
from topologies.risk_register import RiskRegister

_LAST_TESTED = "last_tested"
_TESTED_BY, _OBJECTIVES_MET, _FINDING = "tested_by", "objectives_met", "residual_finding"
_NOT_WELL = ("M", "U")


@dataclass(frozen=True, slots=True)
class RiskResult:
    """The result for one risk."""

    risk: str
    title: str
    last_tested: date
    tested_by: str
    objectives_met: bool
    finding: str


def results(register: RiskRegister, risks: Sequence[str], scores: Scores, on: date) -> list[RiskResult]:
    """The results for the risks that a scenario names.  Raises InputError where the register does not know one."""
    unknown = [
        Finding(
            "risks.unknown",
            Severity.ERROR,
            Place(register.name),
            f"{scores.scenario} tries a risk {id!r}, which is not in this register",
            nearest(id, register.risks),
        )
        for id in risks
        if id not in register.risks
    ]
    if unknown:
        raise InputError(unknown)
    tested_by = f"{scores.scenario}, seed {scores.seed}"
    return [
        RiskResult(id, register.risks[id].title, on, tested_by, scores.objectives_met, _finding(scores)) for id in risks
    ]


def _finding(scores: Scores) -> str:
    """What remains: objectives that were missed; nothing where all were met."""
    if not scores.complete:
        return "the exercise broke off"
    missed = [o.title for o in scores.objectives if o.rating in _NOT_WELL]
    return f"not met: {'; '.join(missed)}" if missed else "none"


def written_back(register: RiskRegister, found: Sequence[RiskResult]) -> str:
    """The register as CSV with these results in it."""
    header = list(register.header)
    places = {name: _place(header, name) for name in (_TESTED_BY, _OBJECTIVES_MET, _FINDING)}
    places[_LAST_TESTED] = register.columns.get("last_tested", -1)
    if places[_LAST_TESTED] < 0:
        places[_LAST_TESTED] = _place(header, _LAST_TESTED)
    rows = [[*row, *[""] * (len(header) - len(row))] for row in register.rows]
    for result in found:
        row = rows[register.risks[result.risk].row]
        row[places[_LAST_TESTED]] = result.last_tested.isoformat()
        row[places[_TESTED_BY]] = result.tested_by
        row[places[_OBJECTIVES_MET]] = "yes" if result.objectives_met else "no"
        row[places[_FINDING]] = result.finding
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows([header, *rows])
    return target.getvalue()


def _place(header: list[str], name: str) -> int:
    """Where a column stands; it is added where it does not."""
    if name not in header:
        header.append(name)
    return header.index(name)
