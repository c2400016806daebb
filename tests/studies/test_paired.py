"""Paired differences: exact zeros, the interval against its coverage."""

import math

import numpy as np
import pytest
from scipy import stats

from studies.paired import FEWEST, Censored, paired_difference, paired_quantile_difference


def test_what_does_not_differ_differs_by_exactly_zero() -> None:
    values = np.random.default_rng(1).normal(size=40).tolist()
    found = paired_difference(values, values)
    assert (found.difference, found.low, found.high, found.variance_ratio) == (0, 0, 0, 0)


def test_a_constant_difference_is_certain() -> None:
    values = [float(n) for n in range(30)]
    found = paired_difference(values, [value + 2 for value in values])
    assert (found.difference, found.low, found.high) == (2, 2, 2)
    assert paired_difference([1.0] * 30, [1.0] * 30).variance_ratio is None


def test_the_variance_ratio_tells_whether_pairing_helped() -> None:
    random = np.random.default_rng(2)
    shared, first, second = random.normal(size=(3, 500))
    helped = paired_difference((5 * shared + first).tolist(), (5 * shared + second).tolist()).variance_ratio
    apart = paired_difference(first.tolist(), second.tolist()).variance_ratio
    harmed = paired_difference(first.tolist(), (-first).tolist()).variance_ratio
    assert helped == pytest.approx(1 / 26, rel=0.2)
    assert apart == pytest.approx(1, abs=0.15)
    assert harmed == pytest.approx(2)


def test_the_interval_covers_the_truth_about_as_often_as_it_says_and_is_no_wider_than_needed() -> None:
    """200 repetitions of 40 pairs with a true difference of 0.3: 179 to 198 are what chance allows for 95 %."""
    random = np.random.default_rng(3)
    covered, widths = 0, []
    for _ in range(200):
        first = random.normal(size=40)
        second = first + 0.3 + random.normal(size=40)
        found = paired_difference(first.tolist(), second.tolist())
        covered += found.low <= 0.3 <= found.high
        widths.append(found.high - found.low)
    assert 179 <= covered <= 198
    assert np.mean(widths) < 1.1 * 2 * 1.96 / 40**0.5


@pytest.mark.parametrize(("first", "second"), [(FEWEST - 1, FEWEST - 1), (FEWEST, FEWEST + 1)])
def test_too_few_or_unpaired_values_are_refused(first: int, second: int) -> None:
    with pytest.raises(ValueError, match="pairs are needed"):
        paired_difference([0.0] * first, [0.0] * second)


def uncensored(values: "np.typing.NDArray[np.float64]") -> Censored:
    return Censored(values.tolist(), [False] * len(values))


def test_a_quantile_of_the_same_values_differs_by_exactly_zero() -> None:
    random = np.random.default_rng(5)
    same = Censored(random.normal(size=40).tolist(), (random.random(40) < 0.6).tolist())
    found = paired_quantile_difference(same, same, 0.9)
    assert (found.difference, found.low, found.high) == (0, 0, 0)


def test_the_interval_of_a_quantiles_difference_is_that_of_scipys_paired_bootstrap() -> None:
    random = np.random.default_rng(6)
    first = random.exponential(size=300)
    second = first * 1.5 + random.exponential(0.2, 300)
    found = paired_quantile_difference(uncensored(first), uncensored(second), 0.5)

    def apart(a, b, axis):  # type: ignore[no-untyped-def]
        one, other = (np.quantile(values, 0.5, axis=axis, method="inverted_cdf") for values in (a, b))
        return other - one

    reference = stats.bootstrap(
        (first, second), apart, paired=True, method="percentile", n_resamples=4000, rng=np.random.default_rng(1)
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx((reference.low, reference.high), abs=0.03)
    assert found.difference == apart(first, second, 0)


def test_a_quantile_beyond_what_was_seen_has_no_difference_but_a_bound() -> None:
    values = np.random.default_rng(7).exponential(60, 200)
    second = np.minimum(values * 3, 100)
    found = paired_quantile_difference(uncensored(values), Censored(second.tolist(), (values * 3 > 100).tolist()), 0.75)
    assert found.second is None
    assert (found.difference, found.high) == (None, None)


def test_the_interval_of_a_quantiles_difference_covers_the_truth_with_values_cut_off() -> None:
    """Exponential times with means of 60 s and 90 s, one and the same draw, cut off at 150 s."""
    random = np.random.default_rng(8)
    truth, covered, widths = 30 * math.log(2), 0, []
    for _ in range(200):
        shared, own = random.exponential(1, 80), random.exponential(1, 80)
        apart = np.where(random.random(80) < 0.5, shared, own)
        times = (60 * shared, 90 * apart)
        first, second = (Censored(np.minimum(t, 150).tolist(), (t > 150).tolist()) for t in times)
        found = paired_quantile_difference(first, second, 0.5)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= truth <= found.high
        widths.append(found.high - found.low)
    assert 179 <= covered <= 198
    assert np.mean(widths) < 1.15 * 2 * 1.96 * math.hypot(60, 90) / 80**0.5
