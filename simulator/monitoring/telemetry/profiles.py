"""Profiles: the series of well-known exporters, by their real names.

Names, labels and meanings follow the exporters' documentation: prometheus client libraries (HTTP server counters and
classic histograms), node_exporter, postgres_exporter, blackbox_exporter.  `queue` and `power` are generic.
Latency scatters log-normally around its median with a sigma of 0.6.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np

from simulator.monitoring.telemetry.reading import Reading
from simulator.signals import Signal, Values
from timeline.instants import SECOND
from timeline.registry import Registry
from topologies.estate import Component

HTTP_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_LATENCY_SIGMA = 0.6
_BACKGROUND_ERRORS = 0.0005
"""Share of requests that fail on a good day."""
_FASTEST_S = 1e-4
_DISK_BYTES = 500e9
_CORES = 4
_MAX_CONNECTIONS = 400.0
_USUAL_CONNECTIONS = 60.0
_POWER_LEVEL = 0.5


@dataclass(frozen=True, slots=True)
class Recipe:
    """One series of a replica.  `always`: also while its process is down, because somebody else exports it."""

    name: str
    read: Callable[[Reading], Values]
    labels: Mapping[str, str] = field(default_factory=dict)
    always: bool = False


Profile = Callable[[Component], Sequence[Recipe]]
PROFILES: Registry[Profile] = Registry("telemetry profile")


@PROFILES.register("http-server")
def http_server(component: Component) -> Sequence[Recipe]:
    """Requests by status code and a classic latency histogram."""
    recipes = [
        Recipe("http_requests_total", lambda r: r.counter(_ok_rate, "ok"), {"code": "200"}),
        Recipe("http_requests_total", lambda r: r.counter(_failed_rate, "failed"), {"code": "500"}),
    ]
    if component.latency_ms is None:
        return recipes
    name = "http_request_duration_seconds"
    recipes += [Recipe(f"{name}_bucket", _bucket(bound), {"le": f"{bound:g}"}) for bound in HTTP_BUCKETS]
    recipes.append(Recipe(f"{name}_bucket", _bucket(math.inf), {"le": "+Inf"}))
    recipes.append(Recipe(f"{name}_count", _bucket(math.inf)))
    mean_factor = math.exp(_LATENCY_SIGMA**2 / 2)
    recipes.append(
        Recipe(
            f"{name}_sum",
            lambda r: r.counter(lambda at: _rate(at) * at(Signal.LATENCY_S) * mean_factor, "duration"),
        )
    )
    return recipes


def _rate(at: Callable[[Signal], Values]) -> Values:
    return at(Signal.OK_RPS) + at(Signal.FAILED_RPS)


def _ok_rate(at: Callable[[Signal], Values]) -> Values:
    return at(Signal.OK_RPS) * (1 - _BACKGROUND_ERRORS)


def _failed_rate(at: Callable[[Signal], Values]) -> Values:
    return at(Signal.FAILED_RPS) + at(Signal.OK_RPS) * _BACKGROUND_ERRORS


def _bucket(bound_s: float) -> Callable[[Reading], Values]:
    """Requests that took at most so long."""

    def rates(at: Callable[[Signal], Values]) -> Values:
        if math.isinf(bound_s):
            return _rate(at)
        medians = np.maximum(at(Signal.LATENCY_S), _FASTEST_S)
        shares = [_NORMAL.cdf((math.log(bound_s) - math.log(m)) / _LATENCY_SIGMA) for m in medians.tolist()]
        within: Values = _rate(at) * np.asarray(shares, dtype=np.float64)
        return within

    return lambda reading: reading.counter(rates, "duration")


_NORMAL = NormalDist()


@PROFILES.register("node")
def node(_: Component) -> Sequence[Recipe]:
    """node_exporter: processor, load, the disk that holds the data."""
    disk = {"mountpoint": "/data", "device": "/dev/vda1", "fstype": "ext4"}
    return [
        Recipe(
            "node_cpu_seconds_total",
            lambda r: r.counter(lambda at: _CORES * at(Signal.CPU_BUSY_RATIO), "cpu"),
            {"mode": "user"},
        ),
        Recipe(
            "node_cpu_seconds_total",
            lambda r: r.counter(lambda at: _CORES * (1 - at(Signal.CPU_BUSY_RATIO)), "cpu"),
            {"mode": "idle"},
        ),
        Recipe("node_load1", lambda r: _CORES * r.gauge(Signal.CPU_BUSY_RATIO)),
        Recipe(
            "node_filesystem_avail_bytes",
            lambda r: _DISK_BYTES * np.clip(r.exact(Signal.DISK_FREE_RATIO), 0, 1),
            disk,
        ),
        Recipe("node_filesystem_size_bytes", lambda r: np.full(r.times.shape, _DISK_BYTES), disk),
    ]


@PROFILES.register("postgres")
def postgres(_: Component) -> Sequence[Recipe]:
    """postgres_exporter: availability, replication lag (on a standby), connections."""
    return [
        Recipe("pg_up", lambda r: (r.exact(Signal.SERVING_RATIO) > 0).astype(float)),
        Recipe("pg_replication_lag_seconds", lambda r: np.maximum(r.gauge(Signal.REPLICATION_LAG_S), 0)),
        Recipe(
            "pg_stat_activity_count",
            lambda r: np.minimum(
                _USUAL_CONNECTIONS + (_MAX_CONNECTIONS - _USUAL_CONNECTIONS) * r.gauge(Signal.SATURATION_RATIO) ** 4,
                _MAX_CONNECTIONS,
            ),
            {"state": "active"},
        ),
        Recipe("pg_settings_max_connections", lambda r: np.full(r.times.shape, _MAX_CONNECTIONS)),
    ]


@PROFILES.register("queue")
def queue(_: Component) -> Sequence[Recipe]:
    """A message broker: what waits, and whether anybody consumes."""
    return [
        Recipe("queue_messages_ready", lambda r: np.floor(np.maximum(r.exact(Signal.QUEUE_DEPTH), 0))),
        Recipe("queue_consumers", lambda r: np.where(r.exact(Signal.SERVING_RATIO) > 0, 4.0, 0.0)),
    ]


@PROFILES.register("blackbox")
def blackbox(component: Component) -> Sequence[Recipe]:
    """blackbox_exporter: a probe from outside, which goes on while its target is down."""
    usual_s = (component.latency_ms or 50.0) / SECOND
    return [
        Recipe("probe_success", lambda r: (r.exact(Signal.SERVING_RATIO) >= 0.5).astype(float), always=True),
        Recipe("probe_duration_seconds", lambda r: r.gauge(Signal.LATENCY_S, usual_s), always=True),
        Recipe(
            "probe_ssl_earliest_cert_expiry",
            lambda r: (r.epoch_ms + r.times) / SECOND + r.exact(Signal.CERTIFICATE_LEFT_S),
            always=True,
        ),
    ]


@PROFILES.register("power")
def power(_: Component) -> Sequence[Recipe]:
    """A building's power, as its management system exports it: it has a supply of its own."""
    return [
        Recipe(
            "power_source_up",
            lambda r: (r.exact(Signal.SERVING_RATIO) >= _POWER_LEVEL).astype(float),
            always=True,
        ),
        Recipe("ups_on_battery", lambda r: r.exact(Signal.ON_BATTERY), always=True),
    ]
