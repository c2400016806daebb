"""The improvement register: what a later exercise shows, what is kept, what is refused."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.improvement import Action, Register, Shown, Status, verify
from reports.improvement.register import closed, opened_again, verified
from reports.improvement.table import from_csv, to_csv
from reports.index import TimelineIndex
from tests.reports.building import Story
from timeline.findings import InputError

DAY = date(2026, 3, 20)


def action(**fields: Any) -> Action:
    usual = {"id": "test.1.i1-1", "title": "a second copy", "due": "2026-05-01", "scenario": "test", "opened": DAY}
    return Action.model_validate({**usual, "measure": "time_to_detect", "was": 600.0, "source": "first", **fields})


def exercise(detected_min: float | None) -> TimelineIndex:
    story = Story(functions=["shop"])
    fault = story.add(0, "fault.started", "fault:f")
    story.add(0, "function.disrupted", "function:shop", fault)
    if detected_min is not None:
        story.add(detected_min, "page.delivered", "incident:i1", fault)
    return TimelineIndex(story.end(60))


def shown(one: Action, detected_min: float | None, source: str = "second") -> list[Shown]:
    return [evidence.shown for evidence in verify([one], exercise(detected_min), source)]


@pytest.mark.parametrize(
    ("fields", "detected_min", "expected"),
    [
        ({"at_most": 300.0}, 5, Shown.HELPED),
        ({"at_most": 300.0}, 6, Shown.NOT_YET),
        ({}, 9, Shown.HELPED),
        ({}, 10, Shown.NOT_YET),
        ({"at_most": 900.0}, 12, Shown.NOT_YET),  # met before: it has to be better
        ({"at_most": 900.0}, 8, Shown.HELPED),
        ({}, None, Shown.NOT_EXERCISED),  # still open at the end
    ],
)
def test_a_later_exercise_shows_whether_it_helped(
    fields: dict[str, Any], detected_min: float | None, expected: Shown
) -> None:
    assert shown(action(**fields), detected_min) == [expected]


@pytest.mark.parametrize(
    "fields", [{"scenario": "another"}, {"status": "verified"}, {"status": "cancelled"}, {"measure": ""}]
)
def test_it_says_nothing_about_other_actions(fields: dict[str, Any]) -> None:
    assert shown(action(**fields), 1) == []


def test_no_exercise_verifies_its_own_actions() -> None:
    assert shown(action(), 1, source="first") == []


def test_an_action_goes_from_open_to_verified_and_back(tmp_path: Path) -> None:
    register = Register(tmp_path / "r.sqlite", create=True)
    register.add([action()], DAY, "from a review")
    register.change([closed(action(), DAY)], DAY, "done")
    register.change([opened_again(register.find("test.1.i1-1"))], DAY, "not shown")
    assert register.find("test.1.i1-1").status is Status.OPEN
    register.change([verified(action(), DAY, "third")], DAY, "shown")
    (kept,) = Register(tmp_path / "r.sqlite").actions()
    assert (kept.status, kept.verified_by, kept.closed) == (Status.VERIFIED, "third", DAY)
    assert [change.what for change in register.changes(kept.id)] == ["from a review", "done", "not shown", "shown"]


def test_what_is_there_already_stays_as_it_is(tmp_path: Path) -> None:
    register = Register(tmp_path / "r.sqlite", create=True)
    register.add([closed(action(), DAY)], DAY, "first")
    assert register.add([action(), action(id="b")], DAY, "again") == [action(id="b")]
    assert register.find("test.1.i1-1").status is Status.CLOSED


@pytest.mark.parametrize(("status", "on", "overdue"), [("open", 2, True), ("open", 1, False), ("closed", 9, False)])
def test_only_what_is_open_after_its_day_is_overdue(status: str, on: int, overdue: bool) -> None:
    assert action(status=status).is_overdue(date(2026, 5, on)) is overdue


def test_another_file_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE people (name TEXT)")
    before = other.read_bytes()
    with pytest.raises(InputError, match="a database of something else"):
        Register(other, create=True)
    assert other.read_bytes() == before
    text = tmp_path / "notes.txt"
    text.write_text("not a database, but long enough to look like one " * 50)
    with pytest.raises(InputError, match="not an improvement register"):
        Register(text)
    with pytest.raises(InputError, match="there is no such register"):
        Register(tmp_path / "none.sqlite")


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20).map(lambda t: t.strip("'"))


@given(words, words, st.none() | st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=60, deadline=None)
def test_what_goes_out_as_csv_comes_in_as_it_was(title: str, owner: str, was: float | None) -> None:
    one = action(title=title or "x", owner=owner, was=was)
    assert from_csv(to_csv([one]), "actions.csv") == [one]


def test_rows_that_are_no_actions_are_told_by_their_line() -> None:
    text = to_csv([action()]).replace("2026-05-01", "soon")
    with pytest.raises(InputError) as caught:
        from_csv(text, "actions.csv")
    assert str(caught.value.findings[0].place) == "actions.csv:2"
    assert caught.value.findings[0].message.startswith("due: ")
    with pytest.raises(InputError, match="there is no column 'tittle'"):
        from_csv(text.replace("title", "tittle"), "actions.csv")
