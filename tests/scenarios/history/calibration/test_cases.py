"""A history as cases: what may be known, and what a cut hides."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from scenarios.history.calibration.cases import INPUT_FIELDS, Target, cases_of, input_fields
from scenarios.history.record import FIELDS, IncidentRecord, Known
from tests.scenarios.history.calibration.building import BEGIN, made_history


def incident(id: str, opened_h: float, resolved_h: float | None, **fields: object) -> IncidentRecord:
    def moment(hours: float | None) -> object:
        return None if hours is None else BEGIN + timedelta(hours=hours)

    stated = {"source": "servicenow-log", "source_line": 1, **fields}
    return IncidentRecord(id=id, opened_at=moment(opened_h), resolved_at=moment(resolved_h), **stated)  # type: ignore[arg-type]


def test_only_fields_that_are_known_at_the_opening_are_used() -> None:
    assert {FIELDS[name][0] for name in INPUT_FIELDS} == {Known.OPENING}


def test_fields_of_which_only_the_last_state_is_exported_are_not_used_to_predict() -> None:
    page = [incident("a", 0, 1, source="statuspage")]
    assert input_fields(page, trusted=False) == ("service",)
    assert input_fields(page, trusted=True) == INPUT_FIELDS
    assert input_fields([incident("a", 0, 1)], trusted=False) == INPUT_FIELDS


def test_what_ends_after_the_cut_is_open_at_the_cut() -> None:
    cases = cases_of([incident("a", 0, 1), incident("b", 2, 9)], Target.RESTORE)
    seen = cases.observed(np.array([True, True]), cases.opened_s[0] + 4 * 3600)
    assert seen.over.tolist() == [True, False]
    assert seen.middle_s.tolist() == [3600, 2 * 3600]


def test_an_open_incident_is_watched_until_the_history_ends() -> None:
    cases = cases_of([incident("a", 0, None), incident("b", 2, 9)], Target.RESTORE)
    assert cases.usable.all()
    assert cases.observed(np.array([True, False]), cases.watched_until_s).lower_s.tolist() == [9 * 3600]


def test_closed_without_a_resolution_tells_no_time_to_restore() -> None:
    closed = incident("a", 0, None, closed_at=BEGIN + timedelta(hours=5))
    assert not cases_of([closed, incident("b", 1, 2)], Target.RESTORE).usable[0]


def test_never_acknowledged_but_resolved_tells_no_time_to_acknowledge() -> None:
    cases = cases_of(
        [incident("a", 0, 1), incident("b", 1, 2, acknowledged_at=BEGIN + timedelta(hours=1.5))], Target.ACKNOWLEDGE
    )
    assert cases.usable.tolist() == [False, True]


def test_contradictory_moments_are_not_used() -> None:
    assert not cases_of([incident("a", 5, 1), incident("b", 1, 2)], Target.RESTORE).usable[1]


def test_load_counts_what_was_open_at_the_opening() -> None:
    cases = cases_of(
        [incident("a", 0, 4), incident("b", 1, 2), incident("c", 3, None), incident("d", 3.5, 5)], Target.RESTORE
    )
    assert cases.open_before.tolist() == [0, 1, 1, 2]


def test_relative_traces_have_no_hours() -> None:
    trace = [replace(r, time_basis="relative") for r in made_history(1)]  # type: ignore[arg-type]
    cases = cases_of(trace, Target.RESTORE)
    names = [term.name for term in cases.terms(cases.usable, cases.watched_until_s)]
    assert "hour" not in names
    assert "service" in names


@pytest.mark.parametrize(("days", "there"), [(9, False), (60, True)])
def test_hours_and_load_need_more_than_two_weeks(days: int, there: bool) -> None:
    cases = cases_of(made_history(2, days=days), Target.RESTORE)
    names = {term.name for term in cases.terms(cases.usable, cases.watched_until_s)}
    assert {"hour", "load"} <= names if there else names.isdisjoint({"hour", "load"})
