"""The script language of Prometheus' own PromQL tests.

A script is a list of commands, divided by empty lines; `#` starts a comment:

    load 1m
      http_requests_total{job="api"} 0+10x100

    eval instant at 50m sum(rate(http_requests_total[5m]))
      {} 0.1666666

`load` adds samples from time 0 on, `clear` forgets them.  `eval instant at T` and `eval range from A to B step S` run
a query and compare; `expect fail`, `expect ordered`, `expect string` and `expect range vector` say what else is
expected (so do the older `eval_fail` and `eval_ordered`).  An instant query is also run as the middle of a range
query, which must not change its result.

An evaluation that needs what is not supported (native histograms, experimental syntax) is *skipped*, with the
feature named.  Annotations (`expect warn`, `expect info`) are not produced, and not compared.

Source: Prometheus, `promql/promqltest/README.md` and `test.go`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from simulator.monitoring.promql import (
    METRIC_NAME,
    EvaluationError,
    Expression,
    Labels,
    MemoryStorage,
    Options,
    QueryError,
    Scalar,
    Semantics,
    Series,
    Vector,
    evaluate,
    match_all,
    parse,
)
from simulator.monitoring.promql.evaluation import select_range
from simulator.monitoring.promql.expressions import Selector, Text, ValueType
from simulator.monitoring.promql.series import Mask, Times, Values
from simulator.monitoring.ruletests.series_notation import (
    UnsupportedNotation,
    number,
    parse_items,
    parse_labels,
    parse_series,
    unquote,
)
from timeline.instants import MINUTE, parse_duration

_LOAD = re.compile(r"load(_with_nhcb)?\s+(\S+)")
_INSTANT = re.compile(r"eval(?:_(fail|warn|ordered|info))?\s+instant\s+(?:at\s+(\S+)\s+)?(.+)", re.DOTALL)
_RANGE = re.compile(r"eval(?:_(fail|warn|info))?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.+)", re.DOTALL)
_EXPECT = re.compile(r"expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?")
_EXPECT_RANGE = re.compile(r"expect range vector\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)")
_EXPECT_STRING = re.compile(r"expect string\s+(.+)")
_TOLERANCE = 1e-6
_SMALLEST_NORMAL = 2.2250738585072014e-308


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one evaluation: its line (from 1), what was asked, the outcome, and why it failed or was skipped."""

    line: int
    command: str
    outcome: Outcome
    reason: str = ""


class ScriptError(ValueError):
    """A line is not of the language; `line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class _Skip(Exception):
    """The evaluation needs a feature that is not supported."""


class _Mismatch(Exception):
    """The result is not the expected one."""


@dataclass(slots=True)
class _Evaluation:
    """An `eval` command: the query, its steps and what is expected."""

    line: int
    command: str
    query: str
    times: Times
    instant: bool
    fails: bool = False
    fail_patterns: list[re.Pattern[str]] = field(default_factory=list)
    ordered: bool = False
    string: str | None = None
    scalar: float | None = None
    range_times: Times | None = None
    series: dict[Labels, tuple[Values, Mask]] = field(default_factory=dict)
    unsupported: str = ""


def run_script(
    text: str,
    semantics: Semantics = Semantics.PROMETHEUS_3_LATE_NAMES,
) -> Iterator[Verdict]:
    """Run a script and give a verdict for every evaluation, in order.

    The scripts of Prometheus 3 assume that metric names are dropped late, hence the default.
    Raises ScriptError at the first line that cannot be read.
    """
    state = _Loaded()
    for line, block in _blocks(text):
        head = block[0]
        if head == "clear":
            state = _Loaded()
        elif head.startswith("load"):
            state.load(line, block)
        elif head.startswith("eval"):
            yield _judge(_read_evaluation(line, block), state, Options(semantics))
        else:
            raise ScriptError(line, f"unknown command {head.split()[0]!r}; expected load, clear or eval")


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Commands with their lines and the number of the first one."""
    block: list[str] = []
    start = 0
    for index, raw in enumerate([*text.splitlines(), ""], start=1):
        line = raw.strip()
        if line.startswith("#"):
            line = ""
        starts_anew = bool(re.match(r"(clear$|load(_with_nhcb)?\s|eval(_\w+)?\s+(instant|range)\s)", line))
        if block and (not line or starts_anew):
            yield start, block
            block = []
        if line:
            start = start if block else index
            block.append(line)


