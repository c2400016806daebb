"""Messages of HTTP/1.1 are told apart wherever the stream is cut, and nothing is touched that was not to be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from injectors.proxy.behaviour import Behaviour, Content, Headers, Status, Way
from injectors.proxy.rewriting import FLIPPED_EVERY, STATUS_BODY, Exchange

ASKED = b"%s / HTTP/1.1\r\nHost: shop\r\n\r\n"


def chunked(parts: Sequence[bytes]) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts if part) + b"0\r\n\r\n"


contents = st.binary(max_size=600)
sized = contents.map(lambda body: (b"GET", b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body), body))
in_chunks = st.lists(contents, max_size=3).map(
    lambda parts: (b"GET", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunked(parts))
)
to_head = st.integers(0, 9999).map(lambda n: (b"HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % n, b""))
empty = st.just((b"GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n", b""))
continued = contents.map(
    lambda body: (
        b"PUT",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n" % len(body),
        body,
    )
)
answers = st.lists(st.one_of(sized, in_chunks, to_head, empty, continued), min_size=1, max_size=5)


def cut(data: bytes, at: Sequence[int]) -> list[bytes]:
    places = sorted({0, len(data), *(place % (len(data) + 1) for place in at)})
    return [data[start:end] for start, end in pairwise(places)]


def answered(messages: Sequence[tuple[bytes, bytes, bytes]], behaviour: Behaviour, at: Sequence[int] = ()) -> bytes:
    """All requests are sent first; their answers come cut at these places."""
    exchange = Exchange()
    for method, _, _ in messages:
        asked = ASKED % method
        assert exchange.passes(Way.TO_SERVER, asked, behaviour) == asked
    stream = b"".join(head + body for _, head, body in messages)
    out = b"".join(exchange.passes(Way.TO_CLIENT, part, behaviour) for part in cut(stream, at))
    return out + exchange.rest(Way.TO_CLIENT)


CUTS = st.lists(st.integers(0, 5_000), max_size=8)


@settings(max_examples=60, deadline=None)
@given(messages=answers, at=CUTS)
def test_undisturbed_every_byte_passes(messages: list[tuple[bytes, bytes, bytes]], at: list[int]) -> None:
    assert answered(messages, Behaviour(), at) == b"".join(head + body for _, head, body in messages)


@settings(max_examples=60, deadline=None)
@given(messages=answers, at=CUTS)
def test_every_answer_is_replaced_and_no_other_byte_is_left(
    messages: list[tuple[bytes, bytes, bytes]], at: list[int]
) -> None:
    out = answered(messages, Behaviour(status=Status(status=503)), at)
    rest = out.replace(b"HTTP/1.1 100 Continue\r\n\r\n", b"")
    assert len(re.findall(rb"HTTP/1\.1 503 ", rest)) == len(messages)
    assert rest.count(STATUS_BODY) == sum(method != b"HEAD" for method, _, _ in messages)
    whole = re.compile(rb"HTTP/1\.1 503 [^\r]*\r\n(?:[^\r]+\r\n)*\r\n(?:" + re.escape(STATUS_BODY) + rb")?")
    assert whole.sub(b"", rest) == b""


@settings(max_examples=60, deadline=None)
@given(messages=answers, at=CUTS)
def test_flipped_bits_leave_the_frame_as_it_is(messages: list[tuple[bytes, bytes, bytes]], at: list[int]) -> None:
    plain = b"".join(head + body for _, head, body in messages)
    out = answered(messages, Behaviour(content=Content()), at)
    assert len(out) == len(plain)
    changed = [place for place, (old, new) in enumerate(zip(plain, out, strict=True)) if old != new]
    assert all(plain[place] ^ out[place] == 1 for place in changed)
    sizes = [len(body) for _, head, body in messages if b"Content-Length" in head and body]
    hit = sum(-(-size // FLIPPED_EVERY) for size in sizes)
    assert len(changed) >= hit
    assert (len(changed) > 0) == any(body not in (b"", chunked([])) for _, _, body in messages)


@settings(max_examples=80, deadline=None)
@given(to_server=st.binary(max_size=300), to_client=st.binary(max_size=300), at=CUTS)
def test_what_is_no_http_passes_as_it_is(to_server: bytes, to_client: bytes, at: list[int]) -> None:
    exchange = Exchange()
    behaviour = Behaviour(status=Status(), content=Content())
    sent = b"".join(exchange.passes(Way.TO_SERVER, part, behaviour) for part in cut(b"\0" + to_server, at))
    got = b"".join(exchange.passes(Way.TO_CLIENT, part, behaviour) for part in cut(to_client, at))
    assert sent == b"\0" + to_server
    assert got + exchange.rest(Way.TO_CLIENT) == to_client


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\n",
        b"HTTP/1.1 999 What\r\n\r\n",
    ],
)
def test_what_two_readers_could_read_differently_is_left_alone(head: bytes) -> None:
    messages = [(b"GET", head, b"abc")]
    assert answered(messages, Behaviour(status=Status())) == head + b"abc"


def test_after_a_change_of_protocol_nothing_is_touched() -> None:
    switched = (b"GET", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n")
    assert answered([switched], Behaviour(status=Status())) == switched[1] + switched[2]


def test_an_answer_until_the_end_of_the_connection_says_so_when_it_is_replaced() -> None:
    out = answered([(b"GET", b"HTTP/1.0 200 OK\r\n\r\n", b"abc")], Behaviour(status=Status()))
    assert b"Connection: close" in out
    assert b"abc" not in out


@pytest.mark.parametrize(("how", "line"), [("garbled", b"content-type: garbled-for-an-exercise\r\n"), ("removed", b"")])
def test_one_header_is_damaged_and_no_other(how: str, line: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nContent-Type-Other: a\r\nContent-Length: 0\r\n\r\n"
    behaviour = Behaviour.model_validate({"headers": Headers(name="Content-Type", how=how)})  # type: ignore[arg-type]
    assert answered([(b"GET", head, b"")], behaviour) == head.replace(b"content-type: text/plain\r\n", line)
