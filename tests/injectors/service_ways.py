"""Live faults of services: what plays them, who feels them, and what a service looks like to others."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pg8000.exceptions import DatabaseError
from redis.exceptions import OutOfMemoryError, RedisError

from injectors.binding import Binding, Target
from injectors.proxy.control import Request, ask
from tests.injectors.lab import Lab, until
from tests.injectors.service_lab import Cache, Gateway, Named, PostgreSQL, bound

KEYS = 2_000


@dataclass(frozen=True)
class Services:
    """All of them, beside the lab whose service is the steady state."""

    lab: Lab
    primary: PostgreSQL
    standby: PostgreSQL
    cache: Cache
    replica: Cache
    gateway: Gateway
    named: Named


@dataclass(frozen=True)
class WayOf:
    """One live fault of a service."""

    kind: str
    target: Callable[[Services], PostgreSQL | Cache | Gateway | Named]
    is_felt: Callable[[Services], bool]
    """Asked as a user asks, with nothing of the code under test."""
    parameters: Mapping[str, object] = field(default_factory=dict)

    def binding(self, id: str, services: Services) -> Binding:
        target: Target = self.target(services).target(faults={id: dict(self.parameters)})
        return bound(services.lab, target)


def _refuses_sessions(services: Services) -> bool:
    """A shopper gets none; a superuser still does."""
    try:
        services.primary.asked("select 1")
    except DatabaseError as error:
        return error.args[0]["C"] == "53300" and services.primary.asked("select 1", "postgres") == [[1]]
    return False


def _is_locked(services: Services) -> bool:
    try:
        services.primary.asked("select 1 from orders limit 1", patience_s=0.5)
    except Exception:
        return True
    return False


def _is_read_only(services: Services) -> bool:
    try:
        services.primary.asked("update orders set said = said where id = 1")
    except DatabaseError as error:
        return str(error.args[0]["C"]) == "25006"
    return False


def _reads_all_of_it(services: Services) -> bool:
    plan = services.primary.asked("explain select said from orders where id = 77")
    return "Seq Scan" in str(plan)


def _arrives(services: Services, patience_s: float = 3.0) -> bool:
    """Whether a write at the primary is seen at the standby."""
    mark = f"at {time.monotonic_ns()}"
    services.primary.asked(f"update orders set said = '{mark}' where id = 1")
    with contextlib.suppress(AssertionError):
        until(lambda: services.standby.asked("select said from orders where id = 1") == [[mark]], patience_s)
        return True
    return False


def _does_not_arrive(services: Services) -> bool:
    return not _arrives(services, 0.7)


def stock(services: Services) -> None:
    """What the cache holds, and proves itself by; an eviction throws out of both."""
    with services.cache.client.pipeline() as pipeline:
        for key in range(KEYS):
            pipeline.set(f"stock:{key}", "x" * 1_000)
        pipeline.set("deployment", "lab")
        pipeline.execute()
    until(lambda: services.replica.client.get("deployment") == "lab", 20)


def _has_lost_keys(services: Services) -> bool:
    """About two thirds, by and by."""
    stock = [f"stock:{key}" for key in range(KEYS)]
    with contextlib.suppress(AssertionError):
        until(lambda: services.cache.client.exists(*stock) < KEYS * 0.6, 2)
    return KEYS * 0.05 < int(services.cache.client.exists(*stock)) < KEYS * 0.6


def _refuses_writes(services: Services) -> bool:
    try:
        services.cache.client.set("a", "b")
    except OutOfMemoryError:
        return bool(services.cache.client.get("deployment") == "lab")
    services.cache.client.delete("a")
    return False


def _is_slow(services: Services) -> bool:
    """The slowest of a few answers."""
    took = []
    for _ in range(4):
        started = time.perf_counter()
        services.cache.client.ping()
        took.append(time.perf_counter() - started)
        time.sleep(0.05)
    return max(took) > 0.15


def _does_not_reach_the_replica(services: Services) -> bool:
    mark = str(time.monotonic_ns())
    services.cache.client.set("mark", mark)
    with contextlib.suppress(AssertionError, RedisError):
        until(lambda: services.replica.client.get("mark") == mark, 0.7)
        return False
    return True


def _gateway_fails(services: Services) -> bool:
    return services.gateway.front.asked() is None and services.lab.answers()


def _would_not_start_again(services: Services) -> bool:
    """Its users feel nothing yet; nginx itself says that the file is no good."""
    one = services.gateway
    test = subprocess.run(["nginx", "-t", "-e", "/dev/null", "-c", str(one.configuration)], capture_output=True)
    return test.returncode != 0 and one.front.answers() and "no_such_directive" in (one.folder / "errors").read_text()


def _is_not_found(services: Services) -> bool:
    """What nginx has learned of a name it keeps for a second."""
    with contextlib.suppress(AssertionError):
        until(lambda: not services.named.answers(), 3)
        return True
    return False


def _is_found(services: Services) -> bool:
    with contextlib.suppress(AssertionError):
        until(services.named.answers, 5)
        return True
    return False


SERVICE_WAYS: dict[str, WayOf] = {
    "postgresql-sessions": WayOf("connection-exhaustion", lambda s: s.primary, _refuses_sessions),
    "postgresql-lock": WayOf("hang", lambda s: s.primary, _is_locked, {"tables": ["orders"]}),
    "postgresql-read-only": WayOf("read-only", lambda s: s.primary, _is_read_only),
    "postgresql-no-index": WayOf("slow", lambda s: s.primary, _reads_all_of_it),
    "postgresql-cut": WayOf("replication-stopped", lambda s: s.standby, _does_not_arrive),
    "postgresql-replay-paused": WayOf("replication-stopped", lambda s: s.standby, _does_not_arrive),
    "postgresql-behind": WayOf("replication-lag", lambda s: s.standby, _does_not_arrive, {"lag": "20s"}),
    "redis-eviction": WayOf("cache-eviction", lambda s: s.cache, _has_lost_keys),
    "redis-full": WayOf("read-only", lambda s: s.cache, _refuses_writes),
    "redis-slow-scripts": WayOf("slow", lambda s: s.cache, _is_slow, {"busy": "400ms"}),
    "redis-no-replica": WayOf("replication-stopped", lambda s: s.replica, _does_not_reach_the_replica),
    "nginx-no-upstream": WayOf("bad-configuration", lambda s: s.gateway, _gateway_fails),
    "nginx-refused": WayOf("bad-configuration", lambda s: s.gateway, _would_not_start_again),
    "resolver-lies": WayOf("dns-failure", lambda s: s.named, _is_not_found, {"says": "nxdomain", "names": ["lab"]}),
    "resolver-slow": WayOf("slow", lambda s: s.named, _is_not_found, {"delay": "3s"}),
}


def snapshot(services: Services) -> dict[str, object]:
    """What others see of the services: files, settings, sessions, and our processes about them."""
    sessions = "select count(*) from pg_stat_activity where application_name not in ('', 'walreceiver', 'standby')"
    settings = "select name, setting from pg_settings where source = 'configuration file' order by name"
    return {
        "files": [(s.folder / "postgresql.auto.conf").read_text() for s in (services.primary, services.standby)],
        "settings": [s.asked(settings, "postgres") for s in (services.primary, services.standby)],
        "sessions": services.primary.asked(sessions, "postgres"),
        "standby": services.standby.asked("select pg_get_wal_replay_pause_state()", "postgres"),
        "redis": [dict(s.client.config_get("maxmemory*")) for s in (services.cache, services.replica)],
        "roles": [s.client.info("replication")["role"] for s in (services.cache, services.replica)],
        "nginx": services.gateway.configuration.read_text(),
        "gateway": services.gateway.front.answers(),
        "resolver": [ask(services.named.control, Request(slot=slot)).value for slot in ("lie", "late")],
        "companions": [p for p in Path("/proc").glob("[0-9]*/cmdline") if b"injectors.companions" in _text(p)],
    }


def _text(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def well(services: Services) -> bool:
    """Whether nobody feels anything any more."""
    return (
        _arrives(services)
        and not _is_slow(services)
        and not _does_not_reach_the_replica(services)
        and not _refuses_sessions(services)
        and not _reads_all_of_it(services)
        and _is_found(services)
    )
