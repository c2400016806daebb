"""What rows say, on a source whose truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from reports.measures import MEASURES, Direction
from studies.sweep import summarise_arm
from studies.sweep.arms import Until
from studies.sweep.distributions import figure_quantile
from studies.sweep.outcomes import FigureRow, Replication
from studies.sweep.stopping import Stopping
from studies.sweep.store import CELL
from tests.studies.sweep.synthetic import ARM, MEASURE, Source, rows

ALLOWED = range(179, 199)
"""Of 200 repetitions, what chance allows for 95 %."""
HIGHER = "detection_lead"


def test_an_objective_counts_as_its_runs_say() -> None:
    found = rows(200, Source(p=0.7))
    (objective,) = summarise_arm(ARM, found).objectives
    assert objective.met.hits == sum(row.objectives_met for row in found)
    assert 0.55 < objective.met.p < 0.85


def test_an_objective_that_was_still_open_is_counted_apart() -> None:
    found = rows(200, Source(p=0.5, end_s=30))
    (objective,) = summarise_arm(ARM, found).objectives
    undecided = [row for row in found if row.targets[0].censored and not row.objectives_met]
    assert objective.undecided == len(undecided) > 20


def test_censored_figures_stay_in_the_distribution() -> None:
    found = rows(400, Source(end_s=90))
    (figures,) = summarise_arm(ARM, found).measures
    median, p90 = figures.quantile(0.5), figures.quantile(0.9)
    assert len(figures.values) == 400
    assert figures.open == sum(row.figures[0].censored for row in found) > 50
    assert median.value == pytest.approx(60 * math.log(2), rel=0.2)
    assert (p90.value, p90.high) == (None, None)
    assert p90.low == 90


def test_where_more_is_better_a_censored_figure_is_an_upper_bound() -> None:
    assert MEASURES[HIGHER].direction is Direction.HIGHER
    values = [float(n) for n in range(1, 101)]
    censored = [n <= 20 for n in range(1, 101)]
    low = figure_quantile(HIGHER, values, censored, 0.1)
    assert (low.value, low.low) == (None, None)
    assert low.high is not None
    assert low.high >= 10
    assert figure_quantile(HIGHER, values, censored, 0.9).value == pytest.approx(90, abs=1)


def repetitions(count: int) -> list[list[Replication]]:
    return [rows(count, Source(seed=seed, p=0.85, end_s=200)) for seed in range(200)]


@pytest.mark.parametrize("replications", [100, pytest.param(1000, marks=pytest.mark.prove)])
def test_intervals_cover_the_truth_and_are_no_wider_than_needed(replications: int) -> None:
    """A Bernoulli objective and exponential times of which some are cut off, 200 times over."""
    covered, widths = {"p": 0, "p50": 0, "p90": 0}, []
    for found in repetitions(replications):
        summary = summarise_arm(ARM, found)
        met = summary.objectives[0].met
        covered["p"] += met.low <= 0.85 <= met.high
        widths.append(met.high - met.low)
        for name, share in (("p50", 0.5), ("p90", 0.9)):
            bounds = summary.measures[0].quantile(share)
            truth = -60 * math.log(1 - share)
            covered[name] += (bounds.low or 0) <= truth <= (math.inf if bounds.high is None else bounds.high)
    assert all(count in ALLOWED for count in covered.values()), covered
    assert np.mean(widths) < 1.05 * 2 * 1.96 * math.sqrt(0.85 * 0.15 / replications)


@pytest.mark.prove
def test_stopping_on_the_width_keeps_the_coverage() -> None:
    covered = 0
    for seed in range(200):
        source, stopping, hits = Source(seed=1000 + seed, p=0.8), Stopping(Until(id="restore", width=0.15)), []
        for row in rows(600, source):
            stopping.add(row)
            hits.append(row.objectives_met)
            if stopping.narrow_enough():
                break
        assert CELL <= len(hits) < 600
        met = summarise_arm(ARM, rows(len(hits), source)).objectives[0].met
        covered += met.low <= 0.8 <= met.high
    assert covered in ALLOWED


def test_a_measure_that_was_not_called_for_is_counted_where_it_was() -> None:
    found = rows(30, Source())
    bare = [row if row.replication % 3 else _without_figures(row) for row in found]
    (figures,) = summarise_arm(ARM, bare).measures
    assert figures.measure == MEASURE
    assert len(figures.values) == 20


def _without_figures(row: Replication) -> Replication:
    from dataclasses import replace

    nothing: tuple[FigureRow, ...] = ()
    return replace(row, figures=nothing)
