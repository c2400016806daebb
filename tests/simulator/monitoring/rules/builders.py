"""Short words for series, groups and engines in tests."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulator.monitoring.promql import MemoryStorage, Series
from simulator.monitoring.rules import Rule, RuleEngine, RuleGroup
from simulator.monitoring.ruletests.series_notation import parse_series

MINUTE = 60_000


def series(text: str, interval_ms: int = MINUTE, start_ms: int = 0) -> Series:
    """A series in the notation of rule tests: `up{job="api"} 1x5 0x5`."""
    labels, values, present = parse_series(text)
    times = start_ms + np.arange(len(values), dtype=np.int64)[present] * interval_ms
    return Series(labels, times, values[present])


def storage(*texts: str, interval_ms: int = MINUTE) -> MemoryStorage:
    return MemoryStorage(series(text, interval_ms) for text in texts)


def group(*rules: Rule, name: str = "g", interval_ms: int = MINUTE, **more: int) -> RuleGroup:
    return RuleGroup("rules.yaml", name, rules, interval_ms, **more)


def engine(store: object, *groups: RuleGroup, **options: object) -> RuleEngine:
    """An engine whose groups are evaluated on the full minute."""
    return RuleEngine(groups, store, **{"start_ms": 0, "offset": lambda _: 0, **options})


def story(transitions: list, *labels: str) -> list[tuple]:
    """Transitions as (minute, state, value of each label)."""
    return [(t.at_ms / MINUTE, str(t.state), *(t.labels.get(label, "") for label in labels)) for t in transitions]


def written(engine: RuleEngine, name: str, until_ms: int = 10**9) -> Mapping[str, list[float]]:
    """What rules wrote to a metric, by label set."""
    from simulator.monitoring.promql import Matcher, MatchType

    found = engine.select([Matcher("__name__", MatchType.EQUAL, name)], -(10**9), until_ms)
    return {
        str(one.labels): list(zip((one.times / MINUTE).tolist(), one.values.tolist(), strict=True)) for one in found
    }
