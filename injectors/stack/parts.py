"""The parts of the stack in the order in which they are started, each with what it waits for."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from injectors.stack.layout import DATABASE, DATABASE_USER, HOST, Layout, Port
from timeline.findings import InputError

POSTGRESQL = Path("/usr/lib/postgresql")
PACKAGES = {
    "nginx": "nginx-light",
    "redis-server": "redis-server",
    "prometheus": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "prometheus-postgres-exporter": "prometheus-postgres-exporter",
    "prometheus-redis-exporter": "prometheus-redis-exporter",
    "prometheus-nginx-exporter": "prometheus-nginx-exporter",
    "prometheus-blackbox-exporter": "prometheus-blackbox-exporter",
    "setpriv": "util-linux",
    "unshare": "util-linux",
    "nsenter": "util-linux",
}
"""Commands that the stack needs, and the Debian packages that have them."""


@dataclass(frozen=True, slots=True)
class Part:
    """One process."""

    name: str
    arguments: tuple[str, ...]
    listens: int
    component: str | None = None
    """What it stands for in the estate `high-street`."""
    proxy: str | None = None
    """Name of the proxy before it."""
    writes_pid_file: bool = True
    environment: tuple[tuple[str, str], ...] = ()
    user: str | None = None
    """Runs as this account instead of root."""
    data_folder: Path | None = None


def as_user(part: Part) -> tuple[str, ...]:
    """What is written before the arguments of a part that runs as another account."""
    if part.user is None:
        return ()
    return (command("setpriv"), "--reuid", part.user, "--regid", part.user, "--init-groups")


def missing_packages() -> list[str]:
    """Debian packages that have to be installed before the stack can start."""
    found = {package for command, package in PACKAGES.items() if shutil.which(command, path=_PATH) is None}
    if postgresql_folder() is None:
        found.add("postgresql")
    return sorted(found)


_OURS = (("PYTHONPATH", str(Path(__file__).parents[2])),)
"""Where our own modules are found, whatever the working folder is."""
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def command(name: str) -> str:
    """Raises InputError where it is not installed."""
    path = shutil.which(name, path=_PATH)
    if path is None:
        raise InputError.single("stack.missing", name, f"{name} is not installed", f"Debian package {PACKAGES[name]}")
    return path


def postgresql_folder() -> Path | None:
    """Where the newest PostgreSQL has its programs."""
    versions = sorted(POSTGRESQL.glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
    return versions[-1].parent if versions else None


def parts(layout: Layout) -> Iterator[Part]:
    """What is started, in order."""
    etc = layout.configuration
    programs = postgresql_folder()
    if programs is None:
        raise InputError.single("stack.missing", "postgres", "PostgreSQL is not installed", "Debian package postgresql")
    for letter, port in (("a", Port.DATABASE_A), ("b", Port.DATABASE_B)):
        folder = layout.data / f"orders-db-{letter}" / "data"
        yield Part(
            f"orders-db-{letter}",
            (str(programs / "postgres"), "-D", str(folder), "-p", str(port), "-k", str(folder.parent)),
            port,
            component=f"orders-db-{letter}",
            proxy="orders-db" if letter == "a" else None,
            user=DATABASE_USER,
            data_folder=folder.parent,
            writes_pid_file=False,
        )
    yield _proxy(layout, "orders-db", Port.DATABASE_PROXY, Port.DATABASE_A)
    for letter, port in (("a", Port.PRICES_A), ("b", Port.PRICES_B)):
        yield Part(
            f"prices-{letter}",
            (command("redis-server"), str(etc / f"redis-{letter}.conf")),
            port,
            component=f"prices-{letter}",
            proxy="prices" if letter == "a" else None,
        )
    yield _proxy(layout, "prices", Port.PRICES_PROXY, Port.PRICES_A)
    for name, port, before in (
        ("payments", Port.PAYMENTS, Port.PAYMENTS_PROXY),
        ("orders", Port.ORDERS, Port.ORDERS_PROXY),
        ("storefront", Port.STOREFRONT, Port.STOREFRONT_PROXY),
    ):
        yield Part(
            name,
            (sys.executable, "-m", "injectors.stack.shop", name, "--pid-file", str(layout.pid_file(name))),
            port,
            component=name,
            proxy=name,
            environment=_OURS,
        )
        yield _proxy(layout, name, before, port)
    nginx = (command("nginx"), "-c", str(etc / "nginx.conf"), "-e", str(layout.log("nginx-errors")))
    yield Part("gateway", nginx, Port.GATEWAY, component="gateway")
    yield from _exporters(layout)
    yield _ours("sink", layout, Port.SINK, "--notifications", str(layout.notifications))
    yield from _monitoring(layout)
    yield _ours("visitors", layout, Port.GATEWAY)


def _ours(name: str, layout: Layout, port: int, *arguments: str) -> Part:
    pid_file = ("--pid-file", str(layout.pid_file(name)))
    return Part(name, (sys.executable, "-m", f"injectors.stack.{name}", *arguments, *pid_file), port, environment=_OURS)


def _proxy(layout: Layout, name: str, listen: int, upstream: int) -> Part:
    return Part(
        f"{name}-proxy",
        (
            *(sys.executable, "-m", "injectors.proxy", "--listen", f"{HOST}:{listen}"),
            *("--upstream", f"{HOST}:{upstream}", "--control", str(layout.proxy(name))),
        ),
        listen,
        writes_pid_file=False,
        environment=_OURS,
    )


def _exporters(layout: Layout) -> Iterator[Part]:
    for letter, database, port in (
        ("a", Port.DATABASE_A, Port.DATABASE_A_EXPORTER),
        ("b", Port.DATABASE_B, Port.DATABASE_B_EXPORTER),
    ):
        source = f"postgresql://{DATABASE_USER}@{HOST}:{database}/{DATABASE}?sslmode=disable&connect_timeout=2"
        yield Part(
            f"orders-db-{letter}-exporter",
            (command("prometheus-postgres-exporter"), f"--web.listen-address={HOST}:{port}"),
            port,
            writes_pid_file=False,
            environment=(("DATA_SOURCE_NAME", source),),
        )
    for letter, cache, port in (
        ("a", Port.PRICES_A, Port.PRICES_A_EXPORTER),
        ("b", Port.PRICES_B, Port.PRICES_B_EXPORTER),
    ):
        address = ("-redis.addr", f"redis://{HOST}:{cache}", "-web.listen-address", f"{HOST}:{port}")
        yield Part(
            f"prices-{letter}-exporter", (command("prometheus-redis-exporter"), *address), port, writes_pid_file=False
        )
    status = f"http://{HOST}:{Port.GATEWAY_STATUS}/status"
    yield Part(
        "gateway-exporter",
        (
            command("prometheus-nginx-exporter"),
            *("-nginx.scrape-uri", status, "-web.listen-address", f"{HOST}:{Port.NGINX_EXPORTER}"),
        ),
        Port.NGINX_EXPORTER,
        writes_pid_file=False,
    )
    yield Part(
        "blackbox-exporter",
        (
            command("prometheus-blackbox-exporter"),
            f"--config.file={layout.configuration / 'blackbox.yml'}",
            f"--web.listen-address={HOST}:{Port.BLACKBOX}",
        ),
        Port.BLACKBOX,
        writes_pid_file=False,
    )


def _monitoring(layout: Layout) -> Iterator[Part]:
    yield Part(
        "alertmanager",
        (
            command("prometheus-alertmanager"),
            f"--config.file={layout.configuration / 'alertmanager.yml'}",
            f"--storage.path={layout.folder / 'alertmanager'}",
            f"--web.listen-address={HOST}:{Port.ALERTMANAGER}",
            "--cluster.listen-address=",
        ),
        Port.ALERTMANAGER,
        component="alertmanager",
        writes_pid_file=False,
    )
    yield Part(
        "prometheus",
        (
            command("prometheus"),
            f"--config.file={layout.configuration / 'prometheus.yml'}",
            f"--storage.tsdb.path={layout.folder / 'prometheus'}",
            f"--web.listen-address={HOST}:{Port.PROMETHEUS}",
            "--storage.tsdb.retention.size=256MB",
        ),
        Port.PROMETHEUS,
        component="prometheus",
        writes_pid_file=False,
    )
