"""Random PromQL over a fixed set of series, so that every operator, function and matching form is met often."""

from __future__ import annotations

import re
from random import Random

SERIES = {
    # Counters: growing at different speeds, with resets, gaps, and ends.
    'requests_total{job="api",instance="a"}': "0+10x30",
    'requests_total{job="api",instance="b"}': "5+7x10 0+7x19",
    'requests_total{job="web",instance="a"}': "3 7 12 _x4 40+5x20 stale _x3",
    'requests_total{job="web",instance="c"}': "_x12 1+1x18",
    'errors_total{job="api",instance="a"}': "0x10 1+1x5 6x14",
    'errors_total{job="api",instance="b"}': "0+0.5x30",
    'errors_total{job="web",instance="a"}': "1 2 4 8 16 32 64 1 2 4 8 16 32 64 1 2 4 8 16 32",
    # Gauges: falling, jumping, constant, not a number, infinite.
    'temperature{room="x",job="api"}': "20-1x20 5+2.5x9",
    'temperature{room="y",job="api"}': "-3+0.25x30",
    'temperature{room="x",job="web"}': "1 5 2 8 3 9 4 7 6 1 5 2 8 3 9 4 7 6 1 5 2 8 3 9 4 7 6",
    'temperature{room="z",job="web"}': "NaN 1 NaN 2 NaN 3x20",
    'temperature{room="w",job="web"}': "1 Inf 2 -Inf 3x20",
    'limit{job="api"}': "10x30",
    'limit{job="web"}': "4x30",
    'up{job="api",instance="a"}': "1x10 0x5 1x14",
    'up{job="api",instance="b"}': "1x29",
    'up{job="web",instance="a"}': "0x29",
    'ranked{i="1"}': "1+1x30",
    'ranked{i="2"}': "50-1x30",
    'ranked{i="3"}': "7.5+0.25x30",
    'ranked{i="4"}': "100x30",
    'latency_bucket{job="api",le="0.1"}': "0+1x30",
    'latency_bucket{job="api",le="0.5"}': "0+3x30",
    'latency_bucket{job="api",le="1"}': "0+4x30",
    'latency_bucket{job="api",le="+Inf"}': "0+5x30",
    'latency_bucket{job="web",le="0.1"}': "0+0x30",
    'latency_bucket{job="web",le="0.5"}': "0+2x20 0+2x9",
    'latency_bucket{job="web",le="+Inf"}': "0+2x20 0+2x9",
    'latency_bucket{job="odd",le="1"}': "3x29",
    'latency_bucket{job="odd",le="1.0"}': "2x29",
    'latency_bucket{job="odd",le="2"}': "4x29",
    'latency_bucket{job="odd",le="+Inf"}': "9x29",
    'latency_bucket{job="odd",le="many"}': "7x29",
    'info{job="api",version="1.2"}': "1x30",
    'info{job="web",version="0.9\\n"}': "1x30",
}
INTERVAL = "30s"

_COUNTERS = ("requests_total", "errors_total", "latency_bucket")
_GAUGES = ("temperature", "up", "limit", "ranked")
_MATCHERS = (
    "",
    '{job="api"}',
    '{job!="api"}',
    '{job=~"api|web"}',
    '{job=~"a.*",instance!=""}',
    '{job!~"w.+"}',
    '{instance="a"}',
    '{room=~"x|y"}',
    '{absent=""}',
)
_RANGES = ("1m", "90s", "2m", "5m", "7m30s", "45s", "30s")
_MODIFIERS = ("", "", "", "", " offset 1m", " offset -1m", " offset 45s", " @ 300", " @ end()", " @ 240.5 offset 30s")
_PINNED = re.compile(r" @ (?:end\(\)|[\d.]+)")
_COUNTER_FUNCTIONS = ("rate", "increase", "irate", "resets")
_GAUGE_FUNCTIONS = ("delta", "idelta", "deriv", "changes")
_OVER_TIME = ("sum", "avg", "min", "max", "count", "last", "present", "stddev", "stdvar")
_INSTANT = ("abs", "ceil", "floor", "sgn", "sqrt", "exp", "ln", "log2", "log10", "deg", "rad")
_TRIGONOMETRY = ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh")
_CALENDAR = ("minute", "hour", "day_of_week", "day_of_month", "day_of_year", "days_in_month", "month", "year")
_AGGREGATIONS = ("sum", "avg", "min", "max", "count", "group", "stddev", "stdvar")
_GROUPINGS = ("", " by (job)", " by (instance, room)", " without (instance)", " without (job, room)", " by ()")
_ARITHMETIC = ("+", "-", "*", "/", "%", "^", "atan2")
_COMPARISONS = (">", "<", ">=", "<=", "!=", "==")
_MATCHINGS = ("", " on(job)", " ignoring(instance)", " ignoring(room, version)", " on(job, instance)", " on()")
_GROUP = ("", "", " group_left()", " group_right()", " group_left(version)", " group_right(room)")


