"""What enters the register of an exercise that was held, and what does not."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from reports.improvement import Register
from reports.index import TimelineIndex
from reports.programme import ExerciseType, HeldExercise, HeldExercises, held_of
from reports.programme.held import Kind
from reports.scoring import score_index
from tests.reports.building import Story
from tests.reports.programme.building import held
from timeline.findings import InputError

TODAY = date(2026, 9, 1)


def recorded(evidence_class: str = "live", *, broken_off: bool = False, **fields: Any) -> HeldExercise:
    story = Story(functions=["shop", "mail", "books"], evidence_class=evidence_class)
    fault = story.add(0, "fault.started", "fault:f")
    down = story.add(1, "function.disrupted", "function:shop", fault)
    story.add(1, "function.degraded", "function:mail", fault)
    story.add(9, "function.restored", "function:shop", down, actor="person:ann")
    index = TimelineIndex(story.timeline if broken_off else story.end(60))
    usual = {"exercise": "one", "type": ExerciseType.FUNCTIONAL, "on": None, "today": TODAY}
    return held_of(index, score_index(index), "a" * 64, **{**usual, **fields})


def test_it_says_which_functions_were_hit_and_who_acted() -> None:
    one = recorded()
    assert (one.functions, one.people) == (("mail", "shop"), ("ann",))
    assert one.kind is Kind.EXERCISE
    assert "7.3" in one.practices


def test_the_day_of_a_live_run_is_its_own_and_that_of_a_modelled_one_is_today() -> None:
    assert recorded("modelled").on == TODAY
    assert recorded().on != TODAY
    assert recorded(on=date(2026, 5, 5)).on == date(2026, 5, 5)


@pytest.mark.parametrize(
    ("evidence_class", "fields", "kind"),
    [
        ("modelled", {}, Kind.REHEARSAL),
        ("record", {"type": None}, Kind.INCIDENT),
        ("modelled", {"type": ExerciseType.GAME, "attended": ("shop",), "attested_by": "owner"}, Kind.EXERCISE),
    ],
)
def test_evidence_decides_what_it_is(evidence_class: str, fields: dict[str, Any], kind: Kind) -> None:
    assert recorded(evidence_class, **fields).kind is kind


@pytest.mark.parametrize(
    ("evidence_class", "fields", "id"),
    [
        ("live", {"broken_off": True}, "programme.incomplete"),
        ("live", {"type": None}, "programme.type"),
        ("record", {}, "programme.type"),
        ("modelled", {"attended": ("shop",), "attested_by": "owner"}, "programme.type"),
        ("live", {"attended": ("shop",)}, "programme.record"),
        ("live", {"attested_by": "owner"}, "programme.record"),
        ("live", {"exercise": "No id"}, "programme.record"),
    ],
)
def test_what_does_not_fit_the_evidence_is_refused(evidence_class: str, fields: dict[str, Any], id: str) -> None:
    with pytest.raises(InputError) as raised:
        recorded(evidence_class, **fields)
    assert {finding.id for finding in raised.value.findings} == {id}


def test_a_run_is_kept_whole_and_once(tmp_path: Path) -> None:
    store = HeldExercises(tmp_path / "r.sqlite", create=True)
    first, second = held(), held(timeline="b" * 64, on="2026-02-01", attended=["shop"], attested_by="owner")
    store.add(first)
    store.add(second)
    with pytest.raises(InputError, match=r"already, as crash of 2026-06-10"):
        store.add(held(exercise="another"))
    assert HeldExercises(tmp_path / "r.sqlite").all() == [second, first]
    assert Register(tmp_path / "r.sqlite").actions() == []


def test_a_register_of_version_1_gets_its_table_and_keeps_its_actions(tmp_path: Path) -> None:
    path = tmp_path / "r.sqlite"
    Register(path, create=True)
    with sqlite3.connect(path) as connection:
        connection.executescript("DROP TABLE exercises; PRAGMA user_version = 1;")
        connection.execute(
            "INSERT INTO actions (id, title, because, owner, due, status, scenario, source, measure, subject, opened,"
            " verified_by) VALUES ('a', 'b', '', '', '2026-05-01', 'open', 's', '', '', '', '2026-04-01', '')"
        )
    connection.close()
    HeldExercises(path).add(held())
    assert [action.id for action in Register(path).actions()] == ["a"]
    assert HeldExercises(path).all() == [held()]
