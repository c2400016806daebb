"""Addresses and folders of the stack.

The network namespace is the stack's own, so the ports can be the usual ones and meet nothing of the machine's.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
ENVIRONMENT_VARIABLE = "BLACKSTART_ENVIRONMENT"
ENVIRONMENT = "high-street-lab"
"""What each part says when it is asked whether it may be broken."""
MARKER = "environment"
"""File in the working folder of those parts that write over their environment (PostgreSQL, Redis) with their title."""
DATABASE_USER = "postgres"
"""PostgreSQL refuses to run as root; the package makes this account."""
DATABASE = "shop"
DISK_BYTES = 256 * 1024 * 1024
"""Size of each database's file system: small enough to be filled."""


class Port:
    """TCP ports."""

    GATEWAY = 8080
    GATEWAY_STATUS = 8081
    STOREFRONT = 8101
    ORDERS = 8102
    PAYMENTS = 8103
    STOREFRONT_PROXY = 9101
    ORDERS_PROXY = 9102
    PAYMENTS_PROXY = 9103
    DATABASE_A = 5432
    DATABASE_B = 5433
    DATABASE_PROXY = 9432
    PRICES_A = 6379
    PRICES_B = 6380
    PRICES_PROXY = 9379
    NGINX_EXPORTER = 9113
    DATABASE_A_EXPORTER = 9187
    DATABASE_B_EXPORTER = 9188
    PRICES_A_EXPORTER = 9121
    PRICES_B_EXPORTER = 9122
    BLACKBOX = 9115
    PROMETHEUS = 9090
    ALERTMANAGER = 9093
    SINK = 9099


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything of one stack lies."""

    folder: Path

    @property
    def state(self) -> Path:
        """What is known of the running stack."""
        return self.folder / "stack.json"

    @property
    def configuration(self) -> Path:
        return self.folder / "etc"

    @property
    def run(self) -> Path:
        """Pid files and sockets."""
        return self.folder / "run"

    @property
    def logs(self) -> Path:
        return self.folder / "log"

    @property
    def notifications(self) -> Path:
        """What arrived at the receivers, one JSON document a line."""
        return self.folder / "notifications.jsonl"

    @property
    def binding(self) -> Path:
        return self.folder / "binding.yaml"

    @property
    def data(self) -> Path:
        """Where the databases' file systems are mounted, in the stack's own mount namespace: a folder that every Debian
        has and that the account of the databases can reach."""
        return Path("/mnt")

    def pid_file(self, part: str) -> Path:
        return self.run / f"{part}.pid"

    def proxy(self, part: str) -> Path:
        """Control socket of a proxy."""
        return self.run / f"{part}.proxy"

    def log(self, part: str) -> Path:
        return self.logs / f"{part}.log"
