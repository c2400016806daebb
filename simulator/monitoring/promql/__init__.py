"""PromQL on arrays: parse a query, evaluate it over a whole window of steps at once, series as rows, time as columns.

All of stable float PromQL, as Prometheus 2 or 3 would answer (`Semantics`); native histograms and experimental
syntax are refused by name.  A storage (`Storage`) gives the series; nothing here knows where they come from.
"""

from simulator.monitoring.promql.errors import EvaluationError, QueryError
from simulator.monitoring.promql.evaluation import Instants, evaluate, evaluate_instants
from simulator.monitoring.promql.expressions import Expression
from simulator.monitoring.promql.labels import METRIC_NAME, Labels
from simulator.monitoring.promql.matchers import Matcher, MatchType, match_all
from simulator.monitoring.promql.parsing import parse
from simulator.monitoring.promql.query import Options
from simulator.monitoring.promql.semantics import Semantics
from simulator.monitoring.promql.series import STALE, MemoryStorage, Series, Storage, is_stale
from simulator.monitoring.promql.vectors import Scalar, Vector

__all__ = [
    "METRIC_NAME",
    "STALE",
    "EvaluationError",
    "Expression",
    "Instants",
    "Labels",
    "MatchType",
    "Matcher",
    "MemoryStorage",
    "Options",
    "QueryError",
    "Scalar",
    "Semantics",
    "Series",
    "Storage",
    "Vector",
    "evaluate",
    "evaluate_instants",
    "is_stale",
    "match_all",
    "parse",
]
