"""What a node of a query is evaluated with: the storage, the steps, the bounds of the whole query, the options."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.monitoring.promql.semantics import Semantics
from simulator.monitoring.promql.series import Storage, Times

LOOKBACK_MS = 300_000
SUBQUERY_STEP_MS = 60_000


@dataclass(frozen=True, slots=True)
class Options:
    """What a query depends on beside its text and its series.

    `epoch_ms` is the wall-clock time (Unix, ms) of exercise time 0: `time()`, `timestamp()`, `@`, the calendar and
    the alignment of subqueries are in wall-clock time.  `subquery_step_ms` is the server's evaluation interval.
    """

    semantics: Semantics = Semantics.PROMETHEUS_3
    lookback_ms: int = LOOKBACK_MS
    subquery_step_ms: int = SUBQUERY_STEP_MS
    epoch_ms: int = 0


@dataclass(frozen=True, slots=True)
class Query:
    """One walk: the steps of the node at hand, and the bounds of the whole query (they differ inside subqueries)."""

    storage: Storage
    times: Times
    start_ms: int
    end_ms: int
    options: Options

    @property
    def semantics(self) -> Semantics:
        return self.options.semantics
