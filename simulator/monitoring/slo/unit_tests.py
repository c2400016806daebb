"""Unit tests for generated rules, as promtool and `blackstart alerts test` run them.

For each alert a constant share of bad events begins after a time without any, as long as its longest window, and 1.25
times as large as its highest threshold (all of them, where slices of time are good or bad as a whole).  The workbook's
formula says when it fires; the tests look shortly before and shortly after.

promtool holds at most 10,000 samples for one query of a test and takes long over many; where windows are long, the
series have a sample every few minutes only.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from simulator.monitoring.promql import MemoryStorage, evaluate
from simulator.monitoring.promql.printing import write_number
from simulator.monitoring.promql.series import Values
from simulator.monitoring.promql.vectors import Vector
from simulator.monitoring.slo.burn_rates import time_to_fire_ms
from simulator.monitoring.slo.examples import ExampleSeries, example_series
from simulator.monitoring.slo.generation import GeneratedAlert, Severities, generated_alerts
from simulator.monitoring.slo.indicators import Slices
from simulator.monitoring.slo.objectives import Objective
from timeline.findings import InputError
from timeline.instants import MINUTE, SECOND, format_duration
from topologies.loading.gathering import Gathered

_ABOVE = 1.25
_EVALUATIONS_MS = MINUTE
_MOST_SAMPLES = 1_000
"""Of one series within a window, as long as no more than four minutes lie between them: a series ends after five."""
_LONGEST_INTERVAL_MS = 4 * MINUTE
_MARGIN_MS = 2 * MINUTE
"""Evaluations and what a rate makes of its edges: with one scrape more, no alert is this far from the formula."""


def unit_test_file(objectives: Iterable[Objective], rule_file_name: str, severities: Severities) -> str:
    """The tests of all objectives.  Raises InputError for indicators for which no example series can be made."""
    gathered = Gathered()
    lines = [
        "# Made by `blackstart alerts slo generate`, beside the rules that it tests.",
        f"rule_files: [{json.dumps(rule_file_name, ensure_ascii=False)}]",
        f"evaluation_interval: {format_duration(_EVALUATIONS_MS)}",
        "tests:",
    ]
    for objective in objectives:
        try:
            series = example_series(objective)
        except InputError as error:
            gathered.add(error.findings)
            continue
        for alert in generated_alerts(objective, severities):
            lines += _case(objective, alert, series)
    gathered.complete()
    return "".join(f"{line}\n" for line in lines)


def _case(objective: Objective, alert: GeneratedAlert, series: Sequence[ExampleSeries]) -> Iterator[str]:
    indicator = objective.indicator
    begins_ms = max(rate.long_ms for rate in alert.rates)
    bad_ratio = min(1.0, _ABOVE * max(rate.factor for rate in alert.rates) * objective.budget_ratio)
    if isinstance(indicator, Slices) and indicator.target_ratio is not None:
        bad_ratio = 1.0
    error_ratio = indicator.spending(bad_ratio)
    interval_ms = _interval_ms(objective, begins_ms)
    times_to_fire = (time_to_fire_ms(rate, objective.budget_ratio, error_ratio) for rate in alert.rates)
    fires_ms = min(after for after in times_to_fire if after is not None)
    margin_ms = _MARGIN_MS + interval_ms
    late_ms = margin_ms + (indicator.slice_ms if isinstance(indicator, Slices) else 0)
    before_ms = math.floor((begins_ms + fires_ms - margin_ms) / MINUTE) * MINUTE
    after_ms = math.ceil((begins_ms + fires_ms + late_ms) / MINUTE) * MINUTE
    times = np.arange(0, after_ms + 1, interval_ms, dtype=np.int64)
    errors = np.where(times > begins_ms, bad_ratio, 0.0)
    yield f"  - name: {_quoted(f'{objective.name}: {alert.name} while {bad_ratio:.6g} of all are bad')}"
    yield f"    interval: {format_duration(interval_ms)}"
    yield "    input_series:"
    for example in series:
        yield f"      - series: {_quoted(str(example.labels))}"
        yield f"        values: {_quoted(notation(example.values(errors)))}"
    yield "    alert_rule_test:"
    yield f"      - eval_time: {format_duration(before_ms)}"
    yield f"        alertname: {alert.name}"
    yield "        exp_alerts: []"
    yield f"      - eval_time: {format_duration(after_ms)}"
    yield f"        alertname: {alert.name}"
    yield "        exp_alerts:"
    labels = {**_result_labels(objective, series), **alert.labels}
    yield f"          - exp_labels: {_quoted(labels)}"
    yield f"            exp_annotations: {_quoted({'summary': alert.summary})}"


def _interval_ms(objective: Objective, longest_ms: int) -> int:
    """A minute, more where windows are long, less where the SLO counts short slices."""
    interval_ms = min(max(longest_ms // _MOST_SAMPLES // MINUTE * MINUTE, MINUTE), _LONGEST_INTERVAL_MS)
    if isinstance(objective.indicator, Slices):
        interval_ms = max(min(interval_ms, objective.indicator.slice_ms // 4 // SECOND * SECOND), SECOND)
    return interval_ms


def _result_labels(objective: Objective, series: Sequence[ExampleSeries]) -> dict[str, str]:
    """The labels that the error ratio of the example series has."""
    times = np.arange(0, 20 * MINUTE, SECOND * 15, dtype=np.int64)
    storage = MemoryStorage(example.series(times, np.full(len(times), 0.5)) for example in series)
    result = evaluate(objective.indicator.error_ratio(10 * MINUTE), storage, times[-1:])
    assert isinstance(result, Vector)
    return dict(result.labels[0].without_name()) if result.labels else {}


def notation(values: Values) -> str:
    """Values as the items of a test series: steps of equal size are written once."""
    items: list[str] = []
    index = 0
    while index < len(values):
        end = index + 1
        step = values[end] - values[index] if end < len(values) else 0.0
        while end < len(values) and math.isclose(values[end] - values[end - 1], step, abs_tol=1e-9):
            end += 1
        count = end - index - 1
        sign = "-" if step < 0 else "+"
        more = f"{sign}{write_number(round(abs(float(step)), 9))}x{count}" if count else ""
        items.append(write_number(round(float(values[index]), 9)) + more)
        index = end
    return " ".join(items)


def _quoted(value: str | dict[str, str]) -> str:
    return json.dumps(value, ensure_ascii=False)
