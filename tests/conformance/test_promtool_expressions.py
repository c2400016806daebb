"""Generated expressions over generated series: the same samples as promtool 2.42 gives in the same run."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from simulator.monitoring.promql import (
    EvaluationError,
    MemoryStorage,
    Options,
    QueryError,
    Scalar,
    Semantics,
    Series,
    evaluate,
    parse,
)
from simulator.monitoring.promql.labels import Labels
from simulator.monitoring.ruletests.series_notation import parse_series
from tests.conformance.expressions import INTERVAL, SERIES, Expressions
from tests.conformance.promtool_results import Query, Result, run_promtool, write_tests
from tests.services import require

TIMES = (0, 60, 313, 420, 600, 765)
OPTIONS = Options(Semantics.PROMETHEUS_2)


def storage() -> MemoryStorage:
    """What promtool has loaded at the last evaluation before the latest query."""
    last_ms = max(TIMES) // 60 * 60_000
    store = MemoryStorage()
    for name, items in SERIES.items():
        labels, values, present = parse_series(f"{name} {items}")
        times = np.flatnonzero(present).astype(np.int64) * 30_000
        known = times <= last_ms
        store.add(Series(labels, times[known], values[present][known]))
    return store


def ours(query: Query, store: MemoryStorage) -> Result:
    text, seconds = query
    try:
        result = evaluate(parse(text), store, np.array([seconds * 1000]), options=OPTIONS)
    except (QueryError, EvaluationError) as error:
        return Result({}, str(error))
    if isinstance(result, Scalar):
        return Result({Labels(): float(result.values[0])})
    return Result({labels: float(result.values[row, 0]) for row, labels in enumerate(result.labels)})


def same(one: Result, other: Result) -> bool:
    """Equal up to the order in which promtool happens to add; both fail, or neither."""
    if bool(one.error) != bool(other.error) or one.samples.keys() != other.samples.keys():
        return False
    pairs = ((one.samples[labels], other.samples[labels]) for labels in one.samples)
    return all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) or (a != a and b != b) for a, b in pairs)


def compare(promtool: str, path: Path, seed: int, count: int) -> tuple[Counter[str], list[str]]:
    """Kinds of results met, and the differences."""
    assert INTERVAL == "30s"
    stream = Expressions(seed)
    queries = list(dict.fromkeys((next(stream), TIMES[number % len(TIMES)]) for number in range(count)))
    write_tests(path, SERIES, INTERVAL, queries)
    reference = run_promtool(promtool, path)
    store = storage()
    kinds: Counter[str] = Counter()
    differences = []
    for query in queries:
        theirs, found = reference.get(query, Result({})), ours(query, store)
        kinds["error" if theirs.error else "samples" if theirs.samples else "empty"] += 1
        if not same(theirs, found):
            differences.append(f"{query}\n  promtool: {theirs}\n  ours:     {found}")
    return kinds, differences


def test_generated_expressions_give_the_samples_of_promtool(tmp_path):
    kinds, differences = compare(require("promtool"), tmp_path / "tests.yaml", seed=1, count=600)
    assert not differences, "\n".join(differences[:5])
    assert kinds["samples"] > 200
    assert kinds["error"] > 10


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(100, 105))
def test_five_thousand_generated_expressions_give_the_samples_of_promtool(tmp_path, seed):
    _, differences = compare(require("promtool"), tmp_path / "tests.yaml", seed, count=1000)
    assert not differences, "\n".join(differences)
