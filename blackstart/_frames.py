"""A timeline as a data frame."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

import polars as pl

from timeline.events import Event
from timeline.instants import to_wall
from timeline.store import encode


def events_frame(events: Iterable[Event]) -> pl.DataFrame:
    """One row an event: seq, at (duration), wall (moment, UTC), kind, subject, actor, detail (JSON text), causes."""
    rows = list(events)
    epoch = next((datetime.fromisoformat(e.detail.epoch) for e in rows if e.kind == "exercise.started"), None)  # type: ignore[attr-defined]
    wall = [to_wall(e.at_ms, epoch) if epoch else None for e in rows]
    return pl.DataFrame(
        {
            "seq": pl.Series([e.seq for e in rows], dtype=pl.Int64),
            "at": pl.Series([e.at_ms for e in rows], dtype=pl.Int64).cast(pl.Duration("ms")),
            "wall": pl.Series(wall, dtype=pl.Datetime("ms", "UTC")),
            "kind": pl.Series([e.kind for e in rows], dtype=pl.String),
            "subject": pl.Series([str(e.subject) for e in rows], dtype=pl.String),
            "actor": pl.Series([str(e.actor) for e in rows], dtype=pl.String),
            "detail": pl.Series([json.dumps(json.loads(encode(e))["detail"]) for e in rows], dtype=pl.String),
            "causes": pl.Series([list(e.causes) for e in rows], dtype=pl.List(pl.Int64)),
        }
    )
