"""The proxy does to connections what it is told, to those in progress as well, and nothing else."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from injectors.knobs import KnobError
from injectors.knobs.proxy import ProxySlot
from injectors.proxy.behaviour import Slot
from injectors.proxy.control import ProxyUnreachable, Request, ask
from tests.injectors.lab import free_port, until


class Echo:
    """Sends back what it gets; knows what arrived."""

    def __init__(self) -> None:
        self.arrived = bytearray()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                threading.Thread(target=self._echo, args=(connection,), daemon=True).start()

    def _echo(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            while data := connection.recv(65_536):
                self.arrived += data
                connection.sendall(data)

    def close(self) -> None:
        self._server.close()


class Proxied:
    """An echo behind a proxy."""

    def __init__(self, folder: Path, echo: Echo) -> None:
        self.echo = echo
        self.control = folder / "proxy"
        self.port = free_port()

    def set(self, slot: Slot, value: object) -> None:
        ProxySlot(control=self.control, slot=slot).write(value)  # type: ignore[arg-type]

    def connect(self, seconds: float = 5.0) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)

    def round_trip(self, connection: socket.socket, data: bytes = b"x") -> float:
        """Seconds until all of it is back."""
        started = time.perf_counter()
        connection.sendall(data)
        back = bytearray()
        while len(back) < len(data):
            part = connection.recv(65_536)
            if not part:
                raise ConnectionError("closed")
            back += part
        assert back == data
        return time.perf_counter() - started


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    echo = Echo()
    made = Proxied(tmp_path_factory.mktemp("proxy"), echo)
    command = [sys.executable, "-m", "injectors.proxy", "--listen", f"127.0.0.1:{made.port}"]
    process = subprocess.Popen([*command, "--upstream", f"127.0.0.1:{echo.port}", "--control", str(made.control)])
    try:
        until(lambda: made.control.exists())
        until(lambda: ask(made.control, Request()).carried is not None)
        yield made
    finally:
        process.terminate()
        process.wait(10)
        echo.close()
        assert not made.control.exists(), "it leaves no socket behind"


@pytest.fixture(autouse=True)
def undisturbed(proxied: Proxied) -> Iterator[None]:
    yield
    for slot in get_args(Slot):
        proxied.set(slot, None)


@settings(max_examples=25, deadline=None)
@given(data=st.binary(min_size=1, max_size=300_000))
def test_undisturbed_every_byte_arrives_in_order(proxied: Proxied, data: bytes) -> None:
    with proxied.connect() as connection:
        proxied.round_trip(connection, data)


def test_latency_comes_and_goes_on_a_connection_in_progress(proxied: Proxied) -> None:
    with proxied.connect() as connection:
        assert proxied.round_trip(connection) < 0.15
        proxied.set("latency", {"delay_ms": 200})
        assert 0.2 <= proxied.round_trip(connection) < 0.4
        proxied.set("latency", {"delay_ms": 200, "way": "both"})
        assert 0.4 <= proxied.round_trip(connection) < 0.6
        proxied.set("latency", None)
        assert proxied.round_trip(connection) < 0.15


@settings(max_examples=10, deadline=None)
@given(data=st.binary(min_size=1, max_size=100_000))
def test_jitter_never_changes_the_order(proxied: Proxied, data: bytes) -> None:
    proxied.set("latency", {"delay_ms": 10, "jitter_ms": 10, "way": "both"})
    with proxied.connect() as connection:
        proxied.round_trip(connection, data)


def test_a_narrow_line_takes_as_long_as_its_width_says(proxied: Proxied) -> None:
    proxied.set("bandwidth", {"bytes_per_s": 100_000, "way": "to-client"})
    with proxied.connect() as connection:
        took = proxied.round_trip(connection, b"x" * 50_000)
    assert 0.45 <= took < 0.8


def test_connections_in_progress_are_reset_and_new_ones_too(proxied: Proxied) -> None:
    with proxied.connect() as connection:
        proxied.round_trip(connection)
        proxied.set("closed", {"how": "reset"})
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    with pytest.raises(ConnectionError), proxied.connect() as connection:
        proxied.round_trip(connection)


def test_closed_hangs_up_in_good_order(proxied: Proxied) -> None:
    with proxied.connect() as connection:
        proxied.round_trip(connection)
        proxied.set("closed", {"how": "close"})
        assert connection.recv(1) == b""


@pytest.mark.parametrize(("way", "arrives"), [("to-server", False), ("to-client", True), ("both", False)])
def test_silence_keeps_connections_open_and_lets_one_way_through(proxied: Proxied, way: str, arrives: bool) -> None:
    proxied.echo.arrived.clear()
    with proxied.connect(0.3) as connection:
        proxied.set("silence", {"way": way})
        with pytest.raises(TimeoutError):
            proxied.round_trip(connection, b"hello")
        assert (proxied.echo.arrived == b"hello") == arrives


def test_a_slow_close_is_heard_later(proxied: Proxied) -> None:
    proxied.set("slow_close", {"delay_ms": 300})
    with proxied.connect() as connection:
        proxied.round_trip(connection)
        started = time.perf_counter()
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert time.perf_counter() - started >= 0.3


@pytest.mark.parametrize("value", [{"delay_ms": -1}, {"delay_ms": 10, "colour": "red"}, "slow"])
def test_what_makes_no_sense_is_refused_and_changes_nothing(proxied: Proxied, value: object) -> None:
    knob = ProxySlot(control=proxied.control, slot="latency")
    with pytest.raises(KnobError):
        knob.write(value)  # type: ignore[arg-type]
    assert knob.read() is None


def test_nobody_behind_a_socket_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ProxyUnreachable):
        ask(tmp_path / "nobody", Request())


def test_only_its_owner_may_tell_a_proxy_what_to_do(proxied: Proxied) -> None:
    assert proxied.control.stat().st_mode & 0o077 == 0
