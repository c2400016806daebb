"""Faults in HTTP and TLS by the proxy: what a client of another library sees while they last, and afterwards."""

from __future__ import annotations

import http.client
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import get_args

import pytest

from injectors.knobs import KnobError
from injectors.knobs.proxy import ProxySlot
from injectors.live_timeline import LiveClock, live_timeline
from injectors.plan import turns_of
from injectors.proxy.behaviour import Slot
from injectors.proxy.control import Request, ask
from injectors.running import Runner
from injectors.undo.journal import Change
from injectors.undo.points import Point
from tests.injectors.certificates import Authority
from tests.injectors.lab import Lab, free_port, until
from tests.injectors.plans import planned
from timeline.findings import SafetyRefused


class Shop(BaseHTTPRequestHandler):
    """Answers in pieces, with a length, to HEAD, and until the connection ends."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        if self.path == "/pieces":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for part in (b'{"a"', b": 1}"):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.wfile.write(b"0\r\n\r\n")
        elif self.path == "/until-the-end":
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b'{"a": 1}')
        else:
            self.send_header("Content-Length", "8")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(b'{"a": 1}')

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


class Front:
    """A shop behind a proxy."""

    def __init__(self, port: int, control: Path) -> None:
        self.port = port
        self.control = control

    def set(self, slot: Slot, value: object) -> None:
        ProxySlot(control=self.control, slot=slot).write(value)  # type: ignore[arg-type]

    def one(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)


@contextmanager
def before(server: ThreadingHTTPServer, folder: Path) -> Iterator[Front]:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    front = Front(free_port(), folder / "proxy")
    command = [sys.executable, "-m", "injectors.proxy", "--listen", f"127.0.0.1:{front.port}"]
    upstream = f"127.0.0.1:{server.server_address[1]}"
    process = subprocess.Popen([*command, "--upstream", upstream, "--control", str(front.control)])
    try:
        until(lambda: front.control.exists())
        until(lambda: ask(front.control, Request()).carried is not None)
        yield front
    finally:
        process.terminate()
        process.wait(10)
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with before(ThreadingHTTPServer(("127.0.0.1", 0), Shop), tmp_path_factory.mktemp("plain")) as front:
        yield front


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.made_in(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("secure")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.socket = authority.server(folder).wrap_socket(server.socket, server_side=True)
    with before(server, folder) as front:
        yield front


@pytest.fixture(autouse=True)
def undisturbed(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    for name in ("plain", "secure"):
        if name in request.fixturenames:
            for slot in get_args(Slot):
                request.getfixturevalue(name).set(slot, None)


Seen = tuple[int, str | None, bytes]
"""Status, type and content."""


def asked(connection: http.client.HTTPConnection, path: str = "/", method: str = "GET") -> Seen:
    connection.request(method, path, body=b"x" * 20_000 if method == "PUT" else None)
    answer = connection.getresponse()
    return answer.status, answer.getheader("Content-Type"), answer.read()


GOOD = (200, "application/json", b'{"a": 1}')


@pytest.mark.parametrize("path", ["/", "/pieces", "/until-the-end"])
def test_status_content_and_header_on_a_connection_in_progress(plain: Front, path: str) -> None:
    connection = plain.one()
    assert asked(connection, path) == GOOD
    plain.set("status", {"status": 502})
    assert asked(connection, path)[0] == 502
    assert asked(connection, path, "PUT")[0] == 502
    plain.set("status", None)
    plain.set("content", {})
    assert asked(connection, path)[2][0] == ord("{") ^ 1
    plain.set("content", None)
    plain.set("headers", {"name": "content-TYPE"})
    assert asked(connection, path) == (200, "garbled-for-an-exercise", GOOD[2])
    plain.set("headers", {"name": "Content-Type", "how": "removed"})
    assert asked(connection, path) == (200, None, GOOD[2])
    plain.set("headers", None)
    assert asked(connection, path) == GOOD
    connection.close()


def test_an_answer_to_head_has_no_content_and_the_connection_goes_on(plain: Front) -> None:
    connection = plain.one()
    plain.set("status", {})
    assert asked(connection, method="HEAD")[::2] == (503, b"")
    plain.set("status", None)
    assert asked(connection) == GOOD
    connection.close()


def test_a_share_is_about_that_share(plain: Front) -> None:
    """Of 300 at 30 %: further than five standard deviations away would be no chance."""
    plain.set("status", {"error_ratio": 0.3})
    connection = plain.one()
    failed = sum(asked(connection)[0] == 503 for _ in range(300))
    connection.close()
    assert abs(failed - 90) < 5 * (300 * 0.3 * 0.7) ** 0.5


@pytest.mark.parametrize(
    ("why", "code"),
    [("expired", "certificate has expired"), ("wrong-name", "mismatch")],
)
def test_a_client_that_looks_refuses_the_certificate_for_this_reason(
    secure: Front, authority: Authority, why: str, code: str
) -> None:
    def look(context: ssl.SSLContext) -> Seen:
        connection = http.client.HTTPSConnection("localhost", secure.port, timeout=5, context=context)
        try:
            return asked(connection)
        finally:
            connection.close()

    careless = ssl.create_default_context()
    careless.check_hostname = False
    careless.verify_mode = ssl.CERT_NONE
    assert look(authority.client()) == GOOD
    secure.set("certificate", {"why": why, "names": ["localhost"], "issuer": str(authority.both)})
    with pytest.raises(ssl.SSLCertVerificationError, match=code):
        look(authority.client())
    assert look(careless) == GOOD, "who does not look gets through to the target"
    secure.set("status", {})
    assert look(careless)[0] == 503, "and is in HTTP there"
    secure.set("status", None)
    secure.set("certificate", {"why": why, "names": ["localhost"]})
    with pytest.raises(ssl.SSLCertVerificationError, match="self-signed"):
        look(authority.client())
    secure.set("certificate", None)
    assert look(authority.client()) == GOOD


def test_a_target_that_is_not_asked_in_tls_has_no_certificate(lab: Lab) -> None:
    plan = planned(lab.binding(), first={"fault": "certificate-expiry"})
    (fault,) = plan.faults
    with pytest.raises(SafetyRefused, match="not asked in TLS"):
        turns_of(fault, plan, plan.proven["orders-1"], lab.root)


@pytest.mark.parametrize(
    "value",
    [
        {"why": "expired", "names": ["local host"]},
        {"why": "expired", "names": ["localhost"], "issuer": "/nowhere/both.pem"},
        {"why": "expired", "names": []},
    ],
)
def test_a_certificate_that_cannot_be_made_changes_nothing(plain: Front, value: object) -> None:
    with pytest.raises(KnobError):
        plain.set("certificate", value)
    assert asked(plain.one()) == GOOD


@pytest.mark.parametrize(
    ("id", "kind", "status"), [("http-status", "bad-deploy", 503), ("http-quota", "quota-exhausted", 429)]
)
def test_a_run_of_it_is_felt_and_then_is_gone(lab: Lab, id: str, kind: str, status: int) -> None:
    seen = []

    def look(point: Point, _change: Change) -> None:
        if point is Point.MARKED:
            connection = http.client.HTTPConnection("127.0.0.1", lab.proxied_port, timeout=5)
            seen.extend(asked(connection)[0] for _ in range(40))
            connection.close()

    plan = planned(lab.binding(lab.target(faults={id: {}})), first={"fault": kind})
    with live_timeline(lab.folder / "timeline.jsonl", clock := LiveClock()) as timeline:
        result = Runner(plan, lab.root, lab.root / "run", timeline, clock, look).run()
    assert set(seen) == {200, status}
    assert not result.left
    assert all(lab.answers(proxied=True) for _ in range(10))
