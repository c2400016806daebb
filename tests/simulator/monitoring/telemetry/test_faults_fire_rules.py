"""Faults move the metrics that rules on real exporters look at: each rule fires on its fault, and not without it.

The rules are written for this table, in the style that is common for each exporter and with its real metric names.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import pytest

from simulator.monitoring.promql.labels import METRIC_NAME
from simulator.monitoring.rules import AlertingRule, RuleGroup
from simulator.monitoring.rules.dependencies import selectors
from simulator.monitoring.telemetry import PROFILES
from simulator.monitoring.telemetry.recipe import Replica
from tests.simulator.monitoring.telemetry.watching import COMPONENTS, fault, fired
from timeline.instants import MINUTE
from topologies.estate import Component

HOURS = 2.0


class Row(NamedTuple):
    """`fires` on `faults`, which are of `COMPONENTS`; `profile` provides every metric of the expression."""

    profile: str
    fires: str
    faults: tuple[tuple[str, str, tuple[tuple[str, object], ...]], ...]
    expression: str
    for_minutes: float = 1


def on(kind: str, target: str, **parameters: object) -> tuple[tuple[str, str, tuple[tuple[str, object], ...]], ...]:
    return ((kind, target, tuple(parameters.items())),)


LEAK = on("memory-leak", "web", fills_in="40m")
DISK = on("disk-full", "primary", free_ratio=0.3, fills_in="50m")
LOOP = on("crash-loop", "web", every="15s")
STOPPED = on("replication-stopped", "standby")
CONNECTIONS = on("connection-exhaustion", "primary", used_ratio=0.98, error_ratio=0.3)
LAG = on("consumer-lag", "log")
NODE_LOST = on("node-not-ready", "web", replicas=1)
PENDING = on("pods-pending", "web", replicas=1)

ROWS = [
    # node_exporter
    Row("node", "MemoryShort", LEAK, "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.1", 2),
    Row("node", "OomKill", on("out-of-memory", "web"), "increase(node_vmstat_oom_kill[30m]) > 0", 0),
    Row("node", "Thrashing", on("out-of-memory", "web"), "rate(node_vmstat_pgmajfault[5m]) > 1000", 5),
    Row(
        "node",
        "DiskAlmostFull",
        DISK,
        "node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.1 and node_filesystem_readonly == 0",
        2,
    ),
    Row(
        "node",
        "DiskFullSoon",
        DISK,
        "predict_linear(node_filesystem_avail_bytes[30m], 4 * 3600) < 0"
        " and node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.3",
        5,
    ),
    Row(
        "node",
        "InodesShort",
        on("inode-exhaustion", "primary", free_ratio=0.04, fills_in="2h"),
        "node_filesystem_files_free / node_filesystem_files * 100 < 10",
        2,
    ),
    Row("node", "ReadOnly", on("read-only", "primary"), "node_filesystem_readonly == 1"),
    Row(
        "node",
        "ProcessorBusy",
        on("cpu-starvation", "web", capacity_factor=0.6),
        '1 - avg without (cpu) (rate(node_cpu_seconds_total{mode="idle"}[5m])) > 0.9',
        10,
    ),
    Row(
        "node",
        "StealHigh",
        on("noisy-neighbour", "web", capacity_factor=0.7),
        'avg by (instance) (rate(node_cpu_seconds_total{mode="steal"}[5m])) > 0.1',
        2,
    ),
    Row(
        "node",
        "DiskSlow",
        on("slow-disk", "primary"),
        "rate(node_disk_write_time_seconds_total[2m]) / rate(node_disk_writes_completed_total[2m]) > 0.1",
        2,
    ),
    Row(
        "node",
        "PacketsLost",
        on("packet-loss", "web", loss_ratio=0.05),
        "rate(node_network_receive_errs_total[2m]) / rate(node_network_receive_packets_total[2m]) > 0.01",
        2,
    ),
    Row(
        "node",
        "Retransmissions",
        on("packet-loss", "web", loss_ratio=0.05),
        "rate(node_netstat_Tcp_RetransSegs[5m]) / rate(node_netstat_Tcp_OutSegs[5m]) > 0.03",
        2,
    ),
    Row("node", "ClockSkew", on("clock-skew", "web", offset="2s"), "abs(node_timex_offset_seconds) > 0.05", 5),
    Row(
        "node",
        "ClockUnsynchronised",
        on("clock-skew", "web", offset="2s"),
        "min_over_time(node_timex_sync_status[1m]) == 0 and node_timex_maxerror_seconds >= 16",
        2,
    ),
    Row(
        "node",
        "FilesShort",
        on("descriptor-exhaustion", "web", used_ratio=0.95),
        "node_filefd_allocated / node_filefd_maximum > 0.9",
    ),
    # A server with a client library
    Row(
        "http-server",
        "Errors",
        on("bad-deploy", "web", error_ratio=0.1),
        'sum by (job) (rate(http_requests_total{code=~"5.."}[5m]))'
        " / sum by (job) (rate(http_requests_total[5m])) > 0.05",
        2,
    ),
    Row(
        "http-server",
        "Slow",
        on("slow", "web", latency_factor=20),
        "histogram_quantile(0.95, sum by (job, le) (rate(http_request_duration_seconds_bucket[5m]))) > 0.5",
        5,
    ),
    Row("http-server", "RestartsOften", LOOP, "changes(process_start_time_seconds[15m]) > 4", 0),
    Row(
        "http-server",
        "OpenFiles",
        on("descriptor-exhaustion", "web"),
        "process_open_fds / process_max_fds > 0.9",
        2,
    ),
    # postgres_exporter
    Row("postgres", "DatabaseDown", on("crash", "primary"), "pg_up == 0"),
    Row(
        "postgres",
        "ConnectionsShort",
        CONNECTIONS,
        "sum by (instance, server) (pg_stat_activity_count)"
        " > 0.8 * min by (instance, server) (pg_settings_max_connections)",
        2,
    ),
    Row(
        "postgres",
        "ReplicationLags",
        STOPPED,
        "pg_replication_lag_seconds > 30 and on (instance) pg_replication_is_replica == 1",
        2,
    ),
    Row(
        "postgres",
        "Rollbacks",
        DISK,
        "sum by (datname, instance) (rate(pg_stat_database_xact_rollback[5m]))"
        " / sum by (datname, instance) (rate(pg_stat_database_xact_commit[5m])"
        " + rate(pg_stat_database_xact_rollback[5m])) > 0.1",
        2,
    ),
    Row(
        "postgres",
        "WritesRefused",
        on("read-only", "primary"),
        "pg_settings_default_transaction_read_only == 1 and on (instance) pg_replication_is_replica == 0",
    ),
    # redis_exporter
    Row("redis", "CacheDown", on("crash", "cache"), "redis_up == 0"),
    Row(
        "redis",
        "CacheFull",
        on("cache-eviction", "cache"),
        "redis_memory_used_bytes / redis_memory_max_bytes * 100 > 90",
        2,
    ),
    Row("redis", "Evicts", on("cache-eviction", "cache"), "rate(redis_evicted_keys_total[5m]) > 10", 2),
    Row(
        "redis",
        "HitsFall",
        on("cache-eviction", "cache", hit_ratio=0.3),
        "rate(redis_keyspace_hits_total[5m])"
        " / (rate(redis_keyspace_hits_total[5m]) + rate(redis_keyspace_misses_total[5m])) < 0.6",
        5,
    ),
    Row(
        "redis",
        "ClientsRejected",
        on("connection-exhaustion", "cache"),
        "increase(redis_rejected_connections_total[1m]) > 5 or redis_connected_clients / redis_config_maxclients > 0.9",
    ),
    # nginx-prometheus-exporter
    Row("nginx", "ProxyDown", on("crash", "gateway"), "nginx_up == 0"),
    Row(
        "nginx",
        "ConnectionsDropped",
        on("connection-exhaustion", "gateway"),
        "rate(nginx_connections_accepted[5m]) - rate(nginx_connections_handled[5m]) > 1",
        2,
    ),
    Row("nginx", "ConnectionsMany", on("connection-exhaustion", "gateway"), "nginx_connections_active > 2000"),
    # blackbox_exporter
    Row("blackbox", "ProbeFails", on("hang", "web"), "probe_success == 0"),
    Row("blackbox", "ProbeSlow", on("slow", "web", latency_factor=200), "probe_duration_seconds > 1", 2),
    Row(
        "blackbox",
        "CertificateSoon",
        on("certificate-expiry", "gateway", expires_in="120h"),
        "probe_ssl_earliest_cert_expiry - time() < 14 * 86400",
    ),
    Row(
        "blackbox",
        "StatusBad",
        on("hang", "web"),
        "probe_http_status_code <= 199 or probe_http_status_code >= 400",
    ),
    # rabbitmq_prometheus
    Row("rabbitmq", "QueueGrows", on("consumer-lag", "queue"), "sum by (queue) (rabbitmq_queue_messages_ready) > 1000"),
    Row("rabbitmq", "NoConsumers", on("consumer-lag", "queue"), "rabbitmq_queue_consumers < 1"),
    Row("rabbitmq", "BrokerGone", on("crash", "queue", replicas=1), "sum(rabbitmq_build_info) < 3"),
    Row(
        "rabbitmq",
        "BrokerMemory",
        on("memory-leak", "queue", fills_in="30m"),
        "rabbitmq_process_resident_memory_bytes / rabbitmq_resident_memory_limit_bytes > 0.9",
        2,
    ),
    Row(
        "rabbitmq",
        "BrokerFiles",
        on("descriptor-exhaustion", "queue"),
        "rabbitmq_process_open_fds / rabbitmq_process_max_fds > 0.9",
        2,
    ),
    # kafka_exporter
    Row("kafka", "ConsumersLag", LAG, "sum by (consumergroup) (kafka_consumergroup_lag) > 10000"),
    Row("kafka", "BrokersFew", on("crash", "log", replicas=1), "kafka_brokers < 3"),
    Row(
        "kafka",
        "UnderReplicated",
        on("crash", "log", replicas=1),
        "kafka_topic_partition_under_replicated_partition > 0",
        2,
    ),
    # kube-state-metrics
    Row(
        "kube-state-metrics",
        "CrashLooping",
        LOOP,
        'max_over_time(kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff"}[5m]) >= 1',
        5,
    ),
    Row(
        "kube-state-metrics",
        "Restarts",
        LOOP,
        "increase(kube_pod_container_status_restarts_total[10m]) > 5",
    ),
    Row(
        "kube-state-metrics",
        "PodNotReady",
        on("hang", "web", replicas=1),
        'min_over_time(kube_pod_status_ready{condition="true"}[5m]) == 0',
        5,
    ),
    Row("kube-state-metrics", "PodPending", PENDING, 'kube_pod_status_phase{phase=~"Pending|Unknown"} > 0', 10),
    Row(
        "kube-state-metrics",
        "NodeNotReady",
        NODE_LOST,
        'kube_node_status_condition{condition="Ready",status="true"} == 0'
        " and on (node) kube_node_spec_unschedulable == 0",
        5,
    ),
    Row(
        "kube-state-metrics",
        "ReplicasMissing",
        PENDING,
        "kube_deployment_spec_replicas != kube_deployment_status_replicas_available",
        10,
    ),
    Row(
        "kube-state-metrics",
        "ReplicasOfSetMissing",
        on("image-missing", "queue", replicas=1),
        "kube_statefulset_status_replicas_ready != kube_statefulset_replicas",
        10,
    ),
    Row("kube-state-metrics", "JobFailed", on("job-failure", "report"), "kube_job_status_failed > 0"),
    # kubelet and cAdvisor
    Row(
        "kubelet",
        "VolumeFull",
        DISK,
        "kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes < 0.1",
        2,
    ),
    Row(
        "cadvisor",
        "ContainerMemory",
        LEAK,
        "sum by (pod) (container_memory_working_set_bytes) / sum by (pod) (container_spec_memory_limit_bytes) > 0.9",
        2,
    ),
    Row(
        "cadvisor",
        "Throttled",
        on("cpu-starvation", "web", capacity_factor=0.6),
        "sum by (pod) (increase(container_cpu_cfs_throttled_periods_total[5m]))"
        " / sum by (pod) (increase(container_cpu_cfs_periods_total[5m])) > 0.25",
        10,
    ),
]
GROUP = RuleGroup(
    "table.yaml",
    "table",
    tuple(AlertingRule(row.fires, row.expression, for_ms=int(row.for_minutes * MINUTE)) for row in ROWS),
    interval_ms=MINUTE,
)


@cache
def fired_on(faults: tuple[tuple[str, str, tuple[tuple[str, object], ...]], ...]) -> set[str]:
    """Every rule of the table watches every run."""
    return fired([GROUP], HOURS, {f"f{n}": fault(kind, at, **dict(more)) for n, (kind, at, more) in enumerate(faults)})


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.profile}-{row.fires}")
def test_rule_fires_on_its_fault(row: Row) -> None:
    assert row.fires in fired_on(row.faults)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.profile}-{row.fires}")
def test_rule_is_silent_without_its_fault(row: Row) -> None:
    assert row.fires not in fired_on(())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.profile}-{row.fires}")
def test_rule_is_silent_on_an_unrelated_fault(row: Row) -> None:
    """A batch job that fails concerns only its own pod; that pod does not care about databases."""
    other = on("job-failure", "report") if row.fires not in ("JobFailed", "PodNotReady") else STOPPED
    assert row.fires not in fired_on(other)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.profile}-{row.fires}")
def test_rule_reads_only_what_the_profile_shows(row: Row) -> None:
    users = {id: Component.model_validate(c) for id, c in COMPONENTS.items() if row.profile in c["telemetry"]}
    names = {r.name for id, user in users.items() for r in PROFILES[row.profile].recipes(Replica(id, 0, user))}
    rule = next(rule for rule in GROUP.rules if isinstance(rule, AlertingRule) and rule.alert == row.fires)
    asked = {m.value for selector in selectors(rule.expression) for m in selector.matchers if m.name == METRIC_NAME}
    assert asked <= names


def test_every_exporter_is_in_the_table() -> None:
    """The generic ones are covered by the rules of the shipped estates."""
    assert {row.profile for row in ROWS} == set(PROFILES) - {"queue", "power"}
