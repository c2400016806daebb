"""The Gini coefficient against its closed forms and its definition."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.workload.inequality import gini

BURDENS = st.lists(st.integers(0, 10_000), min_size=1, max_size=30)


def by_definition(burdens: list[int]) -> float:
    n, mean = len(burdens), sum(burdens) / len(burdens)
    return sum(abs(x - y) for x in burdens for y in burdens) / (2 * n * n * mean)


@pytest.mark.parametrize("n", [1, 2, 5, 40])
def test_equal_shares_give_zero_and_one_who_carries_all_gives_one_minus_a_share(n: int) -> None:
    assert gini([7.5] * n) == 0
    assert gini([0] * (n - 1) + [3]) == pytest.approx(1 - 1 / n)


@pytest.mark.parametrize("n", [2, 10, 100])
def test_shares_that_rise_evenly(n: int) -> None:
    """Of 1, 2, ..., n it is (n - 1) / (3 n)."""
    assert gini(range(1, n + 1)) == pytest.approx((n - 1) / (3 * n))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_two_classes(share: float) -> None:
    """Where a share f of people carries a share u of everything in equal parts, it is u - f."""
    people = 100
    few = round(share * people)
    burdens = [0.95 / few] * few + [0.05 / (people - few)] * (people - few)
    assert gini(burdens) == pytest.approx(abs(0.95 - share))


def test_nobody_carries_anything() -> None:
    assert gini([]) is None
    assert gini([0, 0]) is None


@given(BURDENS.filter(any))
def test_it_is_half_the_relative_mean_difference(burdens: list[int]) -> None:
    assert gini(burdens) == pytest.approx(by_definition(burdens), abs=1e-12)


@given(BURDENS.filter(any), st.integers(1, 1000), st.randoms())
def test_neither_unit_nor_order_nor_a_copy_of_everybody_matters(burdens: list[int], factor: int, random) -> None:  # type: ignore[no-untyped-def]
    unequal = gini(burdens)
    shuffled = random.sample(burdens, len(burdens))
    assert gini(shuffled) == unequal
    assert gini([factor * x for x in burdens]) == pytest.approx(unequal)
    assert gini(burdens * 2) == pytest.approx(unequal)


@given(BURDENS.filter(lambda burdens: len(set(burdens)) > 1))
def test_giving_from_the_most_to_the_least_burdened_lowers_it(burdens: list[int]) -> None:
    most, least = max(burdens), min(burdens)
    before = gini(burdens)
    burdens[burdens.index(most)] -= (most - least) / 2  # type: ignore[call-overload]
    burdens[burdens.index(least)] += (most - least) / 2  # type: ignore[call-overload]
    after = gini(burdens)
    assert before is not None
    assert after is not None
    assert after < before or math.isclose(after, before)
