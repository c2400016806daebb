"""What counts, until when, and what is late."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.programme import HeldExercise, LoadedProgramme, ProgrammeStatus, status_of
from reports.programme.coverage import Coverage, Dimension, Row
from reports.programme.page import programme_page
from reports.programme.status import State
from reports.programme.words import sentences_of
from tests.reports.programme.building import CRASH, HEAD, POLICY, held, loaded

MID_JUNE = date(2026, 6, 15)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> LoadedProgramme:
    return loaded(tmp_path_factory.mktemp("year"))


def ordering(status: ProgrammeStatus) -> Row:
    (row,) = [row for row in status.coverage[Dimension.FUNCTIONS] if row.id == "ordering"]
    return row


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2026, 5, 30), State.PLANNED),
        (date(2026, 5, 31), State.DUE),
        (date(2026, 6, 30), State.DUE),
        (date(2026, 7, 1), State.OVERDUE),
    ],
)
def test_an_exercise_becomes_due_and_then_overdue(year: LoadedProgramme, on: date, state: State) -> None:
    (exercise,) = status_of(year, [], on).exercises
    assert exercise.state is state


@pytest.mark.parametrize(
    ("fields", "state", "coverage"),
    [
        ({}, State.HELD, Coverage.EXERCISED),
        ({"evidence_class": "modelled"}, State.DUE, Coverage.REHEARSED),
        (
            {"evidence_class": "modelled", "type": "tabletop", "attended": ["shop"], "attested_by": "technical-lead"},
            State.DUE,
            Coverage.EXERCISED,
        ),
        ({"type": "tabletop"}, State.DUE, Coverage.EXERCISED),
        ({"type": "seminar"}, State.DUE, Coverage.DISCUSSED),
        ({"evidence_class": "record", "type": None}, State.DUE, Coverage.DISCUSSED),
        ({"scenario": "another"}, State.DUE, Coverage.EXERCISED),
        ({"exercise": "another"}, State.DUE, Coverage.EXERCISED),
        ({"on": "2025-12-10"}, State.DUE, Coverage.EXERCISED),
        ({"functions": []}, State.HELD, Coverage.NOT_EXERCISED),
        ({"estate": "another"}, State.DUE, Coverage.NOT_EXERCISED),
        ({"on": "2026-06-16"}, State.DUE, Coverage.NOT_EXERCISED),
    ],
    ids=[
        "as planned",
        "modelled",
        "around a modelled run",
        "another type that counts",
        "a type that does not count",
        "a real incident",
        "another scenario",
        "under another name",
        "in the year before",
        "without disrupting the function",
        "on another estate",
        "later",
    ],
)
def test_what_a_held_exercise_stands_for(
    year: LoadedProgramme, fields: dict[str, Any], state: State, coverage: Coverage
) -> None:
    status = status_of(year, [held(**fields)], MID_JUNE)
    assert (status.exercises[0].state, ordering(status).state) == (state, coverage)
    assert status.is_overdue == (coverage is not Coverage.EXERCISED)


def test_a_real_incident_counts_where_policy_says_so(tmp_path: Path) -> None:
    policy = POLICY.replace("}", ", incidents_count: true}")
    status = status_of(loaded(tmp_path, HEAD + policy + CRASH), [held(evidence_class="record", type=None)], MID_JUNE)
    assert ordering(status).state is Coverage.EXERCISED
    assert status.exercises[0].state is State.DUE


@pytest.mark.parametrize(
    ("day", "lapses"),
    [
        (date(2025, 3, 14), date(2026, 3, 14)),
        (date(2024, 2, 29), date(2025, 2, 28)),
    ],
)
def test_an_exercise_counts_to_the_same_day_of_the_last_month(year: LoadedProgramme, day: date, lapses: date) -> None:
    on_the_day, after = (status_of(year, [held(on=day)], on) for on in (lapses, lapses + timedelta(days=1)))
    assert (ordering(on_the_day).state, ordering(on_the_day).lapses) == (Coverage.EXERCISED, lapses)
    assert (ordering(after).state, ordering(after).last) == (Coverage.NOT_EXERCISED, day)


def test_a_modelled_run_exercises_no_practice_and_a_live_one_does(year: LoadedProgramme) -> None:
    def state(**fields: Any) -> Coverage:
        rows = status_of(year, [held(**fields)], MID_JUNE).coverage[Dimension.PRACTICES]
        return next(row.state for row in rows if row.id == "5.5")

    around = {"evidence_class": "modelled", "type": "tabletop", "attended": ["shop"], "attested_by": "owner"}
    assert [state(), state(evidence_class="modelled"), state(**around)] == [
        Coverage.EXERCISED,
        Coverage.REHEARSED,
        Coverage.NOT_EXERCISED,
    ]


def test_it_is_told_what_an_exercise_was_planned_for_and_did_not_show(year: LoadedProgramme) -> None:
    sentences = sentences_of(status_of(year, [held(functions=[])], MID_JUNE))
    assert "crash was held and never disrupted ordering" in sentences


def test_the_page_is_the_same_for_the_same_status_and_escapes_titles(tmp_path: Path) -> None:
    year = loaded(tmp_path, HEAD.replace("Exercises of 2026", "A <b> year") + POLICY + CRASH)
    one, other = (programme_page(status_of(year, [held()], MID_JUNE)) for _ in range(2))
    assert one == other
    assert "<h1>A &lt;b&gt; year</h1>" in one
    assert "Nothing is overdue" in one


RUNS = st.lists(
    st.builds(
        held,
        timeline=st.uuids().map(str),
        on=st.dates(date(2024, 1, 1), date(2026, 12, 31)),
        type=st.sampled_from(["seminar", "tabletop", "drill", "functional"]),
        evidence_class=st.sampled_from(["modelled", "live"]),
        functions=st.sampled_from([[], ["ordering"]]),
    ),
    max_size=6,
)
RANK = list(Coverage)


@given(runs=RUNS, more=RUNS, on=st.dates(date(2026, 1, 1), date(2026, 12, 31)))
def test_more_exercises_never_make_it_worse_and_more_simulations_change_no_verdict(
    year: LoadedProgramme, runs: list[HeldExercise], more: list[HeldExercise], on: date
) -> None:
    before, after = status_of(year, runs, on), status_of(year, [*runs, *more], on)
    simulated = status_of(year, [*runs, *(r.model_copy(update={"evidence_class": "modelled"}) for r in more)], on)
    for dimension in Dimension:
        ranks = {row.id: RANK.index(row.state) for row in after.coverage[dimension]}
        assert all(ranks[row.id] <= RANK.index(row.state) for row in before.coverage[dimension])
        assert after.exercised(dimension) >= before.exercised(dimension) == simulated.exercised(dimension)
    assert simulated.is_overdue == before.is_overdue
    assert [e.state for e in simulated.exercises] == [e.state for e in before.exercises]
