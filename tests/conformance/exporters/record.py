"""Records which metrics real exporters show: `python -m tests.conformance.exporters.record`.

Needs Debian's exporters, redis-server, nginx and PostgreSQL 15 on the path.  Each exporter watches a process of its
own on loopback, with its data in a temporary folder; all are ended by their handle.  What is kept is small: name, type
and label names of each metric, without those of the exporter's own process and most of PostgreSQL's settings.
"""

from __future__ import annotations

import http.server
import os
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

RECORDINGS = Path(__file__).parent / "recordings.txt"
_READY_WITHIN_S = 30
_LEFT_OUT = ("go_", "promhttp_", "process_", "scrape_")
_SETTINGS = (
    "pg_settings_default_transaction_read_only",
    "pg_settings_max_connections",
    "pg_settings_max_locks_per_transaction",
    "pg_settings_superuser_reserved_connections",
)


@dataclass(frozen=True)
class Exporter:
    """A command that shows metrics at `address`."""

    profile: str
    program: str
    arguments: list[str]
    address: str
    environment: dict[str, str]


class Bench:
    """A temporary folder and the processes that run in it."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self.folder.chmod(0o755)

    def start(
        self, program: str, arguments: list[str], user: str | None = None, environment: dict[str, str] | None = None
    ) -> None:
        process = subprocess.Popen(
            [program, *arguments],
            user=user,
            group=user,
            env={**os.environ, **(environment or {})},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._stack.callback(process.wait)
        self._stack.callback(process.terminate)


def free_port() -> int:
    with closing(socket.socket()) as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def wait_for(port: int) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < deadline:
        try:
            with closing(socket.create_connection(("127.0.0.1", port), timeout=1)):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"nothing listens on port {port} after {_READY_WITHIN_S} s")


def node(_: Bench) -> Exporter:
    port = free_port()
    return Exporter(
        "node",
        "prometheus-node-exporter",
        [f"--web.listen-address=127.0.0.1:{port}"],
        f"http://127.0.0.1:{port}/metrics",
        {},
    )


def blackbox(bench: Bench) -> Exporter:
    """It probes a small server with a certificate of its own making."""
    certificate, key = bench.folder / "certificate.pem", bench.folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=localhost"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    config = bench.folder / "blackbox.yml"
    config.write_text(
        "modules: {tls: {prober: http, http: {method: GET, preferred_ip_protocol: ip4,"
        " tls_config: {insecure_skip_verify: true}}}}\n"
    )
    port = free_port()
    target = f"https://127.0.0.1:{server.server_address[1]}/"
    return Exporter(
        "blackbox",
        "prometheus-blackbox-exporter",
        [f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}"],
        f"http://127.0.0.1:{port}/probe?module=tls&target={target}",
        {},
    )


def redis(bench: Bench) -> Exporter:
    return exporter_of_redis(start_redis(bench, "master"))


def redis_replica(bench: Bench) -> Exporter:
    master = start_redis(bench, "master")
    return exporter_of_redis(start_redis(bench, "replica", "--replicaof", "127.0.0.1", str(master)))


def start_redis(bench: Bench, name: str, *more: str) -> int:
    port, folder = free_port(), bench.folder / name
    folder.mkdir()
    bench.start(
        "redis-server",
        ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--maxmemory", "64mb", *more],
    )
    wait_for(port)
    return port


def exporter_of_redis(port: int) -> Exporter:
    shown = free_port()
    return Exporter(
        "redis",
        "prometheus-redis-exporter",
        [f"-redis.addr=redis://127.0.0.1:{port}", f"-web.listen-address=127.0.0.1:{shown}"],
        f"http://127.0.0.1:{shown}/metrics",
        {},
    )


def nginx(bench: Bench) -> Exporter:
    port = free_port()
    config = bench.folder / "nginx.conf"
    folders = " ".join(
        f"{kind}_temp_path {bench.folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config.write_text(
        f"daemon off; user root; pid {bench.folder}/nginx.pid; error_log {bench.folder}/error.log; events {{}}\n"
        f"http {{ access_log off; {folders} server {{ listen 127.0.0.1:{port}; location / {{ stub_status; }} }} }}\n"
    )
    bench.start("nginx", ["-p", str(bench.folder), "-c", str(config)])
    wait_for(port)
    shown = free_port()
    return Exporter(
        "nginx",
        "prometheus-nginx-exporter",
        [f"-nginx.scrape-uri=http://127.0.0.1:{port}/", f"-web.listen-address=127.0.0.1:{shown}"],
        f"http://127.0.0.1:{shown}/metrics",
        {},
    )


def postgres(bench: Bench) -> Exporter:
    programs = Path("/usr/lib/postgresql/15/bin")
    data = bench.folder / "data"
    data.mkdir()
    shutil.chown(data, "postgres", "postgres")
    subprocess.run(
        [str(programs / "initdb"), "-D", str(data), "-A", "trust"],
        user="postgres",
        group="postgres",
        cwd="/",
        check=True,
        capture_output=True,
    )
    port = free_port()
    bench.start(
        str(programs / "postgres"),
        ["-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", ""],
        user="postgres",
    )
    wait_for(port)
    shown = free_port()
    return Exporter(
        "postgres",
        "prometheus-postgres-exporter",
        [f"--web.listen-address=127.0.0.1:{shown}"],
        f"http://127.0.0.1:{shown}/metrics",
        {"DATA_SOURCE_NAME": f"postgresql://postgres@127.0.0.1:{port}/postgres?sslmode=disable"},
    )


def shown_metrics(address: str) -> dict[str, tuple[str, list[str]]]:
    """Type and label names of each metric; those of the exporter's own process are left out."""
    types: dict[str, str] = {}
    found: dict[str, tuple[str, list[str]]] = {}
    for line in scraped(address).splitlines():
        if declared := re.match(r"# TYPE (\S+) (\S+)", line):
            types[declared[1]] = declared[2]
        elif sample := re.match(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ", line):
            name = sample[1]
            labels = sorted(set(re.findall(r'([a-zA-Z_][a-zA-Z0-9_]*)="', sample[2] or "")))
            if not name.startswith(_LEFT_OUT) and (not name.startswith("pg_settings_") or name in _SETTINGS):
                found[name] = (types.get(name, "untyped"), labels)
    return dict(sorted(found.items()))


def scraped(address: str) -> str:
    deadline = time.monotonic() + _READY_WITHIN_S
    while True:
        try:
            text: str = urllib.request.urlopen(address, timeout=10).read().decode()
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return text


def main() -> None:
    found: dict[str, dict[str, tuple[str, list[str]]]] = {}
    lines = ["# Recorded by record.py from Debian 12's exporters: profile, metric, type, label names."]
    for make in (node, blackbox, redis, redis_replica, nginx, postgres):
        with ExitStack() as stack:
            bench = Bench(stack)
            exporter = make(bench)
            bench.start(exporter.program, exporter.arguments, environment=exporter.environment)
            found.setdefault(exporter.profile, {}).update(shown_metrics(exporter.address))
    for profile, metrics in found.items():
        for name, (kind, labels) in sorted(metrics.items()):
            lines.append(" ".join([profile, name, kind, ",".join(labels)]).strip())
    RECORDINGS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
