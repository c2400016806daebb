"""Evaluating ahead in windows, and throwing away what changed, gives what evaluating step by step gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.monitoring.promql import Labels, MemoryStorage, Series
from simulator.monitoring.rules import AlertingRule, RecordingRule, RuleEngine, RuleGroup
from tests.simulator.monitoring.rules.stepwise import StepwiseEngine

SECOND = 1000
SCRAPE = 15 * SECOND
END = 60 * SCRAPE

QUERIES = [
    "x > 2",
    "rate(x[1m]) > 0.05",
    "sum by (i) (x) > 3",
    "avg_over_time(x[2m]) >= 2",
    "r1 > 2",
    "r2 == 0",
    "max_over_time(r1[1m]) > 3",
    'ALERTS{alertstate="firing"} == 1',
    "absent(x{i='0'})",
    "x offset 1m > 2",
    "x offset -1m > 2",
    "x > on(i) y",
    "y unless x",
    "count(r2) > 1",
    "x > scalar(r1)",
    "(sum(r1) or vector(0)) + 1",
]

durations = st.sampled_from([0, 0, 15, 30, 45, 60, 90])
labels = st.sampled_from([{}, {"team": "db"}, {"i": "same"}, {"level": "{{ $value }}"}, {"of": "{{ $labels.i }}"}])


@st.composite
def alerting_rules(draw, name: str) -> AlertingRule:
    return AlertingRule(
        name,
        draw(st.sampled_from(QUERIES)),
        for_ms=draw(durations) * SECOND,
        keep_firing_for_ms=draw(durations) * SECOND,
        labels=draw(labels),
    )


@st.composite
def recording_rules(draw, name: str) -> RecordingRule:
    return RecordingRule(name, draw(st.sampled_from(QUERIES)), draw(st.sampled_from([{}, {"via": name}])))


@st.composite
def rule_groups(draw) -> list[RuleGroup]:
    kinds = {
        "r1": recording_rules("r1"),
        "r2": recording_rules("r2"),
        "A1": alerting_rules("A1"),
        "A2": alerting_rules("A2"),
        "A3": alerting_rules("A3"),
    }
    names = draw(st.permutations(sorted(kinds)))
    rules = [draw(kinds[name]) for name in names]
    cut = draw(st.integers(0, len(rules)))
    intervals = [draw(st.sampled_from([15, 20, 30])) * SECOND for _ in range(2)]
    parts = [tuple(rules[:cut]), tuple(rules[cut:])]
    return [
        RuleGroup("f", f"g{n}", part, interval) for n, (part, interval) in enumerate(zip(parts, intervals, strict=True))
    ]


class World:
    """Series that change as time goes by: what lies ahead is only a guess until it has happened."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.series = [self._series(name, i, 0, None) for name, i in (("x", "0"), ("x", "1"), ("y", "1"), ("y", "2"))]

    def _series(self, name: str, i: str, since: int, old: Series | None) -> Series:
        times = np.arange(0, END + 1, SCRAPE, dtype=np.int64)
        values = np.repeat(self.random.integers(0, 6, len(times) // 4 + 1), 4)[: len(times)].astype(float)
        keep = np.repeat(self.random.random(len(times) // 6 + 1) > 0.3, 6)[: len(times)]
        times, values = times[keep], values[keep]
        if old is not None:
            times = np.concatenate([old.times[old.times < since], times[times >= since]])
            values = np.concatenate(
                [old.values[old.times < since], values[-len(times[times >= since]) or len(values) :]]
            )
        return Series(Labels({"__name__": name, "i": i}), times, values[: len(times)])

    def change(self, name: str, since: int) -> None:
        self.series = [
            self._series(name, one.labels["i"], since, one) if one.labels.metric_name == name else one
            for one in self.series
        ]

    def select(self, matchers, start_ms, end_ms):
        return MemoryStorage(self.series).select(matchers, start_ms, end_ms)


steps = st.lists(
    st.tuples(
        st.sampled_from(["advance", "lookahead", "jump", "change"]),
        st.integers(1, 40),
        st.sampled_from(["x", "y"]),
    ),
    min_size=1,
    max_size=14,
)


def check(groups: list[RuleGroup], offsets: list[int], seed: int, script: list[tuple[str, int, str]]) -> int:
    world = World(seed)
    by_name = {group.name: offset for group, offset in zip(groups, offsets, strict=True)}
    lazy = RuleEngine(groups, world, start_ms=0, offset=lambda group: by_name[group.name])
    plain = StepwiseEngine(groups, offsets, 0)
    seen = []

    def advance(to_ms: int) -> None:
        plain.run_to(to_ms, world.series)
        seen.extend((t.at_ms, t.rule.name, t.labels, str(t.state)) for t in lazy.advance(to_ms))

    for action, amount, name in [*script, ("advance", 10_000, "x")]:
        until = min(max(lazy.committed_ms, 0) + amount * 7 * SECOND, END)
        if action == "advance":
            advance(until)
        elif action == "change":
            world.change(name, lazy.committed_ms + 1)
            lazy.invalidate(lazy.committed_ms + 1, {name})
        else:
            found = lazy.lookahead(until)
            before = len(seen)
            if found is not None:
                advance(found - 1)
                assert len(seen) == before, "something happened before the announced moment"
                advance(found)
                assert len(seen) > before, "nothing happened at the announced moment"
            elif action == "jump":
                advance(until)
                assert len(seen) == before, "something happened that was not announced"
    by_time = sorted(plain.changes, key=lambda c: (c[0], c[1], str(c[2]), c[3]))
    assert sorted(seen, key=lambda c: (c[0], c[1], str(c[2]), c[3])) == by_time
    assert [at for at, *_ in seen] == sorted(at for at, *_ in seen)
    return len(seen)


@settings(max_examples=60)
@given(
    rule_groups(),
    st.tuples(st.sampled_from([0, 3000, 7000]), st.sampled_from([0, 3000, 11000])),
    st.integers(0, 10**6),
    steps,
)
def test_lazy_evaluation_with_changing_series_equals_step_by_step(groups, offsets, seed, script):
    check(groups, list(offsets), seed, script)


@pytest.mark.prove
@settings(max_examples=3000)
@given(
    rule_groups(),
    st.tuples(st.sampled_from([0, 3000, 7000]), st.sampled_from([0, 3000, 11000])),
    st.integers(0, 10**6),
    steps,
)
def test_lazy_evaluation_equals_step_by_step_on_many_worlds(groups, offsets, seed, script):
    check(groups, list(offsets), seed, script)


def test_the_generated_worlds_have_transitions_to_compare():
    group = RuleGroup("f", "g0", (AlertingRule("A", "x > 2"), AlertingRule("B", "y > 3", for_ms=30_000)), 15_000)
    assert sum(check([group], [0], seed, [("jump", 5, "x"), ("change", 1, "x")] * 4) for seed in range(10)) > 60
