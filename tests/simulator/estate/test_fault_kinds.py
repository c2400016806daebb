"""Every kind of fault: it does something to its target, moves the signals it says, and leaves no trace behind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scenarios.faults import FAULTS
from tests.simulator.estate.building import FLAT_DAY, Rig, hard
from timeline.commands import Action, Command
from timeline.instants import MINUTE
from timeline.references import SCENARIO, component
from topologies.estate import ComponentKind, Recovery, SiteKind
from topologies.signals import USUAL, Signal

PARAMETERS: dict[str, dict[str, Any]] = {
    "slow": {"latency_factor": 5, "capacity_factor": 0.4},
    "bad-deploy": {"error_ratio": 0.6, "latency_factor": 3, "capacity_factor": 0.5},
    "bad-configuration": {"error_ratio": 0.6, "latency_factor": 3, "capacity_factor": 0.5},
    "cpu-starvation": {"capacity_factor": 0.3},
    "noisy-neighbour": {"capacity_factor": 0.3},
    "memory-leak": {"fills_in": "20m"},
    "clock-skew": {"offset": "10m"},
    "packet-loss": {"loss_ratio": 0.4},
    "corruption": {"silent": False, "error_ratio": 0.3},
    "replication-lag": {"lag": "5m"},
    "cache-eviction": {"hit_ratio": 0.3},
    "slow-disk": {"capacity_factor": 0.3},
    "staff-absence": {"share": 0.4},
    "overheating": {"capacity_factor": 0.4},
}
SITE = "place"
KINDS_OF_SITES = {SITE: SiteKind.DATACENTRE, "region": SiteKind.CLOUD_REGION, "office": SiteKind.WORKPLACE}
OF_SYSTEMS = sorted(id for id, kind in FAULTS.items() if not kind.of_people)
ONSET, END = 10 * MINUTE, 60 * MINUTE


def every_kind() -> Rig:
    """A place with one component of each kind, all under load but the standby of the databases."""
    kinds = [k for k in ComponentKind if k not in (ComponentKind.POWER, ComponentKind.COOLING)]
    components: dict[str, dict[str, Any]] = {
        str(kind): {
            "title": kind,
            "kind": str(kind),
            "latency_ms": 10,
            "capacity_rps": 150,
            "site": SITE,
            "recovery": dict.fromkeys(sorted(Recovery.model_fields.keys() - {"needs"}), "1m"),
        }
        for kind in kinds
    }
    for kind in (ComponentKind.POWER, ComponentKind.COOLING):
        components[str(kind)] = {"title": kind, "kind": str(kind)}
    components["remote"] = {**components["service"], "title": "in a region", "site": "region"}
    components["standby"] = {**components["database"], "title": "standby"}
    pair = {
        "title": "pair",
        "primary": "database",
        "standby": "standby",
        "fail_over": {"mode": "manual", "takes": "1m"},
        "replication": {"type": "asynchronous", "lag": "2s"},
    }
    return Rig(
        hours=2,
        sites={
            id: {"title": id, "kind": str(kind), "timezone": "Europe/Zurich", "repair": "1m"}
            for id, kind in KINDS_OF_SITES.items()
        },
        shared_fate={"rack": {"title": "rack", "kind": "rack", "members": {"service": {}, "gateway": {}}}},
        components=components,
        standby_pairs={"pair": pair},
        functions={
            f"of-{kind}": {
                "title": kind,
                "supported_by": {"pair" if kind is ComponentKind.DATABASE else str(kind): hard()},
                "demand": {
                    "entry": "pair" if kind is ComponentKind.DATABASE else str(kind),
                    "peak_rps": 100,
                    "by_hour": FLAT_DAY,
                },
            }
            for kind in kinds
        },
    )


def target_of(kind: str) -> str:
    if kind.startswith("replication"):
        return "standby"
    fits = FAULTS[kind].fits
    if components := fits & set(ComponentKind):
        return str(min(components))
    for site in (SITE, "region", "office"):
        if KINDS_OF_SITES[site] in fits:
            return site
    return "rack"


def played(kind: str) -> Rig:
    parameters = PARAMETERS.get(kind, {})
    spec = {"fault": kind, "target": target_of(kind), "at": "10m", "duration": "50m", "parameters": parameters}
    return every_kind().play(f=spec)


def read(rig: Rig, component: str, at_ms: int) -> dict[Signal, float]:
    times = np.asarray([at_ms], dtype=np.int64)
    logs = {signal: rig.board.get(component, 0, signal) for signal in Signal}
    return {s: round(float(log.at(times)[0]), 3) if log else USUAL[s] for s, log in logs.items()}


def moved(rig: Rig, component: str, at_ms: int) -> set[Signal]:
    before, now = read(rig, component, ONSET - 1), read(rig, component, at_ms)
    return {signal for signal in Signal if before[signal] != now[signal]}


def victim_of(kind: str) -> str:
    return {SITE: "service", "rack": "service", "region": "remote"}.get(target_of(kind), target_of(kind))


@pytest.mark.parametrize("kind", OF_SYSTEMS)
def test_it_moves_the_signals_it_says_and_no_others(kind: str) -> None:
    rig = played(kind)
    victim = victim_of(kind)
    seen = set().union(*(moved(rig, victim, at) for at in (ONSET + MINUTE, ONSET + 15 * MINUTE, END - MINUTE)))
    idle = {Signal.OK_RPS, Signal.FAILED_RPS} if victim in ("power", "cooling", "standby", "remote") else set()
    assert seen == set(FAULTS[kind].moves) - idle


@pytest.mark.parametrize("kind", OF_SYSTEMS)
def test_it_costs_something(kind: str) -> None:
    """Service, time, work that waits, or data that would be lost on a fail-over."""
    rig = every_kind()
    spec = {"fault": kind, "target": target_of(kind), "at": "10m", "parameters": PARAMETERS.get(kind, {})}
    rig.play(f=spec)
    node = rig.estate.compiled[victim_of(kind)]
    waiting = rig.board.value(node.id, 0, Signal.QUEUE_DEPTH, rig.until_ms) or 0
    behind = rig.board.value(node.id, 0, Signal.REPLICATION_LAG_S, rig.until_ms) or 0
    reached = rig.board.value(node.id, 0, Signal.SERVING_RATIO, rig.until_ms) or 0
    assert reached < 0.99 or node.slowness > 1.5 or waiting > 1000 or behind > 60


@pytest.mark.parametrize("kind", OF_SYSTEMS)
def test_all_is_as_before_once_it_is_over(kind: str) -> None:
    """But for the backlog, which takes its time, and the start-up that may follow."""
    rig = played(kind)
    if FAULTS[kind].permanent:
        assert moved(rig, victim_of(kind), rig.until_ms)
        return
    victim = victim_of(kind)
    if kind in ("workplace-denied", "staff-absence"):
        victim = "service"
    assert moved(rig, victim, rig.until_ms) - {Signal.QUEUE_DEPTH} == set()


@pytest.mark.parametrize("kind", sorted(FAULTS))
def test_some_action_ends_it_unless_it_is_for_good_or_of_people(kind: str) -> None:
    assert FAULTS[kind].cleared_by or FAULTS[kind].permanent or FAULTS[kind].of_people
    assert FAULTS[kind].log_signature


def test_only_the_replicas_that_are_hit_move() -> None:
    rig = Rig(
        components={"web": {"title": "web", "kind": "service", "replicas": {"count": 3, "needed": 2}}},
    ).play(f={"fault": "memory-leak", "target": "web", "at": "10m", "parameters": {"fills_in": "10m", "replicas": 1}})
    used = [rig.board.value("web", replica, Signal.MEMORY_USED_RATIO, rig.until_ms) for replica in range(3)]
    assert used == [1.0, None, None]


def test_a_fail_over_to_a_standby_that_stopped_receiving_loses_what_it_missed() -> None:
    rig = every_kind().play(
        stopped={"fault": "replication-stopped", "target": "standby", "at": "10m"},
        crash={"fault": "crash", "target": "database", "at": "40m"},
    )
    command = Command(Action.FAIL_OVER, component("pair"), SCENARIO, 0)
    rig.estate.submit(command)
    rig.kernel.env.run(until=rig.until_ms + 5 * MINUTE)
    (lost,) = rig.timeline.of_kind("data.lost")
    assert lost.detail.lost_ms == 30 * MINUTE  # type: ignore[attr-defined]


def test_nothing_is_stored_of_what_no_fault_has_touched() -> None:
    """Thousands of replicas carry every signal; those that only faults move would be most of them."""
    rig = every_kind().play()
    stored = {signal for signal in Signal if rig.board.get("service", 0, signal) is not None}
    assert stored == {
        Signal.UP,
        Signal.SERVING_RATIO,
        Signal.OK_RPS,
        Signal.FAILED_RPS,
        Signal.LATENCY_S,
        Signal.SATURATION_RATIO,
        Signal.CPU_BUSY_RATIO,
    }
