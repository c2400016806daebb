"""When a combination counts as broken: the evidence against formulas, and how often it errs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from studies.search.evidence import Rule, Verdict, e_value


@pytest.mark.parametrize(
    ("hits", "trials", "share"), [(0, 0, 0.5), (3, 3, 0.5), (7, 12, 0.3), (60, 80, 0.9), (2, 40, 0.1)]
)
def test_the_evidence_is_the_averaged_likelihood_ratio(hits: int, trials: int, share: float) -> None:
    def ratio(p: float) -> float:
        return float((p / share) ** hits * ((1 - p) / (1 - share)) ** (trials - hits))

    assert e_value(hits, trials, share) == pytest.approx(quad(ratio, share, 1)[0] / (1 - share), rel=1e-6)


def play(p: float, asked: int, rng: np.random.Generator) -> Verdict:
    rule, broken = Rule(), 0
    for played in range(1, rule.confirm_at_most + 1):
        broken += rng.random() < p
        if (verdict := rule.verdict(broken, played, asked)) is not None:
            return verdict
    raise AssertionError("the last exercise ends it")


def test_findings_are_false_no_more_often_than_stated() -> None:
    """At the share itself, asked for twenty combinations in each search: any finding is false."""
    rng = np.random.default_rng(7)
    false = sum(any(play(0.5, asked, rng) is Verdict.BREAKS for asked in range(1, 21)) for _ in range(300))
    assert false <= 22  # of 300 at 5 %: 15 are expected at most, 22 is the 97 % point


def test_what_always_breaks_is_found_and_what_seldom_does_is_not() -> None:
    rng = np.random.default_rng(7)
    assert {play(1.0, asked, rng) for asked in (1, 10, 100)} == {Verdict.BREAKS}
    assert {play(0.1, asked, rng) for asked in range(1, 50)} == {Verdict.HOLDS}
    assert Verdict.UNSURE in {play(0.55, asked, rng) for asked in range(1, 50)}


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.9])
def test_screening_misses_no_more_than_stated(share: float) -> None:
    rule = Rule(share=share)
    assert (1 - share) ** rule.screening <= rule.missed
    assert rule.screening == 1 or (1 - share) ** (rule.screening - 1) > rule.missed
