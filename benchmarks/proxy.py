"""The proxy without a fault (throughput, added latency) and the accuracy of the latency that it adds when asked.

    python benchmarks/proxy.py

The peer is the same conversation without a proxy, in the same run.  Target: injected latency within 2 ms or 5 % of what
was asked, from 5 to 500 ms.
"""

from __future__ import annotations

import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from injectors.knobs.proxy import ProxySlot
from injectors.proxy.control import ProxyUnreachable, Request, ask

BYTES = 256 * 1024 * 1024
ROUND_TRIPS = 2_000
ASKED_MS = (5, 10, 20, 50, 100, 200, 500)
EACH = 40


def _serve(server: socket.socket) -> None:
    """Echoes small messages; a message that begins with S asks for BYTES of data."""
    while True:
        connection, _ = server.accept()
        threading.Thread(target=_converse, args=(connection,), daemon=True).start()


def _converse(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    block = bytes(1024 * 1024)
    with connection:
        while data := connection.recv(64):
            if data.startswith(b"S"):
                for _ in range(BYTES // len(block)):
                    connection.sendall(block)
            else:
                connection.sendall(data)


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _megabytes_per_s(port: int) -> float:
    with _connect(port) as connection:
        started = time.perf_counter()
        connection.sendall(b"S")
        left = BYTES
        while left:
            left -= len(connection.recv(1024 * 1024))
    return BYTES / 1e6 / (time.perf_counter() - started)


def _round_trips_ms(port: int, count: int) -> list[float]:
    took = []
    with _connect(port) as connection:
        for _ in range(count):
            started = time.perf_counter()
            connection.sendall(b"x")
            connection.recv(64)
            took.append((time.perf_counter() - started) * 1000)
    return took


def main() -> int:
    server = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_serve, args=(server,), daemon=True).start()
    direct = server.getsockname()[1]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        control = Path(folder) / "proxy"
        command = [sys.executable, "-m", "injectors.proxy", "--listen", f"127.0.0.1:{port}"]
        proxy = subprocess.Popen([*command, "--upstream", f"127.0.0.1:{direct}", "--control", str(control)])
        try:
            _wait(control)
            return _measure(direct, port, control)
        finally:
            proxy.terminate()
            proxy.wait(10)


def _wait(control: Path) -> None:
    while True:
        try:
            ask(control, Request())
            return
        except ProxyUnreachable:
            time.sleep(0.05)


def _measure(direct: int, port: int, control: Path) -> int:
    without, through = _megabytes_per_s(direct), _megabytes_per_s(port)
    print(f"throughput  {through:8.0f} MB/s through the proxy, {without:8.0f} without: {through / without:.2f} of it")
    plain, proxied = (statistics.median(_round_trips_ms(p, ROUND_TRIPS)) for p in (direct, port))
    print(f"round trip  {proxied:8.3f} ms through the proxy, {plain:8.3f} without: {proxied - plain:.3f} ms added")
    slot = ProxySlot(control=control, slot="latency")
    worst = 0
    print("asked (ms)  added: median, 5 % and 95 % (ms)  off by (ms)")
    for asked in ASKED_MS:
        slot.write({"delay_ms": asked})
        added = [took - proxied for took in _round_trips_ms(port, EACH)]
        low, *_, high = statistics.quantiles(added, n=20)
        off = statistics.median(added) - asked
        good = abs(off) <= max(2.0, 0.05 * asked)
        worst += not good
        verdict = "ok" if good else "OFF"
        print(f"{asked:10}  {statistics.median(added):8.2f} {low:8.2f} {high:8.2f}  {off:+8.2f}  {verdict}")
    return 1 if worst else 0


if __name__ == "__main__":
    sys.exit(main())
