"""Practice by scenario: what counts as exercised, and what the score is made of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reports.measures import MEASURES
from reports.practices import PRACTICES
from reports.practices.cells import Cell, cell_of
from reports.practices.rehearsal import Rehearsal, rehearsed, rows_of
from reports.scoring import score
from tests.reports.building import Story, objective, target


def row_of(practice: str, *objectives: object, states: tuple[str, ...] = ()) -> Rehearsal:
    """A fault that is detected after 5 minutes and acknowledged after 6; nothing else happens."""
    story = Story(*objectives)  # type: ignore[arg-type]
    fault = story.add(0, "fault.started", "fault:crash")
    page = story.add(5, "page.delivered", "incident:i1", fault)
    story.add(6, "page.acknowledged", "incident:i1", page)
    timeline = story.end(60)
    (run,) = rehearsed([(timeline, score(timeline))])
    rows = {row.practice.id: row for row in rows_of([replace(run, states=states)])}
    (rehearsal,) = rows[practice].rehearsals
    return rehearsal


SLOW = objective("slow", target("time_to_detect", at_most=60.0), weight=3)
"""Far missed: 300 s are not 60."""
QUICK = objective("quick", target("time_to_detect", at_most=600.0))


def test_there_are_eight_modules_of_six_and_every_measure_belongs_to_one() -> None:
    assert len(PRACTICES) == 48
    assert list(PRACTICES) == [f"{module}.{place}" for module in range(1, 9) for place in range(1, 7)]
    assert len({p.title for p in PRACTICES.values()}) == 48
    assert {m.practice for m in MEASURES.values()} <= set(PRACTICES)


@pytest.mark.parametrize(
    ("objectives", "points"),
    [
        ((), None),
        ((QUICK,), 100),
        ((SLOW,), 0),
        ((QUICK, SLOW), 25),
        ((QUICK, replace(SLOW, practices=("3.1",))), 25),
        ((replace(QUICK, targets=(target("user_reports", at_most=3.0),)),), None),
    ],
)
def test_the_score_weighs_targets_on_its_measures_and_objectives_that_name_it(
    objectives: tuple[object, ...], points: float | None
) -> None:
    found = row_of("3.1", *objectives)
    assert (found.exercised, found.score) == (True, points)


def test_what_nothing_measured_is_not_exercised_and_has_no_score_whatever_an_objective_says() -> None:
    found = row_of("5.3", replace(QUICK, practices=("5.3",)), states=("5.3",))
    assert (found.exercised, found.score, found.evidence) == (False, None, ())
    assert cell_of(found) is Cell.IN_VAIN
    assert cell_of(row_of("5.3")) is Cell.NOTHING


def test_signs_follow_exercise_and_score() -> None:
    assert cell_of(row_of("3.1")) is Cell.MEASURED
    assert cell_of(row_of("3.1", QUICK)) is Cell.GOOD
    assert cell_of(row_of("3.1", SLOW)) is Cell.POOR
    assert cell_of(row_of("3.1", replace(QUICK, weight=3), replace(SLOW, weight=2))) is Cell.FAIR
