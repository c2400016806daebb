"""Made-up series give an indicator exactly the error ratio that was asked for, through the PromQL evaluator."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.monitoring.promql import MemoryStorage, evaluate
from simulator.monitoring.promql.vectors import Vector
from simulator.monitoring.ruletests.series_notation import parse_items
from simulator.monitoring.slo.examples import example_series
from simulator.monitoring.slo.unit_tests import notation
from tests.simulator.monitoring.slo.building import BAD, TOTAL, good, objective, ratio, stored, threshold
from timeline.findings import InputError
from timeline.instants import HOUR, MINUTE

METRICS = {
    "bad of all": ratio(),
    "good of all": good(TOTAL.replace("}", ', code!~"5.."}'), TOTAL),
    "buckets of a histogram": good('d_bucket{le="0.3"}', "d_count"),
    "regular expressions": ratio('x{a=~"(foo|bar)-[0-9]+", b=~".+", code=~"5.."}', 'x{a=~"(foo|bar)-[0-9]+", b=~".+"}'),
    "negations": ratio('x{code!~"2..|3..", path!="/health"}', 'x{path!="/health"}'),
    "a label that only bad ones have": ratio('x{error!=""}', "x"),
    "events each scrape": ratio().replace("counter: true", "counter: false"),
    "stored successes": stored("r", "success"),
    "stored failures": stored('r{a="b"}'),
    "a value below a bound": threshold("l"),
}


@pytest.mark.parametrize("name", METRICS)
@settings(max_examples=15)
@given(share=st.floats(0, 1))
def test_the_error_ratio_is_the_one_asked_for(name: str, share: float) -> None:
    bounded = name == "a value below a bound"
    one = objective(metric=METRICS[name], target="target: 0.99" + (", op: lte, value: 0.3" if bounded else ""))
    times = np.arange(0, 2 * HOUR, MINUTE, dtype=np.int64)
    storage = MemoryStorage(s.series(times, np.full(len(times), share)) for s in example_series(one))
    result = evaluate(one.indicator.error_ratio(HOUR), storage, times[-1:])
    assert isinstance(result, Vector)
    # A threshold counts whole samples, at most a few of an hour's more or less.
    tolerance = 3 / 60 if bounded else 1e-9
    assert result.values.ravel().tolist() == [pytest.approx(share, abs=tolerance)]


@pytest.mark.parametrize(
    "metric", [ratio("a + b", "c"), ratio('x{a="1"}', 'x{a="1"}'), ratio('x{a=~"[^a-z]{3}z+q"}', "y")]
)
def test_what_cannot_be_made_up_is_refused(metric: str) -> None:
    with pytest.raises(InputError, match=r"slo\.no-example"):
        example_series(objective(metric=metric))


@given(st.lists(st.integers(-5, 5).map(float), max_size=40))
def test_the_notation_of_series_reads_back(values: list[float]) -> None:
    read, present = parse_items(notation(np.array(values)))
    assert present.all()
    assert read.tolist() == pytest.approx(values)


def test_bad_ones_are_of_the_bad_and_the_others_are_not() -> None:
    assert [str(s.labels) for s in example_series(objective(metric=ratio(BAD, TOTAL)))] == [
        'http_requests_total{code="500", job="api"}',
        'http_requests_total{code="200", job="api"}',
    ]
