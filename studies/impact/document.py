"""The impact of every fault as one JSON document."""

from __future__ import annotations

from typing import Any

from studies.impact.assessment import Assessment
from timeline.instants import SECOND


def document(assessed: Assessment) -> dict[str, Any]:
    """Times in seconds, losses in the currency of the estate; null where a figure is unknown."""
    return {
        "faults": [
            {
                "target": f.target,
                "fault": f.fault,
                "functions_lost": list(f.lost),
                "rto_at_risk": list(f.rto_at_risk),
                "blast_radius": f.blast_radius,
                "technical_recovery_s": {id: None if ms is None else ms / SECOND for id, ms in f.lost.items()},
            }
            for f in assessed.faults
        ],
        "single_points_of_failure": [
            {
                "target": p.target,
                "functions_lost": list(p.functions),
                "expected_loss": p.expected_loss,
                "fault": p.costliest,
                "undocumented": list(p.undocumented),
            }
            for p in assessed.single_points
        ],
    }
