"""Widely used public rule files, as their users have them, fire on the fault that they are for.

The files are not part of the project: BLACKSTART_PUBLIC_RULES names a folder that holds some (any depth, rule files or
PrometheusRule resources), for example the generated rules of awesome-prometheus-alerts, the kubernetes, node and
postgres mixins, the manifests of kube-prometheus.  A pair whose alert the folder does not have is left out and said.

An alert is *assessable* when the small estate shows every metric that it reads, recording rules included.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest

from simulator.monitoring.origins import origins
from simulator.monitoring.promql import METRIC_NAME
from simulator.monitoring.rules import AlertingRule, RecordingRule, RuleGroup, load_rule_file
from tests.simulator.monitoring.telemetry.watching import COMPONENTS, fault, fired, played
from timeline.findings import InputError

VARIABLE = "BLACKSTART_PUBLIC_RULES"
HOURS = 4.0

FAULTS = {
    "bad-deploy": fault("bad-deploy", "web", error_ratio=0.2),
    "cache-crash": fault("crash", "cache"),
    "cache-eviction": fault("cache-eviction", "cache"),
    "cache-connections": fault("connection-exhaustion", "cache"),
    "certificate-soon": fault("certificate-expiry", "gateway", expires_in="60h"),
    "certificate-expired": fault("certificate-expiry", "gateway"),
    "clock-skew": fault("clock-skew", "web", offset="2s"),
    "consumer-lag": fault("consumer-lag", "log"),
    "consumers-of-queue": fault("consumer-lag", "queue"),
    "cpu-starvation": fault("cpu-starvation", "web", capacity_factor=0.6),
    "crash-loop": fault("crash-loop", "web", every="12s"),
    "database-connections": fault("connection-exhaustion", "primary"),
    "database-crash": fault("crash", "primary"),
    "database-hang": fault("hang", "primary"),
    "descriptors": fault("descriptor-exhaustion", "web", used_ratio=0.95),
    "descriptors-of-queue": fault("descriptor-exhaustion", "queue", used_ratio=0.95),
    "database-restart": {**fault("crash", "primary"), "duration": "5m"},
    "disk-fills": fault("disk-full", "primary", free_ratio=0.14, fills_in="4h"),
    "disk-full": fault("disk-full", "primary"),
    "broker-crash": fault("crash", "log", replicas=1),
    "queue-connections": fault("connection-exhaustion", "queue"),
    "queue-crash": fault("crash", "queue", replicas=1),
    "queue-memory": fault("memory-leak", "queue", fills_in="1h"),
    "image-missing": fault("image-missing", "web", replicas=1),
    "inodes-gone": fault("inode-exhaustion", "primary"),
    "inodes": fault("inode-exhaustion", "primary", free_ratio=0.14, fills_in="4h"),
    "job-failure": fault("job-failure", "report"),
    "memory-leak": fault("memory-leak", "web", fills_in="1h"),
    "node-lost": fault("node-not-ready", "web", replicas=1),
    "noisy-neighbour": fault("noisy-neighbour", "web", capacity_factor=0.7),
    "out-of-memory": fault("out-of-memory", "web"),
    "packet-loss": fault("packet-loss", "web", loss_ratio=0.05),
    "pods-pending": fault("pods-pending", "web", replicas=1),
    "queue-image-missing": fault("image-missing", "queue", replicas=1),
    "read-only": fault("read-only", "primary"),
    "replication-stopped": fault("replication-stopped", "standby"),
    "slow": fault("slow", "web", latency_factor=200),
    "slow-disk": fault("slow-disk", "primary", wait="400ms"),
    "web-hang": fault("hang", "web"),
}

PAIRS = [
    # awesome-prometheus-alerts
    ("HostOutOfMemory", "memory-leak"),
    ("HostOutOfDiskSpace", "disk-full"),
    ("HostDiskMayFillIn24Hours", "disk-fills"),
    ("HostOutOfInodes", "inodes"),
    ("HostHighCpuLoad", "cpu-starvation"),
    ("HostCpuStealNoisyNeighbor", "noisy-neighbour"),
    ("HostCpuHighIowait", "slow-disk"),
    ("HostUnusualDiskWriteLatency", "slow-disk"),
    ("HostDiskIoUtilizationHigh", "slow-disk"),
    ("HostOomKillDetected", "out-of-memory"),
    ("HostNetworkReceiveErrors", "packet-loss"),
    ("HostClockSkew", "clock-skew"),
    ("HostClockNotSynchronising", "clock-skew"),
    ("BlackboxProbeFailed", "web-hang"),
    ("BlackboxProbeHttpFailure", "web-hang"),
    ("BlackboxSlowProbe", "slow"),
    ("BlackboxSslCertificateWillExpireVerySoon", "certificate-soon"),
    ("BlackboxSslCertificateExpired", "certificate-expired"),
    ("PostgresqlDown", "database-crash"),
    ("PostgresqlRestarted", "database-restart"),
    ("PostgresqlTooManyConnections", "database-connections"),
    ("PostgresqlReplicationLag", "replication-stopped"),
    ("PostgresqlHighRollbackRate", "database-hang"),
    ("RedisDown", "cache-crash"),
    ("RedisOutOfConfiguredMaxmemory", "cache-eviction"),
    ("RedisTooManyConnections", "cache-connections"),
    ("RedisRejectedConnections", "cache-connections"),
    ("RabbitmqNodeDown", "queue-crash"),
    ("RabbitmqMemoryHigh", "queue-memory"),
    ("RabbitmqFileDescriptorsUsage", "descriptors-of-queue"),
    ("RabbitmqTooManyReadyMessages", "consumers-of-queue"),
    ("RabbitmqTooManyConnections", "queue-connections"),
    ("RabbitmqNoQueueConsumer", "consumers-of-queue"),
    ("KafkaTopicsReplicas", "broker-crash"),
    ("KafkaConsumerGroupLag", "consumer-lag"),
    ("KubernetesNodeNotReady", "node-lost"),
    ("KubernetesPodNotHealthy", "pods-pending"),
    ("KubernetesPodCrashLooping", "crash-loop"),
    ("KubernetesContainerOomKiller", "out-of-memory"),
    ("KubernetesDeploymentReplicasMismatch", "pods-pending"),
    ("KubernetesStatefulsetReplicasMismatch", "queue-image-missing"),
    ("KubernetesVolumeOutOfDiskSpace", "disk-full"),
    ("KubernetesJobFailed", "job-failure"),
    ("ContainerHighMemoryUsage", "memory-leak"),
    ("ContainerKilled", "queue-crash"),
    # node mixin, kube-prometheus
    ("NodeFilesystemSpaceFillingUp", "disk-fills"),
    ("NodeFilesystemAlmostOutOfSpace", "disk-full"),
    ("NodeFilesystemFilesFillingUp", "inodes"),
    ("NodeFilesystemAlmostOutOfFiles", "inodes-gone"),
    ("NodeDiskIOSaturation", "slow-disk"),
    ("NodeClockSkewDetected", "clock-skew"),
    ("NodeClockNotSynchronising", "clock-skew"),
    ("NodeFileDescriptorLimit", "descriptors"),
    ("NodeMemoryHighUtilization", "memory-leak"),
    ("NodeMemoryMajorPagesFaults", "out-of-memory"),
    ("NodeNetworkReceiveErrs", "packet-loss"),
    # kubernetes mixin
    ("KubePodCrashLooping", "crash-loop"),
    ("KubePodNotReady", "pods-pending"),
    ("KubeContainerWaiting", "image-missing"),
    ("KubeDeploymentReplicasMismatch", "pods-pending"),
    ("KubeStatefulSetReplicasMismatch", "queue-image-missing"),
    ("KubeNodeNotReady", "node-lost"),
    ("KubeNodeUnreachable", "node-lost"),
    ("KubeJobFailed", "job-failure"),
    # postgres and rabbitmq mixins
    ("PostgreSQLDown", "database-crash"),
    ("PostgreSQLHighConnections", "database-connections"),
    ("PostgreSQLMaxConnectionsReached", "database-connections"),
    ("PostgresHasTooManyRollbacks", "database-hang"),
    ("RabbitMQMemoryHigh", "queue-memory"),
    ("RabbitMQFileDescriptorsUsage", "descriptors-of-queue"),
]


@pytest.fixture(scope="module")
def groups() -> list[RuleGroup]:
    named = os.environ.get(VARIABLE)
    if not named:
        pytest.skip(f"{VARIABLE} names no folder of public rule files")
    found: list[RuleGroup] = []
    for path in sorted(p for p in Path(named).rglob("*") if p.suffix in (".yaml", ".yml")):
        try:
            found += load_rule_file(path)
        except InputError as error:
            print(f"left out: {error.findings[0].place}: {error.findings[0].message}")
    return found


@pytest.fixture(scope="module")
def assessable(groups: list[RuleGroup]) -> list[RuleGroup]:
    """The recording rules, and the alerts whose every metric is shown or recorded."""
    _, storage = played(0.6, {})
    shown = {name for id in COMPONENTS for name in storage.names_of(id)}
    shown |= {rule.record for group in groups for rule in group.rules if isinstance(rule, RecordingRule)}
    read = origins(groups)

    def provided(group: RuleGroup, rule: AlertingRule) -> bool:
        asked = [[m for m in matchers if m.name == METRIC_NAME] for matchers in read[group.name, rule.alert]]
        return all(names and any(all(m.matches(n) for m in names) for n in shown) for names in asked)

    return [
        RuleGroup(g.file, g.name, kept, g.interval_ms)
        for g in groups
        if (kept := tuple(r for r in g.rules if isinstance(r, RecordingRule) or provided(g, r)))
    ]


@pytest.fixture(scope="module")
def firing(assessable: list[RuleGroup]) -> Callable[[str], set[str]]:
    """Alerts that fire on a fault; on a quiet day for the empty name."""
    return cache(lambda id: fired(assessable, HOURS, {id: FAULTS[id]} if id else {}))


def alerts(groups: Sequence[RuleGroup]) -> list[str]:
    return [rule.alert for group in groups for rule in group.rules if isinstance(rule, AlertingRule)]


@pytest.mark.parametrize(("alert", "on"), PAIRS, ids=lambda value: value)
def test_public_alert_fires_on_its_fault(
    alert: str, on: str, groups: list[RuleGroup], firing: Callable[[str], set[str]]
) -> None:
    if alert not in alerts(groups):
        pytest.skip(f"the folder has no alert {alert}")
    assert alert in firing(on)
    assert alert not in firing("")


def test_figures(
    groups: list[RuleGroup],
    assessable: list[RuleGroup],
    firing: Callable[[str], set[str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Says how far the profiles reach, and holds that most of what can be assessed fires on something."""
    quiet = firing("")
    on_faults = set().union(*(firing(id) - quiet for id in FAULTS))
    able = set(alerts(assessable))
    with capsys.disabled():
        print(
            f"\n{len(alerts(groups))} alerts ({len(set(alerts(groups)))} names), {len(alerts(assessable))} assessable"
        )
        print(f"{len(able & on_faults)} of {len(able)} names fire on a fault, {len(quiet)} on a quiet day")
        print("quiet day:", ", ".join(sorted(quiet)))
        print("never:", ", ".join(sorted(able - on_faults - quiet)))
    assert len(able & on_faults) >= len(able) / 2
