"""The search finds what was planted: exactly the known minimal combinations, and nothing where there is nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from studies.search import Limits, Question
from tests.studies.search.planted import SURE, Names, found, put_together, searched

NIGHT = (("night", datetime(2026, 3, 11, 3, tzinfo=UTC)),)
SYSTEMS = Limits(kinds=("crash", "site-loss"), people=())


class Planted(NamedTuple):
    limits: Limits
    minimal: list[set[str]]


PLANTED = {
    "single-point": Planted(SYSTEMS, [{"crash-db"}]),
    "shared-site": Planted(
        SYSTEMS,
        [
            {"site-loss-north", "site-loss-south"},
            {"site-loss-north", "crash-node-3"},
            {"crash-node-1", "crash-node-2", "crash-node-3"},
            {"crash-node-1", "crash-node-2", "site-loss-south"},
        ],
    ),
    "control-plane": Planted(SYSTEMS, [{"crash-db-a", "crash-witness"}, {"crash-db-a", "crash-db-b"}]),
    "one-who-wakes": Planted(
        Limits(kinds=("crash",), starts=NIGHT),
        [{"crash-web", "absent-ann", "start-night"}, {"crash-web", "absent-ann", "absent-ben"}],
    ),
    "bad-copies": Planted(
        Limits(kinds=("crash",), targets=("db", "near-store", "far-store"), people=()),
        [{"wrong-data", "crash-far-store"}],
    ),
    "nothing-weak": Planted(Limits(kinds=("crash",), people=("ben",), starts=NIGHT), []),
}


def expected(name: str) -> set[Names]:
    return set(map(frozenset, PLANTED[name].minimal))


@pytest.mark.parametrize("name", PLANTED)
def test_exactly_the_planted_weaknesses_are_found(name: str, tmp_path: Path) -> None:
    outcome = searched(put_together(name, tmp_path), PLANTED[name].limits, Question(order=3, rule=SURE))
    assert found(outcome) == expected(name)
    assert outcome.doubts == ()
    assert outcome.complete_to == 3
    assert all(finding.broken.p == 1 for finding in outcome.findings)
    assert [f.guided for f in outcome.findings] == [len(f.combination) > 2 for f in outcome.findings]


def test_what_good_runs_suggest_finds_what_trying_all_finds(tmp_path: Path) -> None:
    name = "shared-site"
    scenario, limits = put_together(name, tmp_path), PLANTED[name].limits
    tried = searched(scenario, limits, Question(order=3, rule=SURE, exhaustive_to=3, by_levels=False))
    guided = searched(scenario, limits, Question(order=3, rule=SURE, by_levels=False))
    assert found(tried) == found(guided) == expected(name)
    assert guided.searched[3] < tried.searched[3]


@pytest.mark.parametrize("name", ["single-point", "control-plane"])
def test_levels_spare_exercises_and_change_no_finding(name: str, tmp_path: Path) -> None:
    scenario, limits = put_together(name, tmp_path), PLANTED[name].limits
    played = searched(scenario, limits, Question(order=2, rule=SURE, by_levels=False))
    spared = searched(scenario, limits, Question(order=2, rule=SURE))
    assert found(played) == found(spared) == expected(name)
    assert spared.by_levels[2] > 0
    assert spared.exercises < played.exercises


def test_beyond_the_order_asked_for_nothing_is_said(tmp_path: Path) -> None:
    outcome = searched(put_together("shared-site", tmp_path), SYSTEMS, Question(order=2, rule=SURE))
    assert found(outcome) == {combination for combination in expected("shared-site") if len(combination) == 2}
    assert outcome.complete_to == 2
