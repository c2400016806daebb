"""Signals: what instruments could measure of one replica, and what each reads while nothing is wrong.

The vocabulary that faults, telemetry profiles and the estate share: a fault moves signals, a profile turns them into
the series of an exporter.  A signal that nothing has moved is not stored anywhere; it reads as usual.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from timeline.instants import DAY, SECOND


class Signal(StrEnum):
    """Rates are per second, durations in seconds, shares in [0, 1], states 0 or 1."""

    UP = "up"
    """The process runs, so whatever it shows by itself answers a scrape."""
    HOST_UP = "host_up"
    """What it runs on is there, so exporters beside it answer a scrape."""
    ANSWERING = "answering"
    """It answers who asks it, so long as it runs; while it hangs its scrapes wait until they time out."""
    READY = "ready"
    """It runs and its own work is well enough to be given requests: what a readiness probe finds."""
    SERVING_RATIO = "serving_ratio"
    """Share of requests served well, as a probe from outside would find."""
    OK_RPS = "ok_rps"
    FAILED_RPS = "failed_rps"
    LATENCY_S = "latency_s"
    SATURATION_RATIO = "saturation_ratio"
    """Load as a share of capacity."""
    CPU_BUSY_RATIO = "cpu_busy_ratio"
    CPU_STEAL_RATIO = "cpu_steal_ratio"
    """Processor time that the hypervisor gave to others."""
    IO_WAIT_RATIO = "io_wait_ratio"
    """Processor time spent waiting for the disk."""
    MEMORY_USED_RATIO = "memory_used_ratio"
    MAJOR_FAULTS_PER_S = "major_faults_per_s"
    """Pages read back from disk."""
    OOM_KILLS_PER_S = "oom_kills_per_s"
    """Processes ended because memory ran out."""
    RESTARTS_PER_S = "restarts_per_s"
    """How often the process ends and is started again, while it keeps doing so."""
    AWAY_RATIO = "away_ratio"
    """Share of the time from one end to the next in which such a process is not there, right after it has ended."""
    DISK_FREE_RATIO = "disk_free_ratio"
    INODES_FREE_RATIO = "inodes_free_ratio"
    DISK_BUSY_RATIO = "disk_busy_ratio"
    DISK_WAIT_S = "disk_wait_s"
    """How long the disk takes for one operation."""
    READ_ONLY = "read_only"
    """Writes are refused."""
    FILE_DESCRIPTORS_USED_RATIO = "file_descriptors_used_ratio"
    CONNECTIONS_HELD_RATIO = "connections_held_ratio"
    """Share of the allowed connections that is taken and not given back, beside those that work needs."""
    PACKET_LOSS_RATIO = "packet_loss_ratio"
    CLOCK_OFFSET_S = "clock_offset_s"
    REPLICATION_LAG_S = "replication_lag_s"
    REPLICATING = "replicating"
    """A standby receives what its primary writes."""
    IS_STANDBY = "is_standby"
    ATTACHED_STANDBYS = "attached_standbys"
    """Standbys that a primary sends what it writes."""
    DATA_MISMATCHES = "data_mismatches"
    """The last comparison of data found differences."""
    CERTIFICATE_LEFT_S = "certificate_left_s"
    QUEUE_DEPTH = "queue_depth"
    CONSUMERS_RATIO = "consumers_ratio"
    """Share of the usual consumers that are there."""
    CACHE_HIT_RATIO = "cache_hit_ratio"
    EVICTIONS_PER_S = "evictions_per_s"
    POD_SCHEDULED = "pod_scheduled"
    """The cluster has found a place for it."""
    NODE_READY = "node_ready"
    """The cluster hears from the node it runs on."""
    IMAGE_PULLED = "image_pulled"
    FAILED_JOBS = "failed_jobs"
    """Runs of a batch job that failed and were not tidied up."""
    ON_BATTERY = "on_battery"


USUAL: Mapping[Signal, float] = MappingProxyType(
    {
        **dict.fromkeys(Signal, 0.0),
        Signal.UP: 1.0,
        Signal.HOST_UP: 1.0,
        Signal.ANSWERING: 1.0,
        Signal.READY: 1.0,
        Signal.MEMORY_USED_RATIO: 0.55,
        Signal.DISK_FREE_RATIO: 0.6,
        Signal.INODES_FREE_RATIO: 0.9,
        Signal.IO_WAIT_RATIO: 0.01,
        Signal.DISK_BUSY_RATIO: 0.08,
        Signal.DISK_WAIT_S: 0.002,
        Signal.FILE_DESCRIPTORS_USED_RATIO: 0.04,
        Signal.REPLICATING: 1.0,
        Signal.CERTIFICATE_LEFT_S: 60 * DAY / SECOND,
        Signal.CONSUMERS_RATIO: 1.0,
        Signal.CACHE_HIT_RATIO: 0.95,
        Signal.POD_SCHEDULED: 1.0,
        Signal.NODE_READY: 1.0,
        Signal.IMAGE_PULLED: 1.0,
    }
)
"""What a signal reads while nothing has moved it."""
