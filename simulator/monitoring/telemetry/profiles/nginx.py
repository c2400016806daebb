"""nginx-prometheus-exporter with stub_status: connections and requests of a web server or proxy.

It shows only `nginx_up` while the server is down.  stub_status knows nothing of status codes or durations; where rules
need them, the server also has the profile `http-server`, or one of your own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.monitoring.telemetry.reading import Reading
from simulator.monitoring.telemetry.recipe import (
    REQUESTS,
    Exposed,
    Profile,
    Recipe,
    Replica,
    counter,
    found_up,
    gauge,
    requests,
)
from simulator.signals import Values
from topologies.signals import Signal

_REQUESTS_PER_CONNECTION = 5.0
_WAITING = 20.0
"""Kept-alive connections without a request."""
_WORKER_CONNECTIONS = 4_096.0


def recipes(_: Replica) -> Sequence[Recipe]:
    return [
        found_up("nginx_up"),
        counter("nginx_http_requests_total", lambda look: 0.1 + requests(look), REQUESTS, together="requests"),
        counter(
            "nginx_connections_accepted",
            lambda look: requests(look) / _REQUESTS_PER_CONNECTION,
            REQUESTS,
            together="requests",
        ),
        counter(
            "nginx_connections_handled",
            lambda look: requests(look) / _REQUESTS_PER_CONNECTION * (look(Signal.CONNECTIONS_HELD_RATIO) < 1),
            (*REQUESTS, Signal.CONNECTIONS_HELD_RATIO),
            together="requests",
        ),
        gauge("nginx_connections_active", lambda r: np.minimum(_WAITING + _in_work(r) + 1, _WORKER_CONNECTIONS)),
        gauge("nginx_connections_reading", lambda r: np.ones(r.times.shape)),
        gauge("nginx_connections_writing", lambda r: np.minimum(_in_work(r), _WORKER_CONNECTIONS)),
        gauge("nginx_connections_waiting", lambda r: np.full(r.times.shape, _WAITING)),
    ]


def _in_work(reading: Reading) -> Values:
    """Requests under way: rate times duration (Little), and those that are never finished."""
    rate = reading.exact(Signal.OK_RPS) + reading.exact(Signal.FAILED_RPS)
    held = _WORKER_CONNECTIONS * reading.exact(Signal.CONNECTIONS_HELD_RATIO)
    return np.ceil(np.maximum(rate * reading.gauge(Signal.LATENCY_S), held))


PROFILE = Profile(Exposed.ASKING, recipes)
