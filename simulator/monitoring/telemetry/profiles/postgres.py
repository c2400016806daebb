"""postgres_exporter: a database server seen from an exporter beside it.

`pg_up` is shown while the host is there, unless the server hangs: then the exporter waits for it over a connection that
it keeps, for longer than a scrape lasts.  Everything else the exporter has to ask the server.  `server` is the label
that releases up to 0.17 put on what they select, and that widely used rules group by.  `pg_replication_lag_seconds`,
`pg_replication_is_replica` and `pg_postmaster_start_time_seconds` came with later releases than Debian's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from simulator.monitoring.telemetry.profiles.http_server import started_s
from simulator.monitoring.telemetry.reading import Look, Reading
from simulator.monitoring.telemetry.recipe import (
    REQUESTS,
    Exposed,
    Profile,
    Recipe,
    Replica,
    constant,
    counter,
    found_up,
    gauge,
    requests,
)
from simulator.signals import Values
from topologies.signals import Signal

MAX_CONNECTIONS = 400.0
_USUAL_CONNECTIONS = 60.0
_IDLE = 8.0
_RESERVED = 3.0
_LOCKS_PER_TRANSACTION = 64.0
_DATABASE = "app"
_USUAL_TRANSACTION_S = 0.5
_STATEMENTS_PER_REQUEST = 2.0
_HIT_RATIO = 0.995


def recipes(replica: Replica) -> Sequence[Recipe]:
    server = {"server": f"{replica.name}:5432"}
    database = {"datid": "16384", "datname": _DATABASE, **server}
    return [
        found_up("pg_up"),
        constant("pg_exporter_last_scrape_error", 0.0, exposed=Exposed.ASKING),
        gauge("pg_postmaster_start_time_seconds", started_s),
        gauge("pg_replication_lag_seconds", lambda r: np.maximum(r.gauge(Signal.REPLICATION_LAG_S), 0)),
        gauge("pg_replication_is_replica", lambda r: r.exact(Signal.IS_STANDBY)),
        gauge("pg_stat_activity_count", _active, {"datname": _DATABASE, "state": "active", **server}),
        gauge("pg_stat_activity_count", _idle, {"datname": _DATABASE, "state": "idle", **server}),
        gauge("pg_stat_activity_max_tx_duration", _longest_s, {"datname": _DATABASE, "state": "active", **server}),
        gauge(
            "pg_locks_count",
            lambda r: np.floor(3 * _active(r)),
            {"datname": _DATABASE, "mode": "accesssharelock", **server},
        ),
        _counted("pg_stat_database_xact_commit", lambda look: _STATEMENTS_PER_REQUEST * look(Signal.OK_RPS), database),
        _counted(
            "pg_stat_database_xact_rollback",
            lambda look: look(Signal.FAILED_RPS) + 0.001 * look(Signal.OK_RPS),
            database,
        ),
        _counted("pg_stat_database_deadlocks", lambda look: 0 * requests(look), database),
        _counted("pg_stat_database_blks_hit", lambda look: 100 * _HIT_RATIO * requests(look), database),
        _counted("pg_stat_database_blks_read", lambda look: 100 * (1 - _HIT_RATIO) * requests(look), database),
        gauge("pg_stat_database_numbackends", lambda r: _active(r) + _idle(r), database),
        constant("pg_database_size_bytes", 40e9, {"datname": _DATABASE, **server}),
        gauge(
            "pg_settings_default_transaction_read_only",
            lambda r: r.exact(Signal.READ_ONLY),
            server,
        ),
        constant("pg_settings_max_connections", MAX_CONNECTIONS, server),
        constant("pg_settings_superuser_reserved_connections", _RESERVED, server),
        constant("pg_settings_max_locks_per_transaction", _LOCKS_PER_TRANSACTION, server),
    ]


def _active(reading: Reading) -> Values:
    """Connections at work: they queue up as load nears capacity."""
    for_work = (
        _USUAL_CONNECTIONS
        + (MAX_CONNECTIONS - _USUAL_CONNECTIONS) * np.minimum(reading.gauge(Signal.SATURATION_RATIO), 1) ** 4
    )
    held = MAX_CONNECTIONS * reading.exact(Signal.CONNECTIONS_HELD_RATIO)
    return np.floor(np.minimum(np.maximum(for_work, held - _IDLE), MAX_CONNECTIONS - _IDLE))


def _idle(reading: Reading) -> Values:
    return np.full(reading.times.shape, _IDLE)


def _longest_s(reading: Reading) -> Values:
    """The longest transaction: some multiple of a usual request."""
    return _USUAL_TRANSACTION_S + 20 * reading.exact(Signal.LATENCY_S)


def _counted(name: str, rates: Callable[[Look], Values], labels: dict[str, str]) -> Recipe:
    return counter(name, rates, REQUESTS, together="statements", labels=labels)


PROFILE = Profile(Exposed.ASKING, recipes)
