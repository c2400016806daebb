"""Records which metrics real exporters show: `python -m tests.conformance.exporters.record`.

Needs Debian's exporters, redis-server, nginx and PostgreSQL 15 on the path.  Each exporter watches a process of its
own on loopback, with its data in a temporary folder; all are ended by their handle.  What is kept is small: name, type
and label names of the metrics that the profiles might show, and the version of the exporter.
"""

from __future__ import annotations

import http.server
import json
import os
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

from prometheus_client.parser import text_string_to_metric_families

RECORDINGS = Path(__file__).parent / "recordings.json"
_READY_WITHIN_S = 30
_SYNTHETIC = ("go_", "promhttp_", "process_", "scrape_")


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
    port = free_port()
    bench.start(
        "redis-server",
        ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(bench.folder), "--maxmemory", "64mb"],
    )
    wait_for(port)
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


def shown_metrics(address: str) -> dict[str, dict[str, object]]:
    """Type and label names of each metric; metrics of the exporter's own process are left out."""
    deadline = time.monotonic() + _READY_WITHIN_S
    while True:
        try:
            text = urllib.request.urlopen(address, timeout=10).read().decode()
            break
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
    found: dict[str, dict[str, object]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if not sample.name.startswith(_SYNTHETIC):
                labels = sorted(sample.labels)
                found.setdefault(sample.name, {"type": family.type, "labels": labels})
    return dict(sorted(found.items()))


def version_of(program: str) -> str:
    package = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", program], capture_output=True, text=True)
    if package.returncode == 0:
        return package.stdout
    said = subprocess.run([program, "--version"], capture_output=True, text=True)
    return next((w for w in (said.stdout + said.stderr).replace(",", " ").split() if w[:1].isdigit()), "unknown")


def main() -> None:
    recorded = {}
    for make in (node, blackbox, redis, nginx, postgres):
        with ExitStack() as stack:
            bench = Bench(stack)
            exporter = make(bench)
            bench.start(exporter.program, exporter.arguments, environment=exporter.environment)
            recorded[exporter.profile] = {
                "exporter": exporter.program,
                "version": version_of(exporter.program),
                "metrics": shown_metrics(exporter.address),
            }
    RECORDINGS.write_text(json.dumps(recorded, indent=1) + "\n")


if __name__ == "__main__":
    main()
