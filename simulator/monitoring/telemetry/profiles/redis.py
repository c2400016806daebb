"""redis_exporter: a cache seen from an exporter beside it, which shows only `redis_up` while the cache is down."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from simulator.monitoring.telemetry.profiles.http_server import started_s
from simulator.monitoring.telemetry.reading import Look, Read, Reading
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

_MAX_CLIENTS = 10_000.0
_USUAL_CLIENTS = 80.0
_MEMORY_BYTES = 4 * 2.0**30
_KEYS = 2e6
_SAVED_AGO_S = 1_800.0


def recipes(_: Replica) -> Sequence[Recipe]:
    looked_up: Read = (*REQUESTS, Signal.CACHE_HIT_RATIO)
    return [
        found_up("redis_up"),
        constant("redis_exporter_last_scrape_error", 0.0, {"err": ""}, Exposed.ASKING),
        gauge("redis_start_time_seconds", started_s),
        gauge("redis_uptime_in_seconds", lambda r: np.floor(r.wall_s - started_s(r))),
        gauge("redis_connected_clients", _clients),
        constant("redis_config_maxclients", _MAX_CLIENTS),
        constant("redis_blocked_clients", 0.0),
        _counted("redis_rejected_connections_total", _rejected, (*REQUESTS, Signal.CONNECTIONS_HELD_RATIO)),
        _counted("redis_connections_received_total", lambda look: 1 + 0.02 * requests(look), REQUESTS),
        gauge("redis_memory_used_bytes", _memory),
        gauge("redis_memory_used_rss_bytes", lambda r: 1.05 * _memory(r)),
        constant("redis_memory_max_bytes", _MEMORY_BYTES),
        constant("redis_mem_fragmentation_ratio", 1.05),
        _counted("redis_evicted_keys_total", lambda look: look(Signal.EVICTIONS_PER_S), (Signal.EVICTIONS_PER_S,)),
        _counted("redis_expired_keys_total", lambda look: 0.1 * requests(look), REQUESTS),
        _counted("redis_commands_processed_total", lambda look: 1 + requests(look), REQUESTS),
        _counted("redis_keyspace_hits_total", lambda look: requests(look) * look(Signal.CACHE_HIT_RATIO), looked_up),
        _counted(
            "redis_keyspace_misses_total", lambda look: requests(look) * (1 - look(Signal.CACHE_HIT_RATIO)), looked_up
        ),
        gauge("redis_db_keys", lambda r: np.floor(_KEYS * r.exact(Signal.MEMORY_USED_RATIO)), {"db": "db0"}),
        gauge("redis_connected_slaves", lambda r: r.exact(Signal.ATTACHED_STANDBYS)),
        constant("redis_rdb_last_bgsave_status", 1.0),
        gauge("redis_rdb_last_save_timestamp_seconds", lambda r: r.wall_s - _SAVED_AGO_S),
        _counted("redis_net_input_bytes_total", lambda look: 200 * requests(look), REQUESTS),
        _counted("redis_net_output_bytes_total", lambda look: 2_000 * requests(look), REQUESTS),
        *(gauge("redis_instance_info", _in_role(standby), _role(role)) for role, standby in _ROLES.items()),
        gauge("redis_master_link_up", _link, _MASTER),
        gauge("redis_master_last_io_seconds_ago", _silence, _MASTER),
    ]


_ROLES = {"master": False, "slave": True}
_MASTER = {"master_host": "primary", "master_port": "6379"}


def _role(role: str) -> dict[str, str]:
    return {"role": role, "redis_mode": "standalone", "redis_version": "7.0.15", "maxmemory_policy": "allkeys-lru"}


def _in_role(standby: bool) -> Callable[[Reading], Values]:
    """1 while it has the role; the exporter shows only the role that it has."""
    return lambda reading: np.where((reading.exact(Signal.IS_STANDBY) > 0) == standby, 1.0, np.nan)


def _clients(reading: Reading) -> Values:
    held = _MAX_CLIENTS * reading.exact(Signal.CONNECTIONS_HELD_RATIO)
    return np.floor(np.minimum(_USUAL_CLIENTS + held, _MAX_CLIENTS))


def _rejected(look: Look) -> Values:
    """New connections that find no place."""
    full = look(Signal.CONNECTIONS_HELD_RATIO) >= 1
    return np.where(full, 1 + look(Signal.FAILED_RPS), 0.0)


def _memory(reading: Reading) -> Values:
    return _MEMORY_BYTES * np.clip(reading.exact(Signal.MEMORY_USED_RATIO), 0, 1)


def _link(reading: Reading) -> Values:
    """Shown by a replica only: whether its link to the primary is up."""
    linked = np.where(reading.exact(Signal.REPLICATING) > 0, 1.0, 0.0)
    return np.where(reading.exact(Signal.IS_STANDBY) > 0, linked, np.nan)


def _silence(reading: Reading) -> Values:
    standby = reading.exact(Signal.IS_STANDBY) > 0
    return np.where(standby, np.floor(np.maximum(reading.exact(Signal.REPLICATION_LAG_S), 0)), np.nan)


def _counted(name: str, rates: Callable[[Look], Values], signals: Read) -> Recipe:
    return counter(name, rates, signals, together="commands", whole=True)


PROFILE = Profile(Exposed.ASKING, recipes)
