"""Distributions: grammar, and quantiles against scipy."""

import math

import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from timeline.distributions import Distribution
from timeline.instants import MINUTE


@pytest.mark.parametrize("p", [0.001, 0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("uniform(5m, 20m)", scipy.stats.uniform(5 * MINUTE, 15 * MINUTE)),
        ("exponential(mean=10m)", scipy.stats.expon(scale=10 * MINUTE)),
        ("triangular(2m, 5m, 15m)", scipy.stats.triang(3 / 13, 2 * MINUTE, 13 * MINUTE)),
    ],
)
def test_quantiles_agree_with_scipy(text: str, reference: object, p: float) -> None:
    assert Distribution.parse(text).quantile(p) == pytest.approx(reference.ppf(p), abs=1)  # type: ignore[attr-defined]


def test_lognormal_has_the_median_and_the_p90_it_was_given() -> None:
    distribution = Distribution.parse("lognormal(median=8m, p90=25m)")
    assert distribution.quantile(0.5) == 8 * MINUTE
    assert distribution.quantile(0.9) == 25 * MINUTE


def test_weibull_has_the_median_and_the_p90_it_was_given() -> None:
    distribution = Distribution.parse("weibull(median=8m, p90=25m)")
    assert distribution.quantile(0.5) == 8 * MINUTE
    assert distribution.quantile(0.9) == 25 * MINUTE


@pytest.mark.parametrize("p", [0.001, 0.1, 0.5, 0.9, 0.999])
def test_weibull_quantiles_agree_with_scipy(p: float) -> None:
    power = math.log(math.log(10) / math.log(2)) / math.log(25 / 8)
    reference = scipy.stats.weibull_min(power, scale=8 * MINUTE / math.log(2) ** (1 / power))
    assert Distribution.parse("weibull(median=8m, p90=25m)").quantile(p) == pytest.approx(reference.ppf(p), abs=1)


def test_a_plain_duration_always_takes_that_value() -> None:
    assert {Distribution.parse("10m").quantile(p) for p in (0.01, 0.5, 0.99)} == {10 * MINUTE}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("normal(5m)", "'normal' is not a known distribution"),
        ("lognorml(median=1m, p90=2m)", "did you mean 'lognormal'"),
        ("lognormal(median=8m)", "also needs p90"),
        ("lognormal(median=8m, p90=5m)", "0 < median <= p90"),
        ("weibull(median=8m, p90=8m)", "0 < median < p90"),
        ("lognormal(median=8m, p90=9m, p99=10m)", "has no parameter 'p99'"),
        ("uniform(5m, 5m)", "must rise"),
        ("uniform(1m, 2m, 3m)", "takes 2 values"),
        ("uniform(low=1m, low=2m)", "given twice"),
        ("exponential(mean=0s)", "above zero"),
        ("uniform(5, 10)", "is not a duration"),
    ],
)
def test_says_what_is_wrong(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint.replace("(", r"\(")):
        Distribution.parse(text)


@given(st.floats(0.0001, 0.9999), st.floats(0.0001, 0.9999))
def test_quantiles_never_fall(p: float, q: float) -> None:
    for text in ("lognormal(median=8m, p90=25m)", "triangular(0s, 5m, 5m)", "exponential(mean=3m)"):
        distribution = Distribution.parse(text)
        assert (p <= q) == (distribution.quantile(p) <= distribution.quantile(q)) or p == pytest.approx(q, rel=1e-3)