class _Loaded:
    """What was loaded so far: samples by series, and the series whose samples could not be read."""

    def __init__(self) -> None:
        self._samples: dict[Labels, tuple[Times, Values]] = {}
        self._unsupported: dict[Labels, str] = {}
        self._times: dict[bytes, Times] = {}

    def load(self, line: int, block: Sequence[str]) -> None:
        head = _LOAD.fullmatch(block[0])
        if head is None:
            raise ScriptError(line, "expected load, then the distance of samples, like: load 5m")
        interval = _duration(head[2], line)
        for number_of, text in enumerate(block[1:], start=line + 1):
            try:
                labels, rest = parse_labels(text)
                if rest.startswith("@st"):
                    self._unsupported[labels] = "start timestamps are not supported"
                    continue
                if head[1]:
                    self._unsupported[_converted(labels)] = "native histograms are not supported"
                values, present = parse_items(rest)
            except UnsupportedNotation as unsupported:
                self._unsupported[labels] = str(unsupported)
                continue
            except ValueError as error:
                raise ScriptError(number_of, str(error)) from None
            times = np.arange(len(values), dtype=np.int64)[present] * interval
            self._add(labels, times, values[present])

    def _add(self, labels: Labels, times: Times, values: Values) -> None:
        if labels in self._samples:
            known_times, known_values = self._samples[labels]
            times, values = np.concatenate([known_times, times]), np.concatenate([known_values, values])
            times, last = np.unique(times[::-1], return_index=True)
            values = values[::-1][last]
        self._samples[labels] = self._times.setdefault(times.tobytes(), times), values

    def storage(self) -> MemoryStorage:
        return MemoryStorage(Series(labels, times, values) for labels, (times, values) in sorted(self._samples.items()))

    def check_support(self, expression: Expression) -> None:
        """Skip a query that could see a series which could not be loaded."""
        for node in expression.walk():
            if isinstance(node, Selector):
                for labels, feature in self._unsupported.items():
                    if match_all(node.matchers, labels):
                        raise _Skip(feature)


def _converted(labels: Labels) -> Labels:
    """What a classic series is called once it is a native histogram with custom buckets."""
    name = re.sub(r"_(bucket|count|sum)$", "", labels.metric_name)
    return labels.replaced(METRIC_NAME, name).without(("le",))


def _duration(text: str, line: int) -> int:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise ScriptError(line, str(error)) from None


def _read_evaluation(line: int, block: Sequence[str]) -> _Evaluation:
    head = block[0]
    if found := _INSTANT.fullmatch(head):
        times = np.array([_duration(found[2] or "0", line)], dtype=np.int64)
        result = _Evaluation(line, head, found[3], times, instant=True)
    elif found := _RANGE.fullmatch(head):
        start, end, step = (_duration(found[part], line) for part in (2, 3, 4))
        times = np.arange(start, end + 1, step, dtype=np.int64)
        result = _Evaluation(line, head, found[5], times, instant=False)
    else:
        raise ScriptError(line, "expected eval instant at T QUERY, or eval range from A to B step S QUERY")
    result.fails, result.ordered = found[1] == "fail", found[1] == "ordered"
    for index, text in enumerate(block[1:], start=line + 1):
        try:
            _read_expectation(result, text, index)
        except UnsupportedNotation as unsupported:
            result.unsupported = str(unsupported)
        except (ValueError, re.error) as error:
            raise ScriptError(index, str(error)) from None
    return result


def _read_expectation(result: _Evaluation, text: str, line: int) -> None:
    if found := _EXPECT_RANGE.fullmatch(text):
        start, end, step = (_duration(part, line) for part in found.groups())
        result.range_times = np.arange(start, end + 1, step, dtype=np.int64)
    elif found := _EXPECT_STRING.fullmatch(text):
        result.string = unquote(found[1].strip())
    elif found := _EXPECT.fullmatch(text):
        result.fails |= found[1] == "fail"
        result.ordered |= found[1] == "ordered"
        if found[1] == "fail" and found[2]:
            wanted = found[3].strip()
            result.fail_patterns.append(re.compile(re.escape(wanted) if found[2] == "msg" else wanted))
    elif text.startswith("expected_fail_message"):
        result.fail_patterns.append(re.compile(re.escape(text.removeprefix("expected_fail_message").strip())))
    elif text.startswith("expected_fail_regexp"):
        result.fail_patterns.append(re.compile(text.removeprefix("expected_fail_regexp").strip()))
    else:
        try:
            result.scalar = number(text)
        except ValueError:
            labels, values, present = parse_series(text)
            result.series[labels] = values, present


def _judge(evaluation: _Evaluation, loaded: _Loaded, options: Options) -> Verdict:
    def verdict(outcome: Outcome, reason: str = "") -> Verdict:
        return Verdict(evaluation.line, evaluation.command, outcome, reason)

    try:
        if evaluation.unsupported:
            raise _Skip(evaluation.unsupported)
        try:
            expression = parse(evaluation.query)
            loaded.check_support(expression)
            _compare(evaluation, expression, loaded.storage(), options)
        except (QueryError, EvaluationError) as error:
            if "not supported" in str(error):
                raise _Skip(str(error)) from None
            _compare_failure(evaluation, error)
        else:
            if evaluation.fails:
                raise _Mismatch("expected an error, got a result")
    except _Skip as skip:
        return verdict(Outcome.SKIPPED, str(skip))
    except _Mismatch as mismatch:
        return verdict(Outcome.FAILED, str(mismatch))
    return verdict(Outcome.PASSED)


