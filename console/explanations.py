"""Everything that `blackstart explain` can explain, from the places where it is defined."""

from __future__ import annotations

from dataclasses import dataclass

from console.input_errors import INPUT_ERRORS
from injectors.explanations import LIVE_FINDINGS
from reports.measures import MEASURES, Measure
from reports.workload.explanations import WORKLOAD_FINDINGS
from scenarios.checks import SCENARIO_CHECKS
from scenarios.faults import FAULTS, FaultKind
from scenarios.faults.parameters import Scope
from scenarios.history.explanations import HISTORY_FINDINGS
from scenarios.history.incident.explanations import RECORD_FINDINGS
from simulator.agreements import SLA_CHECKS
from simulator.monitoring.alertmanager.explanations import FINDINGS as ALERTMANAGER_FINDINGS
from simulator.monitoring.rules.versions import VERSION_CHECKS
from simulator.monitoring.ruletests.versions import DIFFERS
from simulator.monitoring.slo import SLO_CHECKS, SLO_FINDINGS
from simulator.response.oncall.findings import DUTY_CHECKS
from studies.coverage.findings import MEANINGS
from studies.rota.explanations import ROTA_FINDINGS
from studies.sweep.explanations import SWEEP_FINDINGS
from topologies.bia_workbook.explanations import WORKBOOK_FINDINGS
from topologies.checks import ESTATE_CHECKS
from topologies.importers.estate.explanations import ESTATE_IMPORT_FINDINGS
from topologies.importers.oncall.explanations import IMPORT_REMARKS
from topologies.importers.register_of_information import REGISTER_REMARKS
from topologies.loading.explanations import LOADING_FINDINGS
from topologies.risk_register import RISK_FINDINGS

COVERAGE = "Found by `blackstart alerts coverage`, which tries every fault; accept it in a baseline, or mend it."


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an id stands for: a title of one line and a text, which may be empty."""

    kind: str
    title: str
    text: str


def explanations() -> dict[str, Explanation]:
    """Every id with what it means."""
    findings = {
        **LOADING_FINDINGS,
        **INPUT_ERRORS,
        **WORKLOAD_FINDINGS,
        **ROTA_FINDINGS,
        **SWEEP_FINDINGS,
        **SLO_FINDINGS,
        **ALERTMANAGER_FINDINGS,
        **{check.id: check.explanation for check in ESTATE_CHECKS.values()},
        **{check.id: check.explanation for check in SCENARIO_CHECKS.values()},
        **{check.id: check.explanation for check in VERSION_CHECKS.values()},
        "version.differs": DIFFERS,
        **{check.id: check.explanation for check in SLO_CHECKS.values()},
        **{check.id: check.explanation for check in DUTY_CHECKS.values()},
        **{check.id: check.explanation for check in SLA_CHECKS.values()},
        **IMPORT_REMARKS,
        **REGISTER_REMARKS,
        **ESTATE_IMPORT_FINDINGS,
        **HISTORY_FINDINGS,
        **RECORD_FINDINGS,
        **LIVE_FINDINGS,
        **WORKBOOK_FINDINGS,
        **RISK_FINDINGS,
        **{f"coverage.{kind}": f"{meaning}.\n\n{COVERAGE}" for kind, meaning in MEANINGS.items()},
    }
    return {
        **{id: _titled("finding", text) for id, text in findings.items()},
        **{id: Explanation("fault", kind.title, _fault_text(kind)) for id, kind in FAULTS.items()},
        **{id: Explanation("measure", measure.title, _measure_text(measure)) for id, measure in MEASURES.items()},
    }


def _titled(kind: str, text: str) -> Explanation:
    title, _, rest = text.partition("\n")
    return Explanation(kind, title, rest.strip())


def _measure_text(measure: Measure) -> str:
    lines = [
        measure.meaning,
        "",
        f"Unit: {measure.unit}; {measure.direction} is better; the figure is the {measure.judged} of the samples",
        f"Practice: {measure.practice}",
        f"Reference: {measure.reference}",
    ]
    return "\n".join(lines)


def _fault_text(kind: FaultKind) -> str:
    lines = [
        f"Family: {kind.family}",
        f"Fits: {', '.join(sorted(kind.fits))}",
        f"Parameters: {', '.join(kind.takes) or 'none'}",
        f"Scope: {', '.join(Scope.model_fields) if kind.has_scope else 'all of its target'}",
        f"Ended by: {', '.join(kind.cleared_by) or ('nothing' if kind.permanent else 'nothing but time')}",
        f"Moves: {', '.join(kind.moves) or 'nothing: it takes people away'}",
        f"In the logs: {kind.log_signature}",
    ]
    return "\n".join(lines)
