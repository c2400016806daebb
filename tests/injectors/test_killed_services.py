"""Faults of services, whoever is killed at whichever named moment: others find the services as they were before."""

from __future__ import annotations

import time

import pytest

from injectors.undo.journal import UndoJournal
from injectors.undo.points import Point
from injectors.undo.recovering import recover
from tests.injectors.dying import WATCHDOG_POINT, play
from tests.injectors.lab import until
from tests.injectors.service_ways import SERVICE_WAYS, Services, snapshot, stock, well


def run(services: Services, id: str, who: str, point: str) -> int:
    way = SERVICE_WAYS[id]
    return play(services.lab.folder, way.binding(id, services), way.kind, who, point).wait(60)


def settled(services: Services) -> bool:
    return UndoJournal(services.lab.root / "run").finished


EVERY = [pytest.param(id, point, marks=pytest.mark.prove) for id in SERVICE_WAYS for point in Point]
EACH = [pytest.param(id, marks=pytest.mark.prove) for id in SERVICE_WAYS]
SOME = [
    ("postgresql-read-only", Point.ACTED),
    ("postgresql-lock", Point.MARKED),
    ("redis-full", Point.MARKED),
    ("nginx-no-upstream", Point.UNDONE),
]


@pytest.mark.parametrize(("id", "point"), SOME + EVERY)
def test_the_watchdog_restores_what_a_killed_runner_leaves(services: Services, id: str, point: Point) -> None:
    before = snapshot(services)
    assert run(services, id, "runner", point) == -9
    until(lambda: settled(services), 30)
    _is_as(services, before)


@pytest.mark.parametrize(("id", "point"), [("postgresql-cut", Point.ACTED), ("nginx-refused", Point.UNDOING), *EVERY])
def test_a_recovery_restores_what_both_leave_and_does_nothing_twice(services: Services, id: str, point: Point) -> None:
    before = snapshot(services)
    assert run(services, id, "both", point) == -9
    if point in (Point.ACTED, Point.MARKED, Point.UNDOING):
        assert snapshot(services) != before or SERVICE_WAYS[id].is_felt(services), "it was there when they died"
    recovered = recover(services.lab.root)
    assert all(undone.whole for one in recovered for undone in one.undone)
    _is_as(services, before)
    assert recover(services.lab.root) == []


@pytest.mark.parametrize("point", [Point.UNDOING, Point.UNDONE])
@pytest.mark.parametrize(
    "id", ["redis-no-replica", *(pytest.param(id, marks=pytest.mark.prove) for id in SERVICE_WAYS)]
)
def test_a_recovery_finishes_what_a_killed_watchdog_began(services: Services, id: str, point: Point) -> None:
    before = snapshot(services)
    (services.lab.folder / WATCHDOG_POINT).write_text(point)
    assert run(services, id, "runner", Point.MARKED) == -9
    time.sleep(1.5)
    assert not settled(services)
    recover(services.lab.root)
    assert settled(services)
    _is_as(services, before)


def _is_as(services: Services, before: dict[str, object]) -> None:
    """A session that was ended is gone from the server's own books a moment later."""
    until(lambda: snapshot(services) == before)
    stock(services)
    assert well(services)
