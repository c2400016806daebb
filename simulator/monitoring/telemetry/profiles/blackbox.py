"""blackbox_exporter: a probe over HTTPS from outside, which goes on while its target is down."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from simulator.monitoring.telemetry.reading import Reading
from simulator.monitoring.telemetry.recipe import Exposed, Profile, Recipe, Replica, constant, gauge
from simulator.signals import Values
from topologies.signals import Signal

_USUAL_S = 0.05
"""Time of a probe whose component states no latency."""
_TIME_OUT_S = 9.5
"""A probe gives up half a second before the scrape would."""
_PHASES = {"resolve": 0.02, "connect": 0.08, "tls": 0.2, "processing": 0.65, "transfer": 0.05}
"""How the time of a probe divides."""


def recipes(replica: Replica) -> Sequence[Recipe]:
    usual_s = _USUAL_S if replica.component.latency_ms is None else None

    def duration(reading: Reading) -> Values:
        taken = np.full(reading.times.shape, usual_s) if usual_s is not None else reading.exact(Signal.LATENCY_S)
        return np.minimum(taken * reading.error(Signal.LATENCY_S), _TIME_OUT_S)

    def phase(name: str, share: float) -> Recipe:
        return gauge("probe_http_duration_seconds", lambda r: duration(r) * share, {"phase": name}, Exposed.OUTSIDE)

    return [
        gauge("probe_success", lambda r: _succeeds(r).astype(np.float64), exposed=Exposed.OUTSIDE),
        gauge("probe_duration_seconds", duration, exposed=Exposed.OUTSIDE),
        *(phase(name, share) for name, share in _PHASES.items()),
        gauge("probe_http_status_code", _status, exposed=Exposed.OUTSIDE),
        constant("probe_http_ssl", 1.0, exposed=Exposed.OUTSIDE),
        gauge("probe_ssl_earliest_cert_expiry", _expiry, exposed=Exposed.OUTSIDE),
    ]


def _succeeds(reading: Reading) -> npt.NDArray[np.bool_]:
    return reading.exact(Signal.SERVING_RATIO) >= 0.5


def _status(reading: Reading) -> Values:
    """200 when served, 503 when refused, 0 when nobody answers or the certificate is not accepted."""
    silent = (reading.exact(Signal.UP) <= 0) | (reading.exact(Signal.CERTIFICATE_LEFT_S) <= 0)
    return np.where(_succeeds(reading), 200.0, np.where(silent, 0.0, 503.0))


def _expiry(reading: Reading) -> Values:
    return reading.wall_s + reading.exact(Signal.CERTIFICATE_LEFT_S)


PROFILE = Profile(Exposed.OUTSIDE, recipes)
