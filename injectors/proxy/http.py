"""Where messages of HTTP/1.1 begin and end in a stream of bytes (RFC 9112, section 6.3).

Nothing more is understood than it takes to tell heads, content and the framing around it apart.  What is no HTTP/1.1,
or is of a kind about which two readers could disagree, is *raw* from there on and passes as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

MAX_HEAD = 65_536
MAX_LINE = 8_192
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) [^ \r\n]+ HTTP/1\.[01]\r?\n")
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})[ \r\n]")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")


class Kind(Enum):
    HEAD = auto()
    """A whole head, with its empty line."""
    CONTENT = auto()
    FRAMING = auto()
    """Sizes of chunks, trailers, empty lines between messages."""
    RAW = auto()


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of the stream; all pieces together are the stream."""

    kind: Kind
    data: bytes


class Body(Enum):
    """How the end of a message without a length is known."""

    CHUNKED = auto()
    UNTIL_CLOSE = auto()
    TUNNEL = auto()
    """No further message follows."""


class NoHttp(Exception):
    """The bytes are no HTTP/1.1 that everybody would read alike."""


class Framer:
    """One way of one conversation.  `framing` says of each head what follows: so many bytes, or a `Body`.

    `opening` are bytes that a head begins with, as far as they are known.
    """

    def __init__(self, framing: Callable[[bytes], int | Body], opening: bytes = b"") -> None:
        self._framing = framing
        self._opening = opening
        self._waiting = b""
        self._step: Callable[[], Iterator[Piece]] = self._head
        self._left = 0

    @property
    def is_raw(self) -> bool:
        return self._step == self._raw

    def feed(self, data: bytes) -> Iterator[Piece]:
        """The pieces that can be told by now, each before the next is looked at; an unfinished head waits."""
        self._waiting += data
        before = -1
        while self._waiting and len(self._waiting) != before:
            before = len(self._waiting)
            try:
                yield from self._step()
            except NoHttp:
                self.give_up()
                yield from self._raw()

    def give_up(self) -> None:
        """From here on everything is raw."""
        self._step = self._raw

    def rest(self) -> bytes:
        """What still waits when the stream has ended."""
        waiting, self._waiting = self._waiting, b""
        return waiting

    def _take(self, count: int) -> bytes:
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return taken

    # Steps: each gives pieces, or nothing where more bytes are needed

    def _raw(self) -> Iterator[Piece]:
        yield Piece(Kind.RAW, self.rest())

    def _head(self) -> Iterator[Piece]:
        if empty := re.match(rb"(?:\r?\n)+", self._waiting):
            yield Piece(Kind.FRAMING, self._take(empty.end()))
            return
        known = min(len(self._opening), len(self._waiting))
        if self._waiting[:known] != self._opening[:known]:
            raise NoHttp
        end = _END_OF_HEAD.search(self._waiting, 0, MAX_HEAD)
        if end is None:
            if len(self._waiting) >= MAX_HEAD:
                raise NoHttp
            return
        head = self._waiting[: end.end()]
        follows = self._framing(head)
        yield Piece(Kind.HEAD, self._take(len(head)))
        if isinstance(follows, int):
            self._left = follows
            self._step = self._content if follows else self._head
        else:
            steps = {Body.CHUNKED: self._chunk_size, Body.UNTIL_CLOSE: self._until_close, Body.TUNNEL: self._raw}
            self._step = steps[follows]

    def _content(self) -> Iterator[Piece]:
        yield self._some_content()
        if not self._left:
            self._step = self._head

    def _some_content(self) -> Piece:
        data = self._take(self._left)
        self._left -= len(data)
        return Piece(Kind.CONTENT, data)

    def _until_close(self) -> Iterator[Piece]:
        yield Piece(Kind.CONTENT, self.rest())

    def _chunk_size(self) -> Iterator[Piece]:
        line = self._line()
        if line is None:
            return
        match = _CHUNK_SIZE.fullmatch(line)
        if match is None:
            raise NoHttp
        yield Piece(Kind.FRAMING, self._take(len(line)))
        self._left = int(match[1], 16)
        self._step = self._chunk if self._left else self._trailer

    def _chunk(self) -> Iterator[Piece]:
        yield self._some_content()
        if not self._left:
            self._step = self._end_of_chunk

    def _end_of_chunk(self) -> Iterator[Piece]:
        line = self._line()
        if line is None:
            return
        if line.strip():
            raise NoHttp
        yield Piece(Kind.FRAMING, self._take(len(line)))
        self._step = self._chunk_size

    def _trailer(self) -> Iterator[Piece]:
        line = self._line()
        if line is None:
            return
        yield Piece(Kind.FRAMING, self._take(len(line)))
        if not line.strip():
            self._step = self._head

    def _line(self) -> bytes | None:
        """The next line with its end, left where it is; None while it is not whole."""
        end = self._waiting.find(b"\n", 0, MAX_LINE)
        if end < 0 and len(self._waiting) >= MAX_LINE:
            raise NoHttp
        return self._waiting[: end + 1] if end >= 0 else None


def method_of(head: bytes) -> bytes:
    """Of a request.  Raises NoHttp."""
    match = _REQUEST_LINE.match(head)
    if match is None:
        raise NoHttp
    return match[1]


def status_of(head: bytes) -> int:
    """Of an answer.  Raises NoHttp."""
    match = _STATUS_LINE.match(head)
    if match is None:
        raise NoHttp
    return int(match[1])


def request_framing(head: bytes) -> int | Body:
    """What follows the head of a request.  Raises NoHttp."""
    method_of(head)
    length = _length(head)
    return 0 if length is None else length


def answer_framing(head: bytes, method: bytes) -> int | Body:
    """What follows the head of an answer to a request with this method.  Raises NoHttp."""
    status = status_of(head)
    if status == 101 or (method == b"CONNECT" and 200 <= status < 300):
        return Body.TUNNEL
    if method == b"HEAD" or status < 200 or status in (204, 304):
        return 0
    length = _length(head)
    return Body.UNTIL_CLOSE if length is None else length


def _length(head: bytes) -> int | Body | None:
    """By its headers; None where they say nothing."""
    codings = values_of(head, b"transfer-encoding")
    lengths = {value.strip() for line in values_of(head, b"content-length") for value in line.split(b",")}
    if codings:
        if lengths or b",".join(codings).lower().split(b",")[-1].strip() != b"chunked":
            raise NoHttp
        return Body.CHUNKED
    if not lengths:
        return None
    (length, *others) = lengths
    if others or not re.fullmatch(rb"[0-9]{1,18}", length):
        raise NoHttp
    return int(length)


def values_of(head: bytes, name: bytes) -> list[bytes]:
    """Of all headers with this name, given in lower case."""
    fields = (line.partition(b":") for line in head.splitlines()[1:])
    return [value.strip() for field, _, value in fields if field.lower() == name]
