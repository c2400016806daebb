"""The harness can fail: a case that breaks nothing, hits what it does not declare, or names what is not there."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from reports.measures import Sample
from tests.practices.harness import FEW, FEW_LEVEL, PracticeCase, _sign, holm, judge
from timeline.findings import InputError
from timeline.references import function

PAGING = {"organisation.channels.push.latency": "10m"}
"""Everything after the page comes later, and nothing before it."""
FINE = PracticeCase(
    practice="6.5",
    scenario="kiosk/outage",
    broken={
        "organisation.people.back-one.skills.database": "0.1",
        "organisation.people.back-two.skills.database": "0.1",
    },
    worsens=("time_to_acknowledge",),
    why="never mind",
)


def objections(**changes: object) -> str:
    return "\n".join(judge(replace(FINE, **changes), FEW).objections(FEW_LEVEL))  # type: ignore[arg-type]


def test_a_case_that_breaks_nothing_is_rejected() -> None:
    assert "changes nothing" in objections(broken={"organisation.title": "another name"})
    assert "changes nothing" in objections(broken={})


def test_a_case_whose_measure_does_not_get_worse_is_rejected() -> None:
    found = objections(broken={"organisation.people.purser.answer.day": "40m"}, worsens=("time_to_acknowledge",))
    assert "must get worse: time_to_acknowledge: 0 worse" in found


def test_a_measure_that_was_not_declared_is_rejected() -> None:
    found = objections(broken=PAGING, worsens=("time_to_acknowledge",))
    assert "must stay the same, and differs" in found
    assert "time_to_detect" in found
    assert "time_to_acknowledge" not in found


def test_what_may_get_worse_may_not_get_better() -> None:
    """Quick paging in place of slow paging, as if it were the broken one."""
    found = objections(
        unbroken=PAGING, broken={"organisation.channels.push.latency": "5s"}, may_worsen=("time_to_detect",)
    )
    assert "got better: time_to_detect" in found
    assert "must get worse: time_to_acknowledge" in found


def test_what_stays_the_same_because_nothing_measures_it_is_rejected() -> None:
    assert "has no samples: split_brain" in objections(fixed=("split_brain",))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"worsens": ("time_to_acknowlege",)}, "no measure time_to_acknowlege"),
        ({"may_move": ("nothing",)}, "no measure nothing"),
        ({"practice": "9.1"}, "no practice 9.1"),
        ({"practice": "5.4"}, "no measure of this practice"),
        ({"worsens": ()}, "no measure of this practice"),
        ({"fixed": ("time_to_acknowledge",)}, "named twice"),
    ],
)
def test_a_case_that_names_what_is_not_there_cannot_be_written(changes: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        replace(FINE, **changes)  # type: ignore[arg-type]


def test_a_path_that_leads_nowhere_cannot_be_played() -> None:
    with pytest.raises(InputError, match="rotations"):
        judge(replace(FINE, broken={"organisation.rotation.back-first": "null"}), 1)


def sample(value: float, *, censored: bool = False) -> list[Sample]:
    return [Sample(function("selling"), value, (1,), censored)]


@pytest.mark.parametrize(
    ("measure", "whole", "broken", "sign"),
    [
        ("time_to_restore", sample(10), sample(20), 1),
        ("time_to_restore", sample(20), sample(10), -1),
        ("time_to_restore", sample(10), sample(10), 0),
        ("time_to_restore", sample(10), sample(20, censored=True), 1),
        ("time_to_restore", sample(20), sample(10, censored=True), 0),
        ("time_to_restore", sample(10, censored=True), sample(20), 0),
        ("time_to_restore", sample(20, censored=True), sample(10), -1),
        ("time_to_restore", sample(10, censored=True), sample(20, censored=True), 0),
        ("time_to_restore", [], sample(20), 0),
        ("rto_met", sample(1), sample(0), 1),
        ("rto_met", sample(1, censored=True), sample(0), 0),
        ("rto_met", sample(0), sample(1, censored=True), 0),
        ("rto_met", sample(0), sample(1), -1),
    ],
)
def test_pairs_by_what_is_known_of_them(measure: str, whole: list[Sample], broken: list[Sample], sign: int) -> None:
    assert _sign(measure, whole, broken) == sign


def test_the_correction_lets_fewer_pass_than_each_alone_and_stops_at_the_first_failure() -> None:
    alone = {"a": 0.0009, "b": 0.0011, "c": 0.049}
    assert holm(alone, tests=48) == ["b", "c"]
    assert holm({"a": 0.002}, tests=48) == ["a"]
    assert holm({"a": 0.01, "b": 0.02, "c": 0.04}, tests=3) == []
    assert holm({"a": 0.01, "b": 0.03, "c": 0.03}, tests=3) == ["b", "c"]
    steps = [0.05 / (48 - n) for n in range(48)]
    assert all(one < other for one, other in pairwise(steps))
    assert holm({str(n): p for n, p in enumerate(steps)}, tests=48) == []
