"""Traces of an attack are there until they are secured, or a recovery destroys them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.estate.building import Rig, hard, service
from timeline.commands import Action, Command
from timeline.instants import MINUTE
from timeline.references import SCENARIO, component
from timeline.workflow_details import EvidenceDetail

ATTACK = {"fault": "ransomware", "target": "web", "at": "10m"}


def attacked(*orders: tuple[int, Action], fault: dict[str, Any] | None = None, target: str = "web") -> Rig:
    """What people order, each at its minute."""
    web = service(recovery={"restart": "1m", "repair": "20m"})
    shop = {"title": "Shop", "supported_by": {"web": hard()}}
    rig = Rig(components={"web": web}, functions={"shop": shop})
    rig.kernel.emit("exercise.ended", SCENARIO, SCENARIO)  # any event: what an order follows from
    for minute, action in orders:
        command = Command(action, component(target), SCENARIO, 0, occasion=f"at-{minute}")
        rig.kernel.call_at(minute * MINUTE, lambda command=command: rig.estate.submit(command))  # type: ignore[misc]
    return rig.play(attack=fault or ATTACK)


def told(rig: Rig) -> list[tuple[str, str, str]]:
    found = rig.timeline.of_kind("evidence")
    return [(e.kind, e.detail.target, e.detail.action) for e in found if isinstance(e.detail, EvidenceDetail)]


def test_what_is_secured_first_is_safe() -> None:
    rig = attacked((15, Action.PRESERVE), (20, Action.REPAIR))
    assert told(rig) == [("evidence.preserved", "web", "preserve")]
    assert rig.moments("fault.ended") == [40 * 60]


@pytest.mark.parametrize("action", [Action.REPAIR, Action.RESTART])
def test_a_recovery_that_comes_first_destroys_them_also_when_it_ends_nothing(action: Action) -> None:
    rig = attacked((15, action))
    assert told(rig) == [("evidence.lost", "web", str(action))]
    (lost,) = rig.timeline.of_kind("evidence.lost")
    (started,), (done,) = rig.timeline.of_kind("fault.started"), rig.timeline.of_kind("command.completed")
    assert lost.causes == tuple(sorted((started.seq, done.seq)))


def test_what_is_lost_cannot_be_secured_and_is_lost_once() -> None:
    rig = attacked((15, Action.RESTART), (20, Action.PRESERVE), (25, Action.RESTART))
    assert [kind for kind, *_ in told(rig)] == ["evidence.lost"]


def test_securing_changes_nothing_that_is_served() -> None:
    plain, secured = attacked(), attacked((15, Action.PRESERVE))
    assert plain.history("component:web") == secured.history("component:web")


def test_a_fault_that_nobody_put_there_leaves_none() -> None:
    assert told(attacked((15, Action.RESTART), fault={"fault": "crash", "target": "web", "at": "10m"})) == []


def test_those_of_a_pair_are_those_of_its_members() -> None:
    member = {"title": "db", "kind": "database", "recovery": {"restart": "1m"}}
    pair = {
        "title": "Pair",
        "primary": "db-a",
        "standby": "db-b",
        "fail_over": {"mode": "manual", "takes": "1m"},
        "replication": {"type": "synchronous"},
    }
    rig = Rig(components={"db-a": member, "db-b": member}, standby_pairs={"db": pair})
    rig.kernel.emit("exercise.ended", SCENARIO, SCENARIO)
    order = Command(Action.PRESERVE, component("db"), SCENARIO, 0)
    rig.kernel.call_at(15 * MINUTE, lambda: rig.estate.submit(order))
    rig.play(attack={"fault": "ransomware", "target": "db-a", "at": "10m"})
    assert told(rig) == [("evidence.preserved", "db-a", "preserve")]
