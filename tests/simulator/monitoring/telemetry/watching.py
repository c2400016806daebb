"""A small estate of everything, hit by one fault and watched by rules: which alerts fire, without scenario or people.

A shop: gateway, web server, a pair of databases, a cache, two brokers, a batch job.  Exporters with a job of their own
have the job that widely used rules select.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simulator.monitoring.promql import Options
from simulator.monitoring.rules import AlertState, RuleEngine, RuleGroup
from simulator.monitoring.telemetry import SignalStorage
from tests.simulator.estate.building import FLAT_DAY, Rig, hard
from timeline.instants import SECOND, parse_duration

ONSET = "30m"
JOBS = {
    "node": "node-exporter",
    "kube-state-metrics": "kube-state-metrics",
    "kubelet": "kubelet",
    "cadvisor": "kubelet",
}


def component(kind: str, *profiles: str, **fields: Any) -> dict[str, Any]:
    cluster = ["node", "kube-state-metrics", "kubelet", "cadvisor"]
    return {"title": kind, "kind": kind, "telemetry": [*profiles, *cluster], "latency_ms": 20, **fields}


COMPONENTS = {
    "gateway": component("gateway", "nginx", "blackbox", depends_on={"web": hard()}, capacity_rps=500),
    "web": component(
        "service",
        "http-server",
        "blackbox",
        replicas={"count": 3, "needed": 2},
        capacity_rps=400,
        depends_on={
            "database": hard(),
            "cache": {"type": "soft", "degradation": 0.1},
            "queue": {"type": "soft", "degradation": 0.05},
            "log": {"type": "soft", "degradation": 0.05},
        },
    ),
    "primary": component("database", "postgres", capacity_rps=600, latency_ms=5),
    "standby": component("database", "postgres", latency_ms=5),
    "cache": component("cache", "redis", latency_ms=1),
    "queue": component("queue", "rabbitmq", replicas={"count": 3, "needed": 2}),
    "log": component("queue", "kafka", replicas={"count": 3, "needed": 2}),
    "report": component("batch"),
}
PAIR = {
    "title": "database",
    "primary": "primary",
    "standby": "standby",
    "fail_over": {"mode": "manual", "takes": "5m"},
    "replication": {"type": "asynchronous", "lag": "1s"},
}
FUNCTION = {
    "title": "shop",
    "supported_by": {"gateway": hard()},
    "demand": {"entry": "gateway", "peak_rps": 100, "by_hour": FLAT_DAY},
}


def played(hours: float, faults: Mapping[str, dict[str, Any]]) -> tuple[Rig, SignalStorage]:
    """The estate after some hours in which these faults began half an hour in."""
    rig = Rig(
        hours=hours,
        components=COMPONENTS,
        standby_pairs={"database": PAIR},
        functions={"shop": FUNCTION},
        monitoring={"scrape_interval": "30s", "jobs": JOBS},
    )
    rig.play(**{id: {"at": ONSET, **spec} for id, spec in faults.items()})
    epoch_ms = round(rig.kernel.epoch.timestamp() * SECOND)
    return rig, SignalStorage(rig.estate.model, rig.board, rig.kernel.streams.key, epoch_ms)


def fault(kind: str, target: str, **parameters: Any) -> dict[str, Any]:
    return {"fault": kind, "target": target, "parameters": parameters}


def fired(groups: Sequence[RuleGroup], hours: float, faults: Mapping[str, dict[str, Any]]) -> set[str]:
    """Names of the alerts that fired from the onset on."""
    rig, storage = played(hours, faults)
    epoch_ms = round(rig.kernel.epoch.timestamp() * SECOND)
    engine = RuleEngine(groups, storage, start_ms=0, options=Options(epoch_ms=epoch_ms))
    return {
        transition.rule.name
        for transition in engine.advance(rig.until_ms)
        if transition.state is AlertState.FIRING and transition.at_ms >= parse_duration(ONSET)
    }
