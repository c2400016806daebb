"""A tree printed and parsed again is the same tree."""

from pathlib import Path

import pytest

from simulator.monitoring.promql import Expression, QueryError, parse
from simulator.monitoring.promql.printing import to_text
from simulator.monitoring.rules import load_rules
from tests.conformance.expressions import Expressions
from topologies.shipped import shipped_estates


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ('up{job="a", b!~"c.*"}', 'up{job="a", b!~"c.*"}'),
        ('{__name__=~"a|b"}', '{__name__=~"a|b"}'),
        ("x offset -5m", "x offset -5m"),
        ("x[5m] @ 12.5 offset 1h", "x[5m] @ 12.500 offset 1h"),
        ("x @ end()", "x @ end()"),
        ("sum without (a, b) (x)", "sum without (a, b) (x)"),
        ("topk by (a) (3, x)", "topk by (a) (3, x)"),
        ("a + b * c", "a + (b * c)"),
        ("a == bool on (x) group_left (y) b", "a == bool on (x) group_left (y) b"),
        ("a and ignoring (z) b", "a and ignoring (z) b"),
        ("max_over_time((a > 1)[1h:5m] offset 1m)", "max_over_time((a > 1)[1h:5m] offset 1m)"),
        ("rate(x[1m])[10m:]", "rate(x[1m])[10m:]"),
        ('label_replace(x, "a", "$1", "b", "(.*)\\\\.x")', 'label_replace(x, "a", "$1", "b", "(.*)\\\\.x")'),
        ("-x", "-x"),
        ("1e-9 + 1e12 + Inf", "(1e-09 + 1e+12) + +Inf"),
    ],
)
def test_how_trees_are_printed(written: str, printed: str) -> None:
    assert to_text(parse(written)) == printed
    assert parse(printed) == parse(written)


@pytest.mark.parametrize("estate", sorted(shipped_estates()))
def test_shipped_rules_survive_printing(estate: str) -> None:
    groups = load_rules([Path(shipped_estates()[estate]) / "alerts" / "rules"])
    for rule in (rule for group in groups for rule in group.rules):
        assert parse(to_text(rule.expression)) == rule.expression


@pytest.mark.parametrize("seed", range(4))
def test_random_expressions_survive_printing(seed: int) -> None:
    expressions = Expressions(seed)
    trees = [tree for text in (next(expressions) for _ in range(300)) if (tree := parsed(text)) is not None]
    assert len(trees) > 200
    for tree in trees:
        assert repr(parse(to_text(tree))) == repr(tree)  # NaN equals nothing but reads the same


def parsed(text: str) -> Expression | None:
    """Some of the random expressions are wrong on purpose."""
    try:
        return parse(text)
    except QueryError:
        return None
