"""Histories in one line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from scenarios.history.record import COLUMNS, IncidentRecord, row_of

START = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday."""


def incident(id: str, at_h: float = 0.0, lasts_h: float | None = None, **fields: Any) -> IncidentRecord:
    """An incident that opens at an hour from `START`; resolved after some hours, or still open."""
    opened_at = START + timedelta(hours=at_h)
    resolved_at = None if lasts_h is None else opened_at + timedelta(hours=lasts_h)
    given = {"id": id, "opened_at": opened_at, "resolved_at": resolved_at, "source": "csv", "source_line": 2}
    return IncidentRecord(**{**given, **fields})


def history(*records: IncidentRecord) -> pl.DataFrame:
    return pl.DataFrame([row_of(record) for record in records], schema=COLUMNS, orient="row")
