"""node_exporter: processor, memory, disks, network and clock of the host.

One host a replica: two cores, 16 GiB, one data disk, one network card.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from simulator.monitoring.telemetry.reading import Life, Look, Reading
from simulator.monitoring.telemetry.recipe import (
    REQUESTS,
    Exposed,
    Profile,
    Recipe,
    Replica,
    constant,
    counter,
    gauge,
    requests,
    whole_events,
)
from simulator.signals import Values
from timeline.instants import SECOND
from topologies.signals import Signal
from topologies.telemetry import MetricType

CORES = 2
MEMORY_BYTES = 16 * 2.0**30
DISK_BYTES = 500e9
DISK_INODES = 3e7
_SWAP_BYTES = 2 * 2.0**30
_SWAPS_FROM = 0.9
"""Share of memory in use from which on pages are swapped out."""
_MAX_FILES = 1e5
_CONNTRACK_LIMIT = 262_144.0
_USUAL_CONNTRACK = 0.02
_CARD_BYTES_PER_S = 1.25e8
_BYTES_PER_REQUEST = 2_000.0
_PACKETS_PER_REQUEST = 10.0
_IDLE_PACKETS = 20.0
_DISK_OPERATIONS = 25.0
"""Reads a second, and as many writes."""
_SYNCHRONISED_S = 0.1
_UNSYNCHRONISED_ERROR_S = 16.0
"""Where the kernel's estimate of its error stops."""

_CPU: tuple[Signal, ...] = (Signal.CPU_BUSY_RATIO, Signal.CPU_STEAL_RATIO, Signal.IO_WAIT_RATIO)
_TRAFFIC = (*REQUESTS, Signal.PACKET_LOSS_RATIO)
_DISK = {"mountpoint": "/data", "device": "/dev/vda1", "fstype": "ext4"}
_DRIVE = {"device": "vda"}
_CARD = {"device": "eth0"}


def recipes(_: Replica) -> Sequence[Recipe]:
    return [*_processor(), *_memory(), *_file_systems(), *_drive(), *_network(), *_kernel()]


def _processor() -> list[Recipe]:
    def taken(look: Look) -> Values:
        return look(Signal.CPU_STEAL_RATIO) + look(Signal.IO_WAIT_RATIO)

    def busy(look: Look) -> Values:
        return np.clip(look(Signal.CPU_BUSY_RATIO), 0, 1 - np.minimum(taken(look), 1))

    modes: dict[str, Callable[[Look], Values]] = {
        "user": lambda look: 0.8 * busy(look),
        "system": lambda look: 0.2 * busy(look),
        "iowait": lambda look: look(Signal.IO_WAIT_RATIO),
        "steal": lambda look: look(Signal.CPU_STEAL_RATIO),
        "idle": lambda look: np.maximum(1 - busy(look) - taken(look), 0),
    }
    return [
        *(
            _count("node_cpu_seconds_total", rate, _CPU, "cpu", {"cpu": str(core), "mode": mode})
            for core in range(CORES)
            for mode, rate in modes.items()
        ),
        *(
            _show(name, lambda r: CORES * (r.gauge(Signal.CPU_BUSY_RATIO) + r.exact(Signal.IO_WAIT_RATIO)))
            for name in ("node_load1", "node_load5", "node_load15")
        ),
    ]


def _memory() -> list[Recipe]:
    def available(reading: Reading) -> Values:
        return MEMORY_BYTES * (1 - np.clip(reading.exact(Signal.MEMORY_USED_RATIO), 0, 1))

    def swap_free(reading: Reading) -> Values:
        over = (reading.exact(Signal.MEMORY_USED_RATIO) - _SWAPS_FROM) / (1 - _SWAPS_FROM)
        return _SWAP_BYTES * (1 - np.clip(over, 0, 1))

    return [
        constant("node_memory_MemTotal_bytes", MEMORY_BYTES, exposed=Exposed.BESIDE),
        _show("node_memory_MemAvailable_bytes", available),
        _show("node_memory_MemFree_bytes", lambda r: 0.5 * available(r)),
        constant("node_memory_SwapTotal_bytes", _SWAP_BYTES, exposed=Exposed.BESIDE),
        _show("node_memory_SwapFree_bytes", swap_free),
        _untyped(
            "node_vmstat_pgmajfault", lambda look: 1 + look(Signal.MAJOR_FAULTS_PER_S), (Signal.MAJOR_FAULTS_PER_S,)
        ),
        _untyped("node_vmstat_oom_kill", lambda look: look(Signal.OOM_KILLS_PER_S), (Signal.OOM_KILLS_PER_S,)),
    ]


def _file_systems() -> list[Recipe]:
    def free(signal: Signal, total: float) -> Callable[[Reading], Values]:
        return lambda r: total * np.clip(r.exact(signal), 0, 1)

    return [
        _show("node_filesystem_avail_bytes", free(Signal.DISK_FREE_RATIO, DISK_BYTES), _DISK),
        _show("node_filesystem_free_bytes", free(Signal.DISK_FREE_RATIO, DISK_BYTES), _DISK),
        constant("node_filesystem_size_bytes", DISK_BYTES, _DISK, Exposed.BESIDE),
        _show("node_filesystem_files_free", free(Signal.INODES_FREE_RATIO, DISK_INODES), _DISK),
        constant("node_filesystem_files", DISK_INODES, _DISK, Exposed.BESIDE),
        _show("node_filesystem_readonly", lambda r: r.exact(Signal.READ_ONLY), _DISK),
        constant("node_filesystem_device_error", 0.0, _DISK, Exposed.BESIDE),
    ]


