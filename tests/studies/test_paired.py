"""Paired differences: exact zeros, the interval against its coverage."""

import numpy as np
import pytest

from studies.paired import FEWEST, paired_difference


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
