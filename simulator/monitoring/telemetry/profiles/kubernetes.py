"""What a Kubernetes cluster shows of a workload: kube-state-metrics, the kubelet, cAdvisor.

A component is a deployment, a database, queue or store a stateful set, a batch component a job; a replica is a pod
with one container of the component's name, on a node of its own, with a volume of its own.  All of them are shown from
outside the pod.  Names, labels and label values follow the documentation of kube-state-metrics and the kubelet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from simulator.monitoring.telemetry.profiles.node import DISK_BYTES, DISK_INODES
from simulator.monitoring.telemetry.reading import Life, Look, Reading
from simulator.monitoring.telemetry.recipe import (
    Exposed,
    Profile,
    Recipe,
    Replica,
    constant,
    counter,
    gauge,
    whole_events,
)
from simulator.signals import Values
from topologies.estate import ComponentKind
from topologies.signals import Signal
from topologies.telemetry import MetricType

NAMESPACE = "default"
_CORES = 2.0
_MEMORY_BYTES = 4 * 2.0**30
"""What a container may use."""
_PODS = 110.0
_CRASHING_PER_S = 1 / 3600
"""A container that restarts more often than this waits in CrashLoopBackOff between its tries."""
_PERIODS_PER_S = 10.0
"""Scheduling periods a second of the CPU quota."""
_THROTTLED_FROM = 0.9

_STATEFUL = (ComponentKind.DATABASE, ComponentKind.QUEUE, ComponentKind.STORAGE, ComponentKind.CACHE)
_Flags = npt.NDArray[np.bool_]


# kube-state-metrics


def _state_metrics(replica: Replica) -> Sequence[Recipe]:
    found = [*_pod(replica), *_node(replica)]
    if replica.number == 0:
        found += _workload(replica)
    return found


def _pod(replica: Replica) -> list[Recipe]:
    pod = {"namespace": NAMESPACE, "pod": replica.name, "uid": f"uid-{replica.name}"}
    container = {**pod, "container": replica.id}
    owner_kind = "StatefulSet" if replica.component.kind in _STATEFUL else "ReplicaSet"
    phases: dict[str, Callable[[Reading], _Flags]] = {
        "Pending": lambda r: ~_placed(r),
        "Running": lambda r: _placed(r) & ~_silent(r),
        "Unknown": lambda r: _placed(r) & _silent(r),
        "Failed": lambda r: np.zeros(r.times.shape, dtype=np.bool_),
        "Succeeded": lambda r: np.zeros(r.times.shape, dtype=np.bool_),
    }
    waiting: dict[str, Callable[[Reading], _Flags]] = {
        "CrashLoopBackOff": _crash_looping,
        "ImagePullBackOff": _image_missing,
    }
    return [
        _always("kube_pod_info", {**pod, "node": _node_of(replica), "created_by_kind": owner_kind}),
        _always("kube_pod_owner", {**pod, "owner_kind": owner_kind, "owner_name": replica.id}),
        *(_flag("kube_pod_status_phase", reads, {**pod, "phase": phase}) for phase, reads in phases.items()),
        _flag("kube_pod_status_ready", _ready, {**pod, "condition": "true"}),
        _flag("kube_pod_status_ready", lambda r: ~_ready(r), {**pod, "condition": "false"}),
        _only_while("kube_pod_status_reason", _silent, {**pod, "reason": "NodeLost"}),
        Recipe("kube_pod_container_status_restarts_total", MetricType.COUNTER, _restarts, container, Exposed.OUTSIDE),
        _flag("kube_pod_container_status_ready", _ready, container),
        _flag("kube_pod_container_status_running", _running, container),
        *(
            _only_while("kube_pod_container_status_waiting_reason", reads, {**container, "reason": reason})
            for reason, reads in waiting.items()
        ),
        _only_while(
            "kube_pod_container_status_last_terminated_reason",
            lambda r: r.exact(Signal.OOM_KILLS_PER_S) > 0,
            {**container, "reason": "OOMKilled"},
        ),
        _fixed(
            "kube_pod_container_resource_limits", _MEMORY_BYTES, {**container, "resource": "memory", "unit": "byte"}
        ),
        _fixed("kube_pod_container_resource_limits", _CORES, {**container, "resource": "cpu", "unit": "core"}),
    ]


def _node(replica: Replica) -> list[Recipe]:
    node = {"node": _node_of(replica)}
    conditions: dict[str, Callable[[Reading], _Flags]] = {
        "Ready": lambda r: ~_silent(r),
        "MemoryPressure": lambda r: r.exact(Signal.MEMORY_USED_RATIO) > 0.97,
        "DiskPressure": lambda r: (r.exact(Signal.DISK_FREE_RATIO) < 0.05) | (r.exact(Signal.INODES_FREE_RATIO) < 0.05),
        "PIDPressure": lambda r: np.zeros(r.times.shape, dtype=np.bool_),
    }
    return [
        _always("kube_node_info", node),
        _fixed("kube_node_spec_unschedulable", 0.0, node),
        *(
            _flag("kube_node_status_condition", reads, {**node, "condition": condition, "status": "true"})
            for condition, reads in conditions.items()
        ),
        _only_while(
            "kube_node_spec_taint",
            _silent,
            {**node, "key": "node.kubernetes.io/unreachable", "value": "", "effect": "NoSchedule"},
        ),
        _fixed("kube_node_status_allocatable", _PODS, {**node, "resource": "pods", "unit": "integer"}),
        _fixed("kube_node_status_capacity", _PODS, {**node, "resource": "pods", "unit": "integer"}),
    ]


def _workload(replica: Replica) -> list[Recipe]:
    """The controller over the pods."""
    count = replica.component.replicas.count

    def ready(reading: Reading) -> Values:
        total = np.zeros(reading.times.shape)
        for number in range(count):
            total = total + _ready(reading, number)
        return total

    def unavailable(reading: Reading) -> Values:
        return count - ready(reading)

    if replica.component.kind is ComponentKind.BATCH:
        return _job(replica)
    if replica.component.kind in _STATEFUL:
        labels = {"namespace": NAMESPACE, "statefulset": replica.id}
        return [
            _fixed("kube_statefulset_replicas", float(count), labels),
            _fixed("kube_statefulset_status_replicas", float(count), labels),
            _fixed("kube_statefulset_status_replicas_updated", float(count), labels),
            gauge("kube_statefulset_status_replicas_ready", ready, labels, Exposed.OUTSIDE),
            _fixed("kube_statefulset_metadata_generation", 1.0, labels),
            _fixed("kube_statefulset_status_observed_generation", 1.0, labels),
        ]
    labels = {"namespace": NAMESPACE, "deployment": replica.id}
    return [
        _fixed("kube_deployment_spec_replicas", float(count), labels),
        _fixed("kube_deployment_status_replicas", float(count), labels),
        _fixed("kube_deployment_status_replicas_updated", float(count), labels),
        gauge("kube_deployment_status_replicas_ready", ready, labels, Exposed.OUTSIDE),
        gauge("kube_deployment_status_replicas_available", ready, labels, Exposed.OUTSIDE),
        gauge("kube_deployment_status_replicas_unavailable", unavailable, labels, Exposed.OUTSIDE),
        _fixed("kube_deployment_metadata_generation", 1.0, labels),
        _fixed("kube_deployment_status_observed_generation", 1.0, labels),
    ]


def _job(replica: Replica) -> list[Recipe]:
    job = {"namespace": NAMESPACE, "job_name": replica.id}
    return [
        gauge("kube_job_status_failed", lambda r: r.exact(Signal.FAILED_JOBS), job, Exposed.OUTSIDE),
        _only_while("kube_job_failed", lambda r: r.exact(Signal.FAILED_JOBS) > 0, {**job, "condition": "true"}),
        gauge("kube_job_status_active", lambda r: 1 - r.exact(Signal.FAILED_JOBS), job, Exposed.OUTSIDE),
        _fixed("kube_job_status_succeeded", 0.0, job),
    ]


# The kubelet and the cAdvisor in it


def _kubelet(replica: Replica) -> Sequence[Recipe]:
    claim = {"namespace": NAMESPACE, "persistentvolumeclaim": f"data-{replica.name}", "metrics_path": "/metrics"}

    def share(signal: Signal, total: float) -> Callable[[Reading], Values]:
        return lambda reading: total * np.clip(reading.exact(signal), 0, 1)

    free, inodes = share(Signal.DISK_FREE_RATIO, DISK_BYTES), share(Signal.INODES_FREE_RATIO, DISK_INODES)
    return [
        _of_kubelet("kubelet_volume_stats_available_bytes", free, claim),
        _of_kubelet("kubelet_volume_stats_used_bytes", lambda r: DISK_BYTES - free(r), claim),
        constant("kubelet_volume_stats_capacity_bytes", DISK_BYTES, claim, Exposed.BESIDE),
        _of_kubelet("kubelet_volume_stats_inodes_free", inodes, claim),
        _of_kubelet("kubelet_volume_stats_inodes_used", lambda r: DISK_INODES - inodes(r), claim),
        constant("kubelet_volume_stats_inodes", DISK_INODES, claim, Exposed.BESIDE),
        constant("kubelet_node_name", 1.0, {"node": _node_of(replica), "metrics_path": "/metrics"}, Exposed.BESIDE),
        constant("kubelet_running_pods", 1.0, {"metrics_path": "/metrics"}, Exposed.BESIDE),
    ]


def _cadvisor(replica: Replica) -> Sequence[Recipe]:
    container = {
        "namespace": NAMESPACE,
        "pod": replica.name,
        "container": replica.id,
        "name": replica.name,
        "image": replica.id,
        "id": f"/pods/{replica.name}",
        "metrics_path": "/metrics/cadvisor",
    }

    def counted(name: str, rates: Callable[[Look], Values], signals: tuple[Signal, ...]) -> Recipe:
        return counter(name, rates, signals, together="container", labels=container)

    def throttled(look: Look) -> Values:
        over = (look(Signal.CPU_BUSY_RATIO) - _THROTTLED_FROM) / (1 - _THROTTLED_FROM)
        return _PERIODS_PER_S * np.clip(over, 0, 1)

    def memory(reading: Reading) -> Values:
        return _MEMORY_BYTES * np.clip(reading.exact(Signal.MEMORY_USED_RATIO), 0, 1)

    busy = (Signal.CPU_BUSY_RATIO,)
    return [
        gauge("container_last_seen", _last_seen, container, Exposed.OUTSIDE),
        gauge("container_start_time_seconds", lambda r: r.wall_s - _age_s(r), container),
        counted("container_cpu_usage_seconds_total", lambda look: _CORES * look(Signal.CPU_BUSY_RATIO), busy),
        counted("container_cpu_cfs_periods_total", lambda look: np.full(look(busy[0]).shape, _PERIODS_PER_S), busy),
        counted("container_cpu_cfs_throttled_periods_total", throttled, busy),
        constant("container_spec_cpu_quota", _CORES * 1e5, container),
        constant("container_spec_cpu_period", 1e5, container),
        gauge("container_memory_working_set_bytes", memory, container),
        gauge("container_memory_usage_bytes", lambda r: 1.1 * memory(r), container),
        constant("container_spec_memory_limit_bytes", _MEMORY_BYTES, container),
        counted(
            "container_oom_events_total",
            lambda look: look(Signal.OOM_KILLS_PER_S),
            (Signal.OOM_KILLS_PER_S,),
        ),
    ]


def _last_seen(reading: Reading) -> Values:
    """When cAdvisor last saw it: now, or for one that is gone the moment it went."""
    log = reading.board.get(reading.component, reading.replica, Signal.UP)
    if log is None:
        return reading.wall_s
    since = np.asarray(log.since_ms, dtype=np.int64)
    went_ms = since[np.maximum(np.searchsorted(since, reading.times, side="right") - 1, 0)]
    return np.where(reading.exact(Signal.UP) > 0, reading.wall_s, (reading.epoch_ms + went_ms) / 1000)


def _age_s(reading: Reading) -> Values:
    age: Values = (reading.times - reading.started_ms(Life.PROCESS)) / 1000
    return age


# States of a pod


def _placed(reading: Reading) -> _Flags:
    return reading.exact(Signal.POD_SCHEDULED) > 0


def _silent(reading: Reading) -> _Flags:
    """The cluster no longer hears from the node: it was declared not ready, or its whole place is gone."""
    return (reading.exact(Signal.NODE_READY) <= 0) | (reading.exact(Signal.HOST_UP) <= 0)


def _ready(reading: Reading, number: int | None = None) -> _Flags:
    return reading.exact(Signal.READY, replica=number) > 0


def _image_missing(reading: Reading) -> _Flags:
    return reading.exact(Signal.IMAGE_PULLED) <= 0


def _crash_looping(reading: Reading) -> _Flags:
    return reading.exact(Signal.RESTARTS_PER_S) > _CRASHING_PER_S


def _running(reading: Reading) -> _Flags:
    return (reading.exact(Signal.UP) > 0) & ~_crash_looping(reading)


def _restarts(reading: Reading) -> Values:
    """Whole restarts: each time it came up again, and those of a process that keeps dying."""

    def rate(look: Look) -> Values:
        return look(Signal.RESTARTS_PER_S)

    repeated = whole_events(reading.counter(rate, "restarts", (Signal.RESTARTS_PER_S,), Life.EVER))
    return reading.rises(Signal.UP) + repeated


# Short forms


def _node_of(replica: Replica) -> str:
    return f"node-{replica.name}"


def _fixed(name: str, value: float, labels: dict[str, str]) -> Recipe:
    return constant(name, value, labels, Exposed.OUTSIDE)


def _always(name: str, labels: dict[str, str]) -> Recipe:
    return _fixed(name, 1.0, labels)


def _flag(name: str, reads: Callable[[Reading], _Flags], labels: dict[str, str]) -> Recipe:
    return gauge(name, lambda reading: reads(reading).astype(np.float64), labels, Exposed.OUTSIDE)


def _only_while(name: str, reads: Callable[[Reading], _Flags], labels: dict[str, str]) -> Recipe:
    """A series that is shown, as 1, only while something holds."""
    return gauge(name, lambda reading: np.where(reads(reading), 1.0, np.nan), labels, Exposed.OUTSIDE)


def _of_kubelet(name: str, read: Callable[[Reading], Values], labels: dict[str, str]) -> Recipe:
    return gauge(name, read, labels, Exposed.BESIDE)


STATE_METRICS = Profile(Exposed.OUTSIDE, _state_metrics)
KUBELET = Profile(Exposed.BESIDE, _kubelet)
CADVISOR = Profile(Exposed.BESIDE, _cadvisor)
