"""Rules that people really have: every expression of public collections parses and is evaluated.

The collections are not part of the project.  BLACKSTART_PUBLIC_RULES names a folder with rule files (plain, of Mimir
or Thanos, PrometheusRule); the figures are printed with `pytest -s`.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from simulator.monitoring.promql import EvaluationError, Expression, Semantics, Vector, evaluate, parse
from simulator.monitoring.promql.expressions import Aggregation, Call
from simulator.monitoring.rules import load_rule_file
from tests.conformance.matching_series import SAMPLES, STEP_MS, series_for
from timeline.findings import InputError

VARIABLE = "BLACKSTART_PUBLIC_RULES"
TIMES = (SAMPLES - 1 - np.arange(8, dtype=np.int64)[::-1] * 40) * STEP_MS
SHAPES = [
    "up == 0",
    'sum by (job) (rate(http_requests_total{code=~"5.."}[5m])) / sum by (job) (rate(http_requests_total[5m])) > 0.1',
    'histogram_quantile(0.99, sum by (le, job) (rate(latency_bucket{job!~"a|b"}[5m]))) > 1',
    'absent(up{job=~"prometheus-.+"})',
    'kube_pod_info * on (namespace, pod) group_left (owner) kube_owner{kind="Job"}',
]


def evaluated(expression: Expression, semantics: Semantics) -> int:
    """How many results the expression has; with one series a selector where two cannot be matched one to one."""
    try:
        result = evaluate(expression, series_for(expression, 2), TIMES, semantics)
    except EvaluationError as error:
        if not any(words in str(error) for words in ("duplicate series", "multiple matches", "same labelset")):
            raise
        result = evaluate(expression, series_for(expression, 1), TIMES, semantics)
    return int(result.present.sum()) if isinstance(result, Vector) else len(TIMES)


@pytest.mark.parametrize("text", SHAPES)
def test_series_are_made_that_a_rule_sees(text):
    expression = parse(text)
    for semantics in (Semantics.PROMETHEUS_2, Semantics.PROMETHEUS_3):
        evaluated(expression, semantics)
    for node in expression.walk():
        if isinstance(node, Call | Aggregation) and node.value_type == "instant vector" and "absent" not in text:
            assert evaluated(node, Semantics.PROMETHEUS_3), node


def test_every_expression_of_public_collections_is_evaluated():
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(f"{VARIABLE} names no folder with public rule files")
    queries: dict[str, str] = {}
    files, refused, misplaced = 0, Counter[str](), list[str]()
    for path in sorted(p for p in Path(folder).rglob("*") if p.is_file()):
        try:
            groups = load_rule_file(path)
        except InputError as error:
            refused[error.findings[0].id] += 1
            misplaced += [str(path) for f in error.findings if not f.message or f.place.file != str(path)]
            continue
        files += 1
        queries.update((rule.query, f"{path}: {rule.name}") for group in groups for rule in group.rules)
    failed, empty, functions = [], 0, Counter[str]()
    for text, origin in queries.items():
        expression = parse(text)
        functions.update(
            {
                n.function if isinstance(n, Call) else n.operator
                for n in expression.walk()
                if isinstance(n, Call | Aggregation)
            }
        )
        for semantics in (Semantics.PROMETHEUS_2, Semantics.PROMETHEUS_3):
            try:
                count = evaluated(expression, semantics)
            except (EvaluationError, ValueError) as error:
                failed.append(f"{origin}: {error}\n  {text}")
                break
        empty += not count
    print(f"\n{files} files, {len(queries)} different expressions, {len(functions)} functions and aggregations")
    print(f"{empty} without a result; refused files: {dict(refused)}")
    print(", ".join(f"{name} {count}" for name, count in functions.most_common()))
    assert not failed, "\n".join([f"{len(failed)} failed", *failed[:20]])
    assert not misplaced, "what is refused is refused with its place"
    assert queries