def _compare_failure(evaluation: _Evaluation, error: QueryError | EvaluationError) -> None:
    """Reasons are compared for evaluation only: what is wrong with a text, two parsers say in two ways."""
    if not evaluation.fails:
        raise _Mismatch(f"failed: {error}")
    for pattern in evaluation.fail_patterns if isinstance(error, EvaluationError) else ():
        if not pattern.search(str(error)):
            raise _Mismatch(f"expected an error like {pattern.pattern!r}, got {str(error)!r}")


def _compare(evaluation: _Evaluation, expression: Expression, storage: MemoryStorage, options: Options) -> None:
    at_ms = int(evaluation.times[0])
    if isinstance(expression, Text):
        if not evaluation.fails and expression.value != evaluation.string:
            raise _Mismatch(f"expected the string {evaluation.string!r}, got {expression.value!r}")
    elif expression.value_type is ValueType.MATRIX:
        _compare_range_vector(evaluation, select_range(expression, storage, at_ms, options))
    else:
        result = evaluate(expression, storage, evaluation.times, options=options)
        if evaluation.fails:
            return
        _compare_result(evaluation, result, 0)
        if evaluation.instant and not evaluation.ordered:
            around = evaluation.times + np.array([-MINUTE, 0, MINUTE], dtype=np.int64)
            _compare_result(evaluation, evaluate(expression, storage, around, options=options), 1)


def _compare_result(evaluation: _Evaluation, result: Vector | Scalar, step: int) -> None:
    if isinstance(result, Scalar):
        _compare_scalar(evaluation, result, step)
        return
    if evaluation.scalar is not None:
        raise _Mismatch("expected a scalar, got a vector")
    if evaluation.instant:
        steps = slice(step, step + 1)
        result = Vector(result.labels, result.values[:, steps], result.present[:, steps]).compact()
    if evaluation.ordered and list(evaluation.series) != result.labels:
        wanted, got = (", ".join(map(str, labels)) for labels in (evaluation.series, result.labels))
        raise _Mismatch(f"expected the order {wanted}, got {got}")
    for row, labels in enumerate(result.labels):
        if labels not in evaluation.series:
            raise _Mismatch(f"unexpected series {labels} with {_show(result.values[row], result.present[row])}")
        values, present = evaluation.series[labels]
        _compare_row(labels, values, present, result.values[row], result.present[row])
    for labels in evaluation.series:
        if labels not in result.labels and evaluation.series[labels][1].any():
            raise _Mismatch(f"expected series {labels} not found")


def _compare_scalar(evaluation: _Evaluation, result: Scalar, step: int) -> None:
    if evaluation.instant:
        if evaluation.scalar is None:
            raise _Mismatch(f"expected a vector, got the scalar {result.values[step]}")
        if not _equal(np.array([evaluation.scalar]), result.values[step : step + 1]).all():
            raise _Mismatch(f"expected the scalar {evaluation.scalar}, got {result.values[step]}")
        return
    for labels, (values, present) in evaluation.series.items():
        _compare_row(labels, values, present, result.values, np.ones(len(result.values), dtype=np.bool_))


def _compare_row(labels: Labels, wanted: Values, wanted_at: Mask, got: Values, got_at: Mask) -> None:
    padding = len(got) - len(wanted)
    if padding > 0:
        wanted = np.concatenate([wanted, np.zeros(padding)])
        wanted_at = np.concatenate([wanted_at, np.zeros(padding, dtype=np.bool_)])
    same = len(wanted) == len(got) and (wanted_at == got_at).all() and _equal(wanted[got_at], got[got_at]).all()
    if not same:
        raise _Mismatch(f"expected {_show(wanted, wanted_at)} for {labels}, got {_show(got, got_at)}")


def _compare_range_vector(evaluation: _Evaluation, result: Sequence[Series]) -> None:
    if evaluation.range_times is None:
        raise _Mismatch("got a range vector, which needs: expect range vector from A to B step S")
    found = {series.labels: series for series in result}
    for labels, (values, present) in evaluation.series.items():
        if labels not in found:
            raise _Mismatch(f"expected series {labels} not found")
        series = found.pop(labels)
        times = evaluation.range_times[: len(values)][present]
        if not np.array_equal(times, series.times):
            raise _Mismatch(f"expected samples at {times.tolist()} ms for {labels}, got {series.times.tolist()}")
        everywhere = np.ones(len(times), dtype=np.bool_)
        _compare_row(labels, values[present], everywhere, series.values, everywhere)
    if found:
        raise _Mismatch(f"unexpected series {next(iter(found))}")


def _show(values: Values, present: Mask) -> str:
    return " ".join(f"{value:.12g}" if here else "_" for value, here in zip(values, present, strict=True))


def _equal(a: Values, b: Values) -> Mask:
    """Equal but for rounding: a relative difference below one in a million; NaN equals NaN."""
    with np.errstate(all="ignore"):
        size, difference = np.abs(a) + np.abs(b), np.abs(a - b)
        tiny = (a == 0) | (b == 0) | (size < _SMALLEST_NORMAL)
        near = np.where(tiny, difference < _TOLERANCE * _SMALLEST_NORMAL, difference / size < _TOLERANCE)
        equal: Mask = near | (a == b) | (np.isnan(a) & np.isnan(b))
    return equal
