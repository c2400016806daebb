"""The three services of the shop; which one, the command line says.

    python -m injectors.stack.shop storefront|orders|payments

`storefront` asks `orders`; `orders` asks `payments`, writes to the database, and takes prices from the cache where it
can.  Each counts its requests as the middleware of a Prometheus client library would.
"""

from __future__ import annotations

import argparse
import http.client
import os
import queue
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pg8000.native
import redis
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from redis.backoff import NoBackoff
from redis.retry import Retry

from injectors.stack.layout import DATABASE, DATABASE_USER, ENVIRONMENT, HOST, Port

PATIENCE_S = 1.0
"""How long a service waits for another."""
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
PRICE = 4
POOL = 8
"""Connections to the database at once."""


class Unserved(Exception):
    """A request cannot be served."""


def storefront() -> None:
    _ask(Port.ORDERS_PROXY)


def payments() -> None:
    time.sleep(0.002)


def orders() -> None:
    price = _price()
    _ask(Port.PAYMENTS_PROXY)
    _write(price)


SERVICES: dict[str, tuple[Callable[[], None], int]] = {
    "storefront": (storefront, Port.STOREFRONT),
    "orders": (orders, Port.ORDERS),
    "payments": (payments, Port.PAYMENTS),
}

_idle: queue.LifoQueue[pg8000.native.Connection] = queue.LifoQueue()
"""Connections to the database that nobody uses now."""
_room = threading.BoundedSemaphore(POOL)


def _write(price: int) -> None:
    """Over a connection of the pool; one over which something failed is not put back."""
    if not _room.acquire(timeout=PATIENCE_S):
        raise Unserved("no connection to the database is free")
    try:
        connection = _connection()
        connection.run("insert into orders (price) values (:price)", price=price)
        _idle.put(connection)
    except Exception as error:
        # The library raises its own errors, and those of sockets and of struct: whatever it is, the request failed.
        raise Unserved(str(error)) from None
    finally:
        _room.release()


def _connection() -> pg8000.native.Connection:
    try:
        return _idle.get_nowait()
    except queue.Empty:
        return pg8000.native.Connection(
            DATABASE_USER, host=HOST, port=Port.DATABASE_PROXY, database=DATABASE, timeout=PATIENCE_S
        )


_cache = redis.Redis(
    host=HOST,
    port=Port.PRICES_PROXY,
    socket_timeout=0.1,
    socket_connect_timeout=0.1,
    # The library tries again, and waits in between, for longer than a caller of `orders` waits.
    retry=Retry(NoBackoff(), 0),
)


def _price() -> int:
    """From the cache, else what it was last known to be: the shop goes on without its cache."""
    try:
        found = _cache.get("price")
    except redis.RedisError:
        return PRICE
    return int(found) if isinstance(found, bytes) else PRICE


def _ask(port: int) -> None:
    connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE_S)
    try:
        connection.request("GET", "/")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise Unserved(f"port {port}: {error}") from None
    finally:
        connection.close()
    if status != 200:
        raise Unserved(f"port {port} answers {status}")


def _handler(work: Callable[[], None]) -> type[BaseHTTPRequestHandler]:
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    requests = Counter("http_requests", "Requests by status code.", ["code"], registry=registry)
    durations = Histogram("http_request_duration_seconds", "Duration.", registry=registry, buckets=BUCKETS_S)
    for code in ("200", "500"):
        requests.labels(code)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, generate_latest(registry))
                return
            started = time.perf_counter()
            try:
                work()
                code = 200
            except Unserved:
                code = 500
            durations.observe(time.perf_counter() - started)
            requests.labels(str(code)).inc()
            self._answer(code, b"ok\n" if code == 200 else b"not now\n")

        def _answer(self, code: int, body: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Environment", ENVIRONMENT)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Requests are counted, not logged."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("service", choices=SERVICES)
    parser.add_argument("--pid-file", required=True, type=Path)
    given = parser.parse_args()
    work, port = SERVICES[given.service]
    server = _Server((HOST, port), _handler(work))
    given.pid_file.write_text(f"{os.getpid()}\n")
    server.serve_forever()


if __name__ == "__main__":
    main()
