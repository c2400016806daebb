"""Services of a test's own on loopback: PostgreSQL and Redis in pairs, nginx before an HTTP service."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pg8000.native import Connection
from redis import Redis

from injectors.binding import Binding, BoundProcess, BoundResolver, Condition, Proof, Target
from injectors.bound_services import BoundNginx, BoundPostgreSQL, BoundRedis
from injectors.identity import ProcessGone, descendants, read_pid_file
from injectors.stack.parts import postgresql_folder
from tests.injectors.lab import Lab, free_port, until
from tests.services import missing, require

ACCOUNT = "postgres"


@dataclass(frozen=True)
class Served:
    """One service: where it is, and its pid file."""

    folder: Path
    port: int
    pid_file: Path

    @property
    def process(self) -> BoundProcess:
        return BoundProcess(pid_file=self.pid_file)


@dataclass(frozen=True)
class PostgreSQL(Served):
    """A server with a database `shop`; the account `shopper` is no superuser."""

    @property
    def bound(self) -> BoundPostgreSQL:
        return BoundPostgreSQL(address=("127.0.0.1", self.port), database="shop", user=ACCOUNT)

    def target(self, **changes: object) -> Target:
        base: dict[str, object] = {
            "component": "orders",
            "process": self.process,
            "postgresql": self.bound,
            "proof": Proof(says="lab", comment="shop"),
        }
        return Target.model_validate(base | changes)

    @contextlib.contextmanager
    def session(self, user: str = "shopper", patience_s: float = 5.0) -> Iterator[Connection]:
        """As a user of the database has one: nothing of the code under test."""
        connection = Connection(user, host="127.0.0.1", port=self.port, database="shop", timeout=patience_s)
        try:
            yield connection
        finally:
            with contextlib.suppress(Exception):
                connection.close()

    def asked(self, statement: str, user: str = "shopper", patience_s: float = 5.0) -> list[list[object]]:
        with self.session(user, patience_s) as connection:
            return connection.run(statement) or []


@dataclass(frozen=True)
class Cache(Served):
    """A Redis."""

    @property
    def bound(self) -> BoundRedis:
        return BoundRedis(address=("127.0.0.1", self.port))

    @property
    def client(self) -> Redis:
        return Redis(port=self.port, socket_timeout=5.0, decode_responses=True)

    def target(self, **changes: object) -> Target:
        base: dict[str, object] = {
            "component": "orders",
            "process": self.process,
            "redis": self.bound,
            "proof": Proof(says="lab", key="deployment"),
        }
        return Target.model_validate(base | changes)


@dataclass(frozen=True)
class Gateway(Served):
    """An nginx."""

    lab: Lab = field(kw_only=True)

    @property
    def configuration(self) -> Path:
        return self.folder / "nginx.conf"

    @property
    def front(self) -> Lab:
        """Asks it as the service behind it is asked."""
        return Lab(self.folder, self.port, self.port)

    def target(self, **changes: object) -> Target:
        base: dict[str, object] = {
            "component": "orders",
            "process": self.process,
            "http": f"http://127.0.0.1:{self.port}",
            "nginx": BoundNginx(configuration=self.configuration),
            "proof": Proof(says="lab", header="X-Gateway"),
        }
        return Target.model_validate(base | changes)


def bound(lab: Lab, target: Target) -> Binding:
    """A binding of one target; its steady state is that of the lab beside it, so that tests look for themselves."""
    return Binding.model_validate(
        {
            "format": "blackstart/binding/1",
            "title": "The services of a test",
            "environment": "lab",
            "targets": {"orders-1": target},
            "steady_state": (Condition(title="answers", http=f"http://127.0.0.1:{lab.port}/"),),
        }
    )


def _accepts(port: int) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
        return True
    return False


@contextlib.contextmanager
def _running(command: list[str], port: int, pid_file: Path, log: Path, **options: object) -> Iterator[None]:
    """What its pid file names is ended by its identity, and so is what was started."""
    with log.open("ab") as said:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, **options)  # type: ignore[call-overload]
    try:
        until(lambda: process.poll() is not None or (_accepts(port) and pid_file.exists()), 30)
        assert process.poll() is None, log.read_text()
        yield
    finally:
        # Workers of a server would outlive it, and keep its port.
        with contextlib.suppress(ProcessGone):
            server = read_pid_file(pid_file)
            for one in (server, *descendants(server)):
                one.end()
        process.kill()
        process.wait(10)


@contextlib.contextmanager
def postgresql_pair() -> Iterator[tuple[PostgreSQL, PostgreSQL]]:
    """A primary and its standby, in a folder that their account can reach."""
    programs = postgresql_folder()
    if programs is None:
        missing("PostgreSQL is not installed (Debian package postgresql)")
    if os.geteuid() != 0:
        missing("a PostgreSQL of one's own needs root here, to run it as another account")
    as_account = [require("setpriv"), "--reuid", ACCOUNT, "--regid", ACCOUNT, "--init-groups"]
    folder = Path(tempfile.mkdtemp(prefix="blackstart-postgresql-", dir="/tmp"))
    log = folder.with_suffix(".log")
    shutil.chown(folder, ACCOUNT, ACCOUNT)

    def run(*command: str) -> None:
        subprocess.run([*as_account, *command], check=True, capture_output=True, cwd=folder)

    def server(name: str) -> PostgreSQL:
        return PostgreSQL(folder / name, free_port(), folder / name / "postmaster.pid")

    def running(one: PostgreSQL) -> contextlib.AbstractContextManager[None]:
        command = [str(programs / "postgres"), "-D", str(one.folder), "-p", str(one.port), "-k", str(folder)]
        return _running(
            [*as_account, *command], one.port, one.pid_file, folder.parent / f"{folder.name}.log", cwd=folder
        )

    try:
        primary = server("primary")
        run(str(programs / "initdb"), "-D", str(primary.folder), "-A", "trust", "-U", ACCOUNT, "--no-sync")
        with (primary.folder / "postgresql.conf").open("a") as file:
            file.write("listen_addresses = '127.0.0.1'\nfsync = off\nmax_connections = 20\nshared_buffers = '16MB'\n")
        with running(primary):
            until(lambda: _speaks(primary))
            _fill(primary)
            standby = server("standby")
            source = f"host=127.0.0.1 port={primary.port} user={ACCOUNT}"
            run(str(programs / "pg_basebackup"), "-D", str(standby.folder), "-d", source, "-R", "-c", "fast", "-N")
            with running(standby):
                until(lambda: _speaks(standby), 30)
                yield primary, standby
    finally:
        shutil.rmtree(folder)
        log.unlink(missing_ok=True)


def _speaks(server: PostgreSQL) -> bool:
    try:
        with contextlib.closing(Connection(ACCOUNT, host="127.0.0.1", port=server.port, database="postgres")) as one:
            return bool(one.run("select 1"))
    except Exception:
        return False


def _fill(primary: PostgreSQL) -> None:
    with contextlib.closing(Connection(ACCOUNT, host="127.0.0.1", port=primary.port, database="postgres")) as one:
        one.run("create database shop")
        one.run("comment on database shop is 'lab'")
        one.run("create role shopper login")
    with primary.session(ACCOUNT, patience_s=60.0) as shop:
        shop.run("create table orders (id int primary key, said text)")
        shop.run("insert into orders select n, 'order ' || n from generate_series(1, 200000) n")
        shop.run("grant all on orders to shopper")
        shop.run("analyze orders")


@contextlib.contextmanager
def redis_pair(folder: Path) -> Iterator[tuple[Cache, Cache]]:
    """A Redis and its replica."""
    program = require("redis-server")

    def server(name: str) -> Cache:
        (folder / name).mkdir()
        return Cache(folder / name, free_port(), folder / name / "redis.pid")

    def running(one: Cache, *more: str) -> contextlib.AbstractContextManager[None]:
        command = [program, "--port", str(one.port), "--bind", "127.0.0.1", "--pidfile", str(one.pid_file)]
        settings = ["--save", "", "--dir", str(one.folder), "--repl-diskless-sync-delay", "0", *more]
        return _running([*command, *settings], one.port, one.pid_file, one.folder / "log", cwd=one.folder)

    first, second = server("first"), server("second")
    with running(first), running(second, "--replicaof", f"127.0.0.1 {first.port}"):
        first.client.set("deployment", "lab")
        until(lambda: second.client.get("deployment") == "lab", 20)
        yield first, second


_NGINX = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/errors;
worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream service {{ server 127.0.0.1:{upstream}; }}
  server {{
    listen 127.0.0.1:{port};
    add_header X-Gateway lab always;
    location / {{ proxy_pass http://service; }}
  }}
}}
"""