class Expressions:
    """A stream of expressions from one seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def __next__(self) -> str:
        return self.vector(self._random.choice((1, 2, 2, 3)))

    def _pick(self, choices: tuple[str, ...]) -> str:
        return self._random.choice(choices)

    def selector(self, names: tuple[str, ...]) -> str:
        name = self._pick(names)
        return name + self._pick(_MATCHERS) + self._pick(_MODIFIERS)

    def windowed(self, names: tuple[str, ...]) -> str:
        """A range selector, or a subquery."""
        if self._random.random() < 0.15:
            # promtool 2.42 misplaces some selectors pinned by `@` inside a subquery, so there is none there.
            inner = _PINNED.sub("", self.vector(1))
            step = self._pick(("", "30s", "1m", "20s"))
            return f"({inner})[{self._pick(_RANGES)}:{step}]{self._pick(_MODIFIERS)}"
        name = self._pick(names)
        return f"{name}{self._pick(_MATCHERS)}[{self._pick(_RANGES)}]{self._pick(_MODIFIERS)}"

    def scalar(self, depth: int) -> str:
        choices = ["number", "number", "time"]
        if depth > 0:
            choices += ["scalar", "arithmetic"]
        match self._random.choice(choices):
            case "time":
                return "time()"
            case "scalar":
                return f"scalar({self.vector(depth - 1)})"
            case "arithmetic":
                operator = self._pick(_ARITHMETIC)
                return f"({self.scalar(depth - 1)} {operator} {self.scalar(depth - 1)})"
        return self._pick(("0", "1", "2", "0.5", "3.25", "10", "-1", "NaN", "Inf", "-Inf", "pi()"))

    def vector(self, depth: int) -> str:
        if depth <= 0:
            return self.selector(_COUNTERS + _GAUGES)
        kinds = (
            self._counter,
            self._counter,
            self._over_time,
            self._over_time,
            self._instant,
            self._aggregation,
            self._aggregation,
            self._aggregation,
            self._between_vectors,
            self._between_vectors,
            self._with_scalar,
            self._with_scalar,
            self._set,
            self._labels,
            self._histogram,
            self._odd,
        )
        return self._random.choice(kinds)(depth)

    def _counter(self, _: int) -> str:
        if self._random.random() < 0.5:
            return f"{self._pick(_COUNTER_FUNCTIONS)}({self.windowed(_COUNTERS)})"
        return f"{self._pick(_GAUGE_FUNCTIONS)}({self.windowed(_GAUGES)})"

    def _over_time(self, _: int) -> str:
        source = self.windowed(_COUNTERS + _GAUGES)
        kind = self._random.random()
        if kind < 0.12:
            return f"quantile_over_time({self._pick(('0', '0.3', '0.5', '0.99', '1', '1.5', '-1'))}, {source})"
        if kind < 0.2:
            return f"predict_linear({source}, {self._pick(('60', '3600', '-30'))})"
        if kind < 0.26:
            return f"holt_winters({source}, 0.3, 0.6)"
        if kind < 0.32:
            return f"absent_over_time({source})"
        return f"{self._pick(_OVER_TIME)}_over_time({source})"

    def _instant(self, depth: int) -> str:
        inner = self.vector(depth - 1)
        kind = self._random.random()
        if kind < 0.12:
            return f"round({inner}, {self._pick(('0.1', '5', '2.5'))})"
        if kind < 0.24:
            return f"clamp({inner}, {self._pick(('0', '2', '9'))}, {self._pick(('5', '8.5'))})"
        if kind < 0.3:
            return f"clamp_{self._pick(('min', 'max'))}({inner}, {self.scalar(0)})"
        if kind < 0.4:
            return f"{self._pick(_CALENDAR)}({self._pick(('', inner, 'vector(1e9)'))})"
        if kind < 0.55:
            return f"{self._pick(_TRIGONOMETRY)}({inner})"
        return f"{self._pick(_INSTANT)}({inner})"

    def _aggregation(self, depth: int) -> str:
        inner, grouping = self.vector(depth - 1), self._pick(_GROUPINGS)
        kind = self._random.random()
        if kind < 0.08:
            return f"quantile{grouping} ({self._pick(('0.1', '0.5', '0.9', '2'))}, {inner})"
        if kind < 0.14:
            # Over what was read, not computed: the last digit of an average depends on promtool's order of series.
            return f'count_values{grouping} ("value", {self.selector(_COUNTERS + _GAUGES)})'
        if kind < 0.2:
            return f"{self._pick(('topk', 'bottomk'))}({self._pick(('1', '2', '3', '0', '2.7'))}, ranked)"
        return f"{self._pick(_AGGREGATIONS)}{grouping} ({inner})"

    def _between_vectors(self, depth: int) -> str:
        left, right = self.vector(depth - 1), self.vector(depth - 1)
        matching = self._pick(_MATCHINGS)
        group = self._pick(_GROUP) if matching else ""
        if self._random.random() < 0.6:
            return f"({left}) {self._pick(_ARITHMETIC)}{matching}{group} ({right})"
        bool_modifier = self._pick(("", " bool"))
        return f"({left}) {self._pick(_COMPARISONS[:-2])}{bool_modifier}{matching}{group} ({right})"

    def _with_scalar(self, depth: int) -> str:
        vector, scalar = self.vector(depth - 1), self.scalar(depth - 1)
        if self._random.random() < 0.5:
            operator = self._pick(_ARITHMETIC)
        else:
            operator = self._pick(_COMPARISONS[:-2]) + self._pick(("", " bool"))
        sides = (vector, scalar) if self._random.random() < 0.7 else (scalar, vector)
        return f"({sides[0]}) {operator} ({sides[1]})"

    def _set(self, depth: int) -> str:
        left, right = self.vector(depth - 1), self.vector(depth - 1)
        return f"({left}) {self._pick(('and', 'or', 'unless'))}{self._pick(_MATCHINGS)} ({right})"

    def _labels(self, depth: int) -> str:
        inner = self.vector(depth - 1)
        if self._random.random() < 0.6:
            replacement = self._pick(('"$1-x"', '""', '"fixed"', '"${1}$2"'))
            pattern = self._pick(('"(.*)"', '"(a)(.*)"', '"none"', '".+"'))
            return f'label_replace({inner}, "{self._pick(("job", "new"))}", {replacement}, "job", {pattern})'
        return f'label_join({inner}, "joined", "/", "job", "instance", "missing")'

    def _histogram(self, _: int) -> str:
        quantile = self._pick(("0", "0.2", "0.5", "0.9", "0.99", "1", "-1", "1.2", "NaN"))
        matchers = self._pick(_MATCHERS[:6])
        if self._random.random() < 0.5:
            return f"histogram_quantile({quantile}, latency_bucket{matchers})"
        window = self._pick(_RANGES)
        return f"histogram_quantile({quantile}, sum by (job, le) (rate(latency_bucket{matchers}[{window}])))"

    def _odd(self, depth: int) -> str:
        inner = self.vector(depth - 1)
        return self._random.choice(
            (
                f"-({inner})",
                f"absent({self.selector(_COUNTERS + _GAUGES)})",
                f"absent(nothing{self._pick(_MATCHERS[:6])})",
                f"timestamp({self._pick((inner, self.selector(_COUNTERS + _GAUGES)))})",
                f"vector({self.scalar(depth - 1)})",
                f"sort_desc({inner})",
                f'{{__name__=~"requests_total|up"}}{self._pick(_MODIFIERS)}',
                f"{self.scalar(depth)}",
            )
        )
