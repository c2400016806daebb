"""The page about real outages says what the runs say, and the runs still say it.

`replays.json` keeps every seed; here a few are played again and must give the same milliseconds, and the page must hold
the very tables that follow from it.  All seeds are played again by `make prove`.
"""

import math

import pytest

from tests.conformance.outages.replays import (
    CASES,
    OUTAGES,
    PAGE,
    SEEDS,
    Case,
    Results,
    Row,
    computed,
    parts,
    percentile,
    play,
    read_results,
    rows_of,
)

RESULTS: Results = read_results()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_run_gives_the_kept_times_to_the_millisecond(case: Case) -> None:
    assert play(case, 3) == RESULTS[case.name]["3"]


@pytest.mark.prove
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_run_gives_the_kept_times_to_the_millisecond(case: Case, seed: int) -> None:
    assert play(case, seed) == RESULTS[case.name][str(seed)]


def test_every_case_was_played_with_every_seed() -> None:
    for case in CASES:
        assert list(RESULTS[case.name]) == [str(seed) for seed in SEEDS], case.name


def test_the_page_holds_what_follows_from_the_runs() -> None:
    assert computed(PAGE.read_text(encoding="utf-8")) == parts(RESULTS)


@pytest.mark.parametrize("outage", OUTAGES, ids=lambda outage: outage.scenario)
def test_every_moment_that_differs_has_a_note_on_the_page(outage) -> None:  # type: ignore[no-untyped-def]
    notes = PAGE.read_text(encoding="utf-8").partition(f"<!-- {outage.scenario} -->")[2].partition("\n## ")[0]
    for row in rows_of(outage, RESULTS):
        if not row.is_compared or not row.is_inside:
            assert f"**{row.moment.replace('_', ' ')}**" in notes, row.moment


def test_a_run_that_never_got_there_is_later_than_all_others() -> None:
    row = Row("restored", 90.0, False, (*[60.0] * 9, math.inf))
    assert (row.low, row.median, row.high, row.is_inside) == (60.0, 60.0, math.inf, True)


@pytest.mark.parametrize(
    ("recorded", "inside"), [(9.9, False), (10.0, True), (25.0, True), (190.0, True), (190.1, False)]
)
def test_inside_counts_the_bounds_of_the_range(recorded: float, inside: bool) -> None:
    assert Row("detected", recorded, False, tuple(float(10 * n) for n in range(1, 21))).is_inside is inside


def test_percentiles_are_values_that_occurred() -> None:
    values = [float(n) for n in range(20, 0, -1)]
    assert [percentile(values, p) for p in (0.05, 0.5, 0.95, 1.0)] == [1.0, 10.0, 19.0, 20.0]
