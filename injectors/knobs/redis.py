"""Knobs of a Redis server: a setting, and whom it is the replica of."""

from __future__ import annotations

from typing import Literal

from pydantic import JsonValue

from injectors.bound_services import BoundRedis
from injectors.clients.redis import conversation
from injectors.knobs.knob import Knob, KnobError, wait_until

SettingName = Literal["maxmemory", "maxmemory-policy"]


class RedisSetting(Knob):
    """A setting as the running server has it (CONFIG); its file is not touched."""

    knob: Literal["redis-setting"] = "redis-setting"
    server: BoundRedis
    name: SettingName

    @property
    def key(self) -> str:
        host, port = self.server.address
        return f"redis/{host}:{port}/setting/{self.name}"

    def read(self) -> JsonValue:
        with conversation(self.server) as client:
            return str(client.config_get(self.name)[self.name])

    def write(self, value: JsonValue) -> None:
        if not isinstance(value, str):
            raise KnobError(f"{value!r} is no setting of Redis")
        with conversation(self.server) as client:
            client.config_set(self.name, value)


class RedisReplica(Knob):
    """Whom the server is the replica of, as `host port`; null while it is nobody's."""

    knob: Literal["redis-replica"] = "redis-replica"
    server: BoundRedis

    @property
    def key(self) -> str:
        host, port = self.server.address
        return f"redis/{host}:{port}/replica"

    def read(self) -> JsonValue:
        with conversation(self.server) as client:
            state = client.info("replication")
        return f"{state['master_host']} {state['master_port']}" if state["role"] == "slave" else None

    def write(self, value: JsonValue) -> None:
        host, port = value.split() if isinstance(value, str) else ("NO", "ONE")
        with conversation(self.server) as client:
            client.replicaof(host, port)
        wait_until(f"{self.key} {value}", lambda: self.read() == value)
