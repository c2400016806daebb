"""rabbitmq_prometheus: a broker's own plugin, so it is silent while the broker is down.

Names as the plugin's list of metrics gives them; one queue a node, with its labels as per-object metrics have them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from simulator.monitoring.telemetry.profiles.generic import USUAL_CONSUMERS
from simulator.monitoring.telemetry.profiles.node import DISK_BYTES
from simulator.monitoring.telemetry.reading import Look, Read, Reading
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
)
from simulator.signals import Values
from topologies.signals import Signal

_MAX_FILES = 65_536.0
_MEMORY_LIMIT_BYTES = 6.4e9
_USUAL_CONNECTIONS = 40.0
_MAX_CONNECTIONS = 2_000.0
_UNACKNOWLEDGED = 20.0
_DISK_LIMIT_RATIO = 0.02


def recipes(replica: Replica) -> Sequence[Recipe]:
    queue = {"queue": replica.id, "vhost": "/"}
    node = f"rabbit@{replica.name}"
    return [
        constant("rabbitmq_build_info", 1.0, {"rabbitmq_version": "3.13.7", "erlang_version": "26.2.5"}),
        constant("rabbitmq_identity_info", 1.0, {"rabbitmq_node": node, "rabbitmq_cluster": replica.id}),
        gauge("rabbitmq_queue_messages_ready", _ready, queue),
        gauge("rabbitmq_queue_messages_unacked", _unacknowledged, queue),
        gauge("rabbitmq_queue_messages", lambda r: _ready(r) + _unacknowledged(r), queue),
        gauge("rabbitmq_queue_consumers", _consumers, queue),
        gauge("rabbitmq_consumers", _consumers),
        gauge("rabbitmq_connections", _connections),
        gauge("rabbitmq_channels", lambda r: 2 * _connections(r)),
        constant("rabbitmq_queues", 1.0),
        gauge(
            "rabbitmq_process_open_fds",
            lambda r: np.floor(_MAX_FILES * np.clip(r.exact(Signal.FILE_DESCRIPTORS_USED_RATIO), 0, 1)),
        ),
        constant("rabbitmq_process_max_fds", _MAX_FILES),
        gauge(
            "rabbitmq_process_resident_memory_bytes",
            lambda r: _MEMORY_LIMIT_BYTES * np.clip(r.gauge(Signal.MEMORY_USED_RATIO), 0, 1),
        ),
        constant("rabbitmq_resident_memory_limit_bytes", _MEMORY_LIMIT_BYTES),
        gauge(
            "rabbitmq_disk_space_available_bytes", lambda r: DISK_BYTES * np.clip(r.exact(Signal.DISK_FREE_RATIO), 0, 1)
        ),
        constant("rabbitmq_disk_space_available_limit_bytes", DISK_BYTES * _DISK_LIMIT_RATIO),
        _alarm(
            "rabbitmq_alarms_free_disk_space_watermark", lambda r: r.exact(Signal.DISK_FREE_RATIO) < _DISK_LIMIT_RATIO
        ),
        _alarm("rabbitmq_alarms_memory_used_watermark", lambda r: r.exact(Signal.MEMORY_USED_RATIO) > 0.98),
        _alarm("rabbitmq_alarms_file_descriptor_limit", lambda r: r.exact(Signal.FILE_DESCRIPTORS_USED_RATIO) > 0.98),
        _counted("rabbitmq_global_messages_received_total", requests, REQUESTS),
        _counted("rabbitmq_global_messages_acknowledged_total", _acknowledged, (*REQUESTS, Signal.CONSUMERS_RATIO)),
        _counted("rabbitmq_channel_messages_unroutable_returned_total", lambda look: 0 * requests(look), REQUESTS),
        _counted("rabbitmq_channel_messages_unroutable_dropped_total", lambda look: 0 * requests(look), REQUESTS),
    ]


def _ready(reading: Reading) -> Values:
    return np.floor(np.maximum(reading.exact(Signal.QUEUE_DEPTH), 0))


def _unacknowledged(reading: Reading) -> Values:
    return np.floor(_UNACKNOWLEDGED * reading.exact(Signal.CONSUMERS_RATIO))


def _consumers(reading: Reading) -> Values:
    return np.round(USUAL_CONSUMERS * reading.exact(Signal.CONSUMERS_RATIO))


def _connections(reading: Reading) -> Values:
    held = _MAX_CONNECTIONS * reading.exact(Signal.CONNECTIONS_HELD_RATIO)
    return np.floor(np.minimum(_USUAL_CONNECTIONS + held, _MAX_CONNECTIONS))


def _acknowledged(look: Look) -> Values:
    return look(Signal.OK_RPS) * look(Signal.CONSUMERS_RATIO)


def _alarm(name: str, rings: Callable[[Reading], npt.NDArray[np.bool_]]) -> Recipe:
    return gauge(name, lambda reading: rings(reading).astype(np.float64))


def _counted(name: str, rates: Callable[[Look], Values], signals: Read) -> Recipe:
    return counter(name, rates, signals, together="messages", whole=True)


PROFILE = Profile(Exposed.PROCESS, recipes)
