"""Histories made from known parameters, for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from scenarios.history.record import IncidentRecord

BEGIN = datetime(2025, 1, 6, tzinfo=UTC)
FACTORS = {"checkout": 0.35, "search": 1.0, "ledger": 3.0}


def made_history(
    seed: int, number: int = 400, *, factors: dict[str, float] | None = None, sigma: float = 0.7, days: int = 400
) -> list[IncidentRecord]:
    """Incidents at an even rate; times to restore are lognormal of a median of an hour times the service's factor.

    What was not over on the last day is open.
    """
    rng = np.random.default_rng(seed)
    factors = FACTORS if factors is None else factors
    end = BEGIN + timedelta(days=days)
    opened = sorted(BEGIN + timedelta(seconds=round(s)) for s in rng.uniform(0, days * 86_400, number))
    records = []
    for line, at in enumerate(opened, start=2):
        service = str(rng.choice(sorted(factors)))
        taken = at + timedelta(seconds=round(300 * np.exp(0.5 * rng.standard_normal())))
        over = at + timedelta(seconds=round(3600 * factors[service] * np.exp(sigma * rng.standard_normal())))
        records.append(
            IncidentRecord(
                id=f"INC{line:05d}",
                service=service,
                opened_at=at,
                acknowledged_at=taken if taken <= end else None,
                resolved_at=over if over <= end else None,
                reassignments=int(rng.geometric(0.7)) - 1,
                reopenings=int(rng.random() < 0.04),
                source="servicenow-log",
                source_line=line,
            )
        )
    return records
