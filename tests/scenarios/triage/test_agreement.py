"""Agreement of answers with labels, against numbers worked out by hand."""

import pytest

from scenarios.history.failure_modes import UNCLASSIFIED
from scenarios.triage.agreement import Agreement
from scenarios.triage.labels import Label


def agreement(labels: str, answers: str) -> Agreement:
    return Agreement.of((Label(label), answer) for label, answer in zip(labels, answers, strict=True))


def test_the_example_of_the_docstring() -> None:
    found = agreement("aabb", "abbb")
    assert (found.right, found.total, found.kappa) == (3, 4, 0.5)
    assert found.macro_f1 == pytest.approx(11 / 15)


def test_kappa_is_nought_where_only_chance_agrees_and_unknown_where_it_always_does() -> None:
    assert agreement("aabb", "abab").kappa == 0
    assert agreement("aa", "aa").kappa is None
    assert agreement("", "").kappa is None
    assert agreement("", "").macro_f1 is None


def test_kappa_of_a_table_of_three_modes() -> None:
    """A table of proportions .44 .05 .01 / .07 .20 .03 / .09 .05 .06: expected agreement .41."""
    table = {("a", "a"): 44, ("a", "b"): 5, ("a", "c"): 1, ("b", "a"): 7, ("b", "b"): 20, ("b", "c"): 3}
    table |= {("c", "a"): 9, ("c", "b"): 5, ("c", "c"): 6}
    found = Agreement()
    for (label, answer), count in table.items():
        for _ in range(count):
            found.add(Label(label), answer)
    expected = 0.50 * 0.60 + 0.30 * 0.30 + 0.20 * 0.10
    assert found.kappa == pytest.approx((0.70 - expected) / (1 - expected))


def test_a_mode_that_was_only_answered_weighs_in_the_mean() -> None:
    found = agreement("aa", "ab")
    assert [(mode.mode, mode.f1) for mode in found.modes] == [("a", pytest.approx(2 / 3)), ("b", 0.0)]
    assert found.macro_f1 == pytest.approx(1 / 3)


def test_second_modes_are_admitted_and_saying_nothing_is_no_answer() -> None:
    judged = [(Label("a", "b"), "b"), (Label("a"), UNCLASSIFIED), (Label(UNCLASSIFIED), UNCLASSIFIED)]
    found = Agreement.of(judged)
    assert (found.admitted, found.right, found.answered, found.right_of_answered) == (2, 1, 1, 0)
