"""Services of a target that have settings of their own: PostgreSQL, Redis, nginx, and how they are reached.

A password is never in a binding: the binding names a file, which is read when a connection is made.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator

from topologies.fields import Model


def _socket_address(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit():
        raise ValueError(f"{value!r} is no address; write host:port, like 127.0.0.1:8081")
    return host.strip("[]"), int(port)


SocketAddress = Annotated[tuple[str, int], BeforeValidator(_socket_address, json_schema_input_type=str)]


class BoundPostgreSQL(Model):
    """A PostgreSQL server.  What changes its settings needs an account that is a superuser."""

    address: SocketAddress
    database: str = "postgres"
    user: str = "postgres"
    password_file: Path | None = None

    def resolved(self, folder: Path) -> BoundPostgreSQL:
        return self.model_copy(update={"password_file": _absolute(folder, self.password_file)})


class BoundRedis(Model):
    """A Redis server."""

    address: SocketAddress
    user: str | None = None
    password_file: Path | None = None

    def resolved(self, folder: Path) -> BoundRedis:
        return self.model_copy(update={"password_file": _absolute(folder, self.password_file)})


class BoundNginx(Model):
    """An nginx; its master is the target's process."""

    configuration: Path
    """Its main file, the one after `-c`."""

    def resolved(self, folder: Path) -> BoundNginx:
        return BoundNginx(configuration=(folder / self.configuration).absolute())


def _absolute(folder: Path, path: Path | None) -> Path | None:
    return path and (folder / path).absolute()


def password_of(bound: BoundPostgreSQL | BoundRedis) -> str | None:
    """What its password file says, without the end of the line.  Raises OSError where it cannot be read."""
    return bound.password_file.read_text().rstrip("\n") if bound.password_file is not None else None