def _drive() -> list[Recipe]:
    signals = (Signal.DISK_BUSY_RATIO, Signal.DISK_WAIT_S)

    def operations(look: Look) -> Values:
        return np.full(look(Signal.DISK_WAIT_S).shape, _DISK_OPERATIONS)

    def waited(look: Look) -> Values:
        return _DISK_OPERATIONS * look(Signal.DISK_WAIT_S)

    return [
        _count("node_disk_io_time_seconds_total", lambda look: look(Signal.DISK_BUSY_RATIO), signals, "disk", _DRIVE),
        _count("node_disk_io_time_weighted_seconds_total", lambda look: 2 * waited(look), signals, "disk", _DRIVE),
        _count("node_disk_reads_completed_total", operations, signals, "disk", _DRIVE),
        _count("node_disk_read_time_seconds_total", waited, signals, "disk", _DRIVE),
        _count("node_disk_writes_completed_total", operations, signals, "disk", _DRIVE),
        _count("node_disk_write_time_seconds_total", waited, signals, "disk", _DRIVE),
    ]


def _network() -> list[Recipe]:
    def packets(look: Look) -> Values:
        return _IDLE_PACKETS + _PACKETS_PER_REQUEST * requests(look)

    def lost(look: Look) -> Values:
        return packets(look) * look(Signal.PACKET_LOSS_RATIO)

    def octets(look: Look) -> Values:
        return 1_000 + _BYTES_PER_REQUEST * requests(look)

    both = [
        _count(f"node_network_{way}_{what}_total", rate, _TRAFFIC, "network", _CARD)
        for way in ("receive", "transmit")
        for what, rate in {"bytes": octets, "packets": packets, "errs": lost, "drop": lost}.items()
    ]
    return [
        *both,
        constant("node_network_up", 1.0, _CARD, Exposed.BESIDE),
        constant("node_network_speed_bytes", _CARD_BYTES_PER_S, _CARD, Exposed.BESIDE),
        _untyped("node_netstat_Tcp_OutSegs", packets, _TRAFFIC),
        _untyped("node_netstat_Tcp_RetransSegs", lost, _TRAFFIC),
    ]


def _kernel() -> list[Recipe]:
    def in_step(reading: Reading) -> Values:
        """Whether the clock follows its reference."""
        return (np.abs(reading.exact(Signal.CLOCK_OFFSET_S)) < _SYNCHRONISED_S).astype(np.float64)

    def tracked(reading: Reading) -> Values:
        held = reading.exact(Signal.CONNECTIONS_HELD_RATIO)
        return np.floor(_CONNTRACK_LIMIT * np.clip(np.maximum(held, _USUAL_CONNTRACK), 0, 1))

    return [
        _show("node_filefd_allocated", lambda r: np.floor(_MAX_FILES * r.exact(Signal.FILE_DESCRIPTORS_USED_RATIO))),
        constant("node_filefd_maximum", _MAX_FILES, exposed=Exposed.BESIDE),
        _show("node_nf_conntrack_entries", tracked),
        constant("node_nf_conntrack_entries_limit", _CONNTRACK_LIMIT, exposed=Exposed.BESIDE),
        _show("node_timex_offset_seconds", lambda r: r.exact(Signal.CLOCK_OFFSET_S)),
        _show("node_timex_sync_status", in_step),
        _show("node_timex_maxerror_seconds", lambda r: np.where(in_step(r) > 0, 0.01, _UNSYNCHRONISED_ERROR_S)),
        _show("node_time_seconds", lambda r: r.wall_s + r.exact(Signal.CLOCK_OFFSET_S)),
        _show("node_boot_time_seconds", lambda r: (r.epoch_ms + r.started_ms(Life.HOST)) / SECOND),
        _count("node_context_switches_total", lambda look: 500 + 20 * requests(look), REQUESTS, "kernel"),
    ]


def _show(name: str, read: Callable[[Reading], Values], labels: dict[str, str] | None = None) -> Recipe:
    return gauge(name, read, labels or {}, Exposed.BESIDE)


def _count(
    name: str,
    rate: Callable[[Look], Values],
    signals: tuple[Signal, ...],
    together: str,
    labels: dict[str, str] | None = None,
) -> Recipe:
    return counter(name, rate, signals, together=together, labels=labels or {}, exposed=Exposed.BESIDE, life=Life.HOST)


def _untyped(name: str, rate: Callable[[Look], Values], signals: tuple[Signal, ...]) -> Recipe:
    """A count of the kernel that node_exporter passes on without a type."""
    return Recipe(
        name,
        MetricType.UNTYPED,
        lambda r: whole_events(r.counter(rate, "kernel", signals, Life.HOST)),
        {},
        Exposed.BESIDE,
    )


PROFILE = Profile(Exposed.BESIDE, recipes)