@contextlib.contextmanager
def nginx_before(lab: Lab) -> Iterator[Gateway]:
    program = require("nginx")
    folder = lab.folder / "nginx"
    folder.mkdir()
    one = Gateway(folder, free_port(), folder / "nginx.pid", lab=lab)
    one.configuration.write_text(_NGINX.format(folder=folder, port=one.port, upstream=lab.port))
    command = [program, "-c", str(one.configuration), "-e", str(folder / "errors")]
    with _running(command, one.port, one.pid_file, folder / "log", cwd=folder):
        until(lambda: one.front.answers())
        yield one


_NAMED = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/errors;
worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  resolver 127.0.0.1:{names} valid=1s ipv6=off;
  resolver_timeout 1s;
  server {{
    listen 127.0.0.1:{port};
    add_header X-Gateway lab always;
    location / {{ set $where shop.lab; proxy_pass http://$where:{behind}; }}
  }}
  server {{ listen 127.0.0.1:{behind}; location / {{ return 200; }} }}
}}
"""


@dataclass(frozen=True)
class Named(Served):
    """An nginx that asks a resolver of ours where `shop.lab` is: it has a resolver of names of its own."""

    control: Path = field(kw_only=True)

    def answers(self) -> bool:
        return Lab(self.folder, self.port, self.port).answers(seconds=3.0)

    def target(self, **changes: object) -> Target:
        base: dict[str, object] = {
            "component": "orders",
            "process": self.process,
            "http": f"http://127.0.0.1:{self.port}",
            "resolver": BoundResolver(control=self.control),
            "proof": Proof(says="lab", header="X-Gateway"),
        }
        return Target.model_validate(base | changes)


@contextlib.contextmanager
def nginx_with_resolver(folder: Path) -> Iterator[Named]:
    program = require("nginx")
    one = Named(folder, free_port(), folder / "nginx.pid", control=folder / "names.control")
    names = free_port()
    settings = {"folder": folder, "names": names, "port": one.port, "behind": free_port()}
    (folder / "nginx.conf").write_text(_NAMED.format(**settings))
    command = [sys.executable, "-m", "injectors.resolver", "--listen", f"127.0.0.1:{names}"]
    resolver = subprocess.Popen([*command, "--name", "shop.lab=127.0.0.1", "--control", str(one.control)])
    try:
        until(lambda: one.control.exists())
        start = [program, "-c", str(folder / "nginx.conf"), "-e", str(folder / "errors")]
        with _running(start, one.port, one.pid_file, folder / "log", cwd=folder):
            until(one.answers)
            yield one
    finally:
        resolver.terminate()
        resolver.wait(10)
