"""A lab for live faults: one small HTTP service of this test, a proxy before it, all on loopback."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from injectors.binding import Binding, BoundProcess, BoundProxy, Budget, Condition, Proof, Start, Target
from injectors.identity import ProcessGone, read_pid_file

SERVICE = """
import os, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = b"ok" * int(os.environ.get("LAB_TIMES", "1"))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Environment", "lab")
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
class Server(ThreadingHTTPServer):
    daemon_threads = True
server = Server(("127.0.0.1", int(sys.argv[1])), Handler)
open(sys.argv[2], "w").write(str(os.getpid()))
server.serve_forever()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(holds: object, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < deadline, "did not come about in time"
        time.sleep(0.02)


@dataclass
class Lab:
    """What was started, and how it is reached."""

    folder: Path
    port: int
    proxied_port: int

    @property
    def pid_file(self) -> Path:
        return self.folder / "service.pid"

    @property
    def control(self) -> Path:
        return self.folder / "service.proxy"

    @property
    def root(self) -> Path:
        return self.folder / "journals"

    @property
    def start(self) -> Start:
        return Start(
            arguments=(sys.executable, "-c", SERVICE, str(self.port), str(self.pid_file)),
            folder=self.folder,
            environment={"BLACKSTART_ENVIRONMENT": "lab"},
            listens=("127.0.0.1", self.port),  # type: ignore[arg-type]
        )

    def answers(self, *, proxied: bool = False, seconds: float = 1.0) -> bool:
        return self.asked(proxied=proxied, seconds=seconds) is not None

    def asked(self, *, proxied: bool = False, seconds: float = 1.0) -> float | None:
        """How long an answer took, in seconds; None where there was none."""
        started = time.perf_counter()
        port = self.proxied_port if proxied else self.port
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
        try:
            connection.request("GET", "/")
            if connection.getresponse().status != 200:
                return None
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        return time.perf_counter() - started

    def target(self, **changes: object) -> Target:
        base: dict[str, object] = {
            "component": "orders",
            "process": BoundProcess(pid_file=self.pid_file, start=self.start),
            "http": f"http://127.0.0.1:{self.port}",
            "proxy": BoundProxy(control=self.control),
            "proof": Proof(says="lab", environment="BLACKSTART_ENVIRONMENT"),
        }
        return Target.model_validate(base | changes)

    def binding(self, target: Target | None = None, **changes: object) -> Binding:
        base: dict[str, object] = {
            "format": "blackstart/binding/1",
            "title": "The lab of a test",
            "environment": "lab",
            "targets": {"orders-1": target or self.target()},
            "budget": Budget(at_once=3),
            "steady_state": (Condition(title="answers", http=f"http://127.0.0.1:{self.proxied_port}/"),),
        }
        return Binding(**(base | changes))  # type: ignore[arg-type]


@contextlib.contextmanager
def running_lab(folder: Path) -> Iterator[Lab]:
    """The lab, up; everything of it is ended afterwards, by its identity."""
    lab = Lab(folder, free_port(), free_port())
    environment = {**os.environ, "BLACKSTART_ENVIRONMENT": "lab"}
    service = subprocess.Popen(lab.start.arguments, cwd=folder, env=environment)
    proxy = subprocess.Popen(
        [
            *(sys.executable, "-m", "injectors.proxy"),
            *("--listen", f"127.0.0.1:{lab.proxied_port}", "--upstream", f"127.0.0.1:{lab.port}"),
            *("--control", str(lab.control)),
        ]
    )
    try:
        until(lambda: lab.answers() and lab.control.exists() and lab.answers(proxied=True))
        yield lab
    finally:
        with contextlib.suppress(ProcessGone):
            read_pid_file(lab.pid_file).end()
        proxy.send_signal(signal.SIGTERM)
        proxy.wait(10)
        service.kill()
        service.wait(10)
