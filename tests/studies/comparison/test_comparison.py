"""Comparisons: nothing is exactly nothing, and a planted difference is found where it was planted."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from blackstart import compare
from studies.comparison import FIRST, SECOND, Comparison, comparison_of
from studies.comparison.words import verdict
from studies.sweep import Replication, Task, play, writing
from tests.studies.sweep.synthetic import ARM, MEASURE, Source, study

SCENARIO, PAIRS = "corner-lab-crash", 20
SLOW_DECISIONS = "organisation.working.decision=20m"


@pytest.fixture(scope="module")
def slower(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """Decisions take longer; nothing about alerts changes."""
    out = tmp_path_factory.mktemp("slower") / "out"
    return compare((None, []), (None, [SLOW_DECISIONS]), SCENARIO, PAIRS, jobs=1, out=out)


def test_a_against_a_is_exactly_zero_everywhere(tmp_path: Path) -> None:
    found = compare((None, []), ("corner-lab", []), SCENARIO, PAIRS, jobs=1, out=tmp_path / "out")
    assert found.identical
    assert found.objectives
    assert len(found.measures) > 20
    for objective in found.objectives:
        pairs = objective.pairs
        assert (pairs.difference, pairs.low, pairs.high, pairs.p_value) == (0, 0, 0, 1)
    for measure in found.measures:
        for quantile in (measure.median, measure.p90):
            assert (quantile.difference, quantile.low, quantile.high) == (0, 0, 0)
        assert measure.differing == 0
    assert "exactly 0" in verdict(found)


def test_what_a_change_does_not_reach_differs_by_exactly_zero(slower: Comparison) -> None:
    untouched = {measure.measure: measure for measure in slower.measures if not measure.differing}
    assert {"time_to_detect", "time_to_alert", "alert_recall", "user_reports"} <= set(untouched)
    for measure in untouched.values():
        assert (measure.median.difference, measure.median.low, measure.median.high) == (0, 0, 0)
    notice = next(objective for objective in slower.objectives if objective.id == "notice")
    assert notice.pairs.only_first == notice.pairs.only_second == 0
    assert notice.pairs.low < notice.pairs.difference == 0 < notice.pairs.high


def test_what_a_change_reaches_is_found(slower: Comparison) -> None:
    assert not slower.identical
    moved = {measure.measure: measure for measure in slower.measures if measure.differing}
    taken = moved["interruption_time"]
    assert taken.median.low is not None
    assert taken.median.low > 5 * 60
    assert taken.mean is not None
    assert taken.mean.variance_ratio is not None
    assert taken.mean.variance_ratio < 0.5


def test_the_documents_are_there(slower: Comparison) -> None:
    folder = slower.folder.path
    assert not (folder / "INCOMPLETE").exists()
    page = (folder / "comparison.html").read_text()
    assert SLOW_DECISIONS in page
    assert page.count("<svg") == len(list((folder / "figures").iterdir())) == 2


@dataclass(frozen=True)
class Two:
    """A back-end with a source for each arm."""

    first: Source
    second: Source

    def __enter__(self) -> Two:
        return self

    def __exit__(self, *_: object) -> None: ...

    def play(self, tasks: Iterable[Task]) -> Generator[Replication, None, None]:
        for task in tasks:
            yield (self.first if task.arm == FIRST else self.second).row(task)


def compared(first: Source, second: Source, count: int, folder: Path) -> Comparison:
    arms = tuple(ARM.model_copy(update={"name": name}) for name in (FIRST, SECOND))
    with writing(folder, study(count).model_copy(update={"arms": arms})) as opened:
        play(opened, Two(first, second))
        return comparison_of(opened)


def test_a_planted_difference_has_its_size_and_sign(tmp_path: Path) -> None:
    found = compared(Source(p=0.9, mean_s=60), Source(p=0.7, mean_s=120), 400, tmp_path)
    (objective,), (measure,) = found.objectives, found.measures
    assert objective.pairs.difference == objective.second.p - objective.first.p
    assert objective.pairs.low < -0.2 < objective.pairs.high < 0
    assert objective.pairs.only_second == 0  # the same draw under a lower probability
    assert measure.measure == MEASURE
    assert measure.median.first is not None
    assert measure.median.second == pytest.approx(2 * measure.median.first)


def test_means_of_censored_figures_are_not_given(tmp_path: Path) -> None:
    (measure,) = compared(Source(end_s=90), Source(end_s=90, mean_s=70), 100, tmp_path).measures
    assert measure.mean is None
    assert measure.censored > 20
    assert measure.median.difference is not None
    assert measure.p90.difference is None


def test_too_few_pairs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 20"):
        compared(Source(), replace(Source(), p=0.5), 19, tmp_path)
