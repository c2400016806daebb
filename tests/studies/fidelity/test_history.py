"""Runs over time: a rule that fired last time and no longer does is named; nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from studies.fidelity.history import Fired, PastRun, as_past, before, read, regressions, remember
from tests.studies.fidelity.test_verdicts import changed, joined
from timeline.findings import InputError

PLAYED = ["payments-crash@payments", "cache-crash@prices-a"]


def past(began: str, *fired: tuple[str, str, tuple[str, ...]], scenario: str = "a test") -> PastRun:
    cells = tuple(Fired(fault=fault, alert=alert, told=told) for fault, alert, told in fired)
    return PastRun(scenario=scenario, began=began, prediction="p", cells=2, disagreeing=0, brier=0.0, fired=cells)


LAST = past("2026-10-01", ("a@x", "Down", ("pager", "mail")), ("b@x", "Slow", ("mail",)))


def test_a_rule_that_no_longer_fires_and_one_that_no_longer_arrives_are_regressions() -> None:
    now = past("2026-11-01", ("a@x", "Down", ("mail",)))
    found = regressions(LAST, now, ["a@x", "b@x"])
    assert [(one.alert, one.receivers, one.words) for one in found] == [
        ("Down", ("pager",), "no longer told to pager"),
        ("Slow", (), "no longer fires"),
    ]


def test_a_fault_that_was_not_played_proves_nothing_and_what_is_new_is_none() -> None:
    now = past("2026-11-01", ("a@x", "Down", ("mail", "pager")), ("a@x", "New", ("mail",)))
    assert regressions(LAST, now, ["a@x"]) == []
    assert regressions(None, now, ["a@x", "b@x"]) == []


def test_the_last_run_of_the_same_scenario_counts() -> None:
    runs = [past("2026-09-01"), LAST, past("2026-10-15", scenario="another"), past("2026-12-01")]
    assert before(runs, past("2026-11-01")) is LAST
    assert before(runs, past("2026-11-01", scenario="a third")) is None


def test_a_run_is_kept_once_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "history.jsonl"
    for run in (LAST, LAST, past("2026-11-01")):
        remember(path, read(path), run)
    assert read(path) == [LAST, past("2026-11-01")]


def test_a_whole_run_against_itself_has_no_regression_and_a_lost_alert_is_one() -> None:
    last = as_past(joined()).model_copy(update={"began": "1960-01-01"})
    assert regressions(last, as_past(joined()), PLAYED) == []
    silent = as_past(joined(changed("cache-crash@prices-a", "CacheDown", firing_ms=None, told_ms={})))
    (one,) = regressions(last, silent, PLAYED)
    assert (one.fault, one.alert, one.receivers) == ("cache-crash@prices-a", "CacheDown", ())


def test_a_damaged_history_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text(LAST.model_dump_json() + "\n{\n")
    with pytest.raises(InputError, match=r"history\.jsonl:2: .*no run"):
        read(path)
