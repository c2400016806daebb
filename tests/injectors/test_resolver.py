"""The resolver: what it answers is what was asked, what it forwards is what came, and it lies only as it was told."""

from __future__ import annotations

import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from injectors.knobs import KnobError
from injectors.knobs.resolver import ResolverSlot
from injectors.resolver.messages import AAAA, A, NotAQuestion, answer, read_question
from tests.injectors.lab import free_port, until
from tests.injectors.service_lab import Named

labels = st.text(st.sampled_from("abcXYZ019-_"), min_size=1, max_size=20)
names = st.lists(labels, min_size=1, max_size=5).map(".".join)


def query(name: str, type: int = A, id: int = 7) -> bytes:
    """As RFC 1035 writes it."""
    asked = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    return struct.pack("!6H", id, 0x0100, 1, 0, 0, 0) + asked + struct.pack("!2H", type, 1)


@given(name=names, id=st.integers(0, 65_535), type=st.sampled_from([A, AAAA, 16]))
def test_an_answer_repeats_its_question(name: str, id: int, type: int) -> None:
    asked = query(name, type, id)
    question = read_question(asked)
    assert (question.id, question.name, question.type) == (id, name.lower(), type)
    said = answer(question, 0, "10.0.0.7")
    got, flags, questions, answers, *_ = struct.unpack_from("!6H", said)
    assert (got, flags & 0x8000, flags & 0xF, questions, answers) == (id, 0x8000, 0, 1, int(type == A))
    assert said[12 : len(asked)] == asked[12:]
    if type == A:
        assert said[len(asked) :] == b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 1, 4) + bytes([10, 0, 0, 7])


@settings(max_examples=200)
@given(st.binary(max_size=80))
def test_whatever_comes_is_read_or_refused(message: bytes) -> None:
    try:
        question = read_question(message)
    except NotAQuestion:
        return
    assert message[12:].startswith(question.raw)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        query("a")[:-1],
        query("a")[:13],
        b"\0\7\x81\0" + query("a")[4:],
        query("a")[:12] + b"\xc0\x0c" + query("a")[-4:],
    ],
)
def test_what_is_no_question_is_not_answered(message: bytes) -> None:
    with pytest.raises(NotAQuestion):
        read_question(message)


@dataclass
class Above:
    """An upstream that says something that nobody but it could say."""

    server: socket.socket
    asked: list[bytes] = field(default_factory=list)

    def serve(self) -> None:
        while True:
            try:
                data, asker = self.server.recvfrom(4_096)
            except OSError:
                return
            self.asked.append(data)
            self.server.sendto(b"\0\0 another's answer", asker)
            self.server.sendto(data[:2] + b"what the upstream says", asker)


@pytest.fixture(scope="module")
def forwarding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path, Above]]:
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    above = Above(server)
    threading.Thread(target=above.serve, daemon=True).start()
    port, control = free_port(), tmp_path_factory.mktemp("names") / "control"
    upstream = f"127.0.0.1:{server.getsockname()[1]}"
    command = [sys.executable, "-m", "injectors.resolver", "--listen", f"127.0.0.1:{port}", "--upstream", upstream]
    process = subprocess.Popen([*command, "--name", "Here.lab=10.0.0.9", "--control", str(control)])
    try:
        until(lambda: control.exists())
        yield port, control, above
    finally:
        process.terminate()
        process.wait(10)
        server.close()


def ask(port: int, message: bytes, seconds: float = 3.0) -> bytes:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(seconds)
        client.sendto(message, ("127.0.0.1", port))
        return client.recv(4_096)


def test_it_forwards_whole_messages_and_takes_only_their_answers(forwarding: tuple[int, Path, Above]) -> None:
    port, _, above = forwarding
    message = query("elsewhere.lab", id=4_711)
    assert ask(port, message) == message[:2] + b"what the upstream says"
    assert above.asked[-1] == message


def test_its_own_names_are_answered_without_asking(forwarding: tuple[int, Path, Above]) -> None:
    port, _, above = forwarding
    before = len(above.asked)
    assert ask(port, query("HERE.lab")).endswith(bytes([10, 0, 0, 9]))
    assert len(above.asked) == before


@pytest.mark.parametrize(("says", "code"), [("nxdomain", 3), ("servfail", 2)])
def test_a_lie_concerns_only_its_names(forwarding: tuple[int, Path, Above], says: str, code: int) -> None:
    port, control, _ = forwarding
    knob = ResolverSlot(control=control, slot="lie")
    knob.write({"says": says, "names": ["shop.lab"]})
    try:
        assert ask(port, query("db.shop.lab"))[3] & 0xF == code
        assert b"upstream" in ask(port, query("workshop.lab"))
    finally:
        knob.write(None)
    assert b"upstream" in ask(port, query("db.shop.lab"))


def test_a_wrong_address_is_a_private_one(forwarding: tuple[int, Path, Above]) -> None:
    port, control, _ = forwarding
    knob = ResolverSlot(control=control, slot="lie")
    with pytest.raises(KnobError):
        knob.write({"says": "address", "address": "8.8.8.8"})
    assert knob.read() is None
    knob.write({"says": "address", "address": "127.0.0.99"})
    try:
        assert ask(port, query("db.shop.lab")).endswith(bytes([127, 0, 0, 99]))
    finally:
        knob.write(None)


def test_an_answer_comes_later_and_others_do_not_wait_for_it(forwarding: tuple[int, Path, Above]) -> None:
    port, control, _ = forwarding
    knob = ResolverSlot(control=control, slot="late")
    knob.write({"delay_ms": 400, "names": ["shop.lab"]})
    try:
        started = time.perf_counter()
        slow = threading.Thread(target=ask, args=(port, query("shop.lab")))
        slow.start()
        ask(port, query("other.lab"))
        assert time.perf_counter() - started < 0.4
        slow.join()
        assert time.perf_counter() - started >= 0.4
    finally:
        knob.write(None)


@pytest.mark.parametrize("lie", [{"says": "servfail"}, {"says": "address", "address": "127.0.0.66"}])
def test_the_resolver_of_nginx_believes_it(named: Named, lie: dict[str, object]) -> None:
    """Another program's reader of names: what is true is true for it, and what is a lie is believed."""
    knob = ResolverSlot(control=named.control, slot="lie")
    assert named.answers()
    knob.write(lie)  # type: ignore[arg-type]
    try:
        until(lambda: not named.answers(), 5)
    finally:
        knob.write(None)
    until(named.answers, 5)
