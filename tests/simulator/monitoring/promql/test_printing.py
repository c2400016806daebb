"""Trees written as text read back as the same trees, and brackets stand only where they are needed."""

import pytest

from simulator.monitoring.promql import QueryError, parse
from simulator.monitoring.promql.expressions import Number, Selector
from simulator.monitoring.promql.printing import write
from simulator.monitoring.promql.rewriting import rewrite
from simulator.monitoring.rules import groups_of
from tests.conformance.expressions import Expressions
from tests.conformance.rule_corpus import BASES
from topologies.loading.document import parse_documents

AS_WRITTEN = [
    "a - (b - c)",
    "a - b - c",
    "a ^ b ^ c",
    "(a ^ b) ^ c",
    "(-2) ^ 2",
    "-2 ^ 2",
    "-(a + b)",
    "(a or b) and c",
    "a or b and c",
    "(a > 1) * 2",
    'sum by (job) (rate(x{a=~"b|c", d!="e"}[5m] offset 1h))',
    "topk without (a) (3, x)",
    "a / on (job) group_left (team) b",
    "a == bool on () b",
    "avg_over_time((a > bool 0.3)[1h:1m])",
    "max_over_time(x[1d12h:] @ end())",
    '{__name__=~"a.*"}',
    'x{a="\\"\\n"}',
]


@pytest.mark.parametrize("text", AS_WRITTEN)
def test_text_without_needless_brackets_stays_as_it_is(text: str) -> None:
    assert write(parse(text)) == text


@pytest.mark.parametrize("seed", range(20))
def test_any_query_reads_back_as_the_same_tree(seed: int) -> None:
    queries = Expressions(seed)
    for _ in range(50):
        text = next(queries)
        try:
            tree = parse(text)
        except QueryError:
            continue
        assert repr(parse(write(tree))) == repr(tree), text  # as text, because NaN is not equal to itself


def test_queries_of_rule_files_read_back_too() -> None:
    groups = [group for base in BASES for group in groups_of(parse_documents(base.rules, base.name))]
    trees = [rule.expression for group in groups for rule in group.rules]
    assert len(trees) > 5
    assert [parse(write(tree)) for tree in trees] == trees


def test_rewriting_reaches_every_selector_and_leaves_the_rest() -> None:
    tree = parse("-sum by (a) (clamp(x, 0, scalar(y))) + topk(scalar(z), max_over_time((x > 1)[1h:1m]))")
    ones = rewrite(tree, lambda node: Number(1) if isinstance(node, Selector) else None)
    assert write(ones) == "-sum by (a) (clamp(1, 0, scalar(1))) + topk(scalar(1), max_over_time((1 > 1)[1h:1m]))"
