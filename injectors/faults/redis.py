"""Faults of a Redis server, by what it offers itself: limits, scripts, replication."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from injectors.bound_services import BoundRedis
from injectors.clients.redis import conversation
from injectors.faults.live import LiveFault, Part, Prepared, Turn, live
from injectors.faults.starved import companion
from injectors.knobs.redis import RedisReplica, RedisSetting
from scenarios.faults.parameters import Nothing
from topologies.fields import DurationMs, Model, Ratio

_SETTINGS_BACK = "the settings are as before"


class Kept(Model):
    keeps: Ratio = 0.3
    """Share of what it holds now that still fits."""


class Scripts(Model):
    busy: Annotated[DurationMs, Field(ge=10, le=2_000)] = 500
    """How long one script keeps everybody waiting; well below the five seconds after which Redis speaks of it."""
    pause: Annotated[DurationMs, Field(ge=0, le=60_000)] = 50
    """From one script to the next."""


def _server(prepared: Prepared) -> BoundRedis:
    server = prepared.target.redis
    assert server is not None, "the fault needs a Redis"
    return server


def _limited(server: BoundRedis, policy: str, limit_bytes: int) -> Sequence[Turn]:
    """The policy first: a limit must never meet another policy than the one that is wanted."""
    setting = RedisSetting(server=server, name="maxmemory-policy")
    policies = [Turn(setting, policy)] if setting.read() != policy else []
    return [*policies, Turn(RedisSetting(server=server, name="maxmemory"), str(limit_bytes))]


def _evicting(kept: Kept, prepared: Prepared) -> Sequence[Turn]:
    server = _server(prepared)
    with conversation(server) as client:
        memory = client.info("memory")
    # What is no data (buffers, the backlog of replication) cannot be thrown out.
    too_much = (1 - kept.keeps) * int(memory["used_memory_dataset"])
    return _limited(server, "allkeys-lru", int(memory["used_memory"] - too_much))


def _scripts(scripts: Scripts, prepared: Prepared) -> Sequence[Turn]:
    lengths = ["--busy-ms", str(scripts.busy), "--pause-ms", str(scripts.pause)]
    return [companion("redis_scripts", ["--server", _server(prepared).model_dump_json(), *lengths], prepared)]


for fault in (
    LiveFault(
        id="redis-eviction",
        kind="cache-eviction",
        title="Memory limit is set below what the server holds, so that it throws out keys",
        needs=(Part.REDIS,),
        parameters=Kept,
        turns=_evicting,
        undone=f"{_SETTINGS_BACK}; keys that were thrown out are lost",
    ),
    LiveFault(
        id="redis-full",
        kind="read-only",
        title="Memory limit is reached and nothing is thrown out: writes are refused",
        needs=(Part.REDIS,),
        parameters=Nothing,
        turns=lambda _, prepared: _limited(_server(prepared), "noeviction", 1),
        undone=_SETTINGS_BACK,
    ),
    LiveFault(
        id="redis-slow-scripts",
        kind="slow",
        title="Scripts run one after another, and everybody else waits",
        needs=(Part.REDIS,),
        parameters=Scripts,
        turns=_scripts,
        undone="no further script is sent, also when the time is up; the last ends by itself",
    ),
    LiveFault(
        id="redis-no-replica",
        kind="replication-stopped",
        title="Replica is nobody's replica any more (REPLICAOF NO ONE)",
        needs=(Part.REDIS,),
        parameters=Nothing,
        turns=lambda _, prepared: [Turn(RedisReplica(server=_server(prepared)), None)],
        undone="it is the replica of the same server again; what was written to it meanwhile is lost",
    ),
):
    live(fault)
