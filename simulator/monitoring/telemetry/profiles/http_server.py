"""A server instrumented with a Prometheus client library: requests, durations, and the process itself.

Request metrics are named as the client libraries' own middleware names them (`http_requests_total` by `code`, the
classic histogram `http_request_duration_seconds`), those of the process by their common `process_` collector.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    histogram,
    requests,
)
from simulator.signals import Values
from timeline.instants import SECOND
from topologies.signals import Signal

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_BACKGROUND_ERRORS = 0.0005
"""Share of requests that fail on a good day."""
_MAX_FILES = 65_536.0
_MEMORY_BYTES = 2.0**31
"""What the process may use: its limit."""
_CORES = 2


def recipes(replica: Replica) -> Sequence[Recipe]:
    found = [
        counter("http_requests_total", _ok, REQUESTS, together="ok", labels={"code": "200"}),
        counter("http_requests_total", _failed, REQUESTS, together="failed", labels={"code": "500"}),
        *process(),
    ]
    if replica.component.latency_ms is not None:
        found += histogram(
            "http_request_duration_seconds",
            requests,
            lambda look: look(Signal.LATENCY_S),
            (*REQUESTS, Signal.LATENCY_S),
            BUCKETS_S,
        )
    return found


def process() -> list[Recipe]:
    """The collector for the process itself that every client library brings."""
    return [
        gauge("process_start_time_seconds", started_s),
        counter(
            "process_cpu_seconds_total",
            lambda look: _CORES * look(Signal.CPU_BUSY_RATIO),
            (Signal.CPU_BUSY_RATIO,),
            together="process-cpu",
        ),
        gauge(
            "process_resident_memory_bytes",
            lambda r: _MEMORY_BYTES * np.clip(r.gauge(Signal.MEMORY_USED_RATIO), 0, 1),
        ),
        gauge(
            "process_open_fds",
            lambda r: np.floor(_MAX_FILES * np.clip(r.exact(Signal.FILE_DESCRIPTORS_USED_RATIO), 0, 1)),
        ),
        constant("process_max_fds", _MAX_FILES),
    ]


def started_s(reading: Reading) -> Values:
    """When the process was started, as Unix time in seconds."""
    started: Values = (reading.epoch_ms + reading.started_ms(Life.PROCESS)) / SECOND
    return started


def _ok(look: Look) -> Values:
    return look(Signal.OK_RPS) * (1 - _BACKGROUND_ERRORS)


def _failed(look: Look) -> Values:
    return look(Signal.FAILED_RPS) + look(Signal.OK_RPS) * _BACKGROUND_ERRORS


PROFILE = Profile(Exposed.PROCESS, recipes)
